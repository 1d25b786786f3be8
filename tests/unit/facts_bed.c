/* tests/unit/facts_bed.c: see facts_bed.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "tests/unit/facts_bed.h"

void facts_prove(struct situation *sit)
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

struct pod *facts_add_pod(struct situation *sit, const char *ns, const char *name,
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

void facts_crash(struct situation *sit, struct pod *pod, int restarts, int code)
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
	workloads_get(&sit->workloads, sit->strings, WORKLOAD_DAEMONSET, "shop", "agent");
	workloads_remove(&sit->workloads, sit->strings, WORKLOAD_DAEMONSET, "shop", "agent");
	work->ready = work->available = 1;
	work->created_ms = NOW - 86400000;
	add_set(sit, "api", "api-111", 1, 86400000);
	add_set(sit, "api", "api-222", 2, 120000);
	facts_add_pod(sit, "shop", "api-222-a", "api-222");
	facts_crash(sit, facts_add_pod(sit, "shop", "api-222-b", "api-222"), 3, 2);
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

void facts_whole(struct situation *sit, struct config *config)
{
	static const char *const systems[] = {"kube", "redis", "postgres", "vendors", "probes",
					      "ssh"};
	size_t i;

	situation_init(sit);
	memset(config, 0, sizeof(*config));
	facts_prove(sit);
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
	config->names[config->nnames++] = (struct schema_pair){
		xstrdup("api"), xstrdup("deployment/shop/api")};
	config->thresholds = xcalloc(1, sizeof(*config->thresholds));
	config->thresholds[config->nthresholds++] = (struct schema_number){xstrdup("full"), 0.9};
}

void facts_gone(struct situation *sit, struct config *config)
{
	situation_release(sit);
	config_release(config);
}

const json_t *item(const json_t *facts, const char *section, const char *list, size_t at)
{
	return json_array_get(json_object_get(json_object_get(facts, section), list), at);
}

void expect_int(const json_t *object, const char *key, json_int_t want)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value) || json_integer_value(value) != want)
		fail_msg("%s is %lld", key, (long long)json_integer_value(value));
}

void expect_text(const json_t *object, const char *key, const char *want)
{
	const char *text = json_string_value(json_object_get(object, key));

	if (!text)
		fail_msg("%s isn't a text", key);
	assert_string_equal(text, want);
}

void expect_null(const json_t *object, const char *key)
{
	if (!json_is_null(json_object_get(object, key)))
		fail_msg("%s isn't null", key);
}
