/* tests/unit/test_kube_split.c: lists and streams cut at every possible border */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backends/kube/split.h"
#include "core/quantity.h"

struct seen {
	struct buf objects, meta;
};

static void on_object(void *arg, const char *json, size_t len)
{
	struct seen *seen = arg;

	buf_append(&seen->objects, json, len);
	buf_append_str(&seen->objects, "|");
}

static void on_meta(void *arg, const char *json, size_t len)
{
	struct seen *seen = arg;

	buf_append(&seen->meta, json, len);
}

static int run(enum split_mode mode, const char *text, size_t step, struct seen *seen,
	       bool *complete)
{
	struct split split;
	size_t at, len = strlen(text);
	int rc = 0;

	*seen = (struct seen){BUF_INIT(4096), BUF_INIT(4096)};
	split_init(&split, mode, seen);
	split.object = on_object;
	split.meta = on_meta;
	for (at = 0; at < len && !rc; at += step)
		rc = split_feed(&split, text + at, len - at < step ? len - at : step);
	*complete = split_complete(&split);
	split_release(&split);
	return rc;
}

static void release(struct seen *seen)
{
	buf_release(&seen->objects);
	buf_release(&seen->meta);
}

static void lists_survive_every_cut(void **state)
{
	const char *list = "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"7\"},\n"
		"\"items\":[{\"metadata\":{\"name\":\"a\\\"}]\\\\\",\"managedFields\":[{\"x\":[1,"
		"\"]\"]}],\"uid\":\"u\"},\"v\":[{\"items\":[]}]},\n {\"b\":\"managedFields\"}]}";
	struct seen seen;
	size_t step;
	bool complete;

	(void)state;
	for (step = 1; step <= strlen(list); step++) {
		assert_int_equal(run(SPLIT_LIST, list, step, &seen, &complete), 0);
		assert_string_equal(seen.meta.data, "{\"resourceVersion\":\"7\"}");
		assert_string_equal(seen.objects.data,
			"{\"metadata\":{\"name\":\"a\\\"}]\\\\\","
			"\"uid\":\"u\"},\"v\":[{\"items\":[]}]}|{\"b\":\"managedFields\"}|");
		assert_true(complete);
		release(&seen);
	}
}

/* What nobody reads goes, wherever it stands and whatever it is, and what is left is JSON. */
static void unread_members_go(void **state)
{
	static const char *const skip[] = {"env", "n", NULL};
	static const char *const cases[][2] = {
		{"{\"env\":[{\"a\":\"]}\"}]}", "{}"},
		{"{\"env\":1,\"b\":2}", "{\"b\":2}"},
		{"{\"b\":2,\"env\":\"x,\\\"y}\"}", "{\"b\":2}"},
		{"{\"b\":2,\"env\":null,\"n\":-1.5e3}", "{\"b\":2}"},
		{"{\"n\":{\"n\":{}},\"c\":[{\"n\":true,\"d\":\"n\"},{\"n\":0}]}",
		 "{\"c\":[{\"d\":\"n\"},{}]}"},
		{"{ \"b\" : 2 ,\n \"env\" : [ 1, 2 ]\n }", "{ \"b\" : 2 }"},
		{"{\"c\":[\"env\",\"n\"],\"envy\":1,\"en\":2}",
		 "{\"c\":[\"env\",\"n\"],\"envy\":1,\"en\":2}"},
	};
	struct split split;
	struct seen seen;
	size_t i, step, at;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = strlen(cases[i][0]);

		for (step = 1; step <= len; step++) {
			seen = (struct seen){BUF_INIT(4096), BUF_INIT(4096)};
			split_init(&split, SPLIT_STREAM, &seen);
			split.object = on_object;
			split.skip = skip;
			for (at = 0; at < len; at += step)
				assert_int_equal(split_feed(&split, cases[i][0] + at,
							    len - at < step ? len - at : step), 0);
			assert_non_null(seen.objects.data);
			seen.objects.data[seen.objects.len - 1] = '\0';
			assert_string_equal(seen.objects.data, cases[i][1]);
			split_release(&split);
			release(&seen);
		}
	}
}

static void streams_survive_every_cut(void **state)
{
	const char *stream = "{\"type\":\"ADDED\",\"object\":{\"a\":1}}\n{\"type\":\"BOOKMARK\"}\n";
	struct seen seen;
	size_t step;
	bool complete;

	(void)state;
	for (step = 1; step <= strlen(stream); step++) {
		assert_int_equal(run(SPLIT_STREAM, stream, step, &seen, &complete), 0);
		assert_string_equal(seen.objects.data, "{\"type\":\"ADDED\",\"object\":{\"a\":1}}|"
				    "{\"type\":\"BOOKMARK\"}|");
		release(&seen);
	}
}

static void nonsense_is_refused(void **state)
{
	static const char *const bad[] = {"<html>", "]", "[1]", "\"x\"", "{\"a\":1}}"};
	struct seen seen;
	bool complete;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(run(SPLIT_LIST, bad[i], 3, &seen, &complete), -EBADMSG);
		assert_false(complete);
		release(&seen);
	}
	assert_int_equal(run(SPLIT_LIST, "{\"items\":[{", 3, &seen, &complete), 0);
	assert_false(complete);
	release(&seen);
}

static void a_huge_object_is_refused(void **state)
{
	struct split split;
	struct seen seen = {BUF_INIT(4096), BUF_INIT(4096)};
	char chunk[4096];
	int rc, i;

	(void)state;
	memset(chunk, 'x', sizeof(chunk));
	split_init(&split, SPLIT_STREAM, &seen);
	split.object = on_object;
	rc = split_feed(&split, "{\"a\":\"", 6);
	for (i = 0; i < 2000 && !rc; i++)
		rc = split_feed(&split, chunk, sizeof(chunk));
	assert_int_equal(rc, -EMSGSIZE);
	split_release(&split);
	release(&seen);
}

static void quantities(void **state)
{
	static const struct {
		const char *text;
		int64_t milli;
	} good[] = {
		{"250m", 250}, {"2", 2000}, {"195742982n", 196}, {"1e3", 1000000},
		{"0.1", 100}, {"3u", 1}, {"1k", 1000000},
	};
	int64_t value;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(quantity_milli(good[i].text, &value), 0);
		assert_int_equal(value, good[i].milli);
	}
	assert_int_equal(quantity_kib("3076344Ki", &value), 0);
	assert_int_equal(value, 3076344);
	assert_int_equal(quantity_kib("50Mi", &value), 0);
	assert_int_equal(value, 51200);
	assert_int_equal(quantity_kib("1025", &value), 0);
	assert_int_equal(value, 2);
	assert_int_equal(quantity_milli("", &value), -EINVAL);
	assert_int_equal(quantity_milli("12 cores", &value), -EINVAL);
	assert_int_equal(quantity_milli("1Ei", &value), -ERANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_survive_every_cut),
		cmocka_unit_test(unread_members_go),
		cmocka_unit_test(streams_survive_every_cut),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(a_huge_object_is_refused),
		cmocka_unit_test(quantities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
