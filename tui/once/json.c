/* tui/once/json.c: the situation as one JSON document; see once.h */
#include <errno.h>
#include <string.h>

#include "core/clock.h"
#include "incident/facts.h"
#include "incident/ladder.h"
#include "tui/once/once.h"

static json_t *text_or_null(const char *text)
{
	json_t *value = text && text[0] ? json_string(text) : NULL;

	return value ? value : json_null();
}

static json_t *time_or_null(int64_t wall_ms)
{
	char when[CLOCK_TEXT];

	return wall_ms ? json_string(clock_format_rfc3339(wall_ms, when)) : json_null();
}

static json_t *evidence_list(const struct verdict *verdict)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < verdict->nevidence; i++) {
		const struct evidence *line = &verdict->evidence[i];

		json_array_append_new(list, json_pack(
			"{s:o, s:s, s:b, s:o}", "text", text_or_null(line->text), "state",
			evidence_state_name(line->state), "required", line->required, "error",
			text_or_null(line->error)));
	}
	return list;
}

static json_t *clock_list(const struct verdict *verdict)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < verdict->nclocks; i++)
		json_array_append_new(list, json_pack(
			"{s:o, s:o}", "label", text_or_null(verdict->clocks[i].label), "due",
			time_or_null(verdict->clocks[i].due_ms)));
	return list;
}

static json_t *action(const struct verdict_action *action)
{
	const struct verb *verb = verb_find(action->request.verb);
	char target[400], command[1024] = "";
	json_t *params = json_object();
	int i;

	for (i = 0; i < action->request.nparams; i++)
		json_object_set_new(params, action->request.params[i].key,
				    text_or_null(action->request.params[i].value));
	if (verb && verb->command)
		verb->command(&action->request, command, sizeof(command));
	return json_pack("{s:o, s:s, s:s, s:o, s:o}", "label", text_or_null(action->label), "verb",
			 action->request.verb, "target",
			 act_target_text(&action->request.target, target, sizeof(target)),
			 "params", params, "command", text_or_null(command));
}

static json_t *action_list(const struct verdict *verdict)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < verdict->nactions; i++)
		json_array_append_new(list, action(&verdict->actions[i]));
	return list;
}

static json_t *told(const struct mode_told *told)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "symptom", text_or_null(told->symptom),
			 "recovers", text_or_null(told->recovers),
			 "action", text_or_null(told->action),
			 "frequency", text_or_null(told->frequency),
			 "duration", text_or_null(told->duration),
			 "data_loss", text_or_null(told->data_loss),
			 "runbook", text_or_null(told->runbook));
}

static json_t *verdict_json(const struct verdict *verdict)
{
	const struct mode *mode = verdict->mode;
	json_t *actions = action_list(verdict), *first = json_array_get(actions, 0), *json;

	json = json_pack("{s:s, s:o, s:s, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o}",
			 "id", mode->id, "title", text_or_null(verdict->title),
			 "mode_title", mode->title, "subject", text_or_null(verdict->subject),
			 "severity", severity_name(mode->severity),
			 "state", verdict->state == VERDICT_STANDING ? "standing" : "fading",
			 "since", time_or_null(verdict->since_ms),
			 "who", text_or_null(mode->told.recovers),
			 "evidence", evidence_list(verdict), "clocks", clock_list(verdict),
			 "told", told(&mode->told));
	json_object_set(json, "action", first ? first : json_null());
	json_object_set_new(json, "actions", actions);
	return json;
}

json_t *once_document(const struct once_view *view)
{
	json_t *verdicts = view->verdicts ? json_array() : json_null();
	json_t *document = json_pack("{s:o}", "verdicts", verdicts);
	json_t *facts = facts_build(view->sit, view->config, view->now_ms, true);
	size_t i;

	for (i = 0; view->verdicts && i < view->verdicts->len; i++)
		json_array_append_new(verdicts, verdict_json(&view->verdicts->items[i]));
	json_object_update(document, facts);
	json_decref(facts);
	return document;
}

int once_json(const struct once_view *view, FILE *out)
{
	json_t *document = once_document(view);
	int rc = json_dumpf(document, out, JSON_INDENT(2));

	json_decref(document);
	if (rc || fputc('\n', out) == EOF || fflush(out))
		return -EIO;
	return 0;
}
