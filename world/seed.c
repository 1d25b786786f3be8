/* world/seed.c: see seed.h */
#include "world/seed.h"

#include <stdio.h>
#include <string.h>

#include "world/controllers/kubelet.h"
#include "world/controllers/pod_status.h"
#include "world/controllers/scheduler.h"
#include "world/controllers/workloads.h"
#include "world/jx.h"
#include "world/store.h"
#include "world/when.h"
#include "world/world.h"

static int64_t born(const json_t *row)
{
	return when_now_us() - when_span(json_object_get(row, "age"));
}

/* ---- nodes and plain objects -------------------------------------------------------------- */

static void node_conditions(json_t *node, int64_t since_us)
{
	static const char *const rows[][4] = {
		{"EtcdIsVoter", "True", "MemberNotLearner",
		 "Node is a voting member of the etcd cluster"},
		{"MemoryPressure", "False", "KubeletHasSufficientMemory",
		 "kubelet has sufficient memory available"},
		{"DiskPressure", "False", "KubeletHasNoDiskPressure",
		 "kubelet has no disk pressure"},
		{"PIDPressure", "False", "KubeletHasSufficientPID",
		 "kubelet has sufficient PID available"},
		{"Ready", "True", "KubeletReady", "kubelet is posting ready status"},
	};
	json_t *condition;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		condition_set(node, rows[i][0], rows[i][1], rows[i][2], rows[i][3], since_us);
	json_array_foreach(jx_get(node, "status.conditions"), i, condition)
		jx_set(condition, "lastHeartbeatTime", when_json(when_now_us()));
}

static void add_node(struct world *world, const json_t *row, size_t number)
{
	const char *name = jx_str(row, "name");
	json_t *node = json_object(), *labels;

	jx_set_str(node, "metadata.name", name);
	jx_set(node, "metadata.creationTimestamp", when_json(born(row)));
	labels = json_object_get(row, "labels");
	jx_set(node, "metadata.labels", labels ? json_deep_copy(labels) : json_object());
	labels = jx_get(node, "metadata.labels");
	json_object_set_new(labels, "kubernetes.io/hostname", json_string(name));
	json_object_update(labels, json_object_get(row, "own_labels"));
	jx_set(node, "metadata.annotations",
	       json_pack("{s:s, s:s, s:s, s:s}", "flannel.alpha.coreos.com/public-ip",
			 jx_str(row, "internal"), "k3s.io/hostname", name, "k3s.io/internal-ip",
			 jx_str(row, "internal"), "etcd.k3s.cattle.io/node-address",
			 jx_str(row, "internal")));
	jx_set(node, "spec.podCIDR", json_sprintf("10.42.%zu.0/24", number));
	jx_set(node, "spec.podCIDRs", json_pack("[o]", json_sprintf("10.42.%zu.0/24", number)));
	jx_set(node, "spec.providerID", json_sprintf("k3s://%s", name));
	jx_set(node, "status", json_deep_copy(json_object_get(world->plan, "node_status")));
	jx_set(node, "status.addresses",
	       json_pack("[{s:s, s:s}, {s:s, s:s}, {s:s, s:s}]", "type", "InternalIP", "address",
			 jx_str(row, "internal"), "type", "ExternalIP", "address",
			 jx_str(row, "external"), "type", "Hostname", "address", name));
	jx_set_int(node, "status.daemonEndpoints.kubeletEndpoint.Port", 10250);
	node_conditions(node, born(row));
	store_put(world->store, RES_NODES, node);
}

static void add_namespace(struct world *world, const char *name)
{
	json_t *ns = json_object();

	jx_set_str(ns, "metadata.name", name);
	jx_set(ns, "metadata.creationTimestamp",
	       when_json(born(json_array_get(json_object_get(world->plan, "nodes"), 0))));
	json_object_set_new(jx_make(ns, "metadata.labels"), "kubernetes.io/metadata.name",
			    json_string(name));
	jx_set(ns, "spec.finalizers", json_pack("[s]", "kubernetes"));
	jx_set_str(ns, "status.phase", "Active");
	store_put(world->store, RES_NAMESPACES, ns);
}

void seed_objects(struct world *world)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(world->plan, "nodes"), i, row)
		add_node(world, row, i);
	json_array_foreach(json_object_get(world->plan, "namespaces"), i, row)
		add_namespace(world, json_string_value(row));
	json_array_foreach(json_object_get(world->plan, "objects"), i, row) {
		enum resource_id res = resource_by_kind(jx_str(row, "kind"));
		json_t *object;

		if (res == RES_NONE)
			continue;
		object = json_deep_copy(row);
		jx_set(object, "metadata.creationTimestamp", when_json(born(row)));
		json_object_del(object, "age");
		store_put(world->store, res, object);
	}
}

/* ---- workloads ---------------------------------------------------------------------------- */

static json_t *template_for(const json_t *row, const json_t *revision)
{
	json_t *template = json_object(), *container;

	jx_set(template, "metadata.labels", json_deep_copy(json_object_get(row, "selector")));
	jx_set(template, "spec", json_deep_copy(json_object_get(row, "pod")));
	for (size_t i = 0; i < json_array_size(jx_get(template, "spec.containers")); i++) {
		container = json_array_get(jx_get(template, "spec.containers"), i);
		jx_set(container, "image", json_incref(json_object_get(revision, "image")));
		if (!json_object_get(container, "resources"))
			json_object_set_new(container, "resources", json_object());
	}
	return template;
}

static json_t *last_revision(const json_t *row)
{
	const json_t *revisions = json_object_get(row, "revisions");

	return json_array_get(revisions, json_array_size(revisions) - 1);
}

/* What all workloads have in common. */
static json_t *controller(const json_t *row)
{
	json_t *object = json_object();

	jx_set_str(object, "metadata.name", jx_str(row, "name"));
	jx_set_str(object, "metadata.namespace", jx_str(row, "namespace"));
	jx_set(object, "metadata.creationTimestamp", when_json(born(row)));
	jx_set(object, "metadata.labels", json_deep_copy(json_object_get(row, "selector")));
	jx_set(object, "metadata.generation",
	       json_integer((json_int_t)json_array_size(json_object_get(row, "revisions"))));
	jx_set(object, "spec.selector.matchLabels",
	       json_deep_copy(json_object_get(row, "selector")));
	jx_set(object, "spec.template", template_for(row, last_revision(row)));
	return object;
}

/* Pods have been there since the last revision; each a little later than the one before. */
static void add_pods(struct world *world, const json_t *row, const json_t *owner, int count)
{
	int64_t since = born(last_revision(row));

	for (int i = 0; i < count; i++) {
		char name[254], tail[6], why[256];
		json_t *pod;

		random_tail(tail, 5);
		snprintf(name, sizeof(name), "%s-%s", jx_name(owner), tail);
		pod = json_deep_copy(owner_add_pod(world, owner, name, "", since));
		scheduler_place(world, pod, why, sizeof(why));
		store_put(world->store, RES_PODS, pod);
		kubelet_adopt(world->kubelet, jx_namespace(owner), name, since + 3000000,
			      (int)jx_int(row, "restarts"));
		since += 9000000;
	}
}

static void deployment_conditions(json_t *deployment, const char *set, int64_t since_us)
{
	char message[320];
	json_t *condition;
	size_t i;

	snprintf(message, sizeof(message), "ReplicaSet \"%s\" has successfully progressed.", set);
	condition_set(deployment, "Progressing", "True", "NewReplicaSetAvailable", message,
		      since_us);
	condition_set(deployment, "Available", "True", "MinimumReplicasAvailable",
		      "Deployment has minimum availability.", since_us);
	json_array_foreach(jx_get(deployment, "status.conditions"), i, condition)
		jx_set(condition, "lastUpdateTime", when_json(since_us));
}

static void add_deployment(struct world *world, const json_t *row)
{
	json_t *deployment = controller(row), *set = NULL, *revision, *template, *copy;
	json_t *strategy = json_object_get(row, "strategy");
	int replicas = (int)jx_int(row, "replicas");
	size_t i;

	jx_set_int(deployment, "spec.replicas", replicas);
	jx_set_int(deployment, "spec.revisionHistoryLimit", 10);
	jx_set_int(deployment, "spec.progressDeadlineSeconds", 600);
	jx_set(deployment, "spec.strategy",
	       strategy ? json_deep_copy(strategy)
			: json_pack("{s:s, s:{s:s, s:s}}", "type", "RollingUpdate",
				    "rollingUpdate", "maxSurge", "25%", "maxUnavailable", "25%"));
	store_admit(deployment, RES_DEPLOYMENTS);
	json_array_foreach(json_object_get(row, "revisions"), i, revision) {
		template = template_for(row, revision);
		set = deployment_add_replicaset(world, deployment, template, (int)i + 1,
						born(revision));
		json_decref(template);
		copy = json_deep_copy(set);
		if (*jx_str(revision, "cause"))
			json_object_set_new(jx_make(copy, "metadata.annotations"),
					    "kubernetes.io/change-cause",
					    json_string(jx_str(revision, "cause")));
		if (revision == last_revision(row))
			jx_set_int(copy, "spec.replicas", replicas);
		set = store_put(world->store, RES_REPLICASETS, copy);
	}
	jx_set(deployment, "metadata.annotations",
	       json_deep_copy(jx_get(set, "metadata.annotations")));
	deployment_conditions(deployment, jx_name(set), born(last_revision(row)) + 30000000);
	add_pods(world, row, set, replicas);
	store_put(world->store, RES_DEPLOYMENTS, deployment);
}

static void add_daemonset(struct world *world, const json_t *row)
{
	json_t *set = controller(row), *node;
	char hash[12];

	jx_set(set, "spec.updateStrategy",
	       json_pack("{s:s, s:{s:i, s:i}}", "type", "RollingUpdate", "rollingUpdate",
			 "maxSurge", 0, "maxUnavailable", 1));
	jx_set_int(set, "spec.revisionHistoryLimit", 10);
	template_hash(jx_get(set, "spec.template"), hash);
	set = store_put(world->store, RES_DAEMONSETS, set);
	for (size_t i = 0; (node = store_at(world->store, RES_NODES, i)); i++) {
		char name[254], tail[6], why[256];
		json_t *pod;

		random_tail(tail, 5);
		snprintf(name, sizeof(name), "%s-%s", jx_name(set), tail);
		pod = json_deep_copy(owner_add_pod(world, set, name, jx_name(node),
						   born(last_revision(row))));
		json_object_set_new(jx_make(pod, "metadata.labels"), "controller-revision-hash",
				    json_string(hash));
		scheduler_place(world, pod, why, sizeof(why));
		store_put(world->store, RES_PODS, pod);
		kubelet_adopt(world->kubelet, jx_namespace(set), name,
			      born(last_revision(row)) + 2000000, 0);
	}
}

static void add_job(struct world *world, const json_t *row)
{
	int64_t since = born(last_revision(row));
	json_t *job = controller(row);

	jx_set_int(job, "metadata.generation", 1);
	jx_set_int(job, "spec.backoffLimit", 0);
	jx_set_int(job, "spec.completions", 1);
	jx_set_int(job, "spec.parallelism", 1);
	jx_set_str(job, "spec.completionMode", "NonIndexed");
	json_object_set_new(jx_make(job, "spec.template.metadata.labels"),
			    "batch.kubernetes.io/job-name", json_string(jx_str(row, "name")));
	json_object_set_new(jx_make(job, "spec.template.metadata.labels"), "job-name",
			    json_string(jx_str(row, "name")));
	condition_set(job, "SuccessCriteriaMet", "True", "CompletionsReached",
		      "Reached expected number of succeeded pods", since + 14000000);
	condition_set(job, "Complete", "True", "CompletionsReached",
		      "Reached expected number of succeeded pods", since + 14000000);
	jx_set(job, "status.startTime", when_json(since));
	jx_set(job, "status.completionTime", when_json(since + 14000000));
	jx_set_int(job, "status.succeeded", 1);
	jx_set_int(job, "status.ready", 0);
	job = store_put(world->store, RES_JOBS, job);
	add_pods(world, row, job, 1);
}

static const struct {
	const char *kind;
	void (*add)(struct world *world, const json_t *row);
} makers[] = {
	{"Deployment", add_deployment},
	{"DaemonSet", add_daemonset},
	{"Job", add_job},
};

void seed_workloads(struct world *world)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(world->plan, "workloads"), i, row) {
		for (size_t m = 0; m < sizeof(makers) / sizeof(*makers); m++) {
			if (!strcmp(makers[m].kind, jx_str(row, "kind")))
				makers[m].add(world, row);
		}
	}
}
