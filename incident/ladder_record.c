/* incident/ladder_record.c: climbs in the audit file; see ladder_private.h */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "incident/ladder_private.h"

/* Names of Redis keys may hold any byte: what isn't UTF-8 is written as a sign for it. */
static json_t *text_json(const char *text)
{
	json_t *value = json_string(text);
	char plain[1024];
	size_t i;

	if (value)
		return value;
	for (i = 0; text[i] && i < sizeof(plain) - 1; i++)
		plain[i] = (unsigned char)text[i] < 0x80 ? text[i] : '?';
	plain[i] = '\0';
	return json_string(plain);
}

static json_t *params_json(const struct act_request *request)
{
	json_t *params = json_object();

	for (int i = 0; i < request->nparams; i++)
		json_object_set_new(params, request->params[i].key,
				    text_json(request->params[i].value));
	return params;
}

static void add_text(json_t *fields, const char *key, const char *text)
{
	if (text && text[0])
		json_object_set_new(fields, key, text_json(text));
}

int record_climb(const struct ladder *ladder, const struct climb *climb, const char *kind,
		 const char *text, struct err *err)
{
	const struct situation *sit = ladder->env.sit;
	json_t *fields = json_object();
	char target[400];

	json_object_set_new(fields, "climb", json_integer((json_int_t)climb->id));
	add_text(fields, "verb", climb->request.verb);
	add_text(fields, "target", act_target_text(&climb->request.target, target,
						   sizeof(target)));
	add_text(fields, "uid", climb->request.target.uid);
	json_object_set_new(fields, "params", params_json(&climb->request));
	add_text(fields, "command", climb->command);
	add_text(fields, "mode", climb->mode_id);
	add_text(fields, "subject", climb->subject);
	add_text(fields, "cluster", sit->cluster.context);
	if (strcmp(climb->request.target.kind, "redis") == 0)
		add_text(fields, "redis", sit->redis.endpoint);
	add_text(fields, "text", text);
	if (strcmp(kind, "outcome") == 0)
		add_text(fields, "outcome", outcome_name(climb->outcome));
	if (climb->rc)
		json_object_set_new(fields, "error", json_integer(climb->rc));
	if (climb->count >= 0)
		json_object_set_new(fields, "count", json_integer(climb->count));
	add_text(fields, "undo", climb->undo.verb);
	return audit_write(ladder->env.audit, kind, fields, err);
}

void climb_end(struct ladder *ladder, struct slot *slot, const char *kind, enum outcome outcome,
	       const char *format, ...)
{
	struct climb *climb = &slot->climb;
	struct err err = ERR_INIT;
	va_list args;

	va_start(args, format);
	vsnprintf(climb->result, sizeof(climb->result), format, args);
	va_end(args);
	climb->rung = RUNG_ENDED;
	climb->outcome = outcome;
	slot->deadline_ms = 0;
	if (record_climb(ladder, climb, kind, climb->result, &err)) {
		size_t len = strlen(climb->result);

		snprintf(climb->result + len, sizeof(climb->result) - len, " (not recorded: %s)",
			 err.text);
	}
	ladder_moved(ladder);
}
