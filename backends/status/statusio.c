/* backends/status/statusio.c: Status.io, /1.0/status/ID: components with containers (regions) */
#include "backends/status/status.h"

static bool recognises(const struct status_body *body)
{
	const json_t *result = status_map(body->json, "result");

	return status_map(result, "status_overall") || status_list(result, "status");
}

/* 100 Operational ... 600 Security Event; the code counts, the word when there is none. */
static enum vendor_state state_of(const json_t *object)
{
	switch (status_int(object, "status_code|status")) {
	case 100:
		return VENDOR_OK;
	case 200:
		return VENDOR_MAINTENANCE;
	case 300:
		return VENDOR_DEGRADED;
	case 400:
		return VENDOR_PARTIAL;
	case 500:
	case 600:
		return VENDOR_MAJOR;
	default:
		return status_word(status_str(object, "status"));
	}
}

/* What is wrong with a component as a whole is wrong with each of its containers, unless one of them
 * tells why. */
static enum vendor_state beyond_containers(const json_t *component, const json_t *containers)
{
	enum vendor_state whole = state_of(component), worst = VENDOR_OK;
	const json_t *container;
	size_t i;

	json_array_foreach(containers, i, container)
		worst = status_worse(worst, state_of(container));
	return whole > VENDOR_UNKNOWN && whole > worst ? whole : VENDOR_OK;
}

static void read_components(struct status_page *page, const json_t *components)
{
	const json_t *component, *container;
	size_t i, j;

	json_array_foreach(components, i, component) {
		const json_t *containers = status_list(component, "containers");
		const char *name = status_str(component, "name");
		enum vendor_state beyond = beyond_containers(component, containers);

		if (!json_array_size(containers))
			status_component(page, NULL, name, NULL, state_of(component));
		json_array_foreach(containers, j, container)
			status_component(page, NULL, name, status_str(container, "name"),
					 status_worse(beyond, state_of(container)));
	}
}

/* Every affected component in every affected container. */
static void read_parts(struct status_page *page, struct status_notice *notice,
		       const json_t *incident)
{
	const json_t *components = status_list(incident, "components_affected|components");
	const json_t *containers = status_list(incident, "containers_affected|containers");
	const json_t *component, *container;
	size_t i, j;

	json_array_foreach(components, i, component) {
		if (!json_array_size(containers))
			status_notice_part(page, notice, NULL, status_str(component, "name"), NULL);
		json_array_foreach(containers, j, container)
			status_notice_part(page, notice, NULL, status_str(component, "name"),
					   status_str(container, "name"));
	}
	if (json_array_size(components))
		return;
	json_array_foreach(containers, j, container)
		status_notice_part(page, notice, NULL, status_str(container, "name"), NULL);
}

/* Newest last or first, nobody says: the newest is the one with the latest time. */
static const json_t *newest_message(const json_t *messages)
{
	const json_t *message, *newest = NULL;
	int64_t latest = -1;
	size_t i;

	json_array_foreach(messages, i, message) {
		int64_t at = status_time(message, "datetime|created_at");

		if (at > latest) {
			latest = at;
			newest = message;
		}
	}
	return newest;
}

static void read_messages(struct status_notice *notice, const json_t *incident)
{
	const json_t *messages = status_list(incident, "messages"), *message;
	const json_t *newest = newest_message(messages);
	size_t i;

	notice->impact = state_of(newest ? newest : incident);
	status_notice_update(notice, status_time(newest, "datetime|created_at"), NULL,
			     status_str(newest, "details|message"));
	json_array_foreach(messages, i, message)
		if (message != newest)
			status_notice_update(notice, status_time(message, "datetime|created_at"),
					     NULL, status_str(message, "details|message"));
}

static void read_notices(struct status_page *page, const json_t *list, bool maintenance,
			 bool upcoming)
{
	struct status_notice notice;
	const json_t *incident;
	size_t i;

	json_array_foreach(list, i, incident) {
		status_notice_begin(&notice);
		notice.id = status_str(incident, "id|_id");
		notice.title = status_str(incident, "name|title");
		notice.phase = status_str(incident, "current_state|current_status");
		notice.maintenance = maintenance;
		notice.upcoming = upcoming;
		notice.started_ms = status_time(incident, maintenance
			? "datetime_planned_start|datetime_open|datetime_opened"
			: "datetime_open|datetime_opened|created_at");
		notice.until_ms = status_time(incident, "datetime_planned_end");
		read_parts(page, &notice, incident);
		read_messages(&notice, incident);
		status_notice_end(page, &notice);
	}
}

static int parse(struct status_page *page, const struct status_body *body, struct err *err)
{
	const json_t *result = status_map(body->json, "result");
	const json_t *maintenance = status_map(result, "maintenance");

	(void)err;
	page->overall = state_of(status_map(result, "status_overall"));
	page->lists_components = status_list(result, "status") != NULL;
	page->tells_state = true;
	read_components(page, status_list(result, "status"));
	read_notices(page, status_list(result, "incidents"), false, false);
	read_notices(page, status_list(maintenance, "active"), true, false);
	read_notices(page, status_list(maintenance, "upcoming"), true, true);
	return 0;
}

const struct status_format status_format_statusio = {"statusio", recognises, parse};
