/* world/controllers/nodes.c: see nodes.h */
#include "world/controllers/nodes.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "world/controllers/events.h"
#include "world/controllers/kubelet.h"
#include "world/controllers/pod_status.h"
#include "world/jx.h"
#include "world/kube_api.h"
#include "world/store.h"
#include "world/when.h"
#include "world/world.h"

#define LEASE_EVERY_S 10
#define STATUS_EVERY_S 300
#define VOTERS_EVERY_S 15     /* how often etcd's leader looks at its members */
#define GRACE_S 40            /* node-monitor-grace-period */
#define EVICT_AFTER_S 300     /* the default tolerations' tolerationSeconds */
#define DISK_USUAL 41.0       /* percent */
#define DISK_PRESSURE 95.0    /* k3s: imagefs.available<5%,nodefs.available<5% */
#define UNREACHABLE "node.kubernetes.io/unreachable"
#define NO_ROOM "node.kubernetes.io/disk-pressure"

struct node {
	char *name;
	bool up;
	bool lost;               /* the control plane has given it up */
	bool evicted;
	int64_t lease_at, status_at;  /* world time of the next heartbeat */
	int64_t heard_at;             /* of the last one */
	int64_t lost_at;
	bool overlay_broken;
	double disk;             /* percent used */
	bool pressed;            /* its kubelet has said so */
	char member[32];         /* why it is no voter: "Unhealthy", ...; "" = it is one */
	bool votes;              /* as last said */
	int64_t voter_at;        /* when that is said again without news */
};

struct nodes {
	struct world *world;
	int64_t voters_at;       /* of the leader's next look */
	struct node *list;
	size_t count;
};

static struct node *find(const struct world *world, const char *name)
{
	for (size_t i = 0; i < world->nodes->count; i++) {
		if (!strcmp(world->nodes->list[i].name, name))
			return &world->nodes->list[i];
	}
	return NULL;
}

bool nodes_up(const struct world *world, const char *name)
{
	const struct node *node = find(world, name);

	return node && node->up;
}

const char *nodes_name(const struct world *world, const char *name)
{
	const struct node *node = find(world, name);

	return node ? node->name : NULL;
}

bool nodes_member_well(const struct world *world, const char *name)
{
	const struct node *node = find(world, name);

	return node && node->up && !node->member[0];
}

bool nodes_quorum(const struct world *world)
{
	const struct nodes *nodes = world->nodes;
	size_t well = 0, i;

	for (i = 0; i < nodes->count; i++)
		well += nodes->list[i].up && !nodes->list[i].member[0];
	return well > nodes->count / 2;
}

bool nodes_schedulable(const struct world *world, const char *name)
{
	const struct node *node = find(world, name);
	const json_t *object = store_get(world->store, RES_NODES, "", name);

	return node && !node->lost && !node->pressed && object && !jx_true(object, "spec.unschedulable");
}

static void renew_lease(struct world *world, const struct node *node)
{
	json_t *lease = store_edit(world->store, RES_LEASES, "kube-node-lease", node->name);

	if (!lease) {
		lease = json_object();
		jx_set_str(lease, "metadata.name", node->name);
		jx_set_str(lease, "metadata.namespace", "kube-node-lease");
		jx_set_str(lease, "spec.holderIdentity", node->name);
		jx_set_int(lease, "spec.leaseDurationSeconds", GRACE_S);
		jx_set(lease, "metadata.creationTimestamp",
		       json_incref(jx_get(store_get(world->store, RES_NODES, "", node->name),
					  "metadata.creationTimestamp")));
	}
	jx_set(lease, "spec.renewTime", when_json_micro(when_now_us()));
	store_put(world->store, RES_LEASES, lease);
}

/* The conditions that a kubelet reports, with what it says when all is well. */
static const struct {
	const char *type, *status, *reason, *message;
} reported[] = {
	{"MemoryPressure", "False", "KubeletHasSufficientMemory",
	 "kubelet has sufficient memory available"},
	{"DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"},
	{"PIDPressure", "False", "KubeletHasSufficientPID",
	 "kubelet has sufficient PID available"},
	{"Ready", "True", "KubeletReady", "kubelet is posting ready status"},
};

#define VOTER "EtcdIsVoter"

static void report_status(struct world *world, const struct node *node, bool unknown)
{
	json_t *object = store_edit(world->store, RES_NODES, "", node->name), *condition;
	int64_t now_us = when_now_us();
	size_t i;

	if (!object)
		return;
	for (i = 0; i < sizeof(reported) / sizeof(*reported); i++)
		condition_set(object, reported[i].type, unknown ? "Unknown" : reported[i].status,
			      unknown ? "NodeStatusUnknown" : reported[i].reason,
			      unknown ? "Kubelet stopped posting node status."
				      : reported[i].message, now_us);
	if (!unknown && node->pressed)
		condition_set(object, "DiskPressure", "True", "KubeletHasDiskPressure",
			      "kubelet has disk pressure", now_us);
	if (!unknown) {
		json_array_foreach(jx_get(object, "status.conditions"), i, condition)
			if (strcmp(jx_str(condition, "type"), VOTER) != 0)
				jx_set(condition, "lastHeartbeatTime", when_json(now_us));
	}
	store_put(world->store, RES_NODES, object);
}

/* What etcd's leader says of one of its members. */
static void report_voter(struct world *world, const struct node *node)
{
	json_t *object = store_edit(world->store, RES_NODES, "", node->name), *condition;
	bool learner = !strcmp(node->member, "MemberIsLearner");
	int64_t now_us = when_now_us();

	if (!object)
		return;
	condition_set(object, VOTER, node->votes ? "True" : "False",
		      node->votes ? "MemberNotLearner" : node->member[0] ? node->member : "Unhealthy",
		      node->votes ? "Node is a voting member of the etcd cluster"
		      : learner ? "Node has not been promoted to voting member of the etcd cluster"
				: "context deadline exceeded", now_us);
	condition = jx_find(jx_get(object, "status.conditions"), "type", VOTER);
	jx_set(condition, "lastHeartbeatTime", when_json(now_us));
	store_put(world->store, RES_NODES, object);
}

/* Without a majority nobody leads, and nothing is said any more. */
static void look_at_voters(struct nodes *nodes, int64_t now)
{
	size_t i;

	nodes->voters_at = now + world_delay(nodes->world, VOTERS_EVERY_S);
	if (!kube_health_is_well(nodes->world, NULL, "etcd"))
		return;
	for (i = 0; i < nodes->count; i++) {
		struct node *node = &nodes->list[i];
		bool votes = node->up && !node->member[0];

		if (votes == node->votes && now < node->voter_at)
			continue;
		node->votes = votes;
		node->voter_at = now + world_delay(nodes->world, STATUS_EVERY_S);
		report_voter(nodes->world, node);
	}
}

static void set_taint(struct world *world, const struct node *node, const char *key, bool tainted)
{
	static const char *const effects[] = {"NoSchedule", "NoExecute"};
	size_t count = strcmp(key, UNREACHABLE) ? 1 : 2;
	json_t *object = store_edit(world->store, RES_NODES, "", node->name), *taints;

	if (!object)
		return;
	taints = json_array();
	for (size_t i = 0; i < json_array_size(jx_get(object, "spec.taints")); i++) {
		json_t *taint = json_array_get(jx_get(object, "spec.taints"), i);

		if (strcmp(jx_str(taint, "key"), key))
			json_array_append(taints, taint);
	}
	for (size_t i = 0; tainted && i < count; i++)
		json_array_append_new(taints, json_pack("{s:s, s:s, s:o}", "key", key, "effect",
							effects[i], "timeAdded",
							when_json(when_now_us())));
	jx_set(object, "spec.taints", taints);
	if (!json_array_size(taints))
		jx_del(object, "spec.taints");
	store_put(world->store, RES_NODES, object);
}

/* The control plane can only say whether a pod counts as ready, not what it does. */
static void mark_pods(struct world *world, const struct node *node, bool ready)
{
	for (size_t i = 0; i < store_count(world->store, RES_PODS); i++) {
		json_t *pod = store_at(world->store, RES_PODS, i);
		const json_t *was = jx_find(jx_get(pod, "status.conditions"), "type",
					    "ContainersReady");

		if (strcmp(jx_str(pod, "spec.nodeName"), node->name) ||
		    strcmp(jx_str(was, "status"), "True"))
			continue;
		pod = json_deep_copy(pod);
		condition_set(pod, "Ready", ready ? "True" : "False", NULL, NULL, when_now_us());
		pod = store_put(world->store, RES_PODS, pod);
		if (!ready)
			event_record(world, pod, "node-controller", "Warning", "NodeNotReady", 0,
				     "Node is not ready");
	}
}

static void lose(struct world *world, struct node *node, int64_t now)
{
	node->lost = true;
	node->evicted = false;
	node->lost_at = now;
	report_status(world, node, true);
	set_taint(world, node, UNREACHABLE, true);
	mark_pods(world, node, false);
	event_record(world, store_get(world->store, RES_NODES, "", node->name),
		     "node-controller", "Normal", "NodeNotReady", 0,
		     "Node %s status is now: NodeNotReady", node->name);
}

static void evict(struct world *world, struct node *node)
{
	size_t count = store_count(world->store, RES_PODS);
	json_t **pods = xcalloc(count, sizeof(*pods));

	node->evicted = true;
	for (size_t i = 0; i < count; i++)
		pods[i] = json_incref(store_at(world->store, RES_PODS, i));
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(jx_str(pods[i], "spec.nodeName"), node->name) &&
		    strcmp(jx_str(jx_controller(pods[i]), "kind"), "DaemonSet") &&
		    strcmp(jx_str(pods[i], "status.phase"), "Succeeded")) {
			event_record(world, pods[i], "taint-eviction-controller", "Normal",
				     "TaintManagerEviction", 0,
				     "Marking for deletion Pod %s/%s", jx_namespace(pods[i]),
				     jx_name(pods[i]));
			kubelet_delete(world->kubelet, jx_namespace(pods[i]), jx_name(pods[i]),
				       30);
		}
		json_decref(pods[i]);
	}
	free(pods);
}

static void recover(struct world *world, struct node *node)
{
	node->lost = false;
	report_status(world, node, false);
	set_taint(world, node, UNREACHABLE, false);
	mark_pods(world, node, true);
	event_record(world, store_get(world->store, RES_NODES, "", node->name), "kubelet",
		     "Normal", "NodeReady", 0, "Node %s status is now: NodeReady", node->name);
}

/* ---- disks -------------------------------------------------------------------------------- */

/* The kubelet makes room: the first pod that could live elsewhere has to go. */
static void make_room(struct world *world, const struct node *node)
{
	const json_t *pod;

	for (size_t i = 0; (pod = store_at(world->store, RES_PODS, i)); i++) {
		if (strcmp(jx_str(pod, "spec.nodeName"), node->name) ||
		    strcmp(jx_str(jx_controller(pod), "kind"), "ReplicaSet") ||
		    *jx_str(pod, "spec.priorityClassName") || jx_get(pod, "spec.volumes") ||
		    strcmp(jx_str(pod, "status.phase"), "Running"))
			continue;
		kubelet_evict(world->kubelet, jx_namespace(pod), jx_name(pod),
			      "The node was low on resource: ephemeral-storage. Threshold quantity: "
			      "3921261Ki, available: 2509607Ki. ");
		return;
	}
}

static void watch_disk(struct world *world, struct node *node)
{
	bool pressed = node->disk >= DISK_PRESSURE;
	json_t *object;

	if (pressed == node->pressed)
		return;
	node->pressed = pressed;
	report_status(world, node, false);
	set_taint(world, node, NO_ROOM, pressed);
	object = store_get(world->store, RES_NODES, "", node->name);
	event_record(world, object, "kubelet", pressed ? "Warning" : "Normal",
		     pressed ? "EvictionThresholdMet" : "NodeHasNoDiskPressure", 0,
		     pressed ? "Attempting to reclaim ephemeral-storage"
			     : "Node %s status is now: NodeHasNoDiskPressure", node->name);
	if (pressed)
		make_room(world, node);
}

/* ---- the clock ---------------------------------------------------------------------------- */

static void beat(struct world *world, struct node *node, int64_t now)
{
	if (now >= node->lease_at) {
		renew_lease(world, node);
		node->lease_at = now + world_delay(world, LEASE_EVERY_S);
		node->heard_at = now;
		if (node->lost)
			recover(world, node);
	}
	if (now >= node->status_at) {
		report_status(world, node, false);
		node->status_at = now + world_delay(world, STATUS_EVERY_S);
	}
	watch_disk(world, node);
}

void nodes_tick(struct nodes *nodes)
{
	int64_t now = world_now(nodes->world);

	if (now >= nodes->voters_at)
		look_at_voters(nodes, now);
	for (size_t i = 0; i < nodes->count; i++) {
		struct node *node = &nodes->list[i];

		if (node->up)
			beat(nodes->world, node, now);
		else if (!node->lost && now - node->heard_at > world_delay(nodes->world, GRACE_S))
			lose(nodes->world, node, now);
		else if (node->lost && !node->evicted &&
			 now - node->lost_at > world_delay(nodes->world, EVICT_AFTER_S))
			evict(nodes->world, node);
	}
}

bool nodes_set_up(struct world *world, const char *name, bool up)
{
	struct node *node = find(world, name);

	if (!node)
		return false;
	node->up = up;
	if (up)
		node->lease_at = node->status_at = world_now(world);
	return true;
}

void nodes_set_overlay(struct world *world, const char *name, bool works)
{
	struct node *node = find(world, name);

	if (node)
		node->overlay_broken = !works;
}

bool nodes_overlay_works(const struct world *world, const char *name)
{
	const struct node *node = find(world, name);

	return node && !node->overlay_broken;
}

void nodes_set_disk(struct world *world, const char *name, double percent)
{
	struct node *node = find(world, name);

	if (node)
		node->disk = percent;
}

double nodes_disk_percent(const struct world *world, const char *name)
{
	const struct node *node = find(world, name);

	return node ? node->disk : 0;
}

void nodes_set_member(struct world *world, const char *name, const char *reason)
{
	struct node *node = find(world, name);

	if (node)
		snprintf(node->member, sizeof(node->member), "%s", reason);
	world->nodes->voters_at = 0;
}

struct nodes *nodes_new(struct world *world)
{
	struct nodes *nodes = xcalloc(1, sizeof(*nodes));
	int64_t now = world_now(world);

	nodes->world = world;
	nodes->count = store_count(world->store, RES_NODES);
	nodes->list = xcalloc(nodes->count, sizeof(*nodes->list));
	for (size_t i = 0; i < nodes->count; i++) {
		struct node *node = &nodes->list[i];

		node->name = xstrdup(jx_name(store_at(world->store, RES_NODES, i)));
		node->up = node->votes = true;
		node->heard_at = now;
		node->voter_at = now + world_delay(world, STATUS_EVERY_S);
		node->disk = DISK_USUAL + (double)(4 * i);
		/* They do not all beat at once. */
		renew_lease(world, node);
		node->lease_at = now + world_delay(world, LEASE_EVERY_S) * (int64_t)(i + 1) /
					       (int64_t)nodes->count;
		node->status_at = now + world_delay(world, 60.0 * (double)(i + 1));
	}
	return nodes;
}

void nodes_free(struct nodes *nodes)
{
	if (!nodes)
		return;
	for (size_t i = 0; i < nodes->count; i++)
		free(nodes->list[i].name);
	free(nodes->list);
	free(nodes);
}
