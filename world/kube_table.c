/* world/kube_table.c: see kube_table.h */
#include "world/kube_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "world/jx.h"
#include "world/when.h"

#define NO_VALUE "<none>"

struct column {
	const char *name;
	bool wide;                              /* shown with -o wide only */
	json_t *(*cell)(const json_t *object);  /* a new reference */
};

/* ---- cells used by many ------------------------------------------------------------------- */

static json_t *name_cell(const json_t *o)
{
	return json_string(jx_name(o));
}

static json_t *since(const char *text)
{
	char age[WHEN_TEXT];

	if (!*text)
		return json_string("<unknown>");
	return json_string(when_age(when_now_us() - when_parse(text), age));
}

static json_t *age_cell(const json_t *o)
{
	return since(jx_str(o, "metadata.creationTimestamp"));
}

static json_t *text_or(const char *text, const char *instead)
{
	return json_string(*text ? text : instead);
}

static json_t *ratio(long long a, long long b)
{
	return json_sprintf("%lld/%lld", a, b);
}

static json_t *joined(const json_t *array, const char *key)
{
	struct buf buf = BUF_INIT(4096);
	const json_t *item;
	json_t *text;
	size_t i;

	json_array_foreach(array, i, item) {
		const char *part = key ? jx_str(item, key) : json_string_value(item);

		buf_printf(&buf, "%s%s", i ? "," : "", part ? part : "");
	}
	text = json_string(buf.len ? buf.data : NO_VALUE);
	buf_release(&buf);
	return text;
}

static json_t *pairs(json_t *object)
{
	struct buf buf = BUF_INIT(4096);
	const char *key;
	json_t *value, *text;

	json_object_foreach(object, key, value)
		buf_printf(&buf, "%s%s=%s", buf.len ? "," : "", key, json_string_value(value));
	text = json_string(buf.len ? buf.data : NO_VALUE);
	buf_release(&buf);
	return text;
}

static json_t *containers_cell(const json_t *o)
{
	return joined(jx_get(o, "spec.template.spec.containers"), "name");
}

static json_t *images_cell(const json_t *o)
{
	return joined(jx_get(o, "spec.template.spec.containers"), "image");
}

static json_t *selector_cell(const json_t *o)
{
	return pairs(jx_get(o, "spec.selector.matchLabels"));
}

/* ---- pods --------------------------------------------------------------------------------- */

static json_t *pod_ready(const json_t *o)
{
	const json_t *status;
	long long ready = 0;
	size_t i;

	json_array_foreach(jx_get(o, "status.containerStatuses"), i, status)
		ready += jx_true(status, "ready");
	return ratio(ready, (long long)json_array_size(jx_get(o, "spec.containers")));
}

static json_t *pod_status(const json_t *o)
{
	const char *text = jx_str(o, "status.reason"), *reason;
	const json_t *status;
	size_t i;

	if (!*text)
		text = jx_str(o, "status.phase");
	json_array_foreach(jx_get(o, "status.containerStatuses"), i, status) {
		reason = jx_str(status, "state.waiting.reason");
		if (!*reason)
			reason = jx_str(status, "state.terminated.reason");
		if (*reason)
			text = reason;
	}
	if (*jx_str(o, "metadata.deletionTimestamp"))
		text = !strcmp(jx_str(o, "status.reason"), "NodeLost") ? "Unknown" : "Terminating";
	return json_string(text);
}

static json_t *pod_restarts(const json_t *o)
{
	const json_t *status;
	long long restarts = 0;
	int64_t last = 0;
	char age[WHEN_TEXT];
	size_t i;

	json_array_foreach(jx_get(o, "status.containerStatuses"), i, status) {
		int64_t end = when_parse(jx_str(status, "lastState.terminated.finishedAt"));

		restarts += jx_int(status, "restartCount");
		last = end > last ? end : last;
	}
	if (restarts && last)
		return json_sprintf("%lld (%s ago)", restarts,
				    when_age(when_now_us() - last, age));
	return json_sprintf("%lld", restarts);
}

static json_t *pod_ip(const json_t *o)
{
	return text_or(jx_str(o, "status.podIP"), NO_VALUE);
}

static json_t *pod_node(const json_t *o)
{
	return text_or(jx_str(o, "spec.nodeName"), NO_VALUE);
}

static json_t *none_cell(const json_t *o)
{
	(void)o;
	return json_string(NO_VALUE);
}

static const struct column pod_columns[] = {
	{"Name", false, name_cell}, {"Ready", false, pod_ready}, {"Status", false, pod_status},
	{"Restarts", false, pod_restarts}, {"Age", false, age_cell}, {"IP", true, pod_ip},
	{"Node", true, pod_node}, {"Nominated Node", true, none_cell},
	{"Readiness Gates", true, none_cell}, {0},
};

/* ---- nodes -------------------------------------------------------------------------------- */

static json_t *node_status(const json_t *o)
{
	const char *ready = jx_str(jx_find(jx_get(o, "status.conditions"), "type", "Ready"),
				   "status");

	return json_sprintf("%s%s", strcmp(ready, "True") ? "NotReady" : "Ready",
			    jx_true(o, "spec.unschedulable") ? ",SchedulingDisabled" : "");
}

static json_t *node_roles(const json_t *o)
{
	struct buf buf = BUF_INIT(1024);
	const char *key;
	json_t *value, *text;

	json_object_foreach(jx_get(o, "metadata.labels"), key, value) {
		if (!strncmp(key, "node-role.kubernetes.io/", 24))
			buf_printf(&buf, "%s%s", buf.len ? "," : "", key + 24);
	}
	text = json_string(buf.len ? buf.data : NO_VALUE);
	buf_release(&buf);
	return text;
}

static json_t *node_version(const json_t *o)
{
	return json_string(jx_str(o, "status.nodeInfo.kubeletVersion"));
}

static json_t *node_address(const json_t *o, const char *type)
{
	return text_or(jx_str(jx_find(jx_get(o, "status.addresses"), "type", type), "address"),
		       NO_VALUE);
}

static json_t *node_internal(const json_t *o)
{
	return node_address(o, "InternalIP");
}

static json_t *node_external(const json_t *o)
{
	return node_address(o, "ExternalIP");
}

static json_t *node_os(const json_t *o)
{
	return json_string(jx_str(o, "status.nodeInfo.osImage"));
}

static json_t *node_kernel(const json_t *o)
{
	return json_string(jx_str(o, "status.nodeInfo.kernelVersion"));
}

static json_t *node_runtime(const json_t *o)
{
	return json_string(jx_str(o, "status.nodeInfo.containerRuntimeVersion"));
}

static const struct column node_columns[] = {
	{"Name", false, name_cell}, {"Status", false, node_status}, {"Roles", false, node_roles},
	{"Age", false, age_cell}, {"Version", false, node_version},
	{"Internal-IP", true, node_internal}, {"External-IP", true, node_external},
	{"OS-Image", true, node_os}, {"Kernel-Version", true, node_kernel},
	{"Container-Runtime", true, node_runtime}, {0},
};

/* ---- workloads ---------------------------------------------------------------------------- */

static json_t *deployment_ready(const json_t *o)
{
	return ratio(jx_int(o, "status.readyReplicas"), jx_int(o, "spec.replicas"));
}

static json_t *updated_cell(const json_t *o)
{
	return json_integer(jx_int(o, "status.updatedReplicas"));
}

static json_t *available_cell(const json_t *o)
{
	return json_integer(jx_int(o, "status.availableReplicas"));
}

static const struct column deployment_columns[] = {
	{"Name", false, name_cell}, {"Ready", false, deployment_ready},
	{"Up-to-date", false, updated_cell}, {"Available", false, available_cell},
	{"Age", false, age_cell}, {"Containers", true, containers_cell},
	{"Images", true, images_cell}, {"Selector", true, selector_cell}, {0},
};

static json_t *desired_cell(const json_t *o)
{
	return json_integer(jx_int(o, "spec.replicas"));
}

static json_t *current_cell(const json_t *o)
{
	return json_integer(jx_int(o, "status.replicas"));
}

static json_t *ready_cell(const json_t *o)
{
	return json_integer(jx_int(o, "status.readyReplicas"));
}

static const struct column replicaset_columns[] = {
	{"Name", false, name_cell}, {"Desired", false, desired_cell},
	{"Current", false, current_cell}, {"Ready", false, ready_cell}, {"Age", false, age_cell},
	{"Containers", true, containers_cell}, {"Images", true, images_cell},
	{"Selector", true, selector_cell}, {0},
};

static const struct column statefulset_columns[] = {
	{"Name", false, name_cell}, {"Ready", false, deployment_ready}, {"Age", false, age_cell},
	{"Containers", true, containers_cell}, {"Images", true, images_cell}, {0},
};

static json_t *ds_desired(const json_t *o)
{
	return json_integer(jx_int(o, "status.desiredNumberScheduled"));
}

static json_t *ds_current(const json_t *o)
{
	return json_integer(jx_int(o, "status.currentNumberScheduled"));
}

static json_t *ds_ready(const json_t *o)
{
	return json_integer(jx_int(o, "status.numberReady"));
}

static json_t *ds_updated(const json_t *o)
{
	return json_integer(jx_int(o, "status.updatedNumberScheduled"));
}

static json_t *ds_available(const json_t *o)
{
	return json_integer(jx_int(o, "status.numberAvailable"));
}

static json_t *ds_node_selector(const json_t *o)
{
	return pairs(jx_get(o, "spec.template.spec.nodeSelector"));
}

static const struct column daemonset_columns[] = {
	{"Name", false, name_cell}, {"Desired", false, ds_desired},
	{"Current", false, ds_current}, {"Ready", false, ds_ready},
	{"Up-to-date", false, ds_updated}, {"Available", false, ds_available},
	{"Node Selector", false, ds_node_selector}, {"Age", false, age_cell},
	{"Containers", true, containers_cell}, {"Images", true, images_cell},
	{"Selector", true, selector_cell}, {0},
};

static json_t *job_status(const json_t *o)
{
	const json_t *conditions = jx_get(o, "status.conditions");

	if (!strcmp(jx_str(jx_find(conditions, "type", "Complete"), "status"), "True"))
		return json_string("Complete");
	if (!strcmp(jx_str(jx_find(conditions, "type", "Failed"), "status"), "True"))
		return json_string("Failed");
	return json_string("Running");
}

static json_t *job_completions(const json_t *o)
{
	long long wanted = jx_int(o, "spec.completions");

	return ratio(jx_int(o, "status.succeeded"), wanted ? wanted : 1);
}

static json_t *job_duration(const json_t *o)
{
	int64_t start = when_parse(jx_str(o, "status.startTime"));
	int64_t end = when_parse(jx_str(o, "status.completionTime"));
	char age[WHEN_TEXT];

	if (!start)
		return json_string("");
	return json_string(when_age((end ? end : when_now_us()) - start, age));
}

static const struct column job_columns[] = {
	{"Name", false, name_cell}, {"Status", false, job_status},
	{"Completions", false, job_completions}, {"Duration", false, job_duration},
	{"Age", false, age_cell}, {"Containers", true, containers_cell},
	{"Images", true, images_cell}, {"Selector", true, selector_cell}, {0},
};

static json_t *pdb_min(const json_t *o)
{
	const json_t *value = jx_get(o, "spec.minAvailable");

	return value ? json_incref((json_t *)(uintptr_t)value) : json_string("N/A");
}

static json_t *pdb_max(const json_t *o)
{
	const json_t *value = jx_get(o, "spec.maxUnavailable");

	return value ? json_incref((json_t *)(uintptr_t)value) : json_string("N/A");
}

static json_t *pdb_allowed(const json_t *o)
{
	return json_integer(jx_int(o, "status.disruptionsAllowed"));
}

static const struct column pdb_columns[] = {
	{"Name", false, name_cell}, {"Min Available", false, pdb_min},
	{"Max Unavailable", false, pdb_max}, {"Allowed Disruptions", false, pdb_allowed},
	{"Age", false, age_cell}, {0},
};

/* ---- the rest ----------------------------------------------------------------------------- */

static json_t *event_last(const json_t *o)
{
	const char *last = jx_str(o, "lastTimestamp");

	return since(*last ? last : jx_str(o, "eventTime"));
}

static json_t *event_type(const json_t *o)
{
	return json_string(jx_str(o, "type"));
}

static json_t *event_reason(const json_t *o)
{
	return json_string(jx_str(o, "reason"));
}

static json_t *event_object(const json_t *o)
{
	char kind[64];

	snprintf(kind, sizeof(kind), "%s", jx_str(o, "involvedObject.kind"));
	for (char *at = kind; *at; at++)
		*at = (char)(*at >= 'A' && *at <= 'Z' ? *at + 32 : *at);
	return json_sprintf("%s/%s", kind, jx_str(o, "involvedObject.name"));
}

static json_t *event_message(const json_t *o)
{
	return json_string(jx_str(o, "message"));
}

static const struct column event_columns[] = {
	{"Last Seen", false, event_last}, {"Type", false, event_type},
	{"Reason", false, event_reason}, {"Object", false, event_object},
	{"Message", false, event_message}, {"Name", true, name_cell}, {0},
};

static json_t *phase_cell(const json_t *o)
{
	return json_string(jx_str(o, "status.phase"));
}

static const struct column namespace_columns[] = {
	{"Name", false, name_cell}, {"Status", false, phase_cell}, {"Age", false, age_cell}, {0},
};

static json_t *data_cell(const json_t *o)
{
	return json_integer((json_int_t)json_object_size(json_object_get(o, "data")));
}

static const struct column configmap_columns[] = {
	{"Name", false, name_cell}, {"Data", false, data_cell}, {"Age", false, age_cell}, {0},
};

static json_t *secret_type(const json_t *o)
{
	return json_string(jx_str(o, "type"));
}

static const struct column secret_columns[] = {
	{"Name", false, name_cell}, {"Type", false, secret_type}, {"Data", false, data_cell},
	{"Age", false, age_cell}, {0},
};

static json_t *service_type(const json_t *o)
{
	return text_or(jx_str(o, "spec.type"), "ClusterIP");
}

static json_t *service_ip(const json_t *o)
{
	return text_or(jx_str(o, "spec.clusterIP"), NO_VALUE);
}

static json_t *service_external(const json_t *o)
{
	return joined(jx_get(o, "status.loadBalancer.ingress"), "ip");
}

static json_t *service_ports(const json_t *o)
{
	struct buf buf = BUF_INIT(1024);
	const json_t *port;
	json_t *text;
	size_t i;

	json_array_foreach(jx_get(o, "spec.ports"), i, port) {
		const char *protocol = jx_str(port, "protocol");

		buf_printf(&buf, "%s%lld", i ? "," : "", jx_int(port, "port"));
		if (jx_int(port, "nodePort"))
			buf_printf(&buf, ":%lld", jx_int(port, "nodePort"));
		buf_printf(&buf, "/%s", *protocol ? protocol : "TCP");
	}
	text = json_string(buf.len ? buf.data : NO_VALUE);
	buf_release(&buf);
	return text;
}

static json_t *service_selector(const json_t *o)
{
	return pairs(jx_get(o, "spec.selector"));
}

static const struct column service_columns[] = {
	{"Name", false, name_cell}, {"Type", false, service_type},
	{"Cluster-IP", false, service_ip}, {"External-IP", false, service_external},
	{"Port(s)", false, service_ports}, {"Age", false, age_cell},
	{"Selector", true, service_selector}, {0},
};

static json_t *lease_holder(const json_t *o)
{
	return json_string(jx_str(o, "spec.holderIdentity"));
}

static const struct column lease_columns[] = {
	{"Name", false, name_cell}, {"Holder", false, lease_holder}, {"Age", false, age_cell},
	{0},
};

static json_t *pv_capacity(const json_t *o)
{
	return json_string(jx_str(o, "spec.capacity.storage"));
}

static json_t *modes_cell(const json_t *o)
{
	const char *mode = json_string_value(json_array_get(jx_get(o, "spec.accessModes"), 0));

	return json_string(!mode ? "" : strcmp(mode, "ReadWriteOnce") ? mode : "RWO");
}

static json_t *pv_reclaim(const json_t *o)
{
	return json_string(jx_str(o, "spec.persistentVolumeReclaimPolicy"));
}

static json_t *pv_claim(const json_t *o)
{
	return json_sprintf("%s/%s", jx_str(o, "spec.claimRef.namespace"),
			    jx_str(o, "spec.claimRef.name"));
}

static json_t *class_cell(const json_t *o)
{
	return json_string(jx_str(o, "spec.storageClassName"));
}

/* "kube-system/metrics-server", or that the server itself serves it. */
static json_t *api_service(const json_t *o)
{
	const char *name = jx_str(o, "spec.service.name");

	return *name ? json_sprintf("%s/%s", jx_str(o, "spec.service.namespace"), name)
		     : json_string("Local");
}

static json_t *api_available(const json_t *o)
{
	const json_t *condition = jx_find(jx_get(o, "status.conditions"), "type", "Available");
	const char *status = jx_str(condition, "status");

	return strcmp(status, "True") ? json_sprintf("%s (%s)", status, jx_str(condition, "reason"))
				      : json_string(status);
}

static const struct column api_columns[] = {
	{"Name", false, name_cell}, {"Service", false, api_service},
	{"Available", false, api_available}, {"Age", false, age_cell}, {0},
};

static const struct column pv_columns[] = {
	{"Name", false, name_cell}, {"Capacity", false, pv_capacity},
	{"Access Modes", false, modes_cell}, {"Reclaim Policy", false, pv_reclaim},
	{"Status", false, phase_cell}, {"Claim", false, pv_claim},
	{"StorageClass", false, class_cell}, {"Age", false, age_cell}, {0},
};

static json_t *pvc_volume(const json_t *o)
{
	return json_string(jx_str(o, "spec.volumeName"));
}

static json_t *pvc_capacity(const json_t *o)
{
	return json_string(jx_str(o, "status.capacity.storage"));
}

static const struct column pvc_columns[] = {
	{"Name", false, name_cell}, {"Status", false, phase_cell}, {"Volume", false, pvc_volume},
	{"Capacity", false, pvc_capacity}, {"Access Modes", false, modes_cell},
	{"StorageClass", false, class_cell}, {"Age", false, age_cell}, {0},
};

static const struct column plain_columns[] = {
	{"Name", false, name_cell}, {"Age", false, age_cell}, {0},
};

static const struct column *const tables[RES_COUNT] = {
	[RES_NODES] = node_columns,
	[RES_PODS] = pod_columns,
	[RES_NAMESPACES] = namespace_columns,
	[RES_EVENTS] = event_columns,
	[RES_CONFIGMAPS] = configmap_columns,
	[RES_SECRETS] = secret_columns,
	[RES_SERVICES] = service_columns,
	[RES_APISERVICES] = api_columns,
	[RES_PVS] = pv_columns,
	[RES_PVCS] = pvc_columns,
	[RES_DEPLOYMENTS] = deployment_columns,
	[RES_REPLICASETS] = replicaset_columns,
	[RES_DAEMONSETS] = daemonset_columns,
	[RES_STATEFULSETS] = statefulset_columns,
	[RES_JOBS] = job_columns,
	[RES_PDBS] = pdb_columns,
	[RES_LEASES] = lease_columns,
};

static const struct column *columns_of(enum resource_id res)
{
	return tables[res] ? tables[res] : plain_columns;
}

json_t *table_new(enum resource_id res, bool definitions)
{
	json_t *list = json_array();

	for (const struct column *c = columns_of(res); definitions && c->name; c++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:i}", "name",
						      c->name, "type", "string", "format",
						      strcmp(c->name, "Name") ? "" : "name",
						      "description", "", "priority", c->wide));
	return json_pack("{s:s, s:s, s:{s:s}, s:o, s:[]}", "kind", "Table", "apiVersion",
			 "meta.k8s.io/v1", "metadata", "resourceVersion", "",
			 "columnDefinitions", list, "rows");
}

json_t *partial_object(json_t *object)
{
	return json_pack("{s:s, s:s, s:O}", "kind", "PartialObjectMetadata", "apiVersion",
			 "meta.k8s.io/v1", "metadata", json_object_get(object, "metadata"));
}

void table_add(json_t *table, enum resource_id res, json_t *object, enum include_object include)
{
	json_t *cells = json_array();
	json_t *row = json_pack("{s:o}", "cells", cells);

	for (const struct column *c = columns_of(res); c->name; c++)
		json_array_append_new(cells, c->cell(object));
	if (include == INCLUDE_OBJECT)
		json_object_set(row, "object", object);
	else if (include == INCLUDE_METADATA)
		json_object_set_new(row, "object", partial_object(object));
	json_array_append_new(json_object_get(table, "rows"), row);
}

enum include_object table_include(const char *argument)
{
	if (argument && !strcmp(argument, "None"))
		return INCLUDE_NONE;
	if (argument && !strcmp(argument, "Object"))
		return INCLUDE_OBJECT;
	return INCLUDE_METADATA;
}
