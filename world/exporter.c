/* world/exporter.c: see exporter.h */
#include "world/exporter.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "world/controllers/kubelet.h"
#include "world/controllers/nodes.h"
#include "world/jx.h"
#include "world/outside.h"
#include "world/store.h"
#include "world/when.h"
#include "world/world.h"

#define PAGE_MAX (256 * 1024)
#define BLOCK_BYTES 24000.0
#define RETRY_EVERY_S 6.0
#define DRAIN_TIMES 25.0         /* as fast as it gathers */
#define WELL_BYTES 65536.0       /* waiting, and nobody minds */

/* What one pod has gathered and not got rid of. It dies with the pod. */
struct shipper {
	char *uid;
	double pending, lost;            /* bytes */
	double retries, errors, blocks;
	bool seen;
	struct shipper *next;
};

struct exporter {
	struct world *world;
	struct shipper *shippers;
	json_t *hidden;                  /* "ns/workload/metric" */
	json_t *stuck;                   /* owners' uids */
	int64_t ticked;                  /* world time */
};

/* One pod, asked for its metrics. */
struct teller {
	const struct exporter *exporter;
	const json_t *pod, *plan;
	const struct shipper *shipper;   /* NULL = it ships nothing */
	double up_s;                     /* how long its container has run */
};

/* ---- shipping ----------------------------------------------------------------------------- */

static bool is_running(const json_t *pod)
{
	const json_t *status = json_array_get(jx_get(pod, "status.containerStatuses"), 0);

	return jx_get(status, "state.running") != NULL;
}

static struct shipper *shipper_of(const struct exporter *exporter, const char *uid)
{
	struct shipper *shipper = exporter->shippers;

	while (shipper && strcmp(shipper->uid, uid) != 0)
		shipper = shipper->next;
	return shipper;
}

static struct shipper *shipper_get(struct exporter *exporter, const char *uid)
{
	struct shipper *shipper = shipper_of(exporter, uid);

	if (shipper)
		return shipper;
	shipper = xcalloc(1, sizeof(*shipper));
	shipper->uid = xstrdup(uid);
	shipper->next = exporter->shippers;
	exporter->shippers = shipper;
	return shipper;
}

static bool among(const json_t *list, const char *text)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
		if (!strcmp(json_string_value(item), text))
			return true;
	return false;
}

static bool gets_through(const struct exporter *exporter, const json_t *pod, const json_t *ships)
{
	return !among(exporter->stuck, jx_str(jx_controller(pod), "uid")) &&
	       outside_answers(exporter->world->outside, jx_str(ships, "to"));
}

static void ship(struct exporter *exporter, const json_t *pod, const json_t *ships, double seconds)
{
	struct shipper *shipper = shipper_get(exporter, jx_uid(pod));
	double gathered = (double)jx_int(ships, "bytes_per_second") * seconds;
	double room = (double)jx_int(ships, "buffer");

	shipper->seen = true;
	if (!gets_through(exporter, pod, ships)) {
		shipper->pending += gathered;
		shipper->retries += seconds / RETRY_EVERY_S;
		shipper->errors += seconds / RETRY_EVERY_S;
		if (shipper->pending > room) {
			shipper->lost += shipper->pending - room;
			shipper->pending = room;
		}
		return;
	}
	shipper->pending -= gathered * DRAIN_TIMES;
	shipper->pending = shipper->pending > 0 ? shipper->pending : 0;
	shipper->blocks += gathered / BLOCK_BYTES;
}

static void forget_gone(struct exporter *exporter)
{
	struct shipper **link = &exporter->shippers;

	while (*link) {
		struct shipper *shipper = *link;

		if (shipper->seen) {
			shipper->seen = false;
			link = &shipper->next;
			continue;
		}
		*link = shipper->next;
		free(shipper->uid);
		free(shipper);
	}
}

void exporter_tick(struct exporter *exporter)
{
	struct world *world = exporter->world;
	int64_t now = world_now(world);
	double seconds = (double)(now - exporter->ticked) / 1000 * world->speed;
	const json_t *pod;

	if (now - exporter->ticked < 500)
		return;
	exporter->ticked = now;
	for (size_t i = 0; (pod = store_at(world->store, RES_PODS, i)); i++) {
		const json_t *ships = json_object_get(kubelet_plan(world, pod), "ships");
		const char *node = jx_str(pod, "spec.nodeName");

		if (ships && is_running(pod) && nodes_up(world, node))
			ship(exporter, pod, ships, seconds);
		else if (ships)
			shipper_get(exporter, jx_uid(pod))->seen = true;
	}
	forget_gone(exporter);
}

/* ---- numbers that follow the world -------------------------------------------------------- */

static double started_at(const struct teller *teller)
{
	return (double)when_now_us() / 1e6 - teller->up_s;
}

static double cpu_seconds(const struct teller *teller)
{
	return (double)jx_int(teller->plan, "usage.cpu") / 1000 * teller->up_s;
}

static double memory_bytes(const struct teller *teller)
{
	return (double)jx_int(teller->plan, "usage.memory") * 1048576 *
	       (0.95 + world_random(100) / 1000.0);
}

/* What an agent scrapes: every pod that tells metrics, and the nodes' kubelets. */
static int targets(const struct world *world, bool up)
{
	const json_t *object;
	int count = 0;

	for (size_t i = 0; (object = store_at(world->store, RES_PODS, i)); i++) {
		const char *node = jx_str(object, "spec.nodeName");

		if (jx_get(kubelet_plan(world, object), "metrics") && *node)
			count += up == (is_running(object) && nodes_up(world, node) &&
					nodes_overlay_works(world, node));
	}
	for (size_t i = 0; (object = store_at(world->store, RES_NODES, i)); i++)
		count += up == nodes_up(world, jx_name(object));
	return count;
}

static double targets_up(const struct teller *teller)
{
	return targets(teller->exporter->world, true);
}

static double targets_down(const struct teller *teller)
{
	return targets(teller->exporter->world, false);
}

static double pending(const struct teller *teller)
{
	return teller->shipper ? floor(teller->shipper->pending) : 0;
}

static double lost(const struct teller *teller)
{
	return teller->shipper ? floor(teller->shipper->lost) : 0;
}

static double retries(const struct teller *teller)
{
	return teller->shipper ? floor(teller->shipper->retries) : 0;
}

static double errors(const struct teller *teller)
{
	return teller->shipper ? floor(teller->shipper->errors) : 0;
}

static double blocks(const struct teller *teller)
{
	return teller->shipper ? floor(teller->shipper->blocks) : 0;
}

static const struct {
	const char *name;
	double (*value)(const struct teller *teller);
} sources[] = {
	{"start-time", started_at},
	{"cpu", cpu_seconds},
	{"memory", memory_bytes},
	{"targets-up", targets_up},
	{"targets-down", targets_down},
	{"pending", pending},
	{"lost", lost},
	{"retries", retries},
	{"errors", errors},
	{"sent", blocks},
};

/* "from" names one of the sources, "rate" counts on since the container began, "around" is a gauge
 * that trembles, "value" stands. */
static double value_of(const struct teller *teller, const json_t *row)
{
	double around = json_number_value(json_object_get(row, "around"));
	double rate = json_number_value(json_object_get(row, "rate"));

	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++)
		if (!strcmp(sources[i].name, jx_str(row, "from")))
			return sources[i].value(teller);
	if (json_object_get(row, "rate"))
		return floor(rate * teller->up_s);
	if (json_object_get(row, "around"))
		return floor(around * (0.85 + world_random(300) / 1000.0));
	return json_number_value(json_object_get(row, "value"));
}

/* ---- the text ----------------------------------------------------------------------------- */

static void hidden_key(const char *ns, const char *workload, const char *name, char *buf,
		       size_t size)
{
	snprintf(buf, size, "%s/%s/%s", ns, workload, name);
}

static bool is_hidden(const struct teller *teller, const char *name)
{
	char key[400];

	hidden_key(jx_namespace(teller->pod), jx_str(teller->plan, "name"), name, key, sizeof(key));
	return among(teller->exporter->hidden, key);
}

/* Rows of one name follow one another; lists within the list are rows that several share. */
static void put_rows(const struct teller *teller, const json_t *rows, const char **last,
		     struct buf *page)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		const char *name = jx_str(row, "name"), *labels = jx_str(row, "labels");

		if (json_is_array(row)) {
			put_rows(teller, row, last, page);
			continue;
		}
		if (is_hidden(teller, name))
			continue;
		if (strcmp(name, *last) != 0)
			buf_printf(page, "# HELP %s %s\n# TYPE %s %s\n", name, jx_str(row, "help"),
				   name, jx_str(row, "type"));
		*last = name;
		buf_printf(page, "%s%s%s%s %.16g\n", name, *labels ? "{" : "", labels,
			   *labels ? "}" : "", value_of(teller, row));
	}
}

static double up_seconds(const json_t *pod)
{
	const json_t *status = json_array_get(jx_get(pod, "status.containerStatuses"), 0);
	int64_t since = when_parse(jx_str(status, "state.running.startedAt"));

	return since ? (double)(when_now_us() - since) / 1e6 : 0;
}

static char *metrics_page(const struct exporter *exporter, const json_t *pod, const json_t *plan)
{
	const struct teller teller = {exporter, pod, plan, shipper_of(exporter, jx_uid(pod)),
				      up_seconds(pod)};
	struct buf page = BUF_INIT(PAGE_MAX);
	const char *last = "";

	put_rows(&teller, jx_get(plan, "metrics.series"), &last, &page);
	return buf_detach(&page);
}

static bool listens(const json_t *pod, long long port)
{
	const json_t *container, *row;
	size_t i, j;

	json_array_foreach(jx_get(pod, "spec.containers"), i, container)
		json_array_foreach(json_object_get(container, "ports"), j, row)
			if (jx_int(row, "containerPort") == port &&
			    !strcmp(jx_str(row, "protocol"), "TCP"))
				return true;
	return false;
}

/* Is the path the one that the kubelet asks for? */
static bool is_health(const json_t *pod, const char *path)
{
	const json_t *container = json_array_get(jx_get(pod, "spec.containers"), 0);

	return !strcmp(jx_str(container, "readinessProbe.httpGet.path"), path) ||
	       !strcmp(path, "/health") || !strcmp(path, "/healthz");
}

char *exporter_answer(const struct exporter *exporter, const json_t *pod, long long port,
		      const char *path, int *ret_status)
{
	const json_t *plan = kubelet_plan(exporter->world, pod);
	const json_t *metrics = json_object_get(plan, "metrics");
	const char *where = *jx_str(metrics, "path") ? jx_str(metrics, "path") : "/metrics";

	*ret_status = 200;
	if (!is_running(pod) || (!listens(pod, port) && jx_int(metrics, "port") != port))
		return NULL;
	if (metrics && jx_int(metrics, "port") == port && !strcmp(path, where))
		return metrics_page(exporter, pod, plan);
	if (is_health(pod, path))
		return xstrdup("OK");
	*ret_status = 404;
	return xstrdup("404 page not found\n");
}

/* ---- for scenarios ------------------------------------------------------------------------ */

void exporter_hide(struct exporter *exporter, const char *ns, const char *workload,
		   const char *name, bool hidden)
{
	char key[400];
	size_t i;

	hidden_key(ns, workload, name, key, sizeof(key));
	for (i = json_array_size(exporter->hidden); i > 0; i--)
		if (!strcmp(json_string_value(json_array_get(exporter->hidden, i - 1)), key))
			json_array_remove(exporter->hidden, i - 1);
	if (hidden)
		json_array_append_new(exporter->hidden, json_string(key));
}

void exporter_stick(struct exporter *exporter, const char *owner)
{
	json_array_append_new(exporter->stuck, json_string(owner));
}

static const json_t *plan_of(const struct world *world, const char *ns, const char *workload)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(world->plan, "workloads"), i, row)
		if (!strcmp(jx_str(row, "namespace"), ns) && !strcmp(jx_str(row, "name"), workload))
			return row;
	return NULL;
}

bool exporter_ships(const struct world *world, const char *ns, const char *workload)
{
	return json_object_get(plan_of(world, ns, workload), "ships");
}

bool exporter_is_well(const struct exporter *exporter, const char *ns, const char *workload)
{
	const struct world *world = exporter->world;
	const json_t *plan = plan_of(world, ns, workload), *item, *pod;
	char start[400];
	size_t i;

	hidden_key(ns, workload, "", start, sizeof(start));
	json_array_foreach(exporter->hidden, i, item)
		if (!strncmp(json_string_value(item), start, strlen(start)))
			return false;
	for (i = 0; (pod = store_at(world->store, RES_PODS, i)); i++) {
		const struct shipper *shipper = shipper_of(exporter, jx_uid(pod));

		if (shipper && kubelet_plan(world, pod) == plan &&
		    (shipper->pending > WELL_BYTES ||
		     !gets_through(exporter, pod, json_object_get(plan, "ships"))))
			return false;
	}
	return true;
}

struct exporter *exporter_new(struct world *world)
{
	struct exporter *exporter = xcalloc(1, sizeof(*exporter));

	exporter->world = world;
	exporter->hidden = json_array();
	exporter->stuck = json_array();
	exporter->ticked = world_now(world);
	return exporter;
}

void exporter_free(struct exporter *exporter)
{
	if (!exporter)
		return;
	for (struct shipper *shipper = exporter->shippers; shipper; shipper = shipper->next)
		shipper->seen = false;
	forget_gone(exporter);
	json_decref(exporter->hidden);
	json_decref(exporter->stuck);
	free(exporter);
}
