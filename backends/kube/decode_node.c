/* backends/kube/decode_node.c: nodes and the leases their kubelets renew */
#include <stdlib.h>
#include <string.h>

#include "backends/kube/decode.h"
#include "backends/kube/jsonx.h"
#include "core/alloc.h"
#include "core/buf.h"
#include "core/hash.h"
#include "core/quantity.h"

#define ROLE_LABEL "node-role.kubernetes.io/"
#define TEXT_MAX 1024

static enum tri parse_tri(const char *text)
{
	if (text && !strcmp(text, "True"))
		return TRI_TRUE;
	return text && !strcmp(text, "False") ? TRI_FALSE : TRI_UNKNOWN;
}

static void read_conditions(struct node *node, struct intern *strings, const json_t *conditions)
{
	const json_t *item;
	size_t i;
	int count = 0;

	json_array_foreach(conditions, i, item) {
		struct node_condition *condition = &node->conditions[count];

		if (!jx_str(item, "type") || count == NODE_CONDITIONS_MAX)
			continue;
		intern_set(strings, &condition->type, jx_str(item, "type"));
		intern_set(strings, &condition->reason, jx_str(item, "reason"));
		condition->status = parse_tri(jx_str(item, "status"));
		condition->since_ms = jx_time(item, "lastTransitionTime");
		condition->heartbeat_ms = jx_time(item, "lastHeartbeatTime");
		count++;
	}
	for (; node->nconditions > count; node->nconditions--) {
		intern_set(strings, &node->conditions[node->nconditions - 1].type, NULL);
		intern_set(strings, &node->conditions[node->nconditions - 1].reason, NULL);
	}
	node->nconditions = count;
}

static void set_text(char **slot, char *text)
{
	free(*slot);
	*slot = text;
}

static char *roles_of(const json_t *labels)
{
	struct buf buf = BUF_INIT(TEXT_MAX);
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)labels, key, value)
		if (!strncmp(key, ROLE_LABEL, strlen(ROLE_LABEL)))
			buf_printf(&buf, "%s%s", buf.len ? "," : "", key + strlen(ROLE_LABEL));
	return buf_detach(&buf);
}

static char *taints_of(const json_t *taints)
{
	struct buf buf = BUF_INIT(TEXT_MAX);
	const json_t *taint;
	size_t i;

	json_array_foreach(taints, i, taint) {
		const char *key = jx_str(taint, "key"), *effect = jx_str(taint, "effect");

		buf_printf(&buf, "%s%s:%s", buf.len ? "," : "", key ? key : "",
			   effect ? effect : "");
	}
	return buf_detach(&buf);
}

/* Given by people: not the system's own, "beta.kubernetes.io/arch", "node.k3s.io/...". */
static bool is_given(const char *key)
{
	static const char *const domains[] = {"kubernetes.io", "k8s.io", "k3s.io", "cattle.io"};
	const char *slash = strchr(key, '/');
	size_t i, len = slash ? (size_t)(slash - key) : 0;

	for (i = 0; i < sizeof(domains) / sizeof(domains[0]); i++) {
		size_t domain = strlen(domains[i]);

		if (len >= domain && !strncmp(slash - domain, domains[i], domain) &&
		    (len == domain || slash[-(ptrdiff_t)domain - 1] == '.'))
			return false;
	}
	return true;
}

/* A label's characters never include ',' or '='; anything else isn't one. */
static char *labels_of(const json_t *labels)
{
	struct buf buf = BUF_INIT(TEXT_MAX);
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)labels, key, value) {
		const char *text = json_string_value(value);

		if (is_given(key) && text && !strpbrk(key, ",=") && !strpbrk(text, ",="))
			buf_printf(&buf, "%s%s=%s", buf.len ? "," : "", key, text);
	}
	return buf_detach(&buf);
}

static const char *internal_ip(const json_t *addresses)
{
	return jx_str(jx_typed(addresses, "InternalIP"), "address");
}

static uint64_t digest_text(uint64_t digest, const char *text)
{
	return text ? hash_more(digest, text, strlen(text) + 1) : hash_more(digest, "", 1);
}

/* Of all that is told of a node but its heartbeats, which change every few minutes and say nothing
 * that its lease doesn't. */
static uint64_t digest_of(const struct node *node)
{
	const int64_t numbers[] = {node->unschedulable, node->created_ms, node->pods_max,
				   node->cpu_alloc_milli, node->mem_alloc_kib};
	uint64_t digest = hash_more(HASH_SEED, numbers, sizeof(numbers));
	int i;

	digest = digest_text(digest_text(digest, node->roles), node->taints);
	digest = digest_text(digest_text(digest, node->version), node->internal_ip);
	digest = digest_text(digest, node->labels);
	for (i = 0; i < node->nconditions; i++) {
		const struct node_condition *condition = &node->conditions[i];
		const int64_t state[] = {condition->status, condition->since_ms};

		digest = digest_text(digest_text(digest, condition->type), condition->reason);
		digest = hash_more(digest, state, sizeof(state));
	}
	return digest;
}

void decode_node(struct situation *sit, const json_t *object)
{
	const json_t *meta = json_object_get(object, "metadata");
	const json_t *spec = json_object_get(object, "spec");
	const json_t *status = json_object_get(object, "status");
	const json_t *room = json_object_get(status, "allocatable");
	const char *name = jx_str(meta, "name"), *pods = jx_str(room, "pods");
	const char *version = jx_str(json_object_get(status, "nodeInfo"), "kubeletVersion");
	uint64_t before;
	struct node *node;

	if (!name)
		return;
	node = nodes_get(&sit->nodes, name);
	node->seen = true;
	set_text(&node->roles, roles_of(json_object_get(meta, "labels")));
	set_text(&node->labels, labels_of(json_object_get(meta, "labels")));
	set_text(&node->taints, taints_of(json_object_get(spec, "taints")));
	set_text(&node->version, xstrdup(version ? version : ""));
	set_text(&node->internal_ip, xstrdup(internal_ip(json_object_get(status, "addresses"))));
	node->unschedulable = jx_bool(spec, "unschedulable");
	node->created_ms = jx_time(meta, "creationTimestamp");
	node->pods_max = pods ? (int)strtol(pods, NULL, 10) : 0;
	if (quantity_milli(jx_str(room, "cpu"), &node->cpu_alloc_milli))
		node->cpu_alloc_milli = 0;
	if (quantity_kib(jx_str(room, "memory"), &node->mem_alloc_kib))
		node->mem_alloc_kib = 0;
	read_conditions(node, sit->strings, json_object_get(status, "conditions"));
	before = node->digest;
	node->digest = digest_of(node);
	if (node->digest != before)
		sit->nodes.generation++;
}

void decode_lease(struct situation *sit, const json_t *object)
{
	const char *name = jx_str(json_object_get(object, "metadata"), "name");
	struct node *node = name ? nodes_find(&sit->nodes, name) : NULL;

	if (node)
		node->lease_renew_ms = jx_time(json_object_get(object, "spec"), "renewTime");
}
