/* tests/unit/test_cost.c: what each system is asked, per minute and in all */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/cost.h"

static const struct cost_amount one = {1, 100, 10, 0};

static void accounts_stay_where_they_are(void **state)
{
	struct costs costs = {.len = 0};
	struct cost *first = costs_get(&costs, "a");
	char name[8];
	int i;

	(void)state;
	for (i = 1; i < COSTS_MAX; i++) {
		snprintf(name, sizeof(name), "x%d", i);
		assert_non_null(costs_get(&costs, name));
	}
	assert_null(costs_get(&costs, "one more"));
	assert_ptr_equal(costs_get(&costs, "a"), first);
	cost_count(NULL, &one, 1);
}

static void a_minute_is_a_minute(void **state)
{
	struct cost cost = {.system = "a"};
	int64_t now;

	(void)state;
	for (now = 1000000; now < 1000000 + 600000; now += 1000)
		cost_count(&cost, &one, now);
	assert_int_equal(cost.total.requests, 600);
	assert_in_range(cost_per_minute(&cost, now).requests, 55, 60);
	assert_in_range(cost_per_minute(&cost, now).bytes_in, 5500, 6000);
	assert_in_range(cost_per_minute(&cost, now + 30000).requests, 25, 30);
	assert_int_equal(cost_per_minute(&cost, now + 60000).requests, 0);
	cost_count(&cost, &one, now + 600000);
	assert_int_equal(cost_per_minute(&cost, now + 600000).requests, 1);
}

static void a_young_account_is_not_stretched(void **state)
{
	struct cost cost = {.system = "a"};

	(void)state;
	assert_int_equal(cost_per_minute(&cost, 5000).requests, 0);
	cost_count(&cost, &one, 1000000);
	assert_int_equal(cost_per_minute(&cost, 1000001).requests, 1);
	assert_int_equal(cost_per_minute(&cost, 1030000).requests, 1);
	assert_int_equal(cost_per_minute(&cost, 1070000).requests, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accounts_stay_where_they_are),
		cmocka_unit_test(a_minute_is_a_minute),
		cmocka_unit_test(a_young_account_is_not_stretched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
