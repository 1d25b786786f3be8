/* tests/unit/test_model.c: the model's lists, freshness, times and sizes */
#include <errno.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/actuator.h"
#include "core/clock.h"
#include "core/situation.h"

static void strings_are_kept_once(void **state)
{
	struct intern *pool = intern_new();
	const char *a = intern_get(pool, "kube-system");
	const char *b = intern_getn(pool, "kube-system/x", 11);
	size_t held = intern_bytes(pool);

	(void)state;
	assert_ptr_equal(a, b);
	intern_put(pool, a);
	assert_int_equal(intern_bytes(pool), held);
	assert_string_equal(b, "kube-system");
	intern_put(pool, b);
	assert_true(intern_bytes(pool) < held);
	intern_free(pool);
}

static void pods_stay_sorted_and_sweep(void **state)
{
	struct situation sit;
	size_t i;

	(void)state;
	situation_init(&sit);
	pods_get(&sit.pods, sit.strings, "b", "2")->seen = true;
	pods_get(&sit.pods, sit.strings, "a", "9");
	pods_get(&sit.pods, sit.strings, "b", "1")->seen = true;
	assert_ptr_equal(pods_get(&sit.pods, sit.strings, "a", "9"),
			 pods_find(&sit.pods, "a", "9"));
	assert_int_equal(sit.pods.len, 3);
	for (i = 1; i < sit.pods.len; i++)
		assert_true(strcmp(sit.pods.items[i - 1]->ns, sit.pods.items[i]->ns) < 0 ||
			    strcmp(sit.pods.items[i - 1]->name, sit.pods.items[i]->name) < 0);
	assert_int_equal(pods_sweep(&sit.pods, sit.strings, NULL), 1);
	assert_null(pods_find(&sit.pods, "a", "9"));
	assert_true(pods_remove(&sit.pods, sit.strings, "b", "1"));
	assert_false(pods_remove(&sit.pods, sit.strings, "b", "1"));
	situation_release(&sit);
}

static void a_pod_costs_at_most_512_bytes(void **state)
{
	struct situation sit;
	struct mallinfo2 before, after;
	char name[64], node[32];
	int i;

	(void)state;
	situation_init(&sit);
	before = mallinfo2();
	for (i = 0; i < 20000; i++) {
		struct pod *pod;

		snprintf(name, sizeof(name), "deployment-%03d-6d9f7c5b4-%05d", i / 200, i);
		snprintf(node, sizeof(node), "node-%d", i % 45);
		pod = pods_get(&sit.pods, sit.strings, "load", name);
		intern_set(sit.strings, &pod->node, node);
		intern_set(sit.strings, &pod->status, "Running");
		name[21] = '\0';
		intern_set(sit.strings, &pod->owner_name, name);
	}
	after = mallinfo2();
	if ((after.uordblks - before.uordblks) / 20000 > 512)
		fail_msg("%zu bytes a pod", (after.uordblks - before.uordblks) / 20000);
	situation_release(&sit);
}

static void problems_are_what_someone_should_look_at(void **state)
{
	struct situation sit;
	struct pod *pod;
	int64_t now = 1000000000;

	(void)state;
	situation_init(&sit);
	pod = pods_get(&sit.pods, sit.strings, "a", "starting");
	pod->phase = POD_PENDING;
	pod->created_ms = now - 20000;
	pod = pods_get(&sit.pods, sit.strings, "a", "stuck");
	pod->phase = POD_PENDING;
	pod->created_ms = now - 90000;
	pod = pods_get(&sit.pods, sit.strings, "a", "looping");
	pod->phase = POD_RUNNING;
	intern_set(sit.strings, &pod->status, "CrashLoopBackOff");
	pod = pods_get(&sit.pods, sit.strings, "a", "done");
	pod->phase = POD_SUCCEEDED;
	pods_judge(&sit.pods, now);
	assert_int_equal(sit.pods.problems, 2);
	assert_false(pods_find(&sit.pods, "a", "starting")->problem);
	assert_true(pods_find(&sit.pods, "a", "looping")->problem);
	/* Nothing comes, and yet the pod has now been starting for too long. */
	pods_judge(&sit.pods, now + 39000);
	assert_false(pods_find(&sit.pods, "a", "starting")->problem);
	pods_judge(&sit.pods, now + 40001);
	assert_true(pods_find(&sit.pods, "a", "starting")->problem);
	situation_release(&sit);
}

static void a_refusal_says_so_once(void **state)
{
	struct freshness fresh = {.max_age_ms = 1000};

	(void)state;
	freshness_failed(&fresh, FAULT_RIGHTS, "refused: needs +info");
	assert_int_equal(fresh.state, FRESH_REFUSED);
	assert_string_equal(fresh.reason, "needs +info");
}

static void freshness_never_turns_green_by_itself(void **state)
{
	struct freshness fresh = {.max_age_ms = 1000};

	(void)state;
	freshness_failed(&fresh, FAULT_SERVER, "connection refused");
	assert_int_equal(freshness_at(&fresh, 5000), FRESH_UNKNOWN);
	freshness_proven(&fresh, 5000);
	assert_int_equal(freshness_at(&fresh, 6000), FRESH_OK);
	assert_int_equal(freshness_at(&fresh, 6001), FRESH_STALE);
	freshness_failed(&fresh, FAULT_SERVER, "timeout");
	assert_int_equal(freshness_at(&fresh, 5001), FRESH_STALE);
	freshness_failed(&fresh, FAULT_RIGHTS, "forbidden");
	assert_int_equal(freshness_at(&fresh, 5001), FRESH_REFUSED);
}

static void times_are_read_and_written(void **state)
{
	char buf[CLOCK_TEXT];
	int64_t ms;

	(void)state;
	assert_int_equal(clock_parse_rfc3339("2026-11-22T12:25:01Z", &ms), 0);
	assert_string_equal(clock_format_rfc3339(ms, buf), "2026-11-22T12:25:01Z");
	assert_int_equal(clock_parse_rfc3339("2026-11-22T14:25:01.250+02:00", &ms), 0);
	assert_string_equal(clock_format_rfc3339(ms, buf), "2026-11-22T12:25:01Z");
	assert_int_equal(ms % 1000, 250);
	assert_int_equal(clock_parse_rfc3339("yesterday", &ms), -EINVAL);
	assert_int_equal(clock_parse_rfc3339("2026-13-22T12:25:01Z", &ms), -EINVAL);
	assert_string_equal(clock_format_age(119000, buf), "119s");
	assert_string_equal(clock_format_age(250000, buf), "4m10s");
	assert_string_equal(clock_format_age(3600000LL * 50, buf), "2d");
}

static void targets_are_parsed_or_refused(void **state)
{
	struct act_target target;
	struct err err = ERR_INIT;
	char buf[400];

	(void)state;
	assert_int_equal(act_target_parse(&target, "deployment/kube-system/coredns", &err), 0);
	assert_string_equal(target.ns, "kube-system");
	assert_string_equal(act_target_text(&target, buf, sizeof(buf)),
			    "deployment/kube-system/coredns");
	assert_int_equal(act_target_parse(&target, "node/a", &err), 0);
	assert_string_equal(target.name, "a");
	assert_int_equal(act_target_parse(&target, "redis", &err), 0);
	assert_int_equal(act_target_parse(&target, "pod/", &err), -EINVAL);
	assert_int_equal(act_target_parse(&target, "a/b/c/d", &err), -EINVAL);
	assert_true(strlen(err.text) > 0);
}

static void rollouts_ask_kubectls_questions(void **state)
{
	struct workload work = {.kind = WORKLOAD_DEPLOYMENT, .desired = 3, .current = 4,
				.updated = 3, .available = 3, .generation = 2};
	char text[128];

	(void)state;
	assert_int_equal(workload_rollout(&work, text, sizeof(text)), ROLLOUT_WAITING);
	work.observed_generation = 2;
	assert_int_equal(workload_rollout(&work, text, sizeof(text)), ROLLOUT_WAITING);
	work.current = 3;
	assert_int_equal(workload_rollout(&work, text, sizeof(text)), ROLLOUT_DONE);
	work.condition = "ProgressDeadlineExceeded";
	assert_int_equal(workload_rollout(&work, text, sizeof(text)), ROLLOUT_FAILED);
}

static void restarts_are_known_as_they_happen(void **state)
{
	struct pod pod = {.restarts = 0};

	(void)state;
	pod_restarted(&pod, 40, 1000000);
	assert_int_equal(pod_restarts_since(&pod, 900000), 1);
	pod.restarts = 40;
	pod_restarted(&pod, 40, 1000000);
	pod_restarted(&pod, 42, 2000000);
	assert_int_equal(pod_restarts_since(&pod, 900000), 3);
	assert_int_equal(pod_restarts_since(&pod, 1500000), 2);
	pod.restarts = 42;
	pod_restarted(&pod, 142, 3000000);
	assert_int_equal(pod_restarts_since(&pod, 1500000), POD_RESTARTS_KEPT);
	/* Another pod of that name. */
	pod.restarts = 142;
	pod_restarted(&pod, 0, 0);
	assert_int_equal(pod_restarts_since(&pod, 0), 0);
}

static void queues_grow_and_shrink(void **state)
{
	static struct asynq asynq;
	struct asynq_queue *queue = &asynq.queues[0];
	struct asynq_growth growth;
	int i;

	(void)state;
	asynq.nqueues = 1;
	queue->pending = 100;
	queue->archived = 50;
	assert_false(asynq_growth(&asynq, 0, &growth));
	for (i = 0; i < 13; i++) {
		asynq_remember(&asynq, 1000000 + i * 5000);
		queue->pending += 5;
		queue->retry += 1;
		queue->archived -= 1;
	}
	assert_int_equal(asynq.trend.len, 5);
	assert_false(asynq_growth(&asynq, 1059000, &growth));
	assert_true(asynq_growth(&asynq, 1065000, &growth));
	assert_int_equal(growth.pending, 60);
	assert_int_equal(growth.retry, 12);
	assert_int_equal(growth.archived, -12);
	for (i = 0; i < 100; i++)
		asynq_remember(&asynq, 1065000 + i * 15000);
	assert_true(asynq_growth(&asynq, 1065000 + 99 * 15000, &growth));
	assert_true(growth.pending == 0);
	queue->retry = -1;
	assert_false(asynq_growth(&asynq, 1065000 + 99 * 15000, &growth));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(restarts_are_known_as_they_happen),
		cmocka_unit_test(queues_grow_and_shrink),
		cmocka_unit_test(strings_are_kept_once),
		cmocka_unit_test(pods_stay_sorted_and_sweep),
		cmocka_unit_test(a_pod_costs_at_most_512_bytes),
		cmocka_unit_test(problems_are_what_someone_should_look_at),
		cmocka_unit_test(a_refusal_says_so_once),
		cmocka_unit_test(freshness_never_turns_green_by_itself),
		cmocka_unit_test(times_are_read_and_written),
		cmocka_unit_test(targets_are_parsed_or_refused),
		cmocka_unit_test(rollouts_ask_kubectls_questions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
