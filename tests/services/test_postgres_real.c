/* tests/services/test_postgres_real.c: a real PostgreSQL with TLS and pgbouncer in front of it:
 * what is read, how each kind of failure is told, and that nothing is ever written. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "tests/services/postgres_bed.h"

/* The loop may stand still no longer: far below any time-out, and above what a busy machine does. */
#define STILL_MS 1500

static bool is_fresh(struct watched *watched)
{
	const struct postgres *postgres = &watched->sit.postgres;

	return freshness_at(&postgres->fresh, clock_wall_ms()) == FRESH_OK &&
	       postgres->look.as_of_ms;
}

static bool both_ok(struct watched *watched)
{
	const struct postgres *postgres = &watched->sit.postgres;

	return postgres->direct.state == POSTGRES_OK && postgres->pooler.state == POSTGRES_OK &&
	       is_fresh(watched);
}

static bool both_failed(struct watched *watched)
{
	const struct postgres *postgres = &watched->sit.postgres;

	return postgres->direct.error[0] && postgres->pooler.error[0];
}

static bool direct_failed(struct watched *watched)
{
	const struct postgres *postgres = &watched->sit.postgres;

	return postgres->direct.error[0];
}

static bool pooler_failed(struct watched *watched)
{
	const struct postgres *postgres = &watched->sit.postgres;

	return postgres->pooler.error[0];
}

static void healthy(void **state)
{
	const struct postgres *postgres;
	struct watched watched;
	struct bed bed;
	int i;

	(void)state;
	bed_up(&bed, "");
	watched_bed(&watched, &bed);
	watched_go(&watched);
	assert_true(watched_until(&watched, both_ok, 20000));
	postgres = watched_postgres(&watched);
	for (i = 0; i < POSTGRES_STEPS; i++) {
		assert_in_range(postgres->direct.step_us[i], 0, 2000000);
		assert_in_range(postgres->pooler.step_us[i], 0, 2000000);
	}
	assert_string_equal(postgres->direct.tls, "TLSv1.3");
	assert_int_equal(postgres->max_connections, 40);
	assert_int_equal(postgres->reserved, 3);
	assert_true(atoi(postgres->version) >= 13);
	assert_int_equal(postgres->goose, GOOSE_OK);
	assert_int_equal(postgres->goose_version, 20240702);
	assert_true(postgres->goose_applied_ms > clock_wall_ms() - 600000);
	assert_true(postgres->lock.known);
	assert_false(postgres->lock.held);
	assert_true(postgres->indexes_known);
	assert_int_equal(postgres->nindexes, 0);
	assert_int_equal(postgres->hidden, 0);
	assert_true(postgres->direct.fresh.bytes_in > 1000);
	assert_true(postgres->connections_made >= 2);
	assert_true(watched.longest_ms < STILL_MS);
	watched_stop(&watched);
	bed_down(&bed);
}

static void wrong_password(void **state)
{
	const struct postgres *postgres;
	struct watched watched;
	struct bed bed;

	(void)state;
	bed_up(&bed, "");
	watched_bed(&watched, &bed);
	watched_password(&watched, "wrong");
	watched_go(&watched);
	assert_true(watched_until(&watched, both_failed, 20000));
	postgres = watched_postgres(&watched);
	assert_int_equal(postgres->direct.state, POSTGRES_REFUSED);
	assert_string_equal(postgres->direct.sqlstate, "28P01");
	assert_int_equal(postgres->direct.failed_step, POSTGRES_AUTH);
	assert_non_null(strstr(postgres->direct.error, "password authentication failed"));
	assert_null(strstr(postgres->direct.error, "wrong"));
	assert_int_equal(postgres->direct.fresh.state, FRESH_REFUSED);
	assert_int_equal(postgres->pooler.state, POSTGRES_REFUSED);
	/* Set right, it is let in again. */
	watched_password(&watched, "secret");
	assert_true(watched_until(&watched, both_ok, 20000));
	watched_stop(&watched);
	bed_down(&bed);
}

static void tls_that_is_not_trusted(void **state)
{
	static const struct {
		const char *kind;
		const char *ca;    /* NULL = the right one */
		const char *told;
	} rows[] = {
		{"", "/etc/ssl/certs/ca-certificates.crt", "certificate verify failed"},
		{"otherhost", NULL, "does not match host name"},
		{"expired", NULL, "certificate verify failed"},
	};
	const struct postgres *postgres;
	struct watched watched;
	struct bed bed;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bed_up(&bed, rows[i].kind);
		watched_bed(&watched, &bed);
		if (rows[i].ca) {
			free(watched.config.postgres.ca_file);
			watched.config.postgres.ca_file = xstrdup(rows[i].ca);
		}
		watched_go(&watched);
		assert_true(watched_until(&watched, both_failed, 20000));
		postgres = watched_postgres(&watched);
		assert_int_equal(postgres->direct.state, POSTGRES_TLS_FAILED);
		assert_int_equal(postgres->direct.failed_step, POSTGRES_TLS);
		if (!strstr(postgres->direct.error, rows[i].told))
			fail_msg("%s: %s", rows[i].kind, postgres->direct.error);
		assert_int_equal(postgres->pooler.state, POSTGRES_TLS_FAILED);
		watched_stop(&watched);
		bed_down(&bed);
	}
}

/* Each look after the first is given the one authority that vouched for the last. */
static void a_new_authority(void **state)
{
	const struct postgres *postgres;
	struct watched watched;
	char command[256];
	struct bed bed;

	(void)state;
	bed_up(&bed, "");
	watched_bed(&watched, &bed);
	watched_go(&watched);
	assert_true(watched_until(&watched, both_ok, 20000));
	watched_for(&watched, 500);
	bed_order(&bed, "authority", "");
	watched_for(&watched, 1000);
	postgres = watched_postgres(&watched);
	assert_true(both_ok(&watched));
	assert_int_equal(postgres->direct.error[0] | postgres->pooler.error[0], 0);
	/* One that nobody vouches for is still found out. */
	snprintf(command, sizeof(command), "cp %s/ca.crt %s/both.crt", bed.dir, bed.dir);
	assert_int_equal(system(command), 0);
	bed_order(&bed, "authority", "");
	snprintf(command, sizeof(command), "cp %s/both.crt %s/ca.crt", bed.dir, bed.dir);
	assert_int_equal(system(command), 0);
	assert_true(watched_until(&watched, direct_failed, 20000));
	assert_int_equal(postgres->direct.state, POSTGRES_TLS_FAILED);
	watched_stop(&watched);
	bed_down(&bed);
}

static void stopped_and_started(void **state)
{
	const struct postgres *postgres;
	struct watched watched;
	struct bed bed;

	(void)state;
	bed_up(&bed, "");
	watched_bed(&watched, &bed);
	watched_go(&watched);
	assert_true(watched_until(&watched, both_ok, 20000));
	bed_order(&bed, "server", "stop");
	assert_true(watched_until(&watched, both_failed, 20000));
	postgres = watched_postgres(&watched);
	watched_for(&watched, 500);
	assert_int_equal(postgres->direct.state, POSTGRES_CLOSED);
	assert_int_equal(postgres->direct.failed_step, POSTGRES_TCP);
	/* The pooler itself answers, and says that nothing is behind it. */
	assert_int_equal(postgres->pooler.state, POSTGRES_NO_COMPUTE);
	assert_int_equal(postgres->fresh.state, FRESH_STALE);
	bed_order(&bed, "server", "start");
	assert_true(watched_until(&watched, both_ok, 20000));
	assert_true(watched.longest_ms < STILL_MS);
	watched_stop(&watched);
	bed_down(&bed);
}

static void only_the_pooler_is_gone(void **state)
{
	const struct postgres *postgres;
	struct watched watched;
	struct bed bed;

	(void)state;
	bed_up(&bed, "");
	watched_bed(&watched, &bed);
	watched.config.postgres.timeout_ms = 1000;
	watched_go(&watched);
	assert_true(watched_until(&watched, both_ok, 20000));
	postgres = watched_postgres(&watched);
	kill(bed.pooler_pid, SIGSTOP);
	assert_true(watched_until(&watched, pooler_failed, 20000));
	assert_int_equal(postgres->pooler.state, POSTGRES_TIMEOUT);
	assert_int_equal(postgres->pooler.failed_step, POSTGRES_TLS);
	assert_int_equal(postgres->direct.state, POSTGRES_OK);
	assert_int_equal(postgres_overall(postgres), POSTGRES_OK);
	kill(bed.pooler_pid, SIGCONT);
	assert_true(watched_until(&watched, both_ok, 20000));
	bed_order(&bed, "pooler", "stop");
	assert_true(watched_until(&watched, pooler_failed, 20000));
	watched_for(&watched, 500);
	assert_int_equal(postgres->pooler.state, POSTGRES_CLOSED);
	assert_true(is_fresh(&watched));
	bed_order(&bed, "pooler", "start");
	assert_true(watched_until(&watched, both_ok, 20000));
	assert_true(watched.longest_ms < STILL_MS);
	watched_stop(&watched);
	bed_down(&bed);
}

static bool direct_timed_out(struct watched *watched)
{
	const struct postgres *postgres = &watched->sit.postgres;

	return postgres->direct.state == POSTGRES_TIMEOUT;
}

static void frozen(void **state)
{
	struct watched watched;
	struct bed bed;

	(void)state;
	bed_up(&bed, "");
	watched_bed(&watched, &bed);
	watched.config.postgres.timeout_ms = 800;
	watched_go(&watched);
	assert_true(watched_until(&watched, both_ok, 20000));
	kill(bed.pid, SIGSTOP);
	assert_true(watched_until(&watched, direct_timed_out, 20000));
	assert_true(watched.longest_ms < STILL_MS);
	kill(bed.pid, SIGCONT);
	assert_true(watched_until(&watched, both_ok, 20000));
	/* Stopped in the middle of a look: nothing is left behind, which the loop's end tells. */
	kill(bed.pid, SIGSTOP);
	watched_for(&watched, 300);
	watched_stop(&watched);
	bed_down(&bed);
}

static void no_connection_left(void **state)
{
	const struct postgres *postgres;
	struct watched watched;
	PGconn *held[2];
	struct bed bed;

	(void)state;
	bed_up(&bed, "few");
	held[0] = bed_app(&bed);
	held[1] = bed_app(&bed);
	watched_bed(&watched, &bed);
	watched_go(&watched);
	assert_true(watched_until(&watched, direct_failed, 20000));
	postgres = watched_postgres(&watched);
	assert_int_equal(postgres->direct.state, POSTGRES_FULL);
	assert_string_equal(postgres->direct.sqlstate, "53300");
	PQfinish(held[0]);
	PQfinish(held[1]);
	watched_stop(&watched);
	bed_down(&bed);
}

static bool sees_a_blocker(struct watched *watched)
{
	const struct postgres *postgres = &watched->sit.postgres;

	return postgres->nblockers > 0;
}

static void blockers_and_long_transactions(void **state)
{
	const struct postgres *postgres;
	PGconn *holder, *waiter;
	struct watched watched;
	struct bed bed;

	(void)state;
	bed_up(&bed, "");
	holder = bed_app(&bed);
	waiter = bed_app(&bed);
	bed_do(holder, "BEGIN");
	bed_do(holder, "UPDATE orders SET what = 'it''s 4711''s secret' WHERE id = 17");
	assert_int_equal(PQsendQuery(waiter, "DELETE FROM orders WHERE id = 17"), 1);
	watched_bed(&watched, &bed);
	watched_go(&watched);
	assert_true(watched_until(&watched, sees_a_blocker, 20000));
	postgres = watched_postgres(&watched);
	assert_int_equal(postgres->nblockers, 1);
	assert_int_equal(postgres->blockers[0].pid, PQbackendPID(holder));
	assert_int_equal(postgres->blockers[0].blocks, 1);
	assert_false(postgres->blockers[0].waits);
	assert_string_equal(postgres->blockers[0].state, "idle in transaction");
	assert_string_equal(postgres->blockers[0].application, "api");
	assert_string_equal(postgres->blockers[0].query,
			    "UPDATE orders SET what = ? WHERE id = ?");
	assert_int_equal(postgres->waiting, 1);
	assert_int_equal(postgres->in_transaction, 1);
	assert_int_equal(postgres->nlongest, 2);
	assert_int_equal(postgres->longest[0].pid, PQbackendPID(holder));
	assert_true(postgres->longest[1].waits);
	/* Others are at work: it needs no budget to look. */
	assert_int_equal(postgres->others_used_s, 0);
	bed_do(holder, "ROLLBACK");
	watched_for(&watched, 600);
	assert_int_equal(postgres->nblockers, 0);
	watched_stop(&watched);
	PQfinish(holder);
	PQfinish(waiter);
	bed_down(&bed);
}

static bool sees_an_index(struct watched *watched)
{
	const struct postgres *postgres = &watched->sit.postgres;

	return postgres->nindexes > 0;
}

static bool sees_a_lock(struct watched *watched)
{
	const struct postgres *postgres = &watched->sit.postgres;

	return postgres->lock.held && postgres->lock.waiting;
}

static void migrations(void **state)
{
	const struct postgres *postgres;
	PGconn *boss, *first, *second;
	struct watched watched;
	struct bed bed;

	(void)state;
	bed_up(&bed, "");
	boss = bed_boss(&bed);
	first = bed_app(&bed);
	second = bed_app(&bed);
	/* A unique index over what isn't unique: its build fails and leaves it behind. */
	bed_do(boss, "UPDATE orders SET what = 'same'");
	PQclear(PQexec(boss, "CREATE UNIQUE INDEX CONCURRENTLY twice ON orders (what)"));
	bed_do(boss, "DELETE FROM goose_db_version WHERE version_id = 20240702");
	bed_do(first, "SELECT pg_advisory_lock(4097083626)");
	assert_int_equal(PQsendQuery(second, "SELECT pg_advisory_lock(4097083626)"), 1);
	watched_bed(&watched, &bed);
	watched_go(&watched);
	postgres = watched_postgres(&watched);
	assert_true(watched_until(&watched, sees_an_index, 20000));
	assert_string_equal(postgres->indexes[0].name, "public.twice");
	assert_string_equal(postgres->indexes[0].table, "orders");
	assert_false(postgres->indexes[0].building);
	assert_int_equal(postgres->goose, GOOSE_BEHIND);
	assert_int_equal(postgres->goose_version, 20240611);
	assert_true(watched_until(&watched, sees_a_lock, 20000));
	assert_int_equal(postgres->lock.pid, PQbackendPID(first));
	assert_string_equal(postgres->lock.holder, "api");
	assert_int_equal(postgres->lock.waiting, 1);
	bed_do(boss, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (20250101, true)");
	watched_for(&watched, 500);
	assert_int_equal(postgres->goose, GOOSE_AHEAD);
	/* As goose of old takes one back: a row that says so. */
	bed_do(boss, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (20250101, false)");
	watched_for(&watched, 500);
	assert_int_equal(postgres->goose, GOOSE_BEHIND);
	bed_do(boss, "REVOKE ALL ON goose_db_version FROM mon");
	watched_for(&watched, 500);
	assert_int_equal(postgres->goose, GOOSE_REFUSED);
	bed_do(boss, "DROP TABLE goose_db_version");
	watched_for(&watched, 500);
	assert_int_equal(postgres->goose, GOOSE_MISSING);
	assert_true(is_fresh(&watched));
	watched_stop(&watched);
	PQfinish(first);
	PQfinish(second);
	PQfinish(boss);
	bed_down(&bed);
}

static void without_rights(void **state)
{
	const struct postgres *postgres;
	struct watched watched;
	struct bed bed;
	PGconn *app;

	(void)state;
	bed_up(&bed, "");
	app = bed_app(&bed);
	bed_do(app, "SELECT 1");
	watched_bed(&watched, &bed);
	watched.config.postgres.user = xstrdup("nosy");
	watched_go(&watched);
	assert_true(watched_until(&watched, both_ok, 20000));
	postgres = watched_postgres(&watched);
	assert_true(postgres->hidden > 0);
	assert_int_equal(postgres->goose, GOOSE_REFUSED);
	/* What may not be seen is not called idle. */
	assert_int_equal(postgres->others_used_s, -1);
	watched_stop(&watched);
	PQfinish(app);
	bed_down(&bed);
}

static bool both_asleep(struct watched *watched)
{
	const struct postgres *postgres = &watched->sit.postgres;

	return postgres->direct.state == POSTGRES_ASLEEP &&
	       postgres->pooler.state == POSTGRES_ASLEEP &&
	       postgres->fresh.state == FRESH_ASLEEP && postgres->look.state == FRESH_ASLEEP;
}

/* Looks go on by themselves as long as others use it, and no longer. */
static void left_to_sleep(void **state)
{
	const struct postgres *postgres;
	struct watched watched;
	struct bed bed;
	PGconn *app;

	(void)state;
	bed_up(&bed, "");
	watched_bed(&watched, &bed);
	watched.config.postgres.every_ms = 300;
	watched.config.postgres.suspend_after_ms = 1200;
	watched.config.postgres.wake_budget = 4;
	watched_go(&watched);
	postgres = watched_postgres(&watched);
	assert_true(watched_until(&watched, both_ok, 20000));
	assert_true(watched_until(&watched, both_asleep, 20000));
	assert_int_equal(postgres->connections_made, 2);
	assert_int_equal(postgres->wake_spent, 2);
	assert_int_equal(postgres->wakes, 1);
	/* Someone works with it again: found by a person who asks, then followed freely. */
	app = bed_app(&bed);
	assert_int_equal(PQsendQuery(app, "SELECT pg_sleep(20)"), 1);
	watched_for(&watched, 5100);
	assert_true(both_asleep(&watched));
	backend_postgres.refresh(watched.self);
	watched_for(&watched, 2500);
	assert_true(both_ok(&watched));
	assert_int_equal(postgres->others_used_s, 0);
	assert_true(postgres->connections_made >= 8);
	assert_int_equal(postgres->wake_spent, 4);
	PQfinish(app);
	bed_down(&bed);
	/* What was found ill is not called asleep. */
	watched_for(&watched, 5100);
	backend_postgres.refresh(watched.self);
	assert_true(watched_until(&watched, both_failed, 20000));
	watched_for(&watched, 2500);
	assert_int_equal(postgres->direct.state, POSTGRES_CLOSED);
	watched_stop(&watched);
}

static bool is_spoken_of(const char *line)
{
	return !strncmp(line, "sitrep|", 7);
}

/* Every statement of ours, as the server wrote it down: within BEGIN READ ONLY ... COMMIT. */
static void nothing_is_written(void **state)
{
	static const char begin[] = "LOG:  statement: BEGIN READ ONLY; SET LOCAL statement_timeout";
	struct watched watched;
	char *log, *save = NULL, *line;
	int statements = 0;
	struct bed bed;

	(void)state;
	bed_up(&bed, "");
	watched_bed(&watched, &bed);
	watched_go(&watched);
	assert_true(watched_until(&watched, both_ok, 20000));
	watched_for(&watched, 1000);
	watched_stop(&watched);
	log = bed_log(&bed);
	for (line = strtok_r(log, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (!is_spoken_of(line) || !strstr(line, "statement: "))
			continue;
		statements++;
		if (!strstr(line, begin) || strcmp(line + strlen(line) - 6, "COMMIT"))
			fail_msg("%s", line);
	}
	free(log);
	assert_true(statements >= 6);
	bed_down(&bed);
}

static void no_such_name(void **state)
{
	const struct postgres *postgres;
	struct watched watched;

	(void)state;
	watched_prepare(&watched, "nowhere.invalid", NULL);
	watched_go(&watched);
	assert_true(watched_until(&watched, direct_failed, 20000));
	postgres = watched_postgres(&watched);
	assert_int_equal(postgres->direct.state, POSTGRES_NO_NAME);
	assert_int_equal(postgres->direct.failed_step, POSTGRES_DNS);
	assert_int_equal(postgres->direct.fresh.fault, FAULT_LINK);
	assert_true(watched.longest_ms < STILL_MS);
	watched_stop(&watched);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_such_name),
		BED_TEST(healthy),
		BED_TEST(wrong_password),
		BED_TEST(tls_that_is_not_trusted),
		BED_TEST(a_new_authority),
		BED_TEST(stopped_and_started),
		BED_TEST(only_the_pooler_is_gone),
		BED_TEST(frozen),
		BED_TEST(no_connection_left),
		BED_TEST(blockers_and_long_transactions),
		BED_TEST(migrations),
		BED_TEST(without_rights),
		BED_TEST(left_to_sleep),
		BED_TEST(nothing_is_written),
	};

	if (!bed_possible()) {
		puts("1..0 # SKIP PostgreSQL or pgbouncer is not installed");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
