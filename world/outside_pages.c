/* world/outside_pages.c: one vendor's state as each kind of status page writes it down. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/clock.h"
#include "world/jx.h"
#include "world/outside_private.h"

#define TEXT_MAX 65536

/* What an impact is called, by format; in the order of impacts[]. */
enum { WELL, DEGRADED, PARTIAL, MAJOR, MAINTENANCE };

static const char *const impacts[] = {"none", "degraded", "partial", "major", "maintenance"};
static const char *const statuspage_words[] = {"operational", "degraded_performance",
					       "partial_outage", "major_outage",
					       "under_maintenance"};
static const char *const statuspage_impacts[] = {"none", "minor", "major", "critical",
						 "maintenance"};
static const char *const incidentio_words[] = {"operational", "degraded_performance",
					       "partial_outage", "full_outage",
					       "under_maintenance"};
static const char *const instatus_words[] = {"OPERATIONAL", "DEGRADEDPERFORMANCE",
					     "PARTIALOUTAGE", "MAJOROUTAGE", "UNDERMAINTENANCE"};
static const char *const firehydrant_words[] = {"Operational", "Degraded", "Degraded",
						"Unavailable", "Maintenance "};
static const int statusio_codes[] = {100, 300, 400, 500, 200};

static int impact_of(const json_t *incident)
{
	for (int i = 0; i < (int)(sizeof(impacts) / sizeof(impacts[0])); i++)
		if (!strcmp(jx_str(incident, "impact"), impacts[i]))
			return i;
	return WELL;
}

static bool is_about(const json_t *incident, const json_t *vendor, const char *component,
		     const char *region)
{
	const char *of = jx_str(incident, "component"), *in = jx_str(incident, "region");

	return !strcmp(jx_str(incident, "vendor"), jx_str(vendor, "name")) &&
	       (!component || !of[0] || !strcmp(of, component)) &&
	       (!region || !in[0] || !strcmp(in, region));
}

/* How a part is: the worst that stands. */
static int part_state(const struct outside *outside, const json_t *vendor, const char *component,
		      const char *region)
{
	int worst = WELL;
	json_t *incident;
	size_t i;

	json_array_foreach(outside->incidents, i, incident) {
		int impact = impact_of(incident);

		if (is_about(incident, vendor, component, region) &&
		    (worst == WELL || (impact != MAINTENANCE && impact > worst) ||
		     worst == MAINTENANCE))
			worst = impact;
	}
	return worst;
}

/* Each of the vendor's own standing incidents, planned works or not, as make() writes it. */
static json_t *each(const struct outside *outside, const json_t *vendor, bool planned,
		    json_t *(*make)(const json_t *vendor, const json_t *incident))
{
	json_t *list = json_array(), *incident;
	size_t i;

	json_array_foreach(outside->incidents, i, incident)
		if (is_about(incident, vendor, NULL, NULL) &&
		    (impact_of(incident) == MAINTENANCE) == planned)
			json_array_append_new(list, make(vendor, incident));
	return list;
}

/* The parts that it concerns, by name. */
static json_t *parts_of(const json_t *vendor, const json_t *incident)
{
	const char *component = jx_str(incident, "component");

	if (component[0])
		return json_pack("[s]", component);
	return json_deep_copy(jx_get(vendor, "components"));
}

/* ---- Statuspage ---- */

static json_t *statuspage_notice(const json_t *vendor, const json_t *incident)
{
	bool planned = impact_of(incident) == MAINTENANCE;
	json_t *parts = json_array(), *names = parts_of(vendor, incident), *name, *notice;
	size_t i;

	json_array_foreach(names, i, name)
		json_array_append_new(parts, json_pack("{s:O, s:O}", "id", name, "name", name));
	json_decref(names);
	notice = json_pack(
		"{s:O, s:O, s:s, s:s, s:O, s:O, s:o, s:[{s:s, s:O, s:O, s:n}]}", "id",
		json_object_get(incident, "id"), "name", json_object_get(incident, "title"), "status",
		planned ? "in_progress" : "investigating", "impact",
		statuspage_impacts[impact_of(incident)], "created_at",
		json_object_get(incident, "started"), planned ? "scheduled_for" : "started_at",
		json_object_get(incident, "started"), "components", parts, "incident_updates",
		"status", planned ? "in_progress" : "investigating", "body",
		json_object_get(incident, "message"), "created_at",
		json_object_get(incident, "started"), "affected_components");
	return notice;
}

static void add_statuspage_parts(const struct outside *outside, const json_t *vendor,
				 const char *list, const char *group, json_t *components)
{
	json_t *name;
	size_t i;

	if (!jx_get(vendor, list))
		return;
	json_array_append_new(components, json_pack(
		"{s:s, s:s, s:s, s:b, s:n}", "id", group, "name", group, "status", "operational",
		"group", 1, "group_id"));
	json_array_foreach(jx_get(vendor, list), i, name)
		json_array_append_new(components, json_pack(
			"{s:O, s:O, s:s, s:b, s:s}", "id", name, "name", name, "status",
			statuspage_words[part_state(outside, vendor, json_string_value(name), NULL)],
			"group", 0, "group_id", group));
}

static json_t *statuspage(const struct outside *outside, const json_t *vendor)
{
	json_t *components = json_array();
	int state = part_state(outside, vendor, NULL, NULL);

	add_statuspage_parts(outside, vendor, "components", "Services", components);
	add_statuspage_parts(outside, vendor, "pops", "Places", components);
	return json_pack("{s:{s:O, s:s}, s:{s:s, s:s}, s:o, s:o, s:o}", "page", "name",
			 json_object_get(vendor, "name"), "time_zone", "Etc/UTC", "status",
			 "indicator", statuspage_impacts[state], "description", impacts[state],
			 "components", components, "incidents",
			 each(outside, vendor, false, statuspage_notice), "scheduled_maintenances",
			 each(outside, vendor, true, statuspage_notice));
}

/* ---- Status.io ---- */

static json_t *named(json_t *names)
{
	json_t *list = json_array(), *name;
	size_t i;

	json_array_foreach(names, i, name)
		json_array_append_new(list, json_pack("{s:O, s:O}", "_id", name, "name", name));
	json_decref(names);
	return list;
}

static json_t *statusio_notice(const json_t *vendor, const json_t *incident)
{
	const char *region = jx_str(incident, "region");
	json_t *regions = region[0] ? json_pack("[s]", region)
				    : json_deep_copy(jx_get(vendor, "regions"));

	return json_pack("{s:O, s:O, s:O, s:s, s:[{s:O, s:O, s:i, s:i}], s:o, s:o}", "_id",
			 json_object_get(incident, "id"), "name", json_object_get(incident, "title"),
			 "datetime_open", json_object_get(incident, "started"), "current_status",
			 "Investigating", "messages", "details",
			 json_object_get(incident, "message"), "datetime",
			 json_object_get(incident, "started"), "status",
			 statusio_codes[impact_of(incident)], "state", 100, "components_affected",
			 named(parts_of(vendor, incident)), "containers_affected",
			 named(regions ? regions : json_array()));
}

static json_t *statusio(const struct outside *outside, const json_t *vendor)
{
	json_t *list = json_array(), *component, *region;
	size_t i, j;

	json_array_foreach(jx_get(vendor, "components"), i, component) {
		const char *name = json_string_value(component);
		json_t *containers = json_array();

		json_array_foreach(jx_get(vendor, "regions"), j, region)
			json_array_append_new(containers, json_pack(
				"{s:O, s:i}", "name", region, "status_code",
				statusio_codes[part_state(outside, vendor, name,
							  json_string_value(region))]));
		json_array_append_new(list, json_pack(
			"{s:O, s:i, s:o}", "name", component, "status_code",
			statusio_codes[part_state(outside, vendor, name, NULL)], "containers",
			containers));
	}
	return json_pack("{s:{s:{s:i}, s:o, s:o, s:{s:o, s:[]}}}", "result", "status_overall",
			 "status_code", statusio_codes[part_state(outside, vendor, NULL, NULL)],
			 "status", list, "incidents", each(outside, vendor, false, statusio_notice),
			 "maintenance", "active", each(outside, vendor, true, statusio_notice),
			 "upcoming");
}

/* ---- incident.io ---- */

static json_t *incidentio_notice(const json_t *vendor, const json_t *incident)
{
	json_t *parts = json_array(), *names = parts_of(vendor, incident), *name;
	const char *word = incidentio_words[impact_of(incident)];
	size_t i;

	json_array_foreach(names, i, name)
		json_array_append_new(parts, json_pack("{s:O, s:O, s:s}", "id", name, "name", name,
						       "current_status", word));
	json_decref(names);
	return json_pack("{s:O, s:O, s:s, s:O, s:O, s:O, s:s, s:o}", "id",
			 json_object_get(incident, "id"), "name", json_object_get(incident, "title"),
			 "status", "investigating", "started_at",
			 json_object_get(incident, "started"), "last_update_at",
			 json_object_get(incident, "started"), "last_update_message",
			 json_object_get(incident, "message"), "current_worst_impact", word,
			 "affected_components", parts);
}

static json_t *incidentio(const struct outside *outside, const json_t *vendor)
{
	return json_pack("{s:O, s:s, s:o, s:o, s:[]}", "page_title",
			 json_object_get(vendor, "name"), "page_url", "http://127.0.0.1/",
			 "ongoing_incidents", each(outside, vendor, false, incidentio_notice),
			 "in_progress_maintenances", each(outside, vendor, true, incidentio_notice),
			 "scheduled_maintenances");
}

/* ---- Instatus ---- */

static json_t *instatus_notice(const json_t *vendor, const json_t *incident)
{
	bool planned = impact_of(incident) == MAINTENANCE;

	(void)vendor;
	return json_pack("{s:O, s:O, s:O, s:s, s:s, s:s}", "id", json_object_get(incident, "id"),
			 "name", json_object_get(incident, "title"), planned ? "start" : "started",
			 json_object_get(incident, "started"), "status",
			 planned ? "INPROGRESS" : "INVESTIGATING", "impact",
			 instatus_words[impact_of(incident)], "duration", "60");
}

static json_t *instatus(const struct outside *outside, const json_t *vendor)
{
	json_t *incidents = each(outside, vendor, false, instatus_notice);
	json_t *works = each(outside, vendor, true, instatus_notice), *root;

	root = json_pack("{s:{s:O, s:s, s:s}}", "page", "name", json_object_get(vendor, "name"),
			 "url", "http://127.0.0.1/", "status", json_array_size(incidents)
			 ? "HASISSUES" : json_array_size(works) ? "UNDERMAINTENANCE" : "UP");
	/* Absent when there is nothing in them. */
	if (json_array_size(incidents))
		json_object_set(root, "activeIncidents", incidents);
	if (json_array_size(works))
		json_object_set(root, "activeMaintenances", works);
	json_decref(incidents);
	json_decref(works);
	return root;
}

static json_t *instatus_components(const struct outside *outside, const json_t *vendor)
{
	json_t *list = json_array(), *name;
	size_t i;

	json_array_foreach(jx_get(vendor, "components"), i, name)
		json_array_append_new(list, json_pack(
			"{s:O, s:O, s:s, s:n}", "id", name, "name", name, "status",
			instatus_words[part_state(outside, vendor, json_string_value(name), NULL)],
			"group"));
	return json_pack("{s:o}", "components", list);
}

/* ---- FireHydrant ---- */

static json_t *firehydrant_notice(const json_t *vendor, const json_t *incident)
{
	json_t *conditions = json_object(), *names = parts_of(vendor, incident), *name;
	bool planned = impact_of(incident) == MAINTENANCE;
	json_t *notice;
	size_t i;

	json_array_foreach(names, i, name)
		json_object_set_new(conditions, json_string_value(name),
				    json_string(firehydrant_words[impact_of(incident)]));
	json_decref(names);
	notice = json_pack("{s:O, s:O, s:O, s:o}", "id", json_object_get(incident, "id"), "name",
			   json_object_get(incident, "title"), "summary",
			   json_object_get(incident, "message"), "componentConditions", conditions);
	if (planned)
		json_object_set(notice, "startsAt", json_object_get(incident, "started"));
	else
		json_object_update_new(notice, json_pack(
			"{s:s, s:{s:O, s:n}}", "currentMilestone", "investigating", "timestamps",
			"started", json_object_get(incident, "started"), "resolved"));
	return notice;
}

static json_t *firehydrant(const struct outside *outside, const json_t *vendor)
{
	json_t *components = named(json_deep_copy(jx_get(vendor, "components")));

	return json_pack("{s:{s:O}, s:o, s:{s:s, s:s, s:s, s:s}, s:o, s:o}", "config",
			 "companyName", json_object_get(vendor, "name"), "components", components,
			 "conditions", "Degraded", "DEGRADED", "Unavailable", "OFFLINE",
			 "Operational", "OPERATIONAL", "Maintenance ", "DEGRADED", "incidents",
			 each(outside, vendor, false, firehydrant_notice), "scheduledMaintenances",
			 each(outside, vendor, true, firehydrant_notice));
}

/* ---- feeds ---- */

static void put_escaped(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '<' || *text == '&')
			buf_append_str(out, *text == '<' ? "&lt;" : "&amp;");
		else
			buf_append(out, text, 1);
	}
}

static char *feed(const struct outside *outside, const json_t *vendor)
{
	struct buf out = BUF_INIT(TEXT_MAX);
	json_t *incident;
	size_t i;

	buf_append_str(&out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
		       "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>");
	put_escaped(&out, jx_str(vendor, "name"));
	buf_append_str(&out, "</title>\n");
	json_array_foreach(outside->incidents, i, incident) {
		if (!is_about(incident, vendor, NULL, NULL))
			continue;
		buf_printf(&out, "<entry><id>%s</id><title>", jx_str(incident, "id"));
		put_escaped(&out, jx_str(incident, "title"));
		buf_append_str(&out, " ");
		put_escaped(&out, jx_str(incident, "component"));
		buf_printf(&out, "</title><published>%s</published><content>",
			   jx_str(incident, "started"));
		put_escaped(&out, jx_str(incident, "message"));
		buf_append_str(&out, "</content></entry>\n");
	}
	buf_append_str(&out, "</feed>\n");
	return buf_detach(&out);
}

/* ---- which page is where ---- */

struct page_kind {
	const char *format, *path, *also;
	json_t *(*make)(const struct outside *outside, const json_t *vendor);
	json_t *(*make_also)(const struct outside *outside, const json_t *vendor);
};

static const struct page_kind kinds[] = {
	{"statuspage", "/api/v2/summary.json", NULL, statuspage, NULL},
	{"statusio", "/1.0/status/drill", NULL, statusio, NULL},
	{"incidentio", "/api/v1/summary", NULL, incidentio, NULL},
	{"instatus", "/summary.json", "/v3/components.json", instatus, instatus_components},
	{"firehydrant", "/data/payload.json", NULL, firehydrant, NULL},
	{"feed", "/en.atom", NULL, NULL, NULL},
};

static const struct page_kind *kind_of(const json_t *vendor)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].format, jx_str(vendor, "format")))
			return &kinds[i];
	return &kinds[0];
}

const char *outside_page_path(const json_t *vendor, const char **ret_also)
{
	*ret_also = kind_of(vendor)->also;
	return kind_of(vendor)->path;
}

char *outside_page(const struct outside *outside, const json_t *vendor, const char *path,
		   const char **ret_type)
{
	const struct page_kind *kind = kind_of(vendor);
	bool also = kind->also && !strcmp(path, kind->also);
	json_t *root;
	char *text;

	if (!vendor || (!also && strcmp(path, kind->path)))
		return NULL;
	*ret_type = "application/json";
	if (!kind->make) {
		*ret_type = "application/atom+xml";
		return feed(outside, vendor);
	}
	root = also ? kind->make_also(outside, vendor) : kind->make(outside, vendor);
	text = json_dumps(root, JSON_COMPACT);
	json_decref(root);
	return text;
}
