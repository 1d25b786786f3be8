/* world/kubelet_stats.c: see kubelet_stats.h */
#include "world/kubelet_stats.h"

#include <stdlib.h>
#include <string.h>

#include "world/controllers/kubelet.h"
#include "world/controllers/nodes.h"
#include "world/jx.h"
#include "world/store.h"
#include "world/when.h"
#include "world/world.h"

#define INODES 4882432
#define IMAGES_PART 4            /* of what is used, one part is images */

/* "78425224Ki" */
static json_int_t bytes_of(const char *quantity)
{
	char *end;
	long long value = strtoll(quantity, &end, 10);

	return !strcmp(end, "Ki") ? value * 1024 : value;
}

static json_t *file_system(json_int_t capacity, json_int_t available, json_int_t used)
{
	return json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I}", "time", when_json(when_now_us()),
			 "availableBytes", available, "capacityBytes", capacity, "usedBytes", used,
			 "inodesFree", (json_int_t)(INODES * 9 / 10), "inodes", (json_int_t)INODES,
			 "inodesUsed", (json_int_t)(INODES / 10));
}

static json_t *usage(const json_t *plan)
{
	return json_pack("{s:{s:o, s:I}, s:{s:o, s:I}}", "cpu", "time", when_json(when_now_us()),
			 "usageNanoCores", (json_int_t)jx_int(plan, "usage.cpu") * 1000000, "memory",
			 "time", when_json(when_now_us()), "workingSetBytes",
			 (json_int_t)jx_int(plan, "usage.memory") * 1048576);
}

static json_t *pod_row(const struct world *world, const json_t *pod)
{
	json_t *row = json_pack("{s:{s:s, s:s, s:s}, s:o, s:[]}", "podRef", "name", jx_name(pod),
				"namespace", jx_namespace(pod), "uid", jx_uid(pod), "startTime",
				json_string(jx_str(pod, "status.startTime")), "containers");
	json_t *use = usage(kubelet_plan(world, pod));

	json_object_update(row, use);
	json_decref(use);
	return row;
}

json_t *kubelet_stats(const struct world *world, const json_t *node)
{
	const char *name = jx_name(node);
	json_int_t capacity = bytes_of(jx_str(node, "status.capacity.ephemeral-storage"));
	json_int_t used = (json_int_t)((double)capacity * nodes_disk_percent(world, name) / 100);
	const json_t *plan = jx_find(json_object_get(world->plan, "nodes"), "name", name), *pod;
	json_t *pods = json_array(), *row = usage(plan);

	for (size_t i = 0; (pod = store_at(world->store, RES_PODS, i)); i++)
		if (!strcmp(jx_str(pod, "spec.nodeName"), name) &&
		    !strcmp(jx_str(pod, "status.phase"), "Running"))
			json_array_append_new(pods, pod_row(world, pod));
	json_object_set_new(row, "nodeName", json_string(name));
	json_object_set_new(row, "startTime",
			    json_string(jx_str(node, "metadata.creationTimestamp")));
	json_object_set_new(row, "fs", file_system(capacity, capacity - used, used));
	json_object_set_new(row, "runtime", json_pack("{s:o}", "imageFs",
			    file_system(capacity, capacity - used, used / IMAGES_PART)));
	return json_pack("{s:o, s:o}", "node", row, "pods", pods);
}
