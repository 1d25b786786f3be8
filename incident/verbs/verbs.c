/* incident/verbs/verbs.c: the list of verbs and what they share; see verbs.h */
#include "incident/verbs/verbs.h"

#include <stdio.h>
#include <string.h>

#include "core/clock.h"

const struct verb *const verbs_all[] = {
	&verb_rollout_restart,
	&verb_rollout_undo,
	&verb_cordon,
	&verb_uncordon,
	&verb_delete_pod,
	&verb_redis_set_policy,
	&verb_redis_delete_key,
	&verb_redis_delete_prefix,
	NULL,
};

const struct verb *verb_find(const char *id)
{
	for (const struct verb *const *verb = verbs_all; *verb; verb++)
		if (strcmp((*verb)->id, id) == 0)
			return *verb;
	return NULL;
}

bool verb_takes(const struct verb *verb, const char *kind)
{
	size_t len = strlen(kind);
	const char *at = verb->kinds;

	while (len && at) {
		if (strncmp(at, kind, len) == 0 && (at[len] == ',' || at[len] == '\0'))
			return true;
		at = strchr(at, ',');
		at = at ? at + 1 : NULL;
	}
	return false;
}

const char *outcome_name(enum outcome outcome)
{
	static const char *const names[] = {"pending", "worked", "no change", "worse", "unknown"};

	return names[outcome];
}

static bool is_plain(const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_@%+=:,./-";

	return *text && strspn(text, plain) == strlen(text);
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

/* One byte of a quoted word; returns its length. */
static int quote_byte(unsigned char byte, bool ansi, char out[8])
{
	if (!ansi && byte == '\'')
		return snprintf(out, 8, "'\\''");
	if (ansi && (byte == '\'' || byte == '\\'))
		return snprintf(out, 8, "\\%c", byte);
	if (byte < 0x20 || byte == 0x7f)
		return snprintf(out, 8, "\\x%02x", byte);
	return snprintf(out, 8, "%c", byte);
}

const char *shell_quote(const char *text, char *buf, size_t size)
{
	bool ansi = has_control(text);
	size_t len;

	if (is_plain(text)) {
		snprintf(buf, size, "%s", text);
		return buf;
	}
	len = (size_t)snprintf(buf, size, "%s'", ansi ? "$" : "");
	for (; *text; text++) {
		char out[8];
		size_t more = (size_t)quote_byte((unsigned char)*text, ansi, out);

		if (len + more + 2 > size)
			break;
		memcpy(buf + len, out, more);
		len += more;
	}
	snprintf(buf + len, size - len, "'");
	return buf;
}

void line_add(char *buf, size_t size, const char *format, ...)
{
	size_t len = strlen(buf);
	va_list args;

	if (len && len + 1 < size) {
		buf[len++] = '\n';
		buf[len] = '\0';
	}
	va_start(args, format);
	vsnprintf(buf + len, size - len, format, args);
	va_end(args);
}

enum outcome say(char *text, size_t size, enum outcome outcome, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(text, size, format, args);
	va_end(args);
	return outcome;
}

bool section_readable(const struct freshness *fresh, const char *what, int64_t now_ms, char *text,
		      size_t size)
{
	enum fresh_state state = freshness_at(fresh, now_ms);

	if (state == FRESH_OK)
		return true;
	say(text, size, OUTCOME_UNKNOWN, "cannot be seen now: %s: %s%s%s", what,
	    fresh_state_name(state), fresh->reason[0] ? ", " : "", fresh->reason);
	return false;
}

const struct workload *target_workload(const struct act_request *request,
				       const struct situation *sit)
{
	int kind = workload_kind_parse(request->target.kind);

	if (kind < 0)
		return NULL;
	return workloads_find(&sit->workloads, (enum workload_kind)kind, request->target.ns,
			      request->target.name);
}

bool pod_belongs(const struct pod *pod, const struct workload *work, const struct situation *sit)
{
	const struct workload *set;
	int kind;

	if (!pod->owner_kind || !pod->owner_name || !pod->ns || strcmp(pod->ns, work->ns))
		return false;
	kind = workload_kind_parse(pod->owner_kind);
	if (kind == (int)work->kind && strcmp(pod->owner_name, work->name) == 0)
		return true;
	if (kind != WORKLOAD_REPLICASET || work->kind != WORKLOAD_DEPLOYMENT)
		return false;
	set = workloads_find(&sit->workloads, WORKLOAD_REPLICASET, pod->ns, pod->owner_name);
	return set && set->owner && strcmp(set->owner, work->name) == 0;
}
