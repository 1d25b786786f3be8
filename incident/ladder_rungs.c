/* incident/ladder_rungs.c: rights, preview, confirm, act: the calls and what comes back */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "incident/ladder_private.h"

/* One call into an actuator. It outlives its climb, and the ladder waits for it. */
struct step {
	struct ladder *ladder;
	uint64_t climb_id;         /* 0 = a probe of rights */
	enum rung rung;            /* an answer that comes after its rung is no answer */
	struct act_request request;
};

static struct step *step_new(struct ladder *ladder, uint64_t climb_id, enum rung rung,
			     const struct act_request *request)
{
	struct step *step = xcalloc(1, sizeof(*step));

	*step = (struct step){.ladder = ladder, .climb_id = climb_id, .rung = rung,
			      .request = *request};
	ladder->pending++;
	return step;
}

/* The call has come back for good. Gives the slot that still waits for it, or NULL. */
static struct slot *step_end(struct step *step)
{
	struct ladder *ladder = step->ladder;
	struct slot *slot = ladder_slot(ladder, step->climb_id);

	if (slot && slot->climb.rung != step->rung)
		slot = NULL;
	free(step);
	ladder->pending--;
	if (ladder->dead && ladder->pending == 0)
		free(ladder);
	return slot;
}

/* Refused before any byte left. */
__attribute__((format(printf, 4, 5)))
static void refuse(struct ladder *ladder, struct slot *slot, int rc, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	slot->climb.rc = rc;
	slot->climb.refused = true;
	climb_end(ladder, slot, "refused", OUTCOME_PENDING, "%s", text);
}

static const char *words(const struct act_reply *reply)
{
	return reply->text[0] ? reply->text : strerror(-reply->rc);
}

/* --- rights --- */

static bool same_right(const struct refusal *refusal, const struct act_request *request)
{
	return strcmp(refusal->verb, request->verb) == 0 &&
	       strcmp(refusal->kind, request->target.kind) == 0 &&
	       strcmp(refusal->ns, request->target.ns) == 0;
}

const struct refusal *rights_refused(const struct ladder *ladder,
				     const struct act_request *request)
{
	int64_t now_ms = clock_mono_ms();

	for (size_t i = 0; i < RIGHTS_KEPT; i++)
		if (ladder->refusals[i].until_ms > now_ms &&
		    same_right(&ladder->refusals[i], request))
			return &ladder->refusals[i];
	return NULL;
}

static void rights_remember(struct ladder *ladder, const struct act_request *request,
			    const struct act_reply *reply)
{
	struct refusal *refusal = NULL;

	for (size_t i = 0; i < RIGHTS_KEPT; i++)
		if (same_right(&ladder->refusals[i], request))
			refusal = &ladder->refusals[i];
	if (reply->rc != -EACCES) {
		if (refusal && reply->rc == 0)
			refusal->until_ms = 0;
		return;
	}
	if (!refusal)
		refusal = &ladder->refusals[ladder->next_refusal++ % RIGHTS_KEPT];
	memcpy(refusal->verb, request->verb, sizeof(refusal->verb));
	memcpy(refusal->kind, request->target.kind, sizeof(refusal->kind));
	memcpy(refusal->ns, request->target.ns, sizeof(refusal->ns));
	snprintf(refusal->text, sizeof(refusal->text), "%s", words(reply));
	refusal->until_ms = clock_mono_ms() + RIGHTS_KEPT_MS;
}

static void rights_reply(void *arg, const struct act_reply *reply)
{
	struct step *step = arg;
	struct ladder *ladder = step->ladder;
	struct slot *slot;

	if (reply->partial)
		return;
	if (ladder->dead) {
		step_end(step);
		return;
	}
	rights_remember(ladder, &step->request, reply);
	if (!step->climb_id) {
		step_end(step);
		ladder_moved(ladder);
		return;
	}
	slot = step_end(step);
	if (!slot)
		return;
	if (reply->rc == 0)
		rung_preview(ladder, slot);
	else if (reply->rc == -EACCES || reply->rc == -EPERM)
		refuse(ladder, slot, reply->rc, "%s", words(reply));
	else
		refuse(ladder, slot, reply->rc, "our rights could not be asked for: %s",
		       words(reply));
}

void rung_rights(struct ladder *ladder, struct slot *slot)
{
	struct climb *climb = &slot->climb;
	uint64_t id = climb->id;
	struct step *step = step_new(ladder, id, RUNG_RIGHTS, &climb->request);
	int rc;

	climb->rung = RUNG_RIGHTS;
	slot->deadline_ms = clock_mono_ms() + LADDER_RIGHTS_MS;
	ladder_moved(ladder);
	rc = slot->actuator->ops->rights(slot->actuator->self, &climb->request, rights_reply,
					 step);
	if (rc == 0)
		return;
	slot = step_end(step);
	if (slot)
		refuse(ladder, slot, rc, "our rights could not be asked for: %s", strerror(-rc));
}

void rights_probe(struct ladder *ladder, const struct act_request *request,
		  const struct actuator *actuator)
{
	struct step *step = step_new(ladder, 0, RUNG_RIGHTS, request);

	if (actuator->ops->rights(actuator->self, request, rights_reply, step))
		step_end(step);
}

/* --- preview --- */

static void preview_reply(void *arg, const struct act_reply *reply)
{
	struct step *step = arg;
	struct ladder *ladder = step->ladder;
	bool dead = ladder->dead;
	struct slot *slot;

	if (reply->partial)
		return;
	slot = step_end(step);
	if (dead || !slot)
		return;
	if (reply->rc) {
		refuse(ladder, slot, reply->rc, "it would fail: %s", words(reply));
		return;
	}
	snprintf(slot->climb.preview, sizeof(slot->climb.preview), "%s", reply->text);
	slot->climb.count = reply->count;
	rung_confirm(ladder, slot);
}

void rung_preview(struct ladder *ladder, struct slot *slot)
{
	struct climb *climb = &slot->climb;
	struct step *step = step_new(ladder, climb->id, RUNG_PREVIEW, &climb->request);
	int rc;

	climb->rung = RUNG_PREVIEW;
	slot->deadline_ms = clock_mono_ms() + LADDER_PREVIEW_MS;
	ladder_moved(ladder);
	rc = slot->actuator->ops->preview(slot->actuator->self, &climb->request, preview_reply,
					  step);
	if (rc == 0)
		return;
	slot = step_end(step);
	if (slot)
		refuse(ladder, slot, rc, "there is no preview: %s", strerror(-rc));
}

/* --- confirm --- */

void rung_confirm(struct ladder *ladder, struct slot *slot)
{
	struct climb *climb = &slot->climb;
	enum confirm_level asked = CONFIRM_KEY;

	climb->risks[0] = '\0';
	if (climb->verb->risks)
		asked = climb->verb->risks(&climb->request, ladder->env.sit, climb->risks,
					   sizeof(climb->risks));
	if (climb->confirm < asked)
		climb->confirm = asked;
	if (climb->confirm < climb->verb->confirm)
		climb->confirm = climb->verb->confirm;
	climb->rung = RUNG_CONFIRM;
	slot->deadline_ms = clock_mono_ms() + LADDER_CONFIRM_MS;
	ladder_moved(ladder);
}

/* --- act --- */

/* No answer is no proof that nothing happened. */
static bool is_unsure(int rc)
{
	static const int codes[] = {ETIMEDOUT, ECONNRESET, EPIPE, EIO, ECONNABORTED, ENOTCONN,
				    EHOSTUNREACH, ENETUNREACH, ENETRESET};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (rc == -codes[i])
			return true;
	return false;
}

static void act_ended(struct ladder *ladder, struct slot *slot, const struct act_reply *reply)
{
	struct climb *climb = &slot->climb;
	struct err err = ERR_INIT;

	climb->rc = reply->rc;
	climb->count = reply->count;
	climb->undo = reply->undo;
	if (reply->rc == -ECANCELED) {
		climb_end(ladder, slot, "cancelled", OUTCOME_PENDING, "stopped on the way: %s",
			  words(reply));
		return;
	}
	if (reply->rc && !is_unsure(reply->rc)) {
		climb_end(ladder, slot, "failed", OUTCOME_NO_CHANGE, "the server refused: %s",
			  words(reply));
		return;
	}
	slot->unsure = reply->rc != 0;
	snprintf(climb->progress, sizeof(climb->progress), "%s%.400s",
		 slot->unsure ? "no answer, it may have happened all the same: " : "",
		 words(reply));
	if (record_climb(ladder, climb, slot->unsure ? "failed" : "done", climb->progress, &err))
		snprintf(climb->progress, sizeof(climb->progress), "not recorded: %.400s",
			 err.text);
	watch_start(ladder, slot);
}

static void act_reply_in(void *arg, const struct act_reply *reply)
{
	struct step *step = arg;
	struct ladder *ladder = step->ladder;
	bool dead = ladder->dead;
	struct slot *slot;

	if (reply->partial) {
		slot = ladder_slot(ladder, step->climb_id);
		if (dead || !slot || slot->climb.rung != RUNG_ACTING)
			return;
		snprintf(slot->climb.progress, sizeof(slot->climb.progress), "%s", reply->text);
		slot->climb.count = reply->count;
		slot->deadline_ms = clock_mono_ms() + LADDER_ACT_MS;
		ladder_moved(ladder);
		return;
	}
	slot = step_end(step);
	if (!dead && slot)
		act_ended(ladder, slot, reply);
}

int rung_act(struct ladder *ladder, struct slot *slot, struct err *err)
{
	struct climb *climb = &slot->climb;
	struct err why = ERR_INIT;
	struct step *step;
	int rc;

	if (record_climb(ladder, climb, "intent", climb->preview, &why)) {
		refuse(ladder, slot, why.code, "nothing has been done: %s", why.text);
		return err_set(err, why.code, "%s", climb->result);
	}
	if (climb->verb->mark)
		climb->verb->mark(&climb->request, ladder->env.sit, slot->mark,
				  sizeof(slot->mark));
	climb->rung = RUNG_ACTING;
	climb->acted_ms = clock_wall_ms();
	slot->deadline_ms = clock_mono_ms() + LADDER_ACT_MS;
	step = step_new(ladder, climb->id, RUNG_ACTING, &climb->request);
	ladder_moved(ladder);
	rc = slot->actuator->ops->act(slot->actuator->self, &climb->request, act_reply_in, step);
	if (rc == 0)
		return 0;
	slot = step_end(step);
	if (!slot)
		return 0;
	slot->climb.rc = rc;
	climb_end(ladder, slot, "failed", OUTCOME_NO_CHANGE, "nothing has been done: %s",
		  strerror(-rc));
	return err_set(err, rc, "%s", slot->climb.result);
}

/* --- deadlines --- */

void rung_deadline(struct ladder *ladder, struct slot *slot)
{
	struct climb *climb = &slot->climb;
	struct act_reply nothing = {.rc = -ETIMEDOUT, .count = -1,
				    .text = "the server has not answered"};

	switch (climb->rung) {
	case RUNG_RIGHTS:
		refuse(ladder, slot, -ETIMEDOUT, "the server has not answered within %d s; "
		       "nothing has been done", LADDER_RIGHTS_MS / 1000);
		break;
	case RUNG_PREVIEW:
		snprintf(climb->preview, sizeof(climb->preview), "the server has not answered "
			 "within %d s: what it would do is not known", LADDER_PREVIEW_MS / 1000);
		climb->confirm = CONFIRM_TYPED;
		rung_confirm(ladder, slot);
		break;
	case RUNG_CONFIRM:
		climb->refused = true;
		climb_end(ladder, slot, "cancelled", OUTCOME_PENDING, "not confirmed within %d s; "
			  "nothing has been done", LADDER_CONFIRM_MS / 1000);
		break;
	case RUNG_ACTING:
		if (!slot->cancelling)
			slot->actuator->ops->cancel(slot->actuator->self);
		if (climb->rung == RUNG_ACTING)
			act_ended(ladder, slot, &nothing);
		break;
	case RUNG_WATCHING:
	case RUNG_ENDED:
		break;
	}
}
