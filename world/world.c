/* world/world.c: see world.h */
#include "world/world.h"

#include <stdio.h>
#include <stdlib.h>

int64_t world_now(const struct world *world)
{
	return (int64_t)(uv_now(world->loop) - world->began);
}

int64_t world_delay(const struct world *world, double seconds)
{
	return (int64_t)(seconds * 1000.0 / world->speed);
}

void world_say(struct world *world, const char *event, json_t *fields)
{
	json_t *line = json_pack("{s:s, s:f}", "event", event, "t",
				 (double)world_now(world) / 1000.0);
	char *text;

	json_object_update(line, fields);
	text = json_dumps(line, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(9));
	if (text)
		printf("%s\n", text);
	fflush(stdout);
	free(text);
	json_decref(line);
	json_decref(fields);
}

uint32_t world_random(uint32_t limit)
{
	/* random() gives 31 bits. */
	uint32_t bits = (uint32_t)random() ^ ((uint32_t)random() << 16);

	return limit ? bits % limit : 0;
}
