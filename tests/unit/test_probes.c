/* tests/unit/test_probes.c: a probe's own baseline, certificates' days, address ranges */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/config.h"
#include "core/model/probes.h"

#define NOW INT64_C(1700000000000)
#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)

static struct probes probes;

static struct probe *usual(int runs, int32_t us)
{
	struct probe *probe = probes_add(&probes, "site", "");
	int i;

	for (i = 0; i < runs; i++)
		probe_ended(probe, true, us + i % 5 * 500, NOW);
	return probe;
}

static int drop(void **state)
{
	(void)state;
	probes_release(&probes);
	return 0;
}

static void no_baseline_before_enough_is_known(void **state)
{
	struct probe *probe = usual(BASELINE_LEAST - 1, 50000);

	(void)state;
	assert_int_equal(probe->base.median_us, -1);
	probe_ended(probe, true, 5000000, NOW);
	probe_ended(probe, true, 5000000, NOW);
	assert_false(probe->base.slow);
	assert_true(probe->base.median_us >= 50000 && probe->base.median_us < 53000);
}

static void slow_is_three_in_a_row(void **state)
{
	struct probe *probe = usual(30, 50000);

	(void)state;
	probe_ended(probe, true, 200000, NOW);
	probe_ended(probe, true, 200000, NOW);
	assert_false(probe->base.slow);
	probe_ended(probe, true, 51000, NOW);
	probe_ended(probe, true, 200000, NOW);
	probe_ended(probe, true, 200000, NOW);
	assert_false(probe->base.slow);
	probe_ended(probe, true, 200000, NOW);
	assert_true(probe->base.slow);
	assert_int_equal(probe->base.slow_since_ms, NOW);
	probe_ended(probe, true, 51000, NOW);
	assert_false(probe->base.slow);
}

/* Wobble of a few milliseconds on a fast path is nobody's business. */
static void small_times_may_double(void **state)
{
	struct probe *probe = usual(30, 2000);
	int i;

	(void)state;
	for (i = 0; i < 5; i++)
		probe_ended(probe, true, 15000, NOW);
	assert_false(probe->base.slow);
}

static void what_is_slow_does_not_become_usual(void **state)
{
	struct probe *probe = usual(30, 50000);
	int i;

	(void)state;
	for (i = 0; i < 200; i++)
		probe_ended(probe, true, 300000, NOW + i * 30000);
	assert_true(probe->base.slow);
	assert_true(probe->base.median_us < 60000);
	/* After hours it is how it is. */
	for (i = 0; i < 100; i++)
		probe_ended(probe, true, 300000, NOW + 5 * HOUR + i * 30000);
	assert_false(probe->base.slow);
	assert_int_equal(probe->base.median_us, 300000);
}

static void failing_is_not_slow(void **state)
{
	struct probe *probe = usual(30, 50000);
	int i;

	(void)state;
	for (i = 0; i < 4; i++)
		probe_ended(probe, false, 9000000, NOW + 1000);
	assert_false(probe->base.slow);
	assert_int_equal(probe->failures, 4);
	assert_int_equal(probe->since_ms, NOW + 1000);
	assert_int_equal(probe->result, RESULT_FAILED);
	assert_int_equal(probe_drawn(probe, probe->history_len - 1), -1);
	assert_int_equal(probe_drawn(probe, 0), probe->base.median_us);
	probe_ended(probe, true, 50000, NOW + 2000);
	assert_int_equal(probe->failures, 0);
}

static void days_of_a_certificate(void **state)
{
	struct probe *probe = usual(1, 1000);

	(void)state;
	probe->cert_expires_ms = NOW + 10 * DAY + HOUR;
	assert_int_equal(probe_cert_days(probe, NOW), 10);
	assert_int_equal(probe_cert_days(probe, NOW + 10 * DAY), 0);
	assert_int_equal(probe_cert_days(probe, NOW + 10 * DAY + 2 * HOUR), -1);
}

static void ranges(void **state)
{
	static const struct {
		const char *range, *address;
		bool in;
	} rows[] = {
		{"104.16.0.0/13", "104.16.0.1", true}, {"104.16.0.0/13", "104.23.255.255", true},
		{"104.16.0.0/13", "104.24.0.0", false}, {"10.0.0.1", "10.0.0.1", true},
		{"10.0.0.1", "10.0.0.2", false}, {"0.0.0.0/0", "9.9.9.9", true},
		{"10.0.0.0/8", "fe80::1", false}, {"2606:4700::/32", "2606:4700:1::1", true},
		{"2606:4700::/32", "2606:4701::1", false}, {"10.0.0.0/33", NULL, false},
		{"10.0.0.0/x", NULL, false}, {"nonsense", NULL, false}, {"10.0.0/8", NULL, false},
		{"10.0.0.0/8", NULL, true}, {"::/0", NULL, true}, {"10.0.0.0/", NULL, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (config_in_range(rows[i].range, rows[i].address) != rows[i].in)
			fail_msg("%s in %s", rows[i].address ? rows[i].address : "-",
				 rows[i].range);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(no_baseline_before_enough_is_known, drop),
		cmocka_unit_test_teardown(slow_is_three_in_a_row, drop),
		cmocka_unit_test_teardown(small_times_may_double, drop),
		cmocka_unit_test_teardown(what_is_slow_does_not_become_usual, drop),
		cmocka_unit_test_teardown(failing_is_not_slow, drop),
		cmocka_unit_test_teardown(days_of_a_certificate, drop),
		cmocka_unit_test(ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
