/* backends/status/firehydrant.c: FireHydrant, /data/payload.json: components have no state of
 * their own, incidents name a condition for each. Some pages leave the incidents out: then only
 * the feed tells, and the payload alone proves nothing. */
#include <string.h>

#include "backends/status/status.h"

static bool recognises(const struct status_body *body)
{
	const json_t *root = body->json;

	return status_map(root, "conditions") ||
	       (status_map(root, "config") && status_list(root, "components"));
}

/* A condition is a display name of the page's own; "conditions" says what it means. */
static enum vendor_state condition(const json_t *root, const char *name)
{
	enum vendor_state state = status_word(name);
	const char *meaning;

	if (state != VENDOR_UNKNOWN || !name)
		return state;
	meaning = json_string_value(json_object_get(status_map(root, "conditions"), name));
	return status_word(meaning);
}

static void read_components(struct status_page *page, const json_t *root)
{
	const json_t *component;
	size_t i;

	json_array_foreach(status_list(root, "components"), i, component)
		status_component(page, NULL, status_str(component, "name"), NULL, VENDOR_OK);
	page->lists_components = page->total > 0;
}

static void read_parts(struct status_page *page, struct status_notice *notice,
		       const json_t *root, const json_t *incident)
{
	const json_t *conditions = status_map(incident, "componentConditions"), *value;
	const char *name;

	json_object_foreach((json_t *)conditions, name, value) {
		enum vendor_state state = condition(root, json_string_value(value));

		/* A part that is well again is no longer concerned. */
		notice->names_parts = true;
		if (state == VENDOR_OK)
			continue;
		status_notice_part(page, notice, NULL, name, NULL);
		notice->impact = status_worse(notice->impact, state);
		if (!notice->upcoming && !status_is_over(notice->phase))
			status_component_worsen(page, name, notice->maintenance
						? VENDOR_MAINTENANCE : state);
	}
}

static void read_timeline(struct status_notice *notice, const json_t *incident)
{
	const json_t *timeline = status_list(incident, "timeline");
	size_t i;

	for (i = json_array_size(timeline); i > 0; i--) {
		const json_t *entry = json_array_get(timeline, i - 1);

		status_notice_update(notice, status_time(entry, "occurredAt"), NULL,
				     status_str(status_map(entry, "details"), "note"));
	}
	status_notice_update(notice, 0, NULL, status_str(incident, "summary"));
}

static void read_incident(struct status_page *page, const struct status_body *body,
			  const json_t *incident, bool maintenance)
{
	const json_t *times = status_map(incident, "timestamps");
	struct status_notice notice;

	status_notice_begin(&notice);
	notice.id = status_str(incident, "id");
	notice.title = status_str(incident, "name");
	notice.phase = status_str(times, "resolved") ? "resolved"
						     : status_str(incident, "currentMilestone");
	notice.impact = VENDOR_OK;
	notice.maintenance = maintenance;
	notice.started_ms = maintenance ? status_time(incident, "startsAt")
					: status_time(times, "started|detected");
	notice.until_ms = status_time(incident, "endsAt");
	notice.upcoming = maintenance && notice.started_ms > body->now_ms;
	if (maintenance && notice.until_ms && notice.until_ms < body->now_ms)
		notice.phase = "completed";
	read_parts(page, &notice, body->json, incident);
	if (!notice.names_parts)
		notice.impact = VENDOR_UNKNOWN;
	read_timeline(&notice, incident);
	status_notice_end(page, &notice);
}

static int parse(struct status_page *page, const struct status_body *body, struct err *err)
{
	const json_t *root = body->json, *incident;
	size_t i;

	(void)err;
	page->tells_state = status_list(root, "incidents") != NULL;
	page->overall = VENDOR_UNKNOWN;
	read_components(page, root);
	json_array_foreach(status_list(root, "incidents"), i, incident)
		read_incident(page, body, incident, false);
	json_array_foreach(status_list(root, "scheduledMaintenances"), i, incident)
		read_incident(page, body, incident, true);
	return 0;
}

const struct status_format status_format_firehydrant = {"firehydrant", recognises, parse};
