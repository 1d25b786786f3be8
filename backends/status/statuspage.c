/* backends/status/statuspage.c: Statuspage v2, /api/v2/summary.json and those made like it */
#include <string.h>

#include "backends/status/status.h"

static bool recognises(const struct status_body *body)
{
	const json_t *status = status_map(body->json, "status");

	return status_map(body->json, "page") &&
	       (status_list(body->json, "components|incidents") ||
		status_str(status, "indicator|description"));
}

static const char *group_name(const json_t *components, const char *id)
{
	const json_t *component;
	size_t i;

	if (!id)
		return NULL;
	json_array_foreach(components, i, component) {
		const char *own = status_str(component, "id");

		if (own && !strcmp(own, id))
			return status_str(component, "name");
	}
	return NULL;
}

/* Groups roll their children up: counting both would count twice. */
static void read_components(struct status_page *page, const json_t *components)
{
	const json_t *component;
	size_t i;

	json_array_foreach(components, i, component) {
		if (json_is_true(json_object_get(component, "group")))
			continue;
		status_component(page, group_name(components, status_str(component, "group_id")),
				 status_str(component, "name"), NULL,
				 status_word(status_str(component, "status")));
	}
}

static const json_t *component_of(const json_t *components, const json_t *part)
{
	const char *id = status_str(part, "id|code");
	const json_t *component;
	size_t i;

	json_array_foreach(components, i, component) {
		const char *own = status_str(component, "id");

		if (own && id && !strcmp(own, id))
			return component;
	}
	return NULL;
}

/* An update calls its parts "Group - Name"; the page's list has their own names. */
static void read_part(const struct status_page *page, struct status_notice *notice,
		      const json_t *components, const json_t *part)
{
	const json_t *component = component_of(components, part);
	const char *group_id = status_str(component ? component : part, "group_id");
	const char *name = status_str(component ? component : part, "name"), *behind;

	if (json_is_true(json_object_get(component, "group")))
		return;
	status_notice_part(page, notice, group_name(components, group_id), name, NULL);
	behind = component || !name ? NULL : strstr(name, " - ");
	if (behind)
		status_notice_part(page, notice, NULL, behind + 3, NULL);
}

/* Affected parts stand with the incident, or only in its newest update. */
static void read_parts(struct status_page *page, struct status_notice *notice,
		       const json_t *incident, const json_t *components)
{
	const json_t *parts = status_list(incident, "components"), *part;
	const json_t *newest = json_array_get(status_list(incident, "incident_updates"), 0);
	size_t i;

	if (!json_array_size(parts))
		parts = status_list(newest, "affected_components");
	json_array_foreach(parts, i, part)
		read_part(page, notice, components, part);
}

static void read_incidents(struct status_page *page, const json_t *root, const char *keys,
			   bool maintenance)
{
	const json_t *incidents = status_list(root, keys), *incident, *update;
	const json_t *components = status_list(root, "components");
	struct status_notice notice;
	size_t i, j;

	json_array_foreach(incidents, i, incident) {
		status_notice_begin(&notice);
		notice.id = status_str(incident, "id|shortlink");
		notice.title = status_str(incident, "name|title");
		notice.phase = status_str(incident, "status");
		notice.impact = status_word(status_str(incident, "impact|impact_override"));
		notice.maintenance = maintenance;
		notice.upcoming = maintenance && notice.phase && !strcmp(notice.phase, "scheduled");
		notice.started_ms = status_time(incident, maintenance
						? "scheduled_for|started_at|created_at"
						: "started_at|created_at");
		notice.until_ms = status_time(incident, "scheduled_until");
		read_parts(page, &notice, incident, components);
		json_array_foreach(status_list(incident, "incident_updates"), j, update)
			status_notice_update(&notice, status_time(update, "display_at|created_at"),
					     status_str(update, "status"),
					     status_str(update, "body"));
		status_notice_end(page, &notice);
	}
}

static int parse(struct status_page *page, const struct status_body *body, struct err *err)
{
	const json_t *root = body->json, *status = status_map(root, "status");

	(void)err;
	page->overall = status_word(status_str(status, "indicator|description"));
	page->lists_components = status_list(root, "components") != NULL;
	page->tells_state = true;
	read_components(page, status_list(root, "components"));
	read_incidents(page, root, "incidents", false);
	read_incidents(page, root, "scheduled_maintenances", true);
	return 0;
}

const struct status_format status_format_statuspage = {"statuspage", recognises, parse};
