/*
 * tests/fuzz/driver.c: fuzz TARGET ROUNDS FILE...: eats each file, then ROUNDS changed copies of
 * them. The same numbers give the same bytes everywhere, so a failure can be had again; the bytes
 * of the round at hand are kept in ./fuzz-TARGET.last.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/target.h"

#include "core/alloc.h"

#define SIZE_MAX_EATEN 65536
#define CHANGES_MAX 6

struct sample {
	char *bytes;
	size_t len;
};

struct dice {
	uint64_t state;
};

static uint32_t roll(struct dice *dice, uint32_t sides)
{
	dice->state = dice->state * 6364136223846793005u + 1442695040888963407u;
	return sides ? (uint32_t)(dice->state >> 33) % sides : 0;
}

static const char *const spices[] = {
	"\"", "\\", "{", "}", "[", "]", ":", "- ", "\n", "\r\n", "null", "-1", "9223372036854775808",
	"1e999", "\\u0000", "\\ud800", "\xff", "\xc3", "\x1b[2J", "\xc2\x9b", "&a ", "*a", "!!int ",
	"<<: ", "|\n", ">-\n", "? ", "%", "$-1\r\n", "*2147483647\r\n", "$999999999999\r\n", "-ERR x\r\n",
	"<!DOCTYPE x>", "<![CDATA[", "&#x0;", "\0",
};

static void insert(struct sample *sample, size_t at, const char *bytes, size_t len)
{
	if (sample->len + len > SIZE_MAX_EATEN)
		return;
	sample->bytes = xrealloc(sample->bytes, sample->len + len + 1);
	memmove(sample->bytes + at + len, sample->bytes + at, sample->len - at);
	memcpy(sample->bytes + at, bytes, len);
	sample->len += len;
}

static void change(struct sample *sample, struct dice *dice, const struct sample *other)
{
	size_t at = roll(dice, (uint32_t)sample->len + 1), len = roll(dice, 40);
	const char *spice = spices[roll(dice, sizeof(spices) / sizeof(spices[0]))];

	switch (roll(dice, 6)) {
	case 0:
		if (at < sample->len)
			sample->bytes[at] = (char)(sample->bytes[at] ^ (1 << roll(dice, 8)));
		break;
	case 1:
		len = len < sample->len - at ? len : sample->len - at;
		memmove(sample->bytes + at, sample->bytes + at + len, sample->len - at - len);
		sample->len -= len;
		break;
	case 2:
		sample->len = at;
		break;
	case 3:
		len = len < other->len ? len : other->len;
		insert(sample, at, other->bytes + roll(dice, (uint32_t)(other->len - len) + 1), len);
		break;
	default:
		insert(sample, at, spice, strlen(spice) ? strlen(spice) : 1);
		break;
	}
}

static struct sample load(const char *path)
{
	struct sample sample = {xmalloc(SIZE_MAX_EATEN), 0};
	FILE *file = fopen(path, "r");

	if (!file) {
		perror(path);
		exit(99);
	}
	sample.len = fread(sample.bytes, 1, SIZE_MAX_EATEN, file);
	fclose(file);
	return sample;
}

static void keep(const char *name, const struct sample *sample)
{
	char *path = xasprintf("fuzz-%s.last", name);
	FILE *file = fopen(path, "w");

	if (file) {
		fwrite(sample->bytes, 1, sample->len, file);
		fclose(file);
	}
	free(path);
}

/* Exactly len bytes on the heap, so that one byte beyond is seen by ASan and valgrind. */
static void eat(const struct fuzz_target *target, const struct sample *sample)
{
	char *exact = xmalloc(sample->len ? sample->len : 1);

	memcpy(exact, sample->bytes, sample->len);
	keep(target->name, sample);
	target->eat(exact, sample->len);
	free(exact);
}

static void run(const struct fuzz_target *target, long rounds, const struct sample *samples,
		uint32_t count)
{
	struct dice dice = {20261123};
	uint32_t i;

	for (i = 0; i < count; i++)
		eat(target, &samples[i]);
	while (rounds-- > 0) {
		const struct sample *from = &samples[roll(&dice, count)];
		struct sample mine = {xmalloc(from->len + 1), from->len};

		memcpy(mine.bytes, from->bytes, from->len);
		for (i = roll(&dice, CHANGES_MAX) + 1; i > 0; i--)
			change(&mine, &dice, &samples[roll(&dice, count)]);
		eat(target, &mine);
		free(mine.bytes);
	}
}

int main(int argc, char **argv)
{
	const struct fuzz_target *target = argc > 3 ? fuzz_target_find(argv[1]) : NULL;
	struct sample *samples;
	char *path;
	int i;

	if (!target) {
		fprintf(stderr, "usage: fuzz TARGET ROUNDS FILE...\n");
		return 99;
	}
	samples = xcalloc((size_t)argc, sizeof(*samples));
	for (i = 3; i < argc; i++)
		samples[i - 3] = load(argv[i]);
	run(target, strtol(argv[2], NULL, 10), samples, (uint32_t)argc - 3);
	for (i = 3; i < argc; i++)
		free(samples[i - 3].bytes);
	free(samples);
	path = xasprintf("fuzz-%s.last", target->name);
	remove(path);
	free(path);
	return 0;
}
