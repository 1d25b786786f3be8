/* incident/drill_player.c: following a drill; see drill.h */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "incident/drill_private.h"

#define TEXT_LINES_MAX 200     /* of the story; a chatty world doesn't fill our memory */

struct drill_player *drill_player_new(const struct drill_env *env)
{
	struct drill_player *player = xcalloc(1, sizeof(*player));

	player->env = *env;
	if (player->env.speed <= 0)
		player->env.speed = 1;
	player->started_ms = clock_mono_ms();
	return player;
}

void drill_player_free(struct drill_player *player)
{
	if (!player)
		return;
	strlist_release(&player->text);
	strlist_release(&player->happened);
	free(player);
}

static void tell(struct drill_player *player, const char *text)
{
	if (player->text.len < TEXT_LINES_MAX)
		strlist_add(&player->text, text);
}

static bool is_over(const struct drill_player *player)
{
	return player->state == DRILL_RECOVERED || player->state == DRILL_LOST;
}

static void end(struct drill_player *player, enum drill_state state, const char *text)
{
	player->state = state;
	player->ended_ms = clock_mono_ms();
	tell(player, text);
	for (size_t i = 0; i < player->happened.len; i++)
		tell(player, player->happened.items[i]);
	/* Earlier, it would give the answer away. */
	tell(player, player->env.drill->story);
}

static void on_fault(struct drill_player *player, const json_t *event)
{
	const char *text = json_string_value(json_object_get(event, "text"));
	char age[CLOCK_TEXT];
	char *line;

	if (player->state == DRILL_CALM) {
		player->state = DRILL_BROKEN;
		player->broken_ms = clock_mono_ms();
	}
	if (!text || player->happened.len >= TEXT_LINES_MAX / 4)
		return;
	line = xasprintf("What happened after %s: %s",
			 clock_format_age(drill_player_elapsed_ms(player), age), text);
	strlist_add(&player->happened, line);
	free(line);
}

/* Writes that sitrep didn't make: kubectl in the other window counts too. */
static void on_write(struct drill_player *player, const json_t *event)
{
	const char *agent = json_string_value(json_object_get(event, "agent"));

	if (agent && strncmp(agent, "sitrep", 6) && !json_object_get(event, "dryRun"))
		player->outside++;
}

static void on_recovered(struct drill_player *player, const json_t *event)
{
	(void)event;
	player->recovered_ms = clock_mono_ms();
	end(player, DRILL_RECOVERED, "The system is whole again.");
}

static const struct {
	const char *name;
	void (*handle)(struct drill_player *player, const json_t *event);
} events[] = {
	{"fault", on_fault},
	{"write", on_write},
	{"recovered", on_recovered},
};

void drill_player_event(struct drill_player *player, const char *line, size_t len)
{
	json_t *event = json_loadb(line, len, 0, NULL);
	const char *name = json_string_value(json_object_get(event, "event"));

	for (size_t i = 0; name && !is_over(player) && i < sizeof(events) / sizeof(events[0]); i++)
		if (strcmp(events[i].name, name) == 0)
			events[i].handle(player, event);
	json_decref(event);
}

void drill_player_world_gone(struct drill_player *player)
{
	if (!is_over(player))
		end(player, DRILL_LOST, "The world has ended before it was whole again.");
}

static bool tell_brief(struct drill_player *player)
{
	const struct drill *drill = player->env.drill;
	double seconds = (double)drill_player_elapsed_ms(player) / 1000 * player->env.speed;
	bool told = false;

	while (player->told < drill->nbrief &&
	       seconds >= (double)drill->brief[player->told].at_s) {
		tell(player, drill->brief[player->told++].text);
		told = true;
	}
	return told;
}

static bool look_at_verdicts(struct drill_player *player)
{
	const struct verdicts *list = judge_verdicts(player->env.judge);

	if (player->verdict_ms || player->state != DRILL_BROKEN || list->len == 0 ||
	    strcmp(list->items[0].mode->id, player->env.drill->mode))
		return false;
	player->verdict_ms = clock_mono_ms();
	return true;
}

static bool seen_act(const struct drill_player *player, uint64_t climb_id)
{
	for (size_t i = 0; i < player->nacts; i++)
		if (player->acts[i].climb_id == climb_id)
			return true;
	return false;
}

/* Climbs that got as far as acting. */
static bool look_at_climbs(struct drill_player *player)
{
	const struct climb *climb;
	bool found = false;

	for (size_t i = 0; (climb = ladder_at(player->env.ladder, i)); i++) {
		if (!climb->acted_ms || seen_act(player, climb->id) ||
		    player->nacts == DRILL_ACTS_MAX)
			continue;
		player->acts[player->nacts++] = (struct drill_act){climb->id, climb->request};
		found = true;
	}
	return found;
}

bool drill_player_tick(struct drill_player *player)
{
	bool moved;

	if (is_over(player))
		return false;
	moved = tell_brief(player);
	moved |= look_at_verdicts(player);
	return look_at_climbs(player) || moved;
}

enum drill_state drill_player_state(const struct drill_player *player)
{
	return player->state;
}

int64_t drill_player_elapsed_ms(const struct drill_player *player)
{
	return (player->ended_ms ? player->ended_ms : clock_mono_ms()) - player->started_ms;
}

const char *drill_player_text(const struct drill_player *player, size_t index)
{
	return index < player->text.len ? player->text.items[index] : NULL;
}

bool drill_player_hint(struct drill_player *player)
{
	char *line;

	if (is_over(player) || drill_player_hints_left(player) == 0)
		return false;
	line = xasprintf("Hint: %s", player->env.drill->hints.items[player->hints++]);
	tell(player, line);
	free(line);
	return true;
}

size_t drill_player_hints_left(const struct drill_player *player)
{
	return player->env.drill->hints.len - player->hints;
}
