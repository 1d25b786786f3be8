/* tests/unit/test_filter.c: what a person types to see less */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/filter.h"

static const struct filter_field row[] = {
	{"NAMESPACE", "honeydue"}, {"NAME", "api-56cfb-2xk"}, {"STATUS", "! CrashLoopBackOff"},
	{"RESTARTS", "12 (1m)"}, {"MEM", "64.5M"}, {"NODE", "nbg1-2"}, {"CPU", NULL},
	{"KEY", "auth:token two words"},
};

static bool fits(const char *text)
{
	struct filter filter;

	filter_parse(&filter, text);
	return filter_matches(&filter, row, sizeof(row) / sizeof(row[0]));
}

static void words_hold_together(void **state)
{
	(void)state;
	assert_true(fits(""));
	assert_true(fits("   "));
	assert_true(fits("api"));
	assert_true(fits("API crash"));
	assert_false(fits("api web"));
	assert_true(fits("-web"));
	assert_false(fits("-api"));
	assert_true(fits("api -web"));
	assert_true(fits("-"));
}

static void fields_are_columns(void **state)
{
	(void)state;
	assert_true(fits("node:nbg1-2"));
	assert_true(fits("no:nbg"));
	assert_false(fits("node:api"));
	assert_true(fits("-node:api"));
	assert_false(fits("-status:crash"));
	assert_false(fits("cpu:1"));
	assert_true(fits("-cpu:1"));
	assert_true(fits("na:api"));
	assert_true(fits("na:honey"));
}

static void what_is_no_field_is_a_word(void **state)
{
	(void)state;
	assert_true(fits("auth:token"));
	assert_false(fits("auth:nothing"));
	assert_true(fits("\"token two\""));
	assert_false(fits("\"two token\""));
	assert_true(fits("\"auth:token\""));
	assert_false(fits("\"node:nbg1-2\""));
	assert_true(fits("\"two wor"));
}

static void numbers_compare(void **state)
{
	(void)state;
	assert_true(fits("restarts>3"));
	assert_false(fits("restarts>12"));
	assert_true(fits("restarts<13"));
	assert_true(fits("mem>64M"));
	assert_false(fits("mem>1G"));
	assert_false(fits("name>1"));
	assert_false(fits("restarts>many"));
}

static bool age_fits(const char *age, const char *text)
{
	const struct filter_field field = {"AGE", age};
	struct filter filter;

	filter_parse(&filter, text);
	return filter_matches(&filter, &field, 1);
}

static void times_compare_by_their_units(void **state)
{
	(void)state;
	assert_true(age_fits("47h", "age<2d"));
	assert_true(age_fits("2d", "age>47h"));
	assert_false(age_fits("47h", "age>3d"));
	assert_true(age_fits("30s", "age<1m"));
	assert_true(age_fits("3m20s", "age>3m"));
	assert_true(age_fits("3m20s", "age<3m21s"));
	assert_true(age_fits("1.5 ms", "age<2ms"));
	assert_true(age_fits("2 s", "age>900ms"));
	assert_true(age_fits("<1ms", "age<2ms"));
	assert_true(age_fits("900y", "age>800y"));
	/* Without a unit: what is written there. */
	assert_true(age_fits("47h", "age>3"));
	assert_true(age_fits("12 (1m)", "age>3"));
	assert_false(age_fits("", "age<5m"));
	assert_false(age_fits("?", "age<5m"));
}

static void a_comparison_wants_a_number(void **state)
{
	struct filter filter;

	(void)state;
	filter_parse(&filter, "api restarts>3 age<1h30m mem>64M node:x>y \"a>b\" -cpu<5%");
	assert_null(filter_mistake(&filter));
	filter_parse(&filter, "api restarts>many");
	assert_string_equal(filter_mistake(&filter), "restarts>many");
	filter_parse(&filter, "age<");
	assert_string_equal(filter_mistake(&filter), "age<");
}

static void any_text_will_do(void **state)
{
	char text[4096];
	struct filter filter;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	filter_parse(&filter, text);
	assert_int_equal(filter.len, 1);
	assert_int_equal(strlen(filter.words[0].text), FILTER_TEXT - 1);
	filter_parse(&filter, "a b c d e f g h i j k");
	assert_int_equal(filter.len, FILTER_WORDS_MAX);
	filter_parse(&filter, ": < > :: -: -\"\" \"\"");
	assert_true(filter.len <= FILTER_WORDS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_hold_together),
		cmocka_unit_test(fields_are_columns),
		cmocka_unit_test(what_is_no_field_is_a_word),
		cmocka_unit_test(numbers_compare),
		cmocka_unit_test(times_compare_by_their_units),
		cmocka_unit_test(a_comparison_wants_a_number),
		cmocka_unit_test(any_text_will_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
