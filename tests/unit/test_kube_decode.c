/* tests/unit/test_kube_decode.c: objects of a real API server into the model, whole and mutilated */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backends/kube/decode.h"
#include "backends/kube/jsonx.h"
#include "backends/kube/reflector.h"
#include "core/alloc.h"
#include "core/yaml.h"

struct kind {
	const char *file;
	void (*decode)(struct situation *sit, const json_t *object);
};

static const struct kind kinds[] = {
	{"pod-crashing", decode_pod},       {"pod-running", decode_pod},
	{"pod-pending", decode_pod},        {"node", decode_node},
	{"lease", decode_lease},            {"deployment", decode_deployment},
	{"replicaset", decode_replicaset},  {"statefulset", decode_statefulset},
	{"daemonset", decode_daemonset},    {"job", decode_job},
	{"event", decode_event},            {"pdb", decode_pdb},
	{"pv", decode_volume},              {"pvc", decode_claim},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static char *text_of(const char *name, size_t *ret_len)
{
	const char *dir = getenv("srcdir");
	char *path = xasprintf("%s/tests/unit/data/kube/%s.json", dir ? dir : "..", name), *text;

	if (yaml_read_file(path, &text, ret_len, NULL))
		fail_msg("no %s: is srcdir set?", path);
	free(path);
	return text;
}

static json_t *object_of(const char *name)
{
	size_t len;
	char *text = text_of(name, &len);
	json_t *object = jx_load(text, len);

	assert_non_null(object);
	free(text);
	return object;
}

static void decode(struct situation *sit, const char *name)
{
	json_t *object = object_of(name);
	size_t i;

	for (i = 0; i < KINDS; i++)
		if (!strcmp(kinds[i].file, name))
			kinds[i].decode(sit, object);
	json_decref(object);
}

static void pods_as_kubectl_shows_them(void **state)
{
	struct situation sit;
	const struct pod *pod;

	(void)state;
	situation_init(&sit);
	decode(&sit, "pod-crashing");
	decode(&sit, "pod-running");
	decode(&sit, "pod-pending");
	assert_int_equal(sit.pods.len, 3);
	pod = sit.pods.items[2];
	assert_string_equal(pod->ns, "honeydue");
	assert_string_equal(pod->status, "CrashLoopBackOff");
	assert_string_equal(pod->node, "node-1");
	assert_string_equal(pod->owner_kind, "ReplicaSet");
	assert_string_equal(pod->image, "registry.example/honeydue/worker:2.8.0");
	assert_string_equal(pod->last_reason, "Error");
	assert_int_equal(pod->last_exit_code, 2);
	assert_true(pod->restarts > 0);
	assert_false(pod->ready);
	assert_int_equal(pod->containers, 1);
	assert_int_equal(pod->containers_ready, 0);
	pod = sit.pods.items[0];
	assert_string_equal(pod->status, "Running");
	assert_true(pod->ready);
	assert_null(pod->message);
	pod = pods_find(&sit.pods, "honeydue", "stuck");
	assert_non_null(pod);
	assert_string_equal(pod->status, "Pending");
	assert_null(pod->node);
	assert_null(pod->owner_name);
	assert_true(pod->empty_dir);
	assert_non_null(strstr(pod->message, "node affinity/selector"));
	situation_release(&sit);
}

static void nodes_and_their_leases(void **state)
{
	struct situation sit;
	const struct node *node;

	(void)state;
	situation_init(&sit);
	decode(&sit, "lease");
	assert_int_equal(sit.nodes.len, 0);
	decode(&sit, "node");
	decode(&sit, "lease");
	node = nodes_find(&sit.nodes, "node-1");
	assert_non_null(node);
	assert_string_equal(node->roles, "control-plane");
	assert_string_equal(node->version, "v1.34.4");
	assert_string_equal(node->internal_ip, "127.0.0.1");
	assert_int_equal(node_ready(node), TRI_TRUE);
	assert_int_equal(node->cpu_alloc_milli, 4000);
	assert_int_equal(node->mem_alloc_kib, 8 * 1024 * 1024);
	assert_int_equal(node->pods_max, 110);
	assert_int_equal(node->lease_renew_ms, 1795470495818);
	situation_release(&sit);
}

static void decode_text(struct situation *sit, void (*put)(struct situation *, const json_t *),
			const char *text)
{
	json_t *object = json_loads(text, 0, NULL);

	assert_non_null(object);
	put(sit, object);
	json_decref(object);
}

static void only_given_labels_are_kept(void **state)
{
	struct situation sit;

	(void)state;
	situation_init(&sit);
	decode_text(&sit, decode_node, "{\"metadata\":{\"name\":\"n\",\"labels\":{"
		    "\"honeydue/redis\":\"true\",\"disk\":\"fast\",\"bad\":\"a,b=c\","
		    "\"kubernetes.io/hostname\":\"n\",\"node.kubernetes.io/instance-type\":\"k3s\","
		    "\"mykubernetes.io/mine\":\"1\",\"empty/one\":\"\",\"odd\":7}}}");
	assert_string_equal(nodes_find(&sit.nodes, "n")->labels,
			    "honeydue/redis=true,disk=fast,mykubernetes.io/mine=1,empty/one=");
	situation_release(&sit);
}

static void limits_of_all_containers_count(void **state)
{
	static const char text[] = "{\"metadata\":{\"namespace\":\"a\",\"name\":\"b\"},\"spec\":"
		"{\"template\":{\"spec\":{\"containers\":[{\"resources\":{\"limits\":{\"cpu\":"
		"\"500m\",\"memory\":\"64Mi\"}}},{\"resources\":{\"limits\":{\"cpu\":\"1\"}}}]}}}}";
	const struct workload *work;
	struct situation sit;

	(void)state;
	situation_init(&sit);
	decode_text(&sit, decode_deployment, text);
	work = workloads_find(&sit.workloads, WORKLOAD_DEPLOYMENT, "a", "b");
	assert_int_equal(work->cpu_limit_milli, 1500);
	assert_int_equal(work->mem_limit_kib, 0);
	situation_release(&sit);
}

/* The reason that tells may be the last of many. */
static void the_scheduler_may_finish_its_sentence(void **state)
{
	static const char text[] = "{\"metadata\":{\"namespace\":\"a\",\"name\":\"b\"},"
		"\"status\":{\"phase\":\"Pending\",\"conditions\":[{\"type\":\"PodScheduled\","
		"\"status\":\"False\",\"reason\":\"Unschedulable\",\"message\":\"0/3 nodes are "
		"available: 1 Insufficient cpu, 1 node(s) didn't match Pod's node affinity/selector, "
		"1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }, 2 node(s) had "
		"volume node affinity conflict. preemption: 0/3 nodes are available.\"}]}}";
	struct situation sit;

	(void)state;
	situation_init(&sit);
	decode_text(&sit, decode_pod, text);
	assert_non_null(strstr(pods_find(&sit.pods, "a", "b")->message,
			       "volume node affinity conflict"));
	situation_release(&sit);
}

static void workloads_count(void **state)
{
	struct situation sit;
	const struct workload *work;

	(void)state;
	situation_init(&sit);
	decode(&sit, "deployment");
	decode(&sit, "replicaset");
	decode(&sit, "statefulset");
	decode(&sit, "daemonset");
	decode(&sit, "job");
	assert_int_equal(sit.workloads.len, 5);
	work = workloads_find(&sit.workloads, WORKLOAD_DEPLOYMENT, "honeydue", "worker");
	assert_non_null(work);
	assert_int_equal(work->revision, 2);
	assert_int_equal(work->desired, 1);
	work = workloads_find(&sit.workloads, WORKLOAD_DAEMONSET, "honeydue", "agent");
	assert_non_null(work);
	assert_int_equal(work->desired, 2);
	assert_int_equal(work->ready, 0);
	assert_non_null(workloads_find(&sit.workloads, WORKLOAD_STATEFULSET, "honeydue", "db"));
	assert_non_null(workloads_find(&sit.workloads, WORKLOAD_JOB, "honeydue", "migrate"));
	situation_release(&sit);
}

static void events_and_budgets(void **state)
{
	struct situation sit;

	(void)state;
	situation_init(&sit);
	decode(&sit, "event");
	decode(&sit, "pdb");
	assert_int_equal(sit.events.len, 1);
	assert_string_equal(sit.events.items[0].reason, "ProvisioningFailed");
	assert_string_equal(sit.events.items[0].object, "data");
	assert_int_equal(sit.events.items[0].count, 1);
	assert_int_equal(sit.pdbs.len, 1);
	assert_string_equal(sit.pdbs.items[0]->selector, "app=api");
	assert_int_equal(sit.pdbs.items[0]->disruptions_allowed, 1);
	situation_release(&sit);
}

static void claims_stand_on_their_node(void **state)
{
	struct situation sit;
	struct volume *claim;
	const struct volume *disk;
	char text[200];

	(void)state;
	situation_init(&sit);
	decode(&sit, "pvc");
	claim = storage_find(&sit.storage, VOLUME_CLAIM, "honeydue", "data");
	assert_non_null(claim);
	assert_string_equal(claim->phase, "Bound");
	assert_int_equal(claim->bytes, INT64_C(8) << 30);
	assert_string_equal(volume_node(&sit.storage, claim), "node-1");
	intern_set(sit.strings, &claim->phase, "Pending");
	assert_string_equal(volume_trouble(&sit.storage, &sit.nodes, claim, text, sizeof(text)),
			    "no disk yet, waits on node-1");
	decode(&sit, "pv");
	disk = storage_find(&sit.storage, VOLUME_DISK, "", "pvc-1");
	assert_non_null(disk);
	assert_string_equal(disk->other, "honeydue/data");
	assert_string_equal(disk->policy, "Delete");
	assert_string_equal(volume_node(&sit.storage, disk), "node-1");
	assert_string_equal(volume_trouble(&sit.storage, &sit.nodes, disk, text, sizeof(text)), "");
	/* All nodes are known, and its own isn't among them. */
	sit.nodes.complete = true;
	volume_trouble(&sit.storage, &sit.nodes, disk, text, sizeof(text));
	assert_string_equal(text, "its node node-1 is not there any more");
	decode(&sit, "node");
	assert_string_equal(volume_trouble(&sit.storage, &sit.nodes, disk, text, sizeof(text)), "");
	sit.nodes.items[0]->conditions[0].status = TRI_UNKNOWN;
	volume_trouble(&sit.storage, &sit.nodes, disk, text, sizeof(text));
	assert_non_null(strstr(text, "not Ready, and it can't move"));
	situation_release(&sit);
}

static void configmaps_tell_who_wrote_them(void **state)
{
	static const char text[] =
		"{\"metadata\":{\"name\":\"settings\",\"namespace\":\"shop\",\"resourceVersion\":\"7\","
		"\"creationTimestamp\":\"2026-11-01T10:00:00Z\",\"managedFields\":[{\"manager\":\"helm\","
		"\"time\":\"2026-11-01T10:00:00Z\",\"fieldsV1\":{\"f:data\":{\".\":{},\"f:OLD\":{}}}},"
		"{\"manager\":\"kubectl-edit\",\"time\":\"2026-11-23T10:00:00Z\",\"fieldsV1\":{\"f:data\":"
		"{\"f:A\":{},\"f:B\":{},\"f:C\":{},\"f:D\":{}},\"f:binaryData\":{\"f:E\":{}},\"f:x\":{}}},"
		"{\"manager\":7,\"fieldsV1\":[]}]}}";
	static const char lock[] =
		"{\"metadata\":{\"name\":\"lock\",\"namespace\":\"shop\",\"resourceVersion\":\"7\","
		"\"annotations\":{\"control-plane.alpha.kubernetes.io/leader\":\"{}\"}}}";
	json_t *object = jx_load(text, strlen(text)), *other = jx_load(lock, strlen(lock));
	struct situation sit;

	(void)state;
	situation_init(&sit);
	decode_configmap(&sit, object);
	decode_configmap(&sit, other);
	assert_int_equal(sit.configs.len, 1);
	assert_string_equal(sit.configs.items[0]->by, "kubectl-edit");
	assert_string_equal(sit.configs.items[0]->keys, "A, B, C and 2 more");
	assert_int_equal(sit.configs.items[0]->changed_ms, 1795428000000);
	/* Changed, and nobody says when: now. */
	json_object_set_new(json_object_get(object, "metadata"), "resourceVersion", json_string("8"));
	decode_configmap(&sit, object);
	assert_true(sit.configs.items[0]->changed_ms > 1600000000000);
	assert_int_not_equal(sit.configs.items[0]->changed_ms, 1795428000000);
	json_decref(object);
	json_decref(other);
	situation_release(&sit);
}

static void add_file(struct snapshots *all, const char *text)
{
	json_t *object = jx_load(text, strlen(text));

	assert_non_null(object);
	decode_snapshot(all, object);
	json_decref(object);
}

/* Per server the newest good one; what failed later is told, what failed before is over. */
static void snapshots_by_server(void **state)
{
	struct snapshots all = {.len = 0};

	(void)state;
	add_file(&all, "{\"spec\":{\"nodeName\":\"a\",\"snapshotName\":\"a1\"},"
		 "\"status\":{\"size\":\"9437216\","
		 "\"readyToUse\":true,\"creationTime\":\"2026-11-23T00:00:00Z\"}}");
	add_file(&all, "{\"spec\":{\"nodeName\":\"a\",\"snapshotName\":\"a2\"},"
		 "\"status\":{\"readyToUse\":false,"
		 "\"error\":{\"message\":\"no space\",\"time\":\"2026-11-23T12:00:00Z\"}}}");
	add_file(&all, "{\"spec\":{\"nodeName\":\"b\"},\"status\":{}}");
	assert_int_equal(all.len, 2);
	assert_int_equal(all.total, 3);
	assert_string_equal(all.items[0].name, "a1");
	assert_string_equal(all.items[0].error, "no space");
	assert_int_equal(all.items[1].created_ms, 0);
	add_file(&all, "{\"spec\":{\"nodeName\":\"a\",\"snapshotName\":\"a3\"},"
		 "\"status\":{\"size\":\"9M\","
		 "\"readyToUse\":true,\"creationTime\":\"2026-11-23T13:00:00Z\"}}");
	assert_string_equal(all.items[0].name, "a3");
	assert_string_equal(all.items[0].error, "");
	snapshots_clear(&all);
}

static void unavailable_apis(void **state)
{
	struct api_services all = {.len = 0};
	json_t *object = object_of("apiservice");

	(void)state;
	decode_apiservice(&all, object);
	assert_int_equal(all.total, 1);
	assert_int_equal(all.unavailable, 0);
	json_string_set((json_t *)(uintptr_t)json_object_get(jx_typed(
		jx_at(object, "status.conditions"), "Available"), "status"), "False");
	decode_apiservice(&all, object);
	assert_int_equal(all.unavailable, 1);
	assert_string_equal(all.items[0].name, "v1.apps");
	json_decref(object);
	api_services_clear(&all);
}

/* Every member of every captured object in turn: gone, or something it never should be. */
static const char *const nonsense[] = {
	"[null]", "[\"\"]", "[\"True\"]", "[7]", "[-1]", "[9223372036854775807]",
	"[-9223372036854775808]", "[1e300]", "[true]", "[[]]", "[{}]", "[[[],{},null,7]]",
	"[\"\\u001b[31m\\u0000\\n\\u202e\"]", "[\"-99999999999999999999999\"]",
	"[\"9999-99-99T99:99:99.999999999999Z\"]",
};
#define NONSENSE (sizeof(nonsense) / sizeof(nonsense[0]))

static size_t spoilt;

static void try_all(const struct kind *kind, json_t *root, struct situation *sit)
{
	kind->decode(sit, root);
	spoilt++;
}

static void spoil(const struct kind *kind, json_t *root, json_t *at, struct situation *sit);

static void spoil_member(const struct kind *kind, json_t *root, json_t *at, const char *key,
			 size_t index, struct situation *sit)
{
	json_t *whole = key ? json_object_get(at, key) : json_array_get(at, index);
	size_t i;

	json_incref(whole);
	spoil(kind, root, whole, sit);
	for (i = 0; i < NONSENSE; i++) {
		json_t *array = json_loads(nonsense[i], JSON_ALLOW_NUL, NULL);
		json_t *value = json_array_get(array, 0);

		assert_non_null(value);
		if (key)
			json_object_set(at, key, value);
		else
			json_array_set(at, index, value);
		try_all(kind, root, sit);
		json_decref(array);
	}
	if (key) {
		json_object_del(at, key);
		try_all(kind, root, sit);
		json_object_set_new(at, key, whole);
	} else {
		json_array_set_new(at, index, whole);
	}
}

static void spoil(const struct kind *kind, json_t *root, json_t *at, struct situation *sit)
{
	const char *keys[64];
	const char *key;
	json_t *value;
	size_t len = 0, i;

	json_object_foreach(at, key, value)
		if (len < 64 && strcmp(key, "managedFields"))
			keys[len++] = key;
	for (i = 0; i < len; i++) {
		char *mine = xstrdup(keys[i]);

		spoil_member(kind, root, at, mine, 0, sit);
		free(mine);
		/* Deleting and setting moves the key's memory: ask for the names anew. */
		len = 0;
		json_object_foreach(at, key, value)
			if (len < 64 && strcmp(key, "managedFields"))
				keys[len++] = key;
	}
	for (i = 0; i < json_array_size(at); i++)
		spoil_member(kind, root, at, NULL, i, sit);
}

static void no_field_can_be_trusted(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < KINDS; i++) {
		json_t *object = object_of(kinds[i].file);
		struct situation sit;

		situation_init(&sit);
		/* A lease is only looked at beside its node. */
		decode(&sit, "node");
		spoil(&kinds[i], object, object, &sit);
		pods_judge(&sit.pods, 1795470495818);
		json_decref(object);
		situation_release(&sit);
	}
	assert_true(spoilt > 5000);
}

static void huge_numbers_stay_huge(void **state)
{
	static const char text[] =
		"{\"metadata\": {\"name\": \"a\", \"namespace\": \"b\"}, \"spec\": {\"replicas\": "
		"4294967296}, \"status\": {\"readyReplicas\": 9223372036854775807, "
		"\"updatedReplicas\": -9223372036854775808, \"availableReplicas\": 1e9}}";
	static const char pod_text[] =
		"{\"metadata\": {\"name\": \"a\", \"namespace\": \"b\"}, \"status\": "
		"{\"containerStatuses\": [{\"restartCount\": 9223372036854775807}, {\"restartCount\": "
		"9223372036854775807}]}}";
	struct situation sit;
	json_t *object = jx_load(text, strlen(text));

	(void)state;
	situation_init(&sit);
	decode_deployment(&sit, object);
	assert_int_equal(sit.workloads.items[0]->desired, INT32_MAX);
	assert_int_equal(sit.workloads.items[0]->ready, INT32_MAX);
	assert_int_equal(sit.workloads.items[0]->updated, INT32_MIN);
	assert_int_equal(sit.workloads.items[0]->available, 0);
	json_decref(object);
	object = jx_load(pod_text, strlen(pod_text));
	decode_pod(&sit, object);
	assert_int_equal(sit.pods.items[0]->restarts, INT32_MAX);
	json_decref(object);
	situation_release(&sit);
}

/* The whole way: split, load, decode. */
struct way {
	struct situation sit;
	size_t objects;
};

static void on_object(void *arg, const char *json, size_t len)
{
	struct way *way = arg;
	json_t *object = jx_load(json, len);

	assert_non_null(object);
	decode_pod(&way->sit, object);
	json_decref(object);
	way->objects++;
}

static void feed(struct way *way, const char *text, size_t len)
{
	struct split split;

	split_init(&split, SPLIT_LIST, way);
	split.object = on_object;
	split.skip = kube_resources[0].skip;
	assert_int_equal(split_feed(&split, text, len), 0);
	assert_true(split_complete(&split));
	split_release(&split);
}

/* An annotation of three megabytes, one with a NUL in it, and a name nobody should print as is. */
static void odd_objects_hide_no_others(void **state)
{
	struct buf list = BUF_INIT(8 * 1024 * 1024);
	struct way way = {.objects = 0};
	size_t len, i;
	char *pod = text_of("pod-running", &len);

	(void)state;
	situation_init(&way.sit);
	buf_append_str(&list, "{\"metadata\": {}, \"items\": [{\"metadata\": {\"name\": \"big\", "
		       "\"namespace\": \"a\", \"annotations\": {\"x\": \"");
	for (i = 0; i < 3 * 1024; i++) {
		char kilo[1024];

		memset(kilo, 'a' + (int)(i % 26), sizeof(kilo));
		buf_append(&list, kilo, sizeof(kilo));
	}
	buf_append_str(&list, "\"}}}, {\"metadata\": {\"name\": \"nul\", \"namespace\": \"a\", "
		       "\"annotations\": {\"x\": \"\\u0000\"}}}, {\"metadata\": {\"name\": "
		       "\"\\u001b[2J\\u0007\\u009b\", \"namespace\": \"a\"}}, ");
	buf_append(&list, pod, len);
	buf_append_str(&list, "]}");
	feed(&way, list.data, list.len);
	assert_int_equal(way.objects, 4);
	assert_int_equal(way.sit.pods.len, 4);
	assert_non_null(pods_find(&way.sit.pods, "a", "big"));
	assert_non_null(pods_find(&way.sit.pods, "a", "nul"));
	situation_release(&way.sit);
	buf_release(&list);
	free(pod);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pods_as_kubectl_shows_them),
		cmocka_unit_test(nodes_and_their_leases),
		cmocka_unit_test(only_given_labels_are_kept),
		cmocka_unit_test(limits_of_all_containers_count),
		cmocka_unit_test(the_scheduler_may_finish_its_sentence),
		cmocka_unit_test(workloads_count),
		cmocka_unit_test(events_and_budgets),
		cmocka_unit_test(claims_stand_on_their_node),
		cmocka_unit_test(configmaps_tell_who_wrote_them),
		cmocka_unit_test(snapshots_by_server),
		cmocka_unit_test(unavailable_apis),
		cmocka_unit_test(no_field_can_be_trusted),
		cmocka_unit_test(huge_numbers_stay_huge),
		cmocka_unit_test(odd_objects_hide_no_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
