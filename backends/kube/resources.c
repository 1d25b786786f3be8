/* backends/kube/resources.c: what is watched: one row a kind. */
#include <stdlib.h>
#include <string.h>

#include "backends/kube/decode.h"
#include "backends/kube/reflector.h"

static struct freshness *nodes_fresh(struct situation *sit)
{
	return &sit->nodes.fresh;
}

static bool *nodes_complete(struct situation *sit)
{
	return &sit->nodes.complete;
}

static void remove_node(struct situation *sit, const char *ns, const char *name)
{
	(void)ns;
	if (name)
		nodes_remove(&sit->nodes, sit->strings, name);
}

static void unmark_nodes(struct situation *sit, const char *ns)
{
	(void)ns;
	nodes_unmark(&sit->nodes);
}

static void sweep_nodes(struct situation *sit, const char *ns)
{
	(void)ns;
	nodes_sweep(&sit->nodes, sit->strings);
}

static uint64_t nodes_generation(const struct situation *sit)
{
	return sit->nodes.generation;
}

static struct freshness *pods_fresh(struct situation *sit)
{
	return &sit->pods.fresh;
}

static bool *pods_complete(struct situation *sit)
{
	return &sit->pods.complete;
}

static void remove_pod(struct situation *sit, const char *ns, const char *name)
{
	if (ns && name)
		pods_remove(&sit->pods, sit->strings, ns, name);
}

static void unmark_pods(struct situation *sit, const char *ns)
{
	pods_unmark(&sit->pods, ns);
}

static void sweep_pods(struct situation *sit, const char *ns)
{
	pods_sweep(&sit->pods, sit->strings, ns);
}

static struct freshness *events_fresh(struct situation *sit)
{
	return &sit->events.fresh;
}

static bool *events_complete(struct situation *sit)
{
	return &sit->events.complete;
}

/* Events outlive their hour in our ring: what the API forgets, the person may still need. */
static void keep_event(struct situation *sit, const char *ns, const char *name)
{
	(void)sit;
	(void)ns;
	(void)name;
}

static void keep_events(struct situation *sit, const char *ns)
{
	(void)sit;
	(void)ns;
}

static struct freshness *pdbs_fresh(struct situation *sit)
{
	return &sit->pdbs.fresh;
}

static bool *pdbs_complete(struct situation *sit)
{
	return &sit->pdbs.complete;
}

static void remove_pdb(struct situation *sit, const char *ns, const char *name)
{
	if (ns && name)
		pdbs_remove(&sit->pdbs, sit->strings, ns, name);
}

static void unmark_pdbs(struct situation *sit, const char *ns)
{
	pdbs_unmark(&sit->pdbs, ns);
}

static void sweep_pdbs(struct situation *sit, const char *ns)
{
	pdbs_sweep(&sit->pdbs, sit->strings, ns);
}

/* The five kinds of workload differ in their enum value alone. */
#define WORKLOAD_FUNCTIONS(word, kind)                                                     \
	static struct freshness *word##_fresh(struct situation *sit)                       \
	{                                                                                  \
		return &sit->workloads.fresh[kind];                                        \
	}                                                                                  \
	static bool *word##_complete(struct situation *sit)                                \
	{                                                                                  \
		return &sit->workloads.complete[kind];                                     \
	}                                                                                  \
	static void remove_##word(struct situation *sit, const char *ns, const char *name) \
	{                                                                                  \
		if (ns && name)                                                            \
			workloads_remove(&sit->workloads, sit->strings, kind, ns, name);   \
	}                                                                                  \
	static void unmark_##word(struct situation *sit, const char *ns)                   \
	{                                                                                  \
		workloads_unmark(&sit->workloads, kind, ns);                               \
	}                                                                                  \
	static void sweep_##word(struct situation *sit, const char *ns)                    \
	{                                                                                  \
		workloads_sweep(&sit->workloads, sit->strings, kind, ns);                  \
	}

WORKLOAD_FUNCTIONS(deployments, WORKLOAD_DEPLOYMENT)
WORKLOAD_FUNCTIONS(replicasets, WORKLOAD_REPLICASET)
WORKLOAD_FUNCTIONS(statefulsets, WORKLOAD_STATEFULSET)
WORKLOAD_FUNCTIONS(daemonsets, WORKLOAD_DAEMONSET)
WORKLOAD_FUNCTIONS(jobs, WORKLOAD_JOB)

static struct freshness *claims_fresh(struct situation *sit)
{
	return &sit->storage.fresh[VOLUME_CLAIM];
}

static bool *claims_complete(struct situation *sit)
{
	return &sit->storage.complete[VOLUME_CLAIM];
}

static void remove_claim(struct situation *sit, const char *ns, const char *name)
{
	if (ns && name)
		storage_remove(&sit->storage, sit->strings, VOLUME_CLAIM, ns, name);
}

static void unmark_claims(struct situation *sit, const char *ns)
{
	storage_unmark(&sit->storage, VOLUME_CLAIM, ns);
}

static void sweep_claims(struct situation *sit, const char *ns)
{
	storage_sweep(&sit->storage, sit->strings, VOLUME_CLAIM, ns);
}

static struct freshness *volumes_fresh(struct situation *sit)
{
	return &sit->storage.fresh[VOLUME_DISK];
}

static bool *volumes_complete(struct situation *sit)
{
	return &sit->storage.complete[VOLUME_DISK];
}

static void remove_volume(struct situation *sit, const char *ns, const char *name)
{
	(void)ns;
	if (name)
		storage_remove(&sit->storage, sit->strings, VOLUME_DISK, "", name);
}

static void unmark_volumes(struct situation *sit, const char *ns)
{
	storage_unmark(&sit->storage, VOLUME_DISK, ns);
}

static void sweep_volumes(struct situation *sit, const char *ns)
{
	storage_sweep(&sit->storage, sit->strings, VOLUME_DISK, ns);
}

static struct freshness *configs_fresh(struct situation *sit)
{
	return &sit->configs.fresh;
}

static bool *configs_complete(struct situation *sit)
{
	return &sit->configs.complete;
}

static void remove_config(struct situation *sit, const char *ns, const char *name)
{
	if (ns && name)
		configs_remove(&sit->configs, sit->strings, ns, name);
}

static void unmark_configs(struct situation *sit, const char *ns)
{
	configs_unmark(&sit->configs, ns);
}

static void sweep_configs(struct situation *sit, const char *ns)
{
	configs_sweep(&sit->configs, sit->strings, ns);
}

/* Members that no decoder reads: most of an object's bytes. A test reads whole objects and holds
 * the result against these. */
#define SKIP_IN_PODS                                                                       \
	"env", "envFrom", "volumeMounts", "volumeDevices", "command", "args",                      \
	"ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle",                   \
	"securityContext", "tolerations", "affinity", "nodeSelector",                              \
	"topologySpreadConstraints", "imagePullSecrets", "hostAliases", "labels",                  \
	"terminationMessagePath", "terminationMessagePolicy", "imagePullPolicy",                   \
	"terminationGracePeriodSeconds", "dnsPolicy", "serviceAccountName", "serviceAccount",      \
	"schedulerName", "priority", "priorityClassName", "enableServiceLinks",                    \
	"preemptionPolicy", "generateName", "blockOwnerDeletion"

static const char *const pod_skip[] = {
	SKIP_IN_PODS, "resources", "projected", "configMap", "secret", "hostPath",
	"allocatedResources",
	"podIP", "podIPs", "hostIP", "hostIPs", "generation", "observedGeneration",
	"lastProbeTime", "qosClass", "imageID", "containerID", "startTime", "startedAt", NULL,
};
static const char *const workload_skip[] = {
	SKIP_IN_PODS, "volumes", "selector", "lastUpdateTime", NULL,
};
static const char *const node_skip[] = {
	"images", "volumesInUse", "volumesAttached", "capacity", "annotations", "runtimeHandlers",
	NULL,
};

static const char *const config_skip[] = {"labels", NULL};

#define WORKLOAD_ROW(word, path, decode)                                                   \
	{.name = #word, .group = path, .query = "", .namespaced = true,                    \
	 .bookmarks = true, .skip = workload_skip, .first_page = 500, .page = 1000,        \
	 .section = SECTION_WORKLOADS,                                                     \
	 .fresh = word##_fresh, .complete = word##_complete, .put = decode,                \
	 .remove = remove_##word, .unmark = unmark_##word, .sweep = sweep_##word}

/* The first page of pods is what the person waits for, so it is small; the rest is large. */
const struct kube_resource kube_resources[] = {
	{.name = "pods", .group = "/api/v1", .query = "", .namespaced = true, .early = true,
	 .bookmarks = true, .skip = pod_skip, .first_page = 100, .page = 2500,
	 .section = SECTION_PODS, .fresh = pods_fresh,
	 .complete = pods_complete, .put = decode_pod, .remove = remove_pod,
	 .unmark = unmark_pods, .sweep = sweep_pods},
	{.name = "nodes", .group = "/api/v1", .query = "", .early = true, .bookmarks = true,
	 .skip = node_skip, .first_page = 500, .page = 500,
	 .section = SECTION_NODES, .fresh = nodes_fresh,
	 .complete = nodes_complete, .put = decode_node,
	 .generation = nodes_generation, .remove = remove_node,
	 .unmark = unmark_nodes, .sweep = sweep_nodes},
	WORKLOAD_ROW(deployments, "/apis/apps/v1", decode_deployment),
	WORKLOAD_ROW(replicasets, "/apis/apps/v1", decode_replicaset),
	WORKLOAD_ROW(statefulsets, "/apis/apps/v1", decode_statefulset),
	WORKLOAD_ROW(daemonsets, "/apis/apps/v1", decode_daemonset),
	WORKLOAD_ROW(jobs, "/apis/batch/v1", decode_job),
	{.name = "poddisruptionbudgets", .group = "/apis/policy/v1", .query = "",
	 .namespaced = true, .bookmarks = true, .first_page = 500, .page = 500,
	 .section = SECTION_PDBS,
	 .fresh = pdbs_fresh, .complete = pdbs_complete, .put = decode_pdb,
	 .remove = remove_pdb, .unmark = unmark_pdbs, .sweep = sweep_pdbs},
	{.name = "persistentvolumeclaims", .group = "/api/v1", .query = "", .namespaced = true,
	 .bookmarks = true, .first_page = 500, .page = 500, .section = SECTION_STORAGE,
	 .fresh = claims_fresh, .complete = claims_complete, .put = decode_claim,
	 .remove = remove_claim, .unmark = unmark_claims, .sweep = sweep_claims},
	{.name = "persistentvolumes", .group = "/api/v1", .query = "", .bookmarks = true,
	 .first_page = 500, .page = 500, .section = SECTION_STORAGE,
	 .fresh = volumes_fresh, .complete = volumes_complete, .put = decode_volume,
	 .remove = remove_volume, .unmark = unmark_volumes, .sweep = sweep_volumes},
	/* Never their content, which may hold what isn't ours to read. */
	{.name = "configmaps", .group = "/api/v1", .query = "", .namespaced = true,
	 .metadata_only = true, .skip = config_skip, .bookmarks = true,
	 .first_page = 500, .page = 500, .section = SECTION_CONFIGS,
	 .fresh = configs_fresh, .complete = configs_complete, .put = decode_configmap,
	 .remove = remove_config, .unmark = unmark_configs, .sweep = sweep_configs},
	/* The API server keeps no cache of events, and so has no bookmarks for them. */
	{.name = "events", .group = "/api/v1", .query = "&fieldSelector=type%3DWarning",
	 .namespaced = true, .first_page = 500, .page = 500, .section = SECTION_EVENTS,
	 .fresh = events_fresh, .complete = events_complete, .put = decode_event,
	 .remove = keep_event, .unmark = keep_events, .sweep = keep_events},
	{0}
};
