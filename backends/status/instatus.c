/* backends/status/instatus.c: Instatus: /summary.json, and /v3/components.json for the parts */
#include <string.h>

#include "backends/status/status.h"

#define MINUTE_MS INT64_C(60000)

/* Arrays are absent when they are empty: a page that is up has a "page" alone. */
static bool is_summary(const json_t *root)
{
	const json_t *page = status_map(root, "page");

	return page && !status_map(root, "status") &&
	       (status_list(root, "activeIncidents|activeMaintenances") ||
		(status_str(page, "status") && status_str(page, "url|name")));
}

static bool is_components(const json_t *root)
{
	return !status_map(root, "page") && status_list(root, "components") &&
	       !status_map(root, "conditions") && !status_map(root, "config") &&
	       !status_list(root, "ongoing_incidents");
}

static bool recognises(const struct status_body *body)
{
	return is_summary(body->json) || is_components(body->json);
}

static void read_components(struct status_page *page, const json_t *components)
{
	const json_t *component;
	size_t i;

	json_array_foreach(components, i, component)
		status_component(page, status_str(status_map(component, "group"), "name"),
				 status_str(component, "name"), NULL,
				 status_word(status_str(component, "status")));
	page->lists_components |= components != NULL;
}

static void read_notices(struct status_page *page, const json_t *list, bool maintenance)
{
	struct status_notice notice;
	const json_t *incident;
	int64_t minutes;
	size_t i;

	json_array_foreach(list, i, incident) {
		status_notice_begin(&notice);
		notice.id = status_str(incident, "id");
		notice.title = status_str(incident, "name");
		notice.phase = status_str(incident, "status");
		notice.impact = status_word(status_str(incident, "impact"));
		notice.maintenance = maintenance;
		notice.upcoming = maintenance && notice.phase &&
				  !strcmp(notice.phase, "NOTSTARTEDYET");
		notice.started_ms = status_time(incident, "started|start");
		minutes = status_int(incident, "duration");
		if (notice.started_ms && minutes > 0 && minutes < 1000000)
			notice.until_ms = notice.started_ms + minutes * MINUTE_MS;
		status_notice_update(&notice, status_time(incident, "updatedAt"), notice.phase,
				     status_str(incident, "message|description|url"));
		status_notice_end(page, &notice);
	}
}

static int parse(struct status_page *page, const struct status_body *body, struct err *err)
{
	const json_t *root = body->json;
	const char *word = status_str(status_map(root, "page"), "status");

	(void)err;
	page->overall = status_word(word);
	page->tells_state = true;
	read_components(page, status_list(root, "components"));
	read_notices(page, status_list(root, "activeIncidents"), false);
	read_notices(page, status_list(root, "activeMaintenances"), true);
	return 0;
}

const struct status_format status_format_instatus = {"instatus", recognises, parse};
