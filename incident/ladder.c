/* incident/ladder.c: the door itself: who may begin, confirm and cancel; see ladder.h */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "incident/ladder_private.h"

struct ladder *ladder_new(const struct ladder_env *env)
{
	struct ladder *ladder = xcalloc(1, sizeof(*ladder));

	ladder->env = *env;
	ladder->next_id = 1;
	return ladder;
}

void ladder_free(struct ladder *ladder)
{
	struct err unrecorded = ERR_INIT;

	if (!ladder)
		return;
	for (size_t i = 0; i < ladder->len; i++) {
		const struct climb *climb = &ladder->slots[i]->climb;

		if (climb->rung == RUNG_ACTING)
			record_climb(ladder, climb, "failed", "sitrep has ended before the answer "
				     "came: it may have happened all the same", &unrecorded);
		free(ladder->slots[i]);
	}
	ladder->len = 0;
	ladder->dead = true;
	if (ladder->pending == 0)
		free(ladder);
}

struct slot *ladder_slot(const struct ladder *ladder, uint64_t climb_id)
{
	for (size_t i = 0; i < ladder->len; i++)
		if (ladder->slots[i]->climb.id == climb_id)
			return ladder->slots[i];
	return NULL;
}

void ladder_moved(struct ladder *ladder)
{
	if (ladder->env.changed)
		ladder->env.changed(ladder->env.arg);
}

/* Every name of a comma separated list must be given. */
static bool names_a_verb(const char *glob)
{
	const struct verb *const *verb;

	for (verb = verbs_all; *verb; verb++)
		if (config_glob(glob, (*verb)->id))
			return true;
	return false;
}

int verbs_check_scope(const struct config *config, struct err *err)
{
	const struct verb *const *verb;
	char known[300];
	size_t i, j, len = 0;

	for (verb = verbs_all; *verb && len < sizeof(known); verb++)
		len += (size_t)snprintf(known + len, sizeof(known) - len, "%s%s", len ? ", " : "",
					(*verb)->id);
	for (i = 0; i < config->nscope; i++) {
		const struct config_scope *scope = &config->scope[i];

		for (j = 0; j < scope->verbs.len; j++)
			if (!names_a_verb(scope->verbs.items[j]))
				return err_set(err, -EINVAL, "%s:%d:%d: scope: expected a verb (%s), "
					       "not '%.40s'", config->path, scope->line,
					       scope->column, known, scope->verbs.items[j]);
	}
	return 0;
}

static int check_params(const struct verb *verb, const struct act_request *request,
			struct err *err)
{
	const char *at = verb->params;

	while (*at) {
		size_t len = strcspn(at, ",");
		char key[sizeof(request->params[0].key)];

		snprintf(key, sizeof(key), "%.*s", (int)len, at);
		if (!act_param(request, key))
			return err_set(err, -EINVAL, "%s needs %s", verb->id, key);
		at += len + (at[len] == ',');
	}
	return verb->check ? verb->check(request, err) : 0;
}

/* Everything but rights, which are the server's to tell. */
static int check_offer(const struct ladder *ladder, const struct act_request *request,
		       struct err *err)
{
	const struct verb *verb = verb_find(request->verb);
	char target[400];
	int rc;

	if (!verb)
		return err_set(err, -EINVAL, "there is no action \"%s\"", request->verb);
	if (!verb_takes(verb, request->target.kind))
		return err_set(err, -EINVAL, "%s does not work on a %s", verb->id,
			       request->target.kind);
	rc = check_params(verb, request, err);
	if (rc)
		return rc;
	if (ladder->env.config->read_only)
		return err_set(err, -EPERM, "read-only: this sitrep changes nothing");
	if (!actuators_find(ladder->env.actuators, verb->id))
		return err_set(err, -ENOTSUP, "nothing that sitrep is connected to can do %s",
			       verb->id);
	act_target_text(&request->target, target, sizeof(target));
	if (!config_in_scope(ladder->env.config, verb->id, target))
		return err_set(err, -EPERM, "the configured scope does not allow %s on %s",
			       verb->id, target);
	if (!ladder->env.audit)
		return err_set(err, -EPERM, "there is no audit file to write the intent to");
	return 0;
}

int ladder_offers(const struct ladder *ladder, const struct act_request *request,
		  struct err *err)
{
	const struct refusal *refusal;
	int rc = check_offer(ladder, request, err);

	if (rc)
		return rc;
	refusal = rights_refused(ladder, request);
	return refusal ? err_set(err, -EACCES, "%s", refusal->text) : 0;
}

void ladder_probe(struct ladder *ladder, const struct act_request *request)
{
	if (check_offer(ladder, request, NULL) == 0)
		rights_probe(ladder, request, actuators_find(ladder->env.actuators,
							     request->verb));
}

static const struct climb *unfinished(const struct ladder *ladder)
{
	for (size_t i = 0; i < ladder->len; i++)
		if (ladder->slots[i]->climb.rung < RUNG_WATCHING)
			return &ladder->slots[i]->climb;
	return NULL;
}

/* Room for one more: the oldest that has ended goes. */
static int make_room(struct ladder *ladder, struct err *err)
{
	size_t i = ladder->len;

	if (ladder->len < LADDER_KEPT)
		return 0;
	while (i > 0 && ladder->slots[i - 1]->climb.rung != RUNG_ENDED)
		i--;
	if (i == 0)
		return err_set(err, -EBUSY, "%d actions are being watched: wait for one to end",
			       LADDER_KEPT);
	free(ladder->slots[i - 1]);
	memmove(&ladder->slots[i - 1], &ladder->slots[i],
		(ladder->len - i) * sizeof(ladder->slots[0]));
	ladder->len--;
	return 0;
}

static bool is_precaution(const struct mode *mode, const char *verb)
{
	for (size_t i = 0; i < mode->nactions; i++)
		if (strcmp(mode->actions[i].verb, verb) == 0)
			return mode->actions[i].precaution;
	return false;
}

static void fill(struct climb *climb, const struct act_request *request,
		 const struct verdict *verdict)
{
	climb->request = *request;
	climb->verb = verb_find(request->verb);
	climb->count = -1;
	climb->started_ms = clock_wall_ms();
	if (verdict) {
		snprintf(climb->mode_id, sizeof(climb->mode_id), "%s", verdict->mode->id);
		snprintf(climb->subject, sizeof(climb->subject), "%s", verdict->subject);
		climb->precaution = is_precaution(verdict->mode, request->verb);
	}
}

/* Refused before it could become a climb; that is written down too. */
static void record_refusal(const struct ladder *ladder, const struct act_request *request,
			   const struct verdict *verdict, const struct err *why)
{
	struct climb climb = {0};

	fill(&climb, request, verdict);
	climb.rc = why->code;
	if (ladder->env.audit)
		record_climb(ladder, &climb, "refused", why->text, NULL);
}

static int check_begin(struct ladder *ladder, const struct act_request *request, struct err *err)
{
	const struct climb *other = unfinished(ladder);
	int rc = check_offer(ladder, request, err);

	if (rc == 0 && other)
		rc = err_set(err, -EBUSY, "%s is not finished: confirm or cancel it first",
			     other->verb->id);
	return rc ? rc : make_room(ladder, err);
}

const struct climb *ladder_begin(struct ladder *ladder, const struct act_request *request,
				 const struct verdict *verdict, struct err *err)
{
	struct err why = ERR_INIT;
	struct slot *slot;

	if (check_begin(ladder, request, &why)) {
		record_refusal(ladder, request, verdict, &why);
		err_set(err, why.code, "%s", why.text);
		return NULL;
	}
	slot = xcalloc(1, sizeof(*slot));
	fill(&slot->climb, request, verdict);
	slot->climb.id = ladder->next_id++;
	slot->climb.verb->command(request, slot->climb.command, sizeof(slot->climb.command));
	slot->actuator = actuators_find(ladder->env.actuators, request->verb);
	memmove(&ladder->slots[1], &ladder->slots[0], ladder->len * sizeof(ladder->slots[0]));
	ladder->slots[0] = slot;
	ladder->len++;
	rung_rights(ladder, slot);
	return &slot->climb;
}

const char *ladder_typed_word(const struct climb *climb)
{
	const char *word = climb->verb->typed_param
			   ? act_param(&climb->request, climb->verb->typed_param) : NULL;

	return word ? word : climb->request.target.name;
}

int ladder_confirm(struct ladder *ladder, uint64_t climb_id, const char *typed, struct err *err)
{
	struct slot *slot = ladder_slot(ladder, climb_id);

	if (!slot || slot->climb.rung != RUNG_CONFIRM)
		return err_set(err, -ENOENT, "nothing waits for this answer");
	if (slot->climb.confirm == CONFIRM_TYPED &&
	    (!typed || strcmp(typed, ladder_typed_word(&slot->climb))))
		return err_set(err, -EINVAL, "that is not \"%s\"; nothing has been done",
			       ladder_typed_word(&slot->climb));
	return rung_act(ladder, slot, err);
}

void ladder_cancel(struct ladder *ladder, uint64_t climb_id)
{
	struct slot *slot = ladder_slot(ladder, climb_id);

	if (!slot)
		return;
	switch (slot->climb.rung) {
	case RUNG_RIGHTS:
	case RUNG_PREVIEW:
	case RUNG_CONFIRM:
		slot->climb.refused = true;
		climb_end(ladder, slot, "cancelled", OUTCOME_PENDING,
			  "cancelled; nothing has been done");
		break;
	case RUNG_ACTING:
		if (!slot->cancelling) {
			slot->cancelling = true;
			slot->actuator->ops->cancel(slot->actuator->self);
		}
		break;
	case RUNG_WATCHING:
		climb_end(ladder, slot, "outcome", OUTCOME_PENDING,
			  "nobody watches any more; the change stays");
		break;
	case RUNG_ENDED:
		break;
	}
}

const struct climb *ladder_at(const struct ladder *ladder, size_t index)
{
	return index < ladder->len ? &ladder->slots[index]->climb : NULL;
}

const struct climb *ladder_find(const struct ladder *ladder, uint64_t climb_id)
{
	const struct slot *slot = ladder_slot(ladder, climb_id);

	return slot ? &slot->climb : NULL;
}

void ladder_tick(struct ladder *ladder, int64_t now_wall_ms)
{
	int64_t now_ms = clock_mono_ms();

	for (size_t i = 0; i < ladder->len; i++) {
		struct slot *slot = ladder->slots[i];

		if (slot->climb.rung == RUNG_WATCHING)
			watch_look(ladder, slot, now_wall_ms);
		else if (slot->deadline_ms && now_ms >= slot->deadline_ms)
			rung_deadline(ladder, slot);
	}
}
