/* world/outside.c: see outside.h */
#include "world/outside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "world/jx.h"
#include "world/outside_private.h"

#define TOKEN "drill"

const char *const outside_faults[] = {
	[OUTSIDE_WELL] = "none", [OUTSIDE_HANG] = "hang", [OUTSIDE_RESET] = "reset",
	[OUTSIDE_STATUS] = "status", [OUTSIDE_SLOW] = "slow", [OUTSIDE_ANSWER] = "answer", NULL,
};

/* ---- endpoints ---------------------------------------------------------------------------- */

static void add_endpoint(struct outside *outside, const char *kind, const char *name)
{
	struct endpoint *endpoint = &outside->endpoints[outside->nendpoints];

	if (outside->nendpoints == ENDPOINTS_MAX)
		return;
	snprintf(endpoint->name, sizeof(endpoint->name), "%s%s%s", kind, name[0] ? "/" : "", name);
	outside->nendpoints++;
}

static struct endpoint *find_endpoint(const struct outside *outside, const char *name)
{
	for (int i = 0; i < outside->nendpoints; i++)
		if (!strcmp(outside->endpoints[i].name, name))
			return (struct endpoint *)(uintptr_t)&outside->endpoints[i];
	return NULL;
}

const struct endpoint *outside_endpoint(const struct outside *outside, const char *name)
{
	return find_endpoint(outside, name);
}

bool outside_has_endpoint(const struct outside *outside, const char *endpoint)
{
	return outside && endpoint && find_endpoint(outside, endpoint);
}

void outside_set_fault(struct outside *outside, const char *name, enum outside_fault fault,
		       int status, double delay, const char *answer)
{
	struct endpoint *endpoint = find_endpoint(outside, name);

	if (!endpoint)
		return;
	endpoint->fault = fault;
	endpoint->status = status;
	endpoint->delay = delay;
	snprintf(endpoint->answer, sizeof(endpoint->answer), "%s", answer ? answer : "");
}

bool outside_is_well(const struct outside *outside, const char *name)
{
	const struct endpoint *endpoint = find_endpoint(outside, name);

	return !endpoint || endpoint->fault == OUTSIDE_WELL;
}

bool outside_answers(const struct outside *outside, const char *name)
{
	const struct endpoint *endpoint = find_endpoint(outside, name);

	return !endpoint || endpoint->fault == OUTSIDE_WELL || endpoint->fault == OUTSIDE_SLOW;
}

/* ---- vendors ------------------------------------------------------------------------------ */

bool outside_has_vendor(const struct outside *outside, const char *vendor)
{
	return outside && vendor && jx_find(outside->vendors, "name", vendor);
}

void outside_incident(struct outside *outside, const char *vendor, const char *component,
		      const char *region, const char *impact, const char *title,
		      const char *message)
{
	char when[CLOCK_TEXT], id[32];
	json_t *incident;

	snprintf(id, sizeof(id), "drill%04d", ++outside->next_id);
	incident = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "id", id, "vendor", vendor, "impact",
			     impact, "title", title ? title : "An incident", "message",
			     message ? message : "We are investigating.", "started",
			     clock_format_rfc3339(clock_wall_ms(), when));
	if (component)
		json_object_set_new(incident, "component", json_string(component));
	if (region)
		json_object_set_new(incident, "region", json_string(region));
	json_array_append_new(outside->incidents, incident);
}

void outside_resolve(struct outside *outside, const char *vendor)
{
	for (size_t i = json_array_size(outside->incidents); i > 0; i--)
		if (!strcmp(jx_str(json_array_get(outside->incidents, i - 1), "vendor"), vendor))
			json_array_remove(outside->incidents, i - 1);
}

bool outside_vendor_is_well(const struct outside *outside, const char *vendor)
{
	return !jx_find(outside->incidents, "vendor", vendor);
}

/* ---- the configuration for sitrep --------------------------------------------------------- */

static json_t *local_url(const struct place *place, const char *path)
{
	return json_sprintf("http://127.0.0.1:%d%s", listener_port(place->listener), path);
}

static json_t *vendor_config(const struct outside *outside, const json_t *vendor)
{
	const char *name = jx_str(vendor, "name"), *also, *path, *key;
	json_t *config = json_pack("{s:s, s:s}", "name", name, "every", "10s"), *value;
	char text[300];

	path = outside_page_path(vendor, &also);
	snprintf(text, sizeof(text), "/status/%s%s", name, path);
	json_object_set_new(config, "url", local_url(&outside->site, text));
	if (also) {
		snprintf(text, sizeof(text), "/status/%s%s", name, also);
		json_object_set_new(config, "also", local_url(&outside->site, text));
	}
	if (jx_get(vendor, "pops"))
		json_object_set_new(config, "pop_url", local_url(&outside->edge, "/cdn-cgi/trace"));
	json_object_foreach(jx_get(vendor, "use"), key, value)
		json_object_set(config, key, value);
	return config;
}

static void add_probe(json_t *list, json_t *probe)
{
	json_object_set_new(probe, "every", json_string("5s"));
	json_object_set_new(probe, "timeout", json_string("2s"));
	json_array_append_new(list, probe);
}

/* A site at its own name, by way of the edge; and one of them at each node. */
static void add_sites(const struct outside *outside, json_t *list)
{
	const char *origin = jx_str(outside->plan, "origin");
	json_t *site, *via;
	size_t i;

	json_array_foreach(jx_get(outside->plan, "sites"), i, site) {
		const char *host = jx_str(site, "host"), *path = jx_str(site, "path");

		add_probe(list, json_pack("{s:s, s:s, s:o, s:o}", "name", host, "kind", "edge",
					  "url", json_sprintf("http://%s%s", host, path), "via",
					  json_sprintf("edge=127.0.0.1:%d", listener_port(
							       outside->edge.listener))));
	}
	via = json_array();
	for (int node = 0; node < outside->norigins; node++)
		json_array_append_new(via, json_sprintf(
			"%s=127.0.0.1:%d", outside->origins[node].node,
			listener_port(outside->origins[node].listener)));
	site = jx_find(jx_get(outside->plan, "sites"), "host", origin);
	if (site)
		add_probe(list, json_pack("{s:s, s:s, s:o, s:o}", "name", "origin", "kind", "origin",
					  "url", json_sprintf("http://%s%s", origin,
							      jx_str(site, "path")),
					  "via", via));
	else
		json_decref(via);
}

static json_t *probe_configs(const struct outside *outside)
{
	json_t *list = json_array();

	add_sites(outside, list);
	add_probe(list, json_pack("{s:s, s:s, s:O, s:[o, o], s:O}", "name", "dns", "kind", "dns",
				  "host", jx_get(outside->plan, "origin"), "resolvers",
				  local_url(&outside->site, "/dns-a"),
				  local_url(&outside->site, "/dns-b"), "expect",
				  jx_get(outside->plan, "edge_ranges")));
	add_probe(list, json_pack("{s:s, s:s, s:o, s:b}", "name", "mail", "kind", "smtp", "url",
				  json_sprintf("smtp://127.0.0.1:%d",
					       listener_port(outside->smtp.listener)),
				  "starttls", 0));
	add_probe(list, json_pack("{s:s, s:s, s:o}", "name", "registry", "kind", "registry", "url",
				  local_url(&outside->site, "/v2/")));
	add_probe(list, json_pack("{s:s, s:s, s:o, s:{s:s}}", "name", "obs", "kind", "obs", "url",
				  local_url(&outside->site, "/obs/health"), "bearer", "file",
				  outside->token_file));
	add_probe(list, json_pack("{s:s, s:s, s:o}", "name", "storage", "kind", "storage", "url",
				  local_url(&outside->site, "/storage/")));
	return list;
}

json_t *outside_config(const struct outside *outside)
{
	json_t *vendors = json_array(), *vendor;
	size_t i;

	json_array_foreach(outside->vendors, i, vendor)
		json_array_append_new(vendors, vendor_config(outside, vendor));
	return json_pack("{s:o, s:o}", "vendors", vendors, "probes",
			 outside->plan ? probe_configs(outside) : json_array());
}

/* ---- start and end ------------------------------------------------------------------------ */

static int open_place(struct outside *outside, struct place *place, enum place_kind kind,
		      const char *node, struct err *err)
{
	*place = (struct place){.outside = outside, .kind = kind, .node = node};
	return listener_start(outside->world->loop,
			      kind == PLACE_SMTP ? &outside_smtp : &outside_http, place,
			      &place->listener, err);
}

static void name_endpoints(struct outside *outside)
{
	static const char *const plain[] = {"edge", "dns-a", "dns-b", "smtp", "registry", "obs",
					    "storage"};
	json_t *item;
	size_t i;

	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		add_endpoint(outside, plain[i], "");
	json_array_foreach(jx_get(outside->plan, "sites"), i, item)
		add_endpoint(outside, "edge", jx_str(item, "host"));
	json_array_foreach(outside->vendors, i, item)
		add_endpoint(outside, "status", jx_str(item, "name"));
	for (int node = 0; node < outside->norigins; node++)
		add_endpoint(outside, "origin", outside->origins[node].node);
}

static int write_token(struct outside *outside, struct err *err)
{
	FILE *file;

	snprintf(outside->token_file, sizeof(outside->token_file), "%s/token", outside->world->dir);
	file = fopen(outside->token_file, "w");
	if (!file || fputs(TOKEN "\n", file) < 0 || fclose(file))
		return err_set(err, -errno, "%s: %s", outside->token_file, strerror(errno));
	return 0;
}

int outside_start(struct world *world, struct outside **ret, struct err *err)
{
	struct outside *outside = xcalloc(1, sizeof(*outside));
	json_t *node;
	size_t i;
	int rc;

	outside->world = world;
	outside->plan = jx_get(world->plan, "outside");
	outside->vendors = jx_get(world->plan, "vendors");
	outside->incidents = json_array();
	*ret = outside;
	rc = open_place(outside, &outside->site, PLACE_OUTSIDE, NULL, err);
	if (!rc)
		rc = open_place(outside, &outside->edge, PLACE_EDGE, NULL, err);
	if (!rc)
		rc = open_place(outside, &outside->smtp, PLACE_SMTP, NULL, err);
	json_array_foreach(jx_get(world->plan, "nodes"), i, node) {
		if (rc || outside->norigins == ORIGINS_MAX)
			break;
		rc = open_place(outside, &outside->origins[outside->norigins++], PLACE_ORIGIN,
				jx_str(node, "name"), err);
	}
	name_endpoints(outside);
	return rc ? rc : write_token(outside, err);
}

void outside_stop(struct outside *outside)
{
	if (!outside)
		return;
	listener_stop(outside->site.listener);
	listener_stop(outside->edge.listener);
	listener_stop(outside->smtp.listener);
	for (int i = 0; i < outside->norigins; i++)
		listener_stop(outside->origins[i].listener);
	if (outside->token_file[0])
		unlink(outside->token_file);
}

void outside_free(struct outside *outside)
{
	if (outside)
		json_decref(outside->incidents);
	free(outside);
}
