/* incident/judge.c: the catalogue against the facts, and what is remembered between two looks */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <malloc.h>

#include "core/alloc.h"
#include "incident/judge_guard.h"
#include "incident/judge_jv.h"
#include "incident/judge_program.h"
#include "incident/judge_verdict.h"
#include "incident/judge_watch.h"

#define GONE_KEPT 64           /* solved verdicts remembered, for those who watch them */
#define LOOK_BUSY_MS 1000      /* while anything stands or is held */
#define LOOK_IDLE_MS 4000      /* for rules that look at ages */
#define MODE_MS 500            /* of CPU time for one mode; the shipped ones take less than one */

/* A mode and subject whose evidence has been complete at least once. */
struct record {
	struct verdict verdict;
	int64_t first_ms;          /* complete since */
	int64_t gone_ms;           /* left the list; 0 = hasn't */
	bool listed;               /* has held long enough */
	bool known;                /* has been listed at least once */
	bool answered;             /* in this run */
};

struct judge {
	const struct catalogue *cat;
	const struct config *config;
	jq_state *jq;
	json_t *spoken;            /* see program_words() */
	struct judge_watch *watch;
	struct judge_guard *guard;
	bool *endless;             /* per mode: took too long once, and is asked no more */
	char trouble[300];         /* about the first of them; "" = none */
	struct record *records;
	size_t len, cap;
	struct verdicts list;
	uint64_t hash;
	int64_t next_ms;
	struct strlist stale;      /* sections this run could not trust */
};

struct judge *judge_new(const struct catalogue *cat, const struct config *config)
{
	struct judge *judge = xcalloc(1, sizeof(*judge));

	judge->cat = cat;
	judge->config = config;
	judge->watch = judge_watch_new(cat);
	judge->guard = judge_guard_new();
	judge->endless = xcalloc(cat->len + 1, sizeof(*judge->endless));
	judge->next_ms = INT64_MAX;
	return judge;
}

int judge_compile(struct judge *judge, struct err *err)
{
	int rc;

	if (judge->jq)
		return 0;
	rc = program_compile(judge->cat, profile_to_jv(judge->cat, judge->config), &judge->jq,
			     err);
	judge->spoken = program_words(judge->cat);
	/* jq's compiler leaves as much free memory behind as its program takes. */
	malloc_trim(0);
	return rc;
}

void judge_free(struct judge *judge)
{
	if (!judge)
		return;
	for (size_t i = 0; i < judge->len; i++)
		verdict_release(&judge->records[i].verdict);
	free(judge->records);
	free(judge->list.items);
	strlist_release(&judge->stale);
	json_decref(judge->spoken);
	judge_watch_free(judge->watch);
	judge_guard_free(judge->guard);
	free(judge->endless);
	if (judge->jq)
		jq_teardown(&judge->jq);
	free(judge);
}

static struct record *record_find(const struct judge *judge, const struct mode *mode,
				  const char *subject)
{
	for (size_t i = 0; i < judge->len; i++) {
		struct record *record = &judge->records[i];

		if (record->verdict.mode == mode &&
		    strcmp(record->verdict.subject, subject) == 0)
			return record;
	}
	return NULL;
}

static struct record *record_add(struct judge *judge, const struct mode *mode,
				 const char *subject)
{
	struct record *record;

	if (judge->len == judge->cap) {
		judge->cap = judge->cap ? 2 * judge->cap : 8;
		judge->records = xreallocarray(judge->records, judge->cap,
					       sizeof(*judge->records));
	}
	record = &judge->records[judge->len++];
	*record = (struct record){.verdict = {.mode = mode, .subject = xstrdup(subject),
					      .state = VERDICT_GONE}};
	return record;
}

static void record_drop(struct judge *judge, size_t index)
{
	verdict_release(&judge->records[index].verdict);
	judge->records[index] = judge->records[--judge->len];
}

/* The evidence is complete. */
static void record_stands(struct record *record, jv candidate, int64_t now_ms)
{
	struct verdict *verdict = &record->verdict;

	if (!record->first_ms || record->gone_ms) {
		record->first_ms = now_ms;
		record->gone_ms = 0;
		record->listed = false;
	}
	if (now_ms - record->first_ms >= verdict->mode->hold_s * 1000)
		record->listed = record->known = true;
	verdict_set_evidence(verdict, candidate);
	verdict_set_rest(verdict, candidate, record->first_ms);
	verdict->state = record->listed ? VERDICT_STANDING : VERDICT_GONE;
}

static void record_goes(struct record *record, int64_t now_ms)
{
	if (!record->gone_ms)
		record->gone_ms = now_ms;
	record->verdict.state = VERDICT_GONE;
}

/* Its evidence can't be read. What stood goes on standing in memory; what was only being held
 * starts again. */
static void record_fades(struct record *record, int64_t now_ms)
{
	if (record->verdict.state == VERDICT_GONE)
		record_goes(record, now_ms);
	else
		record->verdict.state = VERDICT_FADING;
}

static void take_candidate(struct judge *judge, const struct mode *mode, jv candidate,
			   int64_t now_ms)
{
	enum ruling ruling = candidate_ruling(mode, candidate);
	char *subject = candidate_subject(candidate);
	struct record *record = record_find(judge, mode, subject);

	if (!record && ruling == RULING_STANDS)
		record = record_add(judge, mode, subject);
	free(subject);
	if (!record || record->answered)
		return;
	record->answered = true;
	if (ruling == RULING_STANDS) {
		record_stands(record, candidate, now_ms);
		return;
	}
	verdict_set_evidence(&record->verdict, candidate);
	if (ruling == RULING_UNKNOWN)
		record_fades(record, now_ms);
	else
		record_goes(record, now_ms);
}

static bool reads_stale(const struct judge *judge, const struct mode *mode)
{
	for (size_t i = 0; mode->each && i < judge->stale.len; i++)
		if (rule_reads(mode->each, judge->stale.items[i]))
			return true;
	return false;
}

/* A record whose mode no longer names it as a candidate: its subject is fine or no more, unless
 * the list of candidates itself comes from something we can't see now. */
static void settle_unanswered(struct judge *judge, const struct mode *mode, bool failed,
			      int64_t now_ms)
{
	for (size_t i = 0; i < judge->len; i++) {
		struct record *record = &judge->records[i];

		if (record->verdict.mode != mode || record->answered)
			continue;
		if (failed || reads_stale(judge, mode)) {
			verdict_set_all(&record->verdict, EVIDENCE_UNKNOWN);
			record_fades(record, now_ms);
		} else {
			verdict_set_all(&record->verdict, EVIDENCE_CONTRADICTED);
			record_goes(record, now_ms);
		}
	}
}

static bool is_live(const struct judge *judge, const struct mode *mode)
{
	for (size_t i = 0; i < judge->len; i++)
		if (judge->records[i].verdict.mode == mode && !judge->records[i].gone_ms)
			return true;
	return false;
}

/* Per mode, whether it is asked now: what stands or is being held always is. */
static jv choose_modes(struct judge *judge, const json_t *facts, int64_t now_ms, bool *ret_any)
{
	jv chosen = jv_array();

	judge_watch_look(judge->watch, facts);
	*ret_any = false;
	for (size_t i = 0; i < judge->cat->len; i++) {
		bool due = !judge->endless[i] &&
			   (is_live(judge, &judge->cat->modes[i]) ||
			    judge_watch_is_due(judge->watch, i, now_ms, LOOK_IDLE_MS));

		if (due)
			judge_watch_asked(judge->watch, i, now_ms);
		*ret_any = *ret_any || due;
		chosen = jv_array_append(chosen, due ? jv_true() : jv_false());
	}
	return chosen;
}

static void take_mode(struct judge *judge, const struct mode *mode, jv answer, int64_t now_ms)
{
	bool is_list = jv_get_kind(answer) == JV_KIND_ARRAY;
	int len = is_list ? jv_array_length(jv_copy(answer)) : 0;

	for (int i = 0; i < len; i++) {
		jv candidate = part(answer, i);

		take_candidate(judge, mode, candidate, now_ms);
		jv_free(candidate);
	}
	settle_unanswered(judge, mode, !is_list, now_ms);
}

/* Records that nobody needs: never listed and no longer held, and the oldest of the gone. */
static void forget(struct judge *judge)
{
	size_t gone = 0;
	size_t oldest = 0;

	for (size_t i = 0; i < judge->len;) {
		const struct record *record = &judge->records[i];

		if (!record->known && record->gone_ms) {
			record_drop(judge, i);
			continue;
		}
		if (record->gone_ms) {
			if (!gone || record->gone_ms < judge->records[oldest].gone_ms)
				oldest = i;
			gone++;
		}
		i++;
	}
	if (gone > GONE_KEPT)
		record_drop(judge, oldest);
}

static void renew_list(struct judge *judge)
{
	struct verdicts *list = &judge->list;
	uint64_t hash;

	list->items = xreallocarray(list->items, judge->len, sizeof(*list->items));
	list->len = 0;
	for (size_t i = 0; i < judge->len; i++)
		if (judge->records[i].verdict.state != VERDICT_GONE)
			list->items[list->len++] = judge->records[i].verdict;
	verdicts_rank(list);
	hash = verdicts_hash(list);
	if (hash != judge->hash)
		list->generation++;
	judge->hash = hash;
}

static bool holds_any(const struct judge *judge)
{
	for (size_t i = 0; i < judge->len; i++)
		if (!judge->records[i].gone_ms)
			return true;
	return false;
}

int64_t judge_holding_ms(const struct judge *judge, int64_t now_wall_ms)
{
	int64_t longest = 0;

	for (size_t i = 0; i < judge->len; i++) {
		const struct record *record = &judge->records[i];
		int64_t left = record->first_ms + record->verdict.mode->hold_s * 1000 - now_wall_ms;

		if (record->gone_ms || record->listed)
			continue;
		if (left < 1)
			left = 1;
		if (left > longest)
			longest = left;
	}
	return longest;
}

static void mode_is_endless(struct judge *judge, size_t at)
{
	const struct mode *mode = &judge->cat->modes[at];

	judge->endless[at] = true;
	if (!judge->trouble[0])
		snprintf(judge->trouble, sizeof(judge->trouble), "%s: the rules of %s take longer "
			 "than %d ms: it is left out", mode->file, mode->id, MODE_MS);
}

/* What no chosen mode reads need not be made for jq. */
struct wanted {
	const struct judge *judge;
	jv chosen;
};

static bool is_wanted(void *arg, const char *section)
{
	const struct wanted *wanted = arg;
	bool found = false;

	for (size_t i = 0; i < wanted->judge->cat->len && !found; i++) {
		jv is_chosen = part(wanted->chosen, (int)i);

		found = jv_get_kind(is_chosen) == JV_KIND_TRUE &&
			judge_watch_reads(wanted->judge->watch, i, section);
		jv_free(is_chosen);
	}
	return found;
}

/* Runs the rules' program once: it gives an answer for each mode in order, null for one that isn't
 * chosen. False when a mode had to be stopped, and with it those behind it. */
static bool run_rules(struct judge *judge, const json_t *facts, jv chosen, int64_t now_ms)
{
	struct wanted wanted = {judge, chosen};
	jv answer = jv_null(), input;
	bool stopped = false;

	input = jv_object_set(jv_object(), jv_string("now"), jv_number((double)now_ms / 1000));
	input = jv_object_set(input, jv_string("chosen"), jv_copy(chosen));
	input = jv_object_set(input, jv_string("facts"),
			      facts_to_jv(facts, is_wanted, &wanted,
					   judge->spoken, &judge->stale));
	for (size_t i = 0; i < judge->len; i++)
		judge->records[i].answered = false;
	jq_start(judge->jq, input, 0);
	for (size_t i = 0; i < judge->cat->len && !stopped; i++) {
		jv is_chosen = part(chosen, (int)i);

		if (jv_is_valid(answer)) {
			jv_free(answer);
			judge_guard_begin(judge->guard, judge->jq, MODE_MS);
			answer = jq_next(judge->jq);
			stopped = judge_guard_end(judge->guard);
		}
		if (stopped)
			mode_is_endless(judge, i);
		if (jv_get_kind(is_chosen) == JV_KIND_TRUE)
			take_mode(judge, &judge->cat->modes[i], answer, now_ms);
		jv_free(is_chosen);
	}
	jv_free(answer);
	return !stopped;
}

/* Those that have been stopped are left out, until the others have all had their turn. */
static void run_all_rules(struct judge *judge, const json_t *facts, jv chosen, int64_t now_ms)
{
	while (!run_rules(judge, facts, chosen, now_ms)) {
		strlist_release(&judge->stale);
		for (size_t i = 0; i < judge->cat->len; i++)
			if (judge->endless[i])
				chosen = jv_array_set(chosen, (int)i, jv_false());
	}
	jv_free(chosen);
}

const struct verdicts *judge_run(struct judge *judge, const json_t *facts, int64_t now_wall_ms)
{
	jv chosen;
	bool any;

	if (!judge->jq)
		return &judge->list;
	strlist_release(&judge->stale);
	chosen = choose_modes(judge, facts, now_wall_ms, &any);
	if (any)
		run_all_rules(judge, facts, chosen, now_wall_ms);
	else
		jv_free(chosen);
	forget(judge);
	renew_list(judge);
	judge->next_ms = now_wall_ms + (holds_any(judge) ? LOOK_BUSY_MS : LOOK_IDLE_MS);
	return &judge->list;
}

const struct verdicts *judge_verdicts(const struct judge *judge)
{
	return &judge->list;
}

const char *judge_trouble(const struct judge *judge)
{
	return judge && judge->trouble[0] ? judge->trouble : NULL;
}

int64_t judge_next_ms(const struct judge *judge)
{
	return judge->next_ms;
}

const struct verdict *judge_find(const struct judge *judge, const char *mode_id,
				 const char *subject)
{
	const struct mode *mode = catalogue_find(judge->cat, mode_id);
	const struct record *record = mode ? record_find(judge, mode, subject) : NULL;

	return record && record->known ? &record->verdict : NULL;
}
