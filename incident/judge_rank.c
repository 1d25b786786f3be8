/* incident/judge_rank.c: which verdict comes first; see judge_verdict.h */
#include <stdlib.h>
#include <string.h>

#include "incident/judge_verdict.h"

/* Negative when a comes before b. */
static int compare(const void *left, const void *right)
{
	const struct verdict *a = left;
	const struct verdict *b = right;
	size_t share_a = a->matched * b->nevidence;
	size_t share_b = b->matched * a->nevidence;

	if (a->mode->severity != b->mode->severity)
		return a->mode->severity > b->mode->severity ? -1 : 1;
	if (a->state != b->state)
		return a->state < b->state ? -1 : 1;
	if (share_a != share_b)
		return share_a > share_b ? -1 : 1;
	if (a->since_ms != b->since_ms)
		return a->since_ms < b->since_ms ? -1 : 1;
	if (a->mode != b->mode)
		return a->mode < b->mode ? -1 : 1;
	return strcmp(a->subject, b->subject);
}

static void move_before(struct verdict *items, size_t from, size_t to)
{
	struct verdict moved = items[from];

	memmove(&items[to + 1], &items[to], (from - to) * sizeof(*items));
	items[to] = moved;
}

/* What explains another verdict stands before it, whatever their severities. A fading cause
 * explains nothing. Each item moves at most once per pass and there are at most len passes, so
 * modes that outrank each other in a ring end too. */
static bool lift_causes(struct verdicts *list)
{
	bool moved = false;

	for (size_t i = 0; i < list->len; i++) {
		for (size_t j = i + 1; j < list->len; j++) {
			const struct verdict *cause = &list->items[j];

			if (cause->state != VERDICT_STANDING ||
			    !strlist_has(&cause->mode->outranks, list->items[i].mode->id))
				continue;
			move_before(list->items, j, i);
			moved = true;
			break;
		}
	}
	return moved;
}

void verdicts_rank(struct verdicts *list)
{
	if (list->len < 2)
		return;
	qsort(list->items, list->len, sizeof(*list->items), compare);
	for (size_t pass = 0; pass < list->len; pass++)
		if (!lift_causes(list))
			break;
}

/* FNV-1a, 64 bits. */
static uint64_t mix(uint64_t hash, const void *data, size_t len)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3u;
	return hash;
}

static uint64_t mix_text(uint64_t hash, const char *text)
{
	return text ? mix(hash, text, strlen(text) + 1) : mix(hash, "", 1);
}

static uint64_t mix_number(uint64_t hash, int64_t number)
{
	return mix(hash, &number, sizeof(number));
}

static uint64_t mix_verdict(uint64_t hash, const struct verdict *verdict)
{
	hash = mix_text(hash, verdict->mode->id);
	hash = mix_text(hash, verdict->subject);
	hash = mix_text(hash, verdict->title);
	hash = mix_number(hash, verdict->since_ms);
	hash = mix_number(hash, verdict->state);
	for (size_t i = 0; i < verdict->nevidence; i++) {
		hash = mix_text(hash, verdict->evidence[i].text);
		hash = mix_text(hash, verdict->evidence[i].error);
		hash = mix_number(hash, verdict->evidence[i].state);
	}
	for (size_t i = 0; i < verdict->nclocks; i++) {
		hash = mix_text(hash, verdict->clocks[i].label);
		hash = mix_number(hash, verdict->clocks[i].due_ms);
	}
	for (size_t i = 0; i < verdict->nactions; i++) {
		hash = mix_text(hash, verdict->actions[i].label);
		hash = mix_text(hash, verdict->actions[i].request.target.name);
	}
	return hash;
}

uint64_t verdicts_hash(const struct verdicts *list)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < list->len; i++)
		hash = mix_verdict(hash, &list->items[i]);
	return hash;
}
