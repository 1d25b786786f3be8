/* backends/status/incidentio.c: incident.io: the widget's /api/v1/summary and the page's own
 * /proxy/HOST. The widget lists only what is affected. */
#include <string.h>

#include "backends/status/status.h"

static const char maintenances[] = "in_progress_maintenances";

static bool is_summary(const json_t *summary)
{
	return status_list(summary, "ongoing_incidents") || status_list(summary, maintenances) ||
	       status_list(summary, "scheduled_maintenances");
}

/* Statuspage has scheduled_maintenances too, but a "page" beside it. */
static bool recognises(const struct status_body *body)
{
	const json_t *root = body->json;

	if (is_summary(status_map(root, "summary")) ||
	    is_summary(status_map(json_array_get(status_list(root, "subpages"), 0), "summary")))
		return true;
	return is_summary(root) && !status_map(root, "page") &&
	       (status_str(root, "page_title|page_url") || status_list(root, "ongoing_incidents"));
}

/* ---- the proxy's structure: groups and components apart, joined by id ---- */

static bool is_id(const json_t *object, const char *keys, const char *id)
{
	const char *own = status_str(object, keys);

	return own && id && !strcmp(own, id);
}

static const json_t *with_id(const json_t *list, const char *keys, const char *id)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
		if (is_id(item, keys, id))
			return item;
	return NULL;
}

static const char *group_of(const json_t *summary, const char *id)
{
	const json_t *items = status_list(status_map(summary, "structure"), "items"), *item;
	size_t i;

	json_array_foreach(items, i, item) {
		const json_t *group = status_map(item, "group");

		if (with_id(status_list(group, "components"), "component_id|id", id))
			return status_str(group, "name");
	}
	return NULL;
}

static void read_components(struct status_page *page, const json_t *summary)
{
	const json_t *components = status_list(summary, "components"), *component;
	const json_t *affected = status_list(summary, "affected_components");
	size_t i;

	json_array_foreach(components, i, component) {
		const char *id = status_str(component, "id");
		const json_t *bad = with_id(affected, "component_id|id", id);

		status_component(page, group_of(summary, id), status_str(component, "name"), NULL,
				 bad ? status_word(status_str(bad, "status|current_status"))
				     : VENDOR_OK);
	}
	page->lists_components |= components != NULL;
}

/* ---- incidents ---- */

static void read_part(struct status_page *page, struct status_notice *notice,
		      const json_t *summary, const json_t *part)
{
	const char *id = status_str(part, "component_id|id");
	const json_t *component = with_id(status_list(summary, "components"), "id", id);
	const char *name = status_str(part, "name"), *group = status_str(part, "group_name");

	/* A part that is well again is no longer concerned. */
	if (status_time(part, "end_at")) {
		notice->names_parts = true;
		return;
	}
	status_notice_part(page, notice, group ? group : group_of(summary, id),
			   name ? name : status_str(component, "name"), NULL);
	notice->impact = status_worse(notice->impact,
				      status_word(status_str(part, "current_status|status")));
}

static void read_updates(struct status_notice *notice, const json_t *incident)
{
	const json_t *updates = status_list(incident, "updates"), *update;
	size_t i;

	status_notice_update(notice, status_time(incident, "last_update_at"), NULL,
			     status_str(incident, "last_update_message"));
	json_array_foreach(updates, i, update) {
		const char *text = status_str(update, "message_string|message|body");

		if (!text)
			text = status_str(status_map(update, "message"), "text_node|text");
		status_notice_update(notice, status_time(update, "published_at"),
				     status_str(update, "status|to_status"), text);
	}
}

static enum vendor_state impact_of(const json_t *incident)
{
	const char *word = status_str(incident, "current_worst_impact");

	return word ? status_word(word) : VENDOR_OK;
}

static void read_notices(struct status_page *page, const json_t *summary, const char *keys,
			 bool maintenance, bool upcoming)
{
	const json_t *list = status_list(summary, keys), *incident, *part;
	struct status_notice notice;
	size_t i, j;

	json_array_foreach(list, i, incident) {
		status_notice_begin(&notice);
		notice.id = status_str(incident, "id|url");
		notice.title = status_str(incident, "name");
		notice.phase = status_str(incident, "status");
		notice.maintenance = maintenance;
		notice.upcoming = upcoming;
		notice.started_ms = status_time(
			incident, "started_at|starts_at|published_at|created_at|last_update_at");
		notice.until_ms = status_time(incident, "scheduled_end_at|ends_at");
		notice.impact = impact_of(incident);
		json_array_foreach(status_list(incident, "affected_components|component_impacts"),
				   j, part)
			read_part(page, &notice, summary, part);
		/* Told of no impact at all, it still is an incident. */
		if (!notice.names_parts && !status_str(incident, "current_worst_impact"))
			notice.impact = VENDOR_UNKNOWN;
		read_updates(&notice, incident);
		status_notice_end(page, &notice);
	}
}

static void read_summary(struct status_page *page, const json_t *summary)
{
	read_components(page, summary);
	read_notices(page, summary, "ongoing_incidents", false, false);
	read_notices(page, summary, maintenances, true, false);
	read_notices(page, summary, "scheduled_maintenances", true, true);
}

static int parse(struct status_page *page, const struct status_body *body, struct err *err)
{
	const json_t *root = body->json, *summary = status_map(root, "summary");
	const json_t *subpages = status_list(root, "subpages"), *subpage;
	size_t i;

	(void)err;
	page->tells_state = true;
	page->overall = VENDOR_OK;
	json_array_foreach(subpages, i, subpage)
		read_summary(page, status_map(subpage, "summary"));
	if (!subpages)
		read_summary(page, summary ? summary : root);
	return 0;
}

const struct status_format status_format_incidentio = {"incidentio", recognises, parse};
