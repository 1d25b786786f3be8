/* tests/unit/test_judge_words.c: what rules speak of, and when nobody can tell */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "incident/judge_words.h"

static void words_are_those_of_the_text(void **state)
{
	json_t *words = json_object();

	(void)state;
	words_add(words,
		  ".nodes.items[]? | select(.ready != \"True\") | .conditions[\"disk_full\"]");
	assert_int_equal(json_object_size(words), 7);
	assert_non_null(json_object_get(words, "ready"));
	assert_non_null(json_object_get(words, "disk_full"));
	assert_null(json_object_get(words, "disk"));
	json_decref(words);
}

static void named_members_are_named(void **state)
{
	static const char *const named[] = {
		".nodes.items[]? | .lease_age", "[.pods.items[] | select(.ready)] | length",
		".probes.by_name[\"edge\"].ms", ".a[0].b | .c[:3]", "(.a + .b)[] | .name",
		"\"keys without a path \\(.keys) .[] [$x]\"", ".redis.keys",
		"if .a then [($each[0])[] as $it | 1] else .b end",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (!words_name_all(named[i]))
			fail_msg("thought to take whole objects: %s", named[i]);
}

static void whole_objects_are_seen(void **state)
{
	static const char *const whole[] = {
		".nodes.items[] | .[]", ".nodes.items[][]", ".nodes | to_entries[] | .value",
		"$profile as $x | .items[$x.name]", ".nodes.items[0] | keys", ".items[] | tostring",
		".. | .name?", ".items[] | .[\"a\", .b] , .[.b]", "\"all of \\(.items[] | tojson)\"",
		".items[]?[]", "(.items | first)[.key]", "@json",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		if (words_name_all(whole[i]))
			fail_msg("thought to name its members: %s", whole[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_those_of_the_text),
		cmocka_unit_test(named_members_are_named),
		cmocka_unit_test(whole_objects_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
