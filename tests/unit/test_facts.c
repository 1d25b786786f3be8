/* tests/unit/test_facts.c: the facts document: every path is documented, unknown is null, the
 * size follows what is wrong, and it is made fast */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "incident/facts.h"

#define NOW INT64_C(1700000000000)

static void prove(struct situation *sit)
{
	struct freshness *all[] = {
		&sit->cluster.fresh, &sit->cluster.metrics_fresh, &sit->nodes.fresh,
		&sit->nodes.leases_fresh, &sit->pods.fresh, &sit->pdbs.fresh, &sit->events.fresh,
		&sit->logsigns.fresh, &sit->redis.fresh, &sit->redis.scan.fresh,
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		freshness_proven(all[i], NOW);
	for (i = 0; i < WORKLOAD_KINDS; i++) {
		freshness_proven(&sit->workloads.fresh[i], NOW);
		sit->workloads.complete[i] = true;
	}
	sit->nodes.complete = sit->pods.complete = true;
	sit->pdbs.complete = sit->events.complete = true;
}

static struct pod *add_pod(struct situation *sit, const char *ns, const char *name,
			   const char *set)
{
	struct pod *pod = pods_get(&sit->pods, sit->strings, ns, name);

	pod->phase = POD_RUNNING;
	pod->ready = true;
	pod->containers = pod->containers_ready = 1;
	pod->created_ms = NOW - 3600000;
	intern_set(sit->strings, &pod->status, "Running");
	intern_set(sit->strings, &pod->node, "one");
	if (set) {
		intern_set(sit->strings, &pod->owner_kind, "ReplicaSet");
		intern_set(sit->strings, &pod->owner_name, set);
	}
	return pod;
}

static void crash(struct situation *sit, struct pod *pod, int restarts, int code)
{
	pod->ready = false;
	pod->containers_ready = 0;
	pod->restarts = restarts;
	pod->last_exit_code = code;
	pod->last_finished_ms = NOW - 30000;
	pod->not_ready_since_ms = NOW - 90000;
	intern_set(sit->strings, &pod->status, "CrashLoopBackOff");
	intern_set(sit->strings, &pod->last_reason, "Error");
}

static void add_set(struct situation *sit, const char *deployment, const char *name,
		    int64_t revision, int64_t age_ms)
{
	struct workload *set = workloads_get(&sit->workloads, sit->strings, WORKLOAD_REPLICASET,
					     "shop", name);

	set->revision = revision;
	set->created_ms = NOW - age_ms;
	intern_set(sit->strings, &set->owner, deployment);
}

/* A deployment on its second revision with two pods, of which one crashes. */
static void add_shop(struct situation *sit)
{
	struct workload *work = workloads_get(&sit->workloads, sit->strings, WORKLOAD_DEPLOYMENT,
					      "shop", "api");

	work->revision = 2;
	work->desired = work->current = work->updated = 2;
	workloads_get(&sit->workloads, sit->strings, WORKLOAD_DEPLOYMENT, "shop",
		      "worker")->desired = 1;
	work->ready = work->available = 1;
	work->created_ms = NOW - 86400000;
	add_set(sit, "api", "api-111", 1, 86400000);
	add_set(sit, "api", "api-222", 2, 120000);
	add_pod(sit, "shop", "api-222-a", "api-222");
	crash(sit, add_pod(sit, "shop", "api-222-b", "api-222"), 3, 2);
}

static void add_rest(struct situation *sit)
{
	struct node *node = nodes_get(&sit->nodes, "one");
	struct pdb *pdb = pdbs_get(&sit->pdbs, sit->strings, "shop", "api");
	struct logsign *sign = logsigns_get(&sit->logsigns, "panic", "deployment/shop/api");
	struct event event = {.ns = "shop", .kind = "Pod", .reason = "BackOff", .type = "Warning",
			      .object = xstrdup("api-222-b"), .name = xstrdup("api-222-b.1"),
			      .message = xstrdup("back-off"), .last_ms = NOW, .count = 3};

	sit->nodes.disks_wanted = sit->nodes.reach_wanted = true;
	node->roles = xstrdup("control-plane,etcd");
	node->taints = xstrdup("node-role.kubernetes.io/control-plane:NoSchedule");
	node->conditions[node->nconditions++] = (struct node_condition){
		.type = intern_get(sit->strings, "Ready"), .status = TRI_TRUE, .since_ms = NOW};
	node->lease_renew_ms = NOW - 7000;
	node->labels = xstrdup("shop/cache=true,disk=fast");
	pdb->selector = xstrdup("app=api");
	free(sign->line);
	sign->line = xstrdup("panic: \xff");
	event.ns = intern_get(sit->strings, event.ns);
	event.kind = intern_get(sit->strings, event.kind);
	event.reason = intern_get(sit->strings, event.reason);
	event.type = intern_get(sit->strings, event.type);
	events_put(&sit->events, sit->strings, &event);
	sit->cluster.nservers = 1;
	sit->cluster.servers[0].url = xstrdup("https://127.0.0.1:6443");
}

static void add_keys(struct redis *redis)
{
	redis->configured = true;
	redis->scan.big[redis->scan.nbig++] = (struct redis_key){
		.name = xstrdup("cache:1"), .type = "string", .bytes = 10, .ttl_ms = 5000};
	redis->scan.no_ttl_big[redis->scan.nno_ttl_big++] = (struct redis_key){
		.name = xstrdup("queue"), .type = "list", .bytes = 9, .ttl_ms = -1};
	redis->scan.patterns[redis->scan.npatterns++] = (struct redis_pattern){
		.name = xstrdup("sessions"), .keys = 3, .ttl_least_ms = 5000, .ttl_most_ms = 9000};
	redis->scan.prefixes[redis->scan.nprefixes++] = (struct redis_prefix){
		.prefix = xstrdup("cache:"), .keys = 1};
}

static void add_postgres(struct postgres *postgres)
{
	postgres->configured = true;
	postgres->nlongest = postgres->nblockers = postgres->nindexes = 1;
	postgres->lock.known = postgres->indexes_known = true;
}

static void add_vendor(struct vendors *vendors)
{
	struct vendor *vendor = vendors->items = xcalloc(1, sizeof(*vendor));

	vendors->len = 1;
	vendor->name = xstrdup("edge");
	vendor->url = xstrdup("https://status.example");
	vendor->format = xstrdup("statuspage");
	vendor->state = VENDOR_MAJOR;
	freshness_proven(&vendor->fresh, NOW);
	vendor->components = xcalloc(1, sizeof(*vendor->components));
	vendor->components[vendor->ncomponents++] = (struct vendor_component){
		xstrdup("CDN"), VENDOR_MAJOR};
	vendor->notices = xcalloc(1, sizeof(*vendor->notices));
	vendor->notices[vendor->nnotices++] = (struct vendor_notice){
		.id = xstrdup("1"), .title = xstrdup("down"), .phase = xstrdup(""),
		.text = xstrdup("why"), .started_ms = NOW - 60000};
}

static void add_host(struct hosts *hosts)
{
	struct host *host = hosts_add(hosts, "n1", "n1.example");

	freshness_proven(&host->fresh, NOW);
	host->disks[host->ndisks++] = (struct host_disk){xstrdup("/"), 100, 90, 5, 3};
	host->big[host->nbig++] = (struct host_big){xstrdup("/var/log"), 40};
	host->big_ms = NOW;
	snprintf(host->unit, sizeof(host->unit), "k3s");
	host->firewall = FIREWALL_ACTIVE;
	host->rules[host->nrules++] = (struct host_rule){1, xstrdup("22/tcp ALLOW IN Anywhere"), false};
	host->missing = xcalloc(1, sizeof(*host->missing));
	host->missing[host->nmissing++] = xstrdup("6443/tcp ALLOW IN Anywhere");
	host->reach[host->nreach++] = (struct host_reach){xstrdup("10.0.0.1:443"), true, 2};
}

static void add_storage(struct situation *sit)
{
	struct volume *claim = storage_get(&sit->storage, sit->strings, VOLUME_CLAIM, "shop", "data");

	intern_set(sit->strings, &claim->phase, "Lost");
	intern_set(sit->strings, &claim->node, "n1");
}

static void add_change(struct situation *sit)
{
	struct config_map *map = configs_get(&sit->configs, sit->strings, "shop", "settings");

	map->created_ms = NOW - 7200000;
	map->changed_ms = NOW - 60000;
}

static void add_control(struct situation *sit)
{
	struct api_service api = {.name = (char *)"v1.x", .reason = (char *)"r",
				  .message = (char *)"m", .since_ms = NOW - 9000};
	struct snapshot file = {.node = (char *)"n1", .name = (char *)"s", .created_ms = NOW - 60000,
				.bytes = 7};

	api_services_add(&sit->apis, &api);
	snapshots_add(&sit->snapshots, &file);
}

static void add_app(struct situation *sit)
{
	struct app_metrics *app = apps_add(&sit->apps, "vmagent"), draft = {.len = 0};

	app_add(&draft, "pending_bytes", 7);
	app_miss(&draft, "new_histogram_count");
	app_commit(app, &draft, NOW);
	freshness_proven(&app->fresh, NOW);
}

static void add_probe(struct probes *probes)
{
	struct probe *probe = probes_add(probes, "name", "system");

	probe->kind = PROBE_DNS;
	probe->target = xstrdup("shop.example");
	probe->detail = xstrdup("192.0.2.1\n");
	freshness_proven(&probe->fresh, NOW);
	probe_ended(probe, false, 1000, NOW);
}

static void whole(struct situation *sit, struct config *config)
{
	static const char *const systems[] = {"kube", "redis", "postgres", "vendors", "probes",
					      "ssh"};
	size_t i;

	situation_init(sit);
	memset(config, 0, sizeof(*config));
	prove(sit);
	add_shop(sit);
	add_rest(sit);
	add_keys(&sit->redis);
	add_storage(sit);
	add_app(sit);
	add_control(sit);
	add_change(sit);
	for (i = 0; i < sizeof(systems) / sizeof(systems[0]); i++)
		costs_get(&sit->costs, systems[i]);
	add_host(&sit->hosts);
	add_vendor(&sit->vendors);
	sit->asynq.nqueues = sit->asynq.nservers = 1;
	snprintf(sit->asynq.queues[0].name, sizeof(sit->asynq.queues[0].name), "default");
	add_probe(&sit->probes);
	add_postgres(&sit->postgres);
	config->names = xcalloc(1, sizeof(*config->names));
	config->names[config->nnames++] = (struct config_pair){
		xstrdup("api"), xstrdup("deployment/shop/api")};
	config->thresholds = xcalloc(1, sizeof(*config->thresholds));
	config->thresholds[config->nthresholds++] = (struct config_number){xstrdup("full"), 0.9};
}

static void gone(struct situation *sit, struct config *config)
{
	situation_release(sit);
	config_release(config);
}

/* Paths */

#define PATHS_MAX 600

struct paths {
	char text[PATHS_MAX][120];
	size_t len;
};

static void add_path(struct paths *paths, const char *text)
{
	size_t i;

	for (i = 0; i < paths->len; i++)
		if (!strcmp(paths->text[i], text))
			return;
	assert_true(paths->len < PATHS_MAX);
	snprintf(paths->text[paths->len++], sizeof(paths->text[0]), "%s", text);
}

static bool has_free_keys(const char *path)
{
	static const char *const maps[] = {
		"names", "thresholds", "cost", "nodes.items[].conditions", "pods.by_namespace",
		"pods.by_status", "workloads.kinds", "vendors.by_name",
		"probes.by_name", "probes.by_kind", "storage.pinned", "asynq.by_queue", "apps",
		"apps.*.values", "nodes.items[].labels", "redis.scan.patterns",
	};
	size_t i;

	for (i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		if (!strcmp(path, maps[i]))
			return true;
	return false;
}

static void walk(const json_t *value, const char *path, struct paths *paths)
{
	char below[120];
	const char *key;
	json_t *member;
	size_t i;

	if (json_is_array(value)) {
		snprintf(below, sizeof(below), "%s[]", path);
		json_array_foreach(value, i, member)
			walk(member, below, paths);
		assert_true(json_array_size(value) > 0);
	} else if (json_is_object(value)) {
		json_object_foreach((json_t *)value, key, member) {
			snprintf(below, sizeof(below), "%s%s%s", path, path[0] ? "." : "",
				 has_free_keys(path) ? "*" : key);
			walk(member, strcmp(key, "freshness") ? below : "freshness", paths);
		}
	} else {
		add_path(paths, path);
	}
}

/* Everything in backticks in the first column of a table. */
static void read_paths(struct paths *paths)
{
	const char *dir = getenv("srcdir");
	char path[512], line[1024], *at, *end;
	FILE *file;

	snprintf(path, sizeof(path), "%s/docs/facts.md", dir ? dir : ".");
	file = fopen(path, "r");
	if (!file)
		fail_msg("no %s: is srcdir set?", path);
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, "| `", 3))
			continue;
		end = strstr(line, " | ");
		assert_non_null(end);
		*end = '\0';
		for (at = strchr(line, '`'); at; at = strchr(end + 1, '`')) {
			end = strchr(at + 1, '`');
			*end = '\0';
			add_path(paths, at + 1);
		}
	}
	fclose(file);
}

static bool has_path(const struct paths *paths, const char *text)
{
	size_t i;

	for (i = 0; i < paths->len; i++)
		if (!strcmp(paths->text[i], text))
			return true;
	return false;
}

static void every_path_is_documented(void **state)
{
	static struct paths made, told;
	struct situation sit;
	struct config config;
	json_t *facts;
	size_t i;

	(void)state;
	whole(&sit, &config);
	facts = facts_build(&sit, &config, NOW, false);
	walk(facts, "", &made);
	read_paths(&told);
	for (i = 0; i < made.len; i++)
		if (!has_path(&told, made.text[i]))
			fail_msg("docs/facts.md does not tell of %s", made.text[i]);
	for (i = 0; i < told.len; i++)
		if (!has_path(&made, told.text[i]) && strcmp(told.text[i], "pods.items[]"))
			fail_msg("docs/facts.md tells of %s, which is not there", told.text[i]);
	json_decref(facts);
	gone(&sit, &config);
}

/* Values */

static const json_t *item(const json_t *facts, const char *section, const char *list, size_t at)
{
	return json_array_get(json_object_get(json_object_get(facts, section), list), at);
}

static void expect_int(const json_t *object, const char *key, json_int_t want)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value) || json_integer_value(value) != want)
		fail_msg("%s is %lld", key, (long long)json_integer_value(value));
}

static void expect_text(const json_t *object, const char *key, const char *want)
{
	const char *text = json_string_value(json_object_get(object, key));

	if (!text)
		fail_msg("%s isn't a text", key);
	assert_string_equal(text, want);
}

static void expect_null(const json_t *object, const char *key)
{
	if (!json_is_null(json_object_get(object, key)))
		fail_msg("%s isn't null", key);
}

static void pods_tell_about_their_deployment(void **state)
{
	struct situation sit;
	struct config config;
	const json_t *work;
	json_t *facts;

	(void)state;
	whole(&sit, &config);
	facts = facts_build(&sit, &config, NOW, false);
	work = item(facts, "workloads", "items", 0);
	expect_text(work, "key", "deployment/shop/api");
	expect_int(work, "pods", 2);
	expect_int(work, "crashing", 1);
	expect_int(work, "exit_code", 2);
	expect_int(work, "max_restarts", 3);
	expect_int(work, "rollout_age", 120);
	expect_int(work, "first_crash_age", 90);
	expect_int(work, "last_crash_age", 30);
	assert_true(json_is_true(json_object_get(work, "previous_revision")));
	expect_text(work, "rollout", "waiting");
	expect_text(item(facts, "pods", "problems", 0), "workload", "deployment/shop/api");
	expect_int(item(facts, "nodes", "items", 0), "pods", 2);
	expect_int(item(facts, "nodes", "items", 0), "lease_age", 7);
	expect_text(item(facts, "logs", "signs", 0), "line", "panic: ?");
	json_decref(facts);
	gone(&sit, &config);
}

static void old_log_looks_say_nothing(void **state)
{
	struct situation sit;
	struct config config;
	struct logsign *sign;
	json_t *facts;

	(void)state;
	whole(&sit, &config);
	sign = logsigns_get(&sit.logsigns, "panic", "deployment/shop/api");
	sign->looked_ms = NOW - 100000;
	sign->matches = 3;
	facts = facts_build(&sit, &config, NOW, false);
	expect_int(item(facts, "logs", "signs", 0), "matches", 3);
	json_decref(facts);
	sign->looked_ms = NOW - 200000;
	facts = facts_build(&sit, &config, NOW, false);
	expect_null(item(facts, "logs", "signs", 0), "matches");
	json_decref(facts);
	sign->previous = true;
	facts = facts_build(&sit, &config, NOW, false);
	expect_int(item(facts, "logs", "signs", 0), "matches", 3);
	json_decref(facts);
	gone(&sit, &config);
}

static void pods_are_placed(void **state)
{
	struct situation sit;
	struct config config;
	const json_t *work, *list;
	json_t *facts;

	(void)state;
	whole(&sit, &config);
	pods_find(&sit.pods, "shop", "api-222-b")->cpu_milli = 900;
	workloads_find(&sit.workloads, WORKLOAD_DEPLOYMENT, "shop", "api")->cpu_limit_milli = 1000;
	add_pod(&sit, "shop", "api-222-aa-other", "nobody");
	facts = facts_build(&sit, &config, NOW, false);
	work = item(facts, "workloads", "items", 0);
	list = json_object_get(work, "placed");
	assert_int_equal(json_array_size(list), 2);
	expect_text(json_array_get(list, 1), "pod", "api-222-b");
	expect_text(json_array_get(list, 1), "node", "one");
	assert_true(json_real_value(json_object_get(work, "cpu_ratio")) == 0.9);
	expect_null(work, "mem_ratio");
	expect_text(json_array_get(json_object_get(json_object_get(facts, "workloads"), "single"), 0),
		    "key", "deployment/shop/worker");
	json_decref(facts);
	sit.pods.complete = false;
	facts = facts_build(&sit, &config, NOW, false);
	expect_null(item(facts, "workloads", "items", 0), "placed");
	json_decref(facts);
	gone(&sit, &config);
}

static void the_scheduler_says_why(void **state)
{
	static const struct {
		const char *message, *want;
	} rows[] = {
		{"0/3 nodes are available: 1 node(s) had untolerated taint {a: b}, 2 node(s) had volume "
		 "node affinity conflict.", "volume,taint"},
		{"0/2 nodes are available: 2 node(s) didn't match PersistentVolume's node affinity.",
		 "volume"},
		{"0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory.", "resources"},
		{"0/1 nodes are available: something else", "other"},
	};
	struct situation sit;
	struct config config;
	struct pod *pod;
	json_t *facts;
	size_t i;

	(void)state;
	whole(&sit, &config);
	pod = pods_find(&sit.pods, "shop", "api-222-b");
	pod->phase = POD_PENDING;
	intern_set(sit.strings, &pod->node, NULL);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		intern_set(sit.strings, &pod->message, rows[i].message);
		facts = facts_build(&sit, &config, NOW, false);
		expect_text(item(facts, "pods", "problems", 0), "unplaced", rows[i].want);
		json_decref(facts);
	}
	gone(&sit, &config);
}

static const json_t *link_part(const json_t *facts, const char *part)
{
	return json_object_get(json_object_get(facts, "link"), part);
}

/* One page and one resolver out there, each host once; our own machines and the system's resolver
 * prove nothing. */
static void what_is_none_of_ours_proves_the_link(void **state)
{
	struct situation sit;
	struct config config;
	struct probe *probe;
	json_t *facts;

	(void)state;
	whole(&sit, &config);
	probe = probes_add(&sit.probes, "dns", "dns.example");
	probe->kind = PROBE_DNS;
	freshness_proven(&probe->fresh, NOW - 30000);
	probe_ended(probe, true, 1000, NOW - 30000);
	probe = probes_add(&sit.probes, "page", "");
	probe->target = xstrdup("https://status.example/other");
	freshness_proven(&probe->fresh, NOW - 1000);
	probe_ended(probe, false, 1000, NOW - 1000);
	probe = probes_add(&sit.probes, "origin", "n1");
	probe->kind = PROBE_ORIGIN;
	probe->target = xstrdup("https://shop.example");
	freshness_proven(&probe->fresh, NOW);
	probe_ended(probe, true, 1000, NOW);
	sit.vendors.items[0].fresh.as_of_ms = NOW - 200000;
	facts = facts_build(&sit, &config, NOW, false);
	expect_int(link_part(facts, "outside"), "total", 2);
	expect_int(link_part(facts, "outside"), "answering", 1);
	expect_int(link_part(facts, "outside"), "newest_age", 30);
	expect_int(link_part(facts, "outside"), "second_age", 200);
	json_decref(facts);
	gone(&sit, &config);
}

static void servers_answer_or_say_that_they_are_not_ready(void **state)
{
	struct situation sit;
	struct config config;
	struct cluster *cluster = &sit.cluster;
	const json_t *servers;
	json_t *facts;

	(void)state;
	whole(&sit, &config);
	cluster->nservers = 3;
	cluster->servers[0].current = true;
	cluster->servers[1].url = xstrdup("https://10.0.0.2:6443");
	cluster->servers[2].url = xstrdup("https://n1.example:6443");
	nodes_get(&sit.nodes, "two")->internal_ip = xstrdup("10.0.0.2");
	config.ssh.hosts = xcalloc(1, sizeof(*config.ssh.hosts));
	config.ssh.nhosts = 1;
	config.ssh.hosts[0].node = xstrdup("n1");
	config.ssh.hosts[0].host = xstrdup("n1.example");
	freshness_failed(&cluster->fresh, FAULT_SERVER, "not ready");
	snprintf(cluster->servers[0].failing, sizeof(cluster->servers[0].failing), "etcd");
	freshness_failed(&cluster->servers[1].fresh, FAULT_SERVER, "refused");
	freshness_proven(&cluster->servers[2].fresh, NOW);
	facts = facts_build(&sit, &config, NOW, false);
	servers = link_part(facts, "api");
	expect_int(servers, "answering", 2);
	expect_int(servers, "unready", 1);
	servers = json_object_get(servers, "items");
	expect_text(json_array_get(servers, 0), "failing", "etcd");
	expect_null(json_array_get(servers, 0), "node");
	expect_text(json_array_get(servers, 1), "node", "two");
	expect_text(json_array_get(servers, 2), "node", "n1");
	json_decref(facts);
	gone(&sit, &config);
}

static const char *state_of(const json_t *facts, const char *section)
{
	return json_string_value(json_object_get(json_object_get(
		json_object_get(facts, section), "freshness"), "state"));
}

static void unknown_is_null_and_said(void **state)
{
	struct situation sit;
	struct config config;
	json_t *facts;

	(void)state;
	whole(&sit, &config);
	sit.pods.complete = false;
	freshness_failed(&sit.nodes.leases_fresh, FAULT_RIGHTS, "leases is forbidden");
	freshness_failed(&sit.workloads.fresh[WORKLOAD_JOB], FAULT_RIGHTS, "jobs is forbidden");
	freshness_failed(&sit.workloads.fresh[WORKLOAD_REPLICASET], FAULT_RIGHTS, "forbidden");
	facts = facts_build(&sit, &config, NOW, false);
	assert_string_equal(state_of(facts, "pods"), "unknown");
	assert_string_equal(state_of(facts, "workloads"), "fresh");
	expect_null(item(facts, "nodes", "items", 0), "lease_age");
	expect_null(item(facts, "workloads", "items", 0), "crashing");
	expect_null(item(facts, "workloads", "items", 0), "previous_revision");
	expect_null(item(facts, "workloads", "items", 0), "rollout_age");
	expect_null(json_object_get(facts, "redis"), "used");
	json_decref(facts);
	freshness_failed(&sit.workloads.fresh[WORKLOAD_DAEMONSET], FAULT_SERVER, "gone");
	facts = facts_build(&sit, &config, NOW, false);
	assert_string_equal(state_of(facts, "workloads"), "stale");
	json_decref(facts);
	gone(&sit, &config);
}

static void old_crashes_are_no_crashes(void **state)
{
	struct situation sit;
	struct config config;
	struct pod *pod;
	json_t *facts;

	(void)state;
	whole(&sit, &config);
	pod = pods_find(&sit.pods, "shop", "api-222-b");
	intern_set(sit.strings, &pod->status, "Running");
	pod->last_finished_ms = NOW - 86400000;
	facts = facts_build(&sit, &config, NOW, false);
	expect_int(item(facts, "workloads", "items", 0), "crashing", 0);
	expect_null(item(facts, "workloads", "items", 0), "exit_code");
	expect_int(json_object_get(facts, "pods"), "problems_total", 1);
	json_decref(facts);
	gone(&sit, &config);
}

static void restarts_tell_how_long_it_goes_on(void **state)
{
	struct situation sit;
	struct config config;
	struct pod *pod;
	json_t *facts;

	(void)state;
	whole(&sit, &config);
	pod = pods_find(&sit.pods, "shop", "api-222-b");
	pod->restarts = 6;
	pod->not_ready_since_ms = NOW - 5000;
	facts = facts_build(&sit, &config, NOW, false);
	expect_int(item(facts, "workloads", "items", 0), "first_crash_age", 30 + 310);
	json_decref(facts);
	pod->created_ms = NOW - 100000;
	facts = facts_build(&sit, &config, NOW, false);
	expect_int(item(facts, "workloads", "items", 0), "first_crash_age", 100);
	json_decref(facts);
	gone(&sit, &config);
}

/* Twenty thousand pods of 200 deployments in 40 namespaces, every tenth crashing if asked. */
static void crowd(struct situation *sit, bool sick)
{
	char ns[32], name[64], set[32], node[16];
	int i;

	situation_init(sit);
	prove(sit);
	for (i = 0; i < 45; i++) {
		snprintf(node, sizeof(node), "node-%d", i);
		nodes_get(&sit->nodes, node);
	}
	for (i = 0; i < 200; i++) {
		snprintf(ns, sizeof(ns), "team-%02d", i / 5);
		snprintf(name, sizeof(name), "app-%d", i % 5);
		workloads_get(&sit->workloads, sit->strings, WORKLOAD_DEPLOYMENT, ns, name);
		snprintf(set, sizeof(set), "app-%d-6d9f7c5b4", i % 5);
		intern_set(sit->strings,
			   &workloads_get(&sit->workloads, sit->strings, WORKLOAD_REPLICASET, ns,
					  set)->owner, name);
	}
	for (i = 0; i < 20000; i++) {
		struct pod *pod;

		snprintf(ns, sizeof(ns), "team-%02d", i / 500);
		snprintf(set, sizeof(set), "app-%d-6d9f7c5b4", i / 100 % 5);
		snprintf(name, sizeof(name), "%s-%05d", set, i);
		pod = add_pod(sit, ns, name, set);
		snprintf(node, sizeof(node), "node-%d", i % 45);
		intern_set(sit->strings, &pod->node, node);
		if (sick && i % 10 == 0)
			crash(sit, pod, 2, 1);
	}
}

static void size_follows_the_problem(void **state)
{
	struct config config = {0};
	struct timespec start, end;
	struct situation sit;
	json_t *facts;
	char *text;
	double ms;

	(void)state;
	crowd(&sit, true);
	clock_gettime(CLOCK_MONOTONIC, &start);
	facts = facts_build(&sit, &config, NOW, false);
	clock_gettime(CLOCK_MONOTONIC, &end);
	ms = (double)(end.tv_sec - start.tv_sec) * 1e3 +
	     (double)(end.tv_nsec - start.tv_nsec) / 1e6;
	print_message("facts of 20,000 pods in %.2f ms\n", ms);
	if (ms > 50)
		fail_msg("facts of 20,000 pods took %.1f ms", ms);
	expect_int(json_object_get(facts, "pods"), "total", 20000);
	expect_int(json_object_get(facts, "pods"), "problems_total", 2000);
	expect_int(item(facts, "workloads", "items", 0), "pods", 100);
	expect_int(item(facts, "workloads", "items", 0), "crashing", 10);
	assert_int_equal(json_array_size(json_object_get(json_object_get(facts, "pods"),
							 "problems")), FACTS_LIST_MAX);
	text = json_dumps(facts, JSON_COMPACT);
	print_message("and %zu bytes\n", strlen(text));
	assert_true(strlen(text) < 120000);
	free(text);
	json_decref(facts);
	situation_release(&sit);
}

/* Built again over its memory, the document is what it would be without one. */
static void same_again(struct facts_memory *memory, struct situation *sit,
		       const struct config *config, int64_t now_ms)
{
	json_t *again = facts_build_again(memory, sit, config, now_ms, false);
	json_t *fresh = facts_build(sit, config, now_ms, false);

	assert_true(json_equal(again, fresh));
	json_decref(again);
	json_decref(fresh);
}

static void memory_changes_nothing(void **state)
{
	struct facts_memory *memory = facts_memory_new();
	struct situation sit;
	struct config config;
	struct pod *pod;

	(void)state;
	whole(&sit, &config);
	same_again(memory, &sit, &config, NOW);
	for (int minutes = 1; minutes < 120; minutes += 7)
		same_again(memory, &sit, &config, NOW + minutes * 60000);
	pods_clear(&sit.pods, sit.strings);
	add_pod(&sit, "shop", "well", "api-2");
	pod = add_pod(&sit, "shop", "well-again", "api-2");
	pod->restarts = 3;
	pod->last_finished_ms = NOW - 2 * 3600000;
	same_again(memory, &sit, &config, NOW);
	same_again(memory, &sit, &config, NOW + 1000);
	crash(&sit, add_pod(&sit, "shop", "well", "api-2"), 4, 1);
	same_again(memory, &sit, &config, NOW + 2000);
	nodes_get(&sit.nodes, "another");
	same_again(memory, &sit, &config, NOW + 3000);
	pods_remove(&sit.pods, sit.strings, "shop", "well");
	nodes_remove(&sit.nodes, sit.strings, "another");
	same_again(memory, &sit, &config, NOW + 4000);
	workloads_get(&sit.workloads, sit.strings, WORKLOAD_JOB, "shop", "new");
	same_again(memory, &sit, &config, NOW + 5000);
	facts_memory_free(memory);
	gone(&sit, &config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_path_is_documented),
		cmocka_unit_test(pods_tell_about_their_deployment),
		cmocka_unit_test(old_log_looks_say_nothing),
		cmocka_unit_test(pods_are_placed),
		cmocka_unit_test(the_scheduler_says_why),
		cmocka_unit_test(what_is_none_of_ours_proves_the_link),
		cmocka_unit_test(servers_answer_or_say_that_they_are_not_ready),
		cmocka_unit_test(unknown_is_null_and_said),
		cmocka_unit_test(old_crashes_are_no_crashes),
		cmocka_unit_test(restarts_tell_how_long_it_goes_on),
		cmocka_unit_test(size_follows_the_problem),
		cmocka_unit_test(memory_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
