/* tests/services/test_postgres_told.c: what servers, poolers and Neon's proxy say, word by word,
 * and how often a database that may sleep is looked at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backends/postgres/budget.h"
#include "backends/postgres/errors.h"
#include "backends/postgres/read.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "tests/services/postgres_bed.h"

static const struct {
	const char *text;
	const char *sqlstate;      /* expected; "" = none */
	enum postgres_state state;
} sayings[] = {
	{"connection to server at \"h\" (1.2.3.4), port 5432 failed: FATAL:  28P01: password "
	 "authentication failed for user \"u\"\nLOCATION:  auth_failed, auth.c:326\n", "28P01",
	 POSTGRES_REFUSED},
	{"connection to server at \"h\" (::1), port 5432 failed: FATAL:  28000: no pg_hba.conf entry "
	 "for host \"::1\", user \"u\", database \"d\", no encryption\n", "28000", POSTGRES_REFUSED},
	{"connection to server at \"h\" (1.2.3.4), port 5432 failed: ERROR:  XX000: Your account or "
	 "project has exceeded the compute time quota. Upgrade your plan to increase limits.\n",
	 "XX000", POSTGRES_QUOTA},
	{"connection to server at \"h\" (1.2.3.4), port 5432 failed: ERROR:  53300: Your account or "
	 "project has exceeded the compute time quota. Upgrade your plan to increase limits.\n",
	 "53300", POSTGRES_QUOTA},
	{"connection to server at \"h\" (1.2.3.4), port 5432 failed: ERROR:  XX000: Couldn't connect "
	 "to compute node\n", "XX000", POSTGRES_NO_COMPUTE},
	{"connection to server at \"h\" (1.2.3.4), port 5432 failed: ERROR:  The endpoint ID is not "
	 "specified. Either upgrade the Postgres client library (libpq) for SNI support or pass\n",
	 "", POSTGRES_NO_ENDPOINT},
	{"connection to server at \"h\" (1.2.3.4), port 5432 failed: ERROR:  XX000: connection is "
	 "insecure (try using `sslmode=require`)\n", "XX000", POSTGRES_TLS_FAILED},
	{"connection to server at \"h\" (1.2.3.4), port 5432 failed: FATAL:  53300: sorry, too many "
	 "clients already\n", "53300", POSTGRES_FULL},
	{"connection to server at \"h\" (1.2.3.4), port 5432 failed: FATAL:  53300: remaining "
	 "connection slots are reserved for non-replication superuser connections\n", "53300",
	 POSTGRES_FULL},
	{"connection to server at \"h\" (1.2.3.4), port 6432 failed: FATAL:  08P01: no more "
	 "connections allowed (max_client_conn)\n", "08P01", POSTGRES_FULL},
	{"connection to server at \"h\" (1.2.3.4), port 6432 failed: FATAL:  08P01: server login has "
	 "been failing, try again later (server_login_retry)\n", "08P01", POSTGRES_NO_COMPUTE},
	{"connection to server at \"h\" (1.2.3.4), port 6432 failed: FATAL:  08P01: SSL required\n",
	 "08P01", POSTGRES_TLS_FAILED},
	{"connection to server at \"h\" (1.2.3.4), port 5432 failed: ERROR:  connection is insecure "
	 "(try using `sslmode=require`)\n", "", POSTGRES_TLS_FAILED},
	{"connection to server at \"h\" (1.2.3.4), port 6432 failed: FATAL:  08P01: no such database: "
	 "x\n", "08P01", POSTGRES_NO_DATABASE},
	{"connection to server at \"h\" (1.2.3.4), port 5432 failed: FATAL:  3D000: database \"x\" "
	 "does not exist\n", "3D000", POSTGRES_NO_DATABASE},
	{"connection to server at \"h\" (1.2.3.4), port 5432 failed: FATAL:  57P03: the database "
	 "system is starting up\n", "57P03", POSTGRES_STARTING},
	{"connection to server at \"h\" (1.2.3.4), port 5432 failed: SCHWERWIEGEND:  57P03: das "
	 "Datenbanksystem startet\n", "57P03", POSTGRES_STARTING},
	{"FATAL:  57P01: terminating connection due to administrator command\n", "57P01",
	 POSTGRES_DROPPED},
	{"connection to server at \"h\" (1.2.3.4), port 5432 failed: Connection refused\n\tIs the "
	 "server running on that host and accepting TCP/IP connections?\n", "", POSTGRES_CLOSED},
	{"connection to server at \"h\" (1.2.3.4), port 5432 failed: Network is unreachable\n", "",
	 POSTGRES_NO_LINK},
	{"connection to server at \"h\" (1.2.3.4), port 5432 failed: SSL error: certificate verify "
	 "failed\n", "", POSTGRES_TLS_FAILED},
	{"connection to server at \"h\" (1.2.3.4), port 5432 failed: server does not support SSL, but "
	 "SSL was required\n", "", POSTGRES_TLS_FAILED},
	{"connection to server at \"h\" (1.2.3.4), port 5432 failed: server closed the connection "
	 "unexpectedly\n\tThis probably means\n", "", POSTGRES_DROPPED},
	{"connection to server at \"h\" (1.2.3.4), port 5432 failed: received invalid response to SSL "
	 "negotiation: H\n", "", POSTGRES_BROKEN},
	{"ERROR:  57014: canceling statement due to statement timeout\n", "57014", POSTGRES_TIMEOUT},
	{"ERROR:  XX001: whatever\x1b[2J", "XX001", POSTGRES_ERROR},
	{"", "", POSTGRES_ERROR},
};

static void sayings_are_understood(void **state)
{
	struct postgres_error error;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sayings) / sizeof(sayings[0]); i++) {
		postgres_error_read(sayings[i].text, NULL, &error);
		if (error.state != sayings[i].state || strcmp(error.sqlstate, sayings[i].sqlstate))
			fail_msg("%s: %s %s", sayings[i].text, postgres_state_name(error.state),
				 error.sqlstate);
		assert_null(strpbrk(error.text, "\n\x1b"));
		assert_null(strstr(error.text, " failed: "));
		assert_true(error.text[0]);
	}
}

static void queries_lose_their_values(void **state)
{
	static const char *const pairs[][2] = {
		{"SELECT * FROM t WHERE a = 'it''s' AND b=12.5e3", "SELECT * FROM t WHERE a = ? AND b=?"},
		{"insert into t1 values ($1, E'a\\'b', 0x1F)", "insert into t1 values ($?, E?, ?)"},
		{"select $tag$ secret $tag$, $$x$$ -- 'why'\n from  t", "select ?, ? from t"},
		{"update u set password='never ends", "update u set password=?"},
		{"select /* 4711 */ \"Name 1\"", "select \"Name ?\""},
		{"\xff\x1b[31m", "??[31m"},
		{"", ""},
	};
	char shape[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		postgres_query_shape(pairs[i][0], shape, sizeof(shape));
		if (i != 5)
			assert_string_equal(shape, pairs[i][1]);
		assert_null(strchr(shape, '\x1b'));
	}
}

/* A day in which nobody uses it, at every budget: no hour holds more than the budget, and between
 * two looks there is time to fall asleep. */
static void the_budget_holds_in_every_hour(void **state)
{
	static int64_t made[24 * BUDGET_MAX * 2];
	int64_t now, last;
	int most, nmade, i, j;

	(void)state;
	for (most = 0; most <= 40; most++) {
		struct budget budget = {.most = most, .suspend_after_ms = 300000,
					.every_ms = 30000};

		nmade = 0;
		last = 0;
		for (now = 1000; now < 24 * (int64_t)BUDGET_HOUR_MS; now += 30000) {
			int allowed = budget_allows(&budget, 2, now);

			assert_true(!allowed || !last || now - last > budget.suspend_after_ms);
			last = allowed ? now : last;
			for (i = 0; i < allowed; i++) {
				budget_spend(&budget, now);
				made[nmade++] = now;
			}
		}
		for (i = 0; i < nmade; i++) {
			for (j = i; j < nmade && made[j] - made[i] < BUDGET_HOUR_MS;)
				j++;
			assert_true(j - i <= most);
		}
		assert_true(most == 0 ? nmade == 0 : nmade >= most);
	}
}

static void use_by_others_is_free(void **state)
{
	struct budget budget = {.most = 2, .suspend_after_ms = 300000, .every_ms = 30000};
	int64_t now = 5000000;

	(void)state;
	assert_int_equal(budget_allows(&budget, 2, now), 2);
	budget_spend(&budget, now);
	budget_spend(&budget, now);
	assert_int_equal(budget_allows(&budget, 2, now + 30000), 0);
	budget_used_by_others(&budget, 10000, now);
	assert_int_equal(budget_allows(&budget, 2, now + 30000), 2);
	/* Not for as long as it takes to fall asleep: that would double each use. */
	assert_int_equal(budget_allows(&budget, 2, now + 70000), 0);
	budget_used_by_others(&budget, -1, now + 60000);
	assert_int_equal(budget_allows(&budget, 2, now + 70000), 0);
	/* Never reached is never woken. */
	budget_refund(&budget, 2, true);
	assert_int_equal(budget_allows(&budget, 2, now + 70000), 2);
	budget.suspend_after_ms = 0;
	budget.most = 0;
	assert_int_equal(budget_allows(&budget, 2, now + 70000), 2);
}

/* Stand-ins */

/* An ErrorResponse: 'E', its length, fields, and a zero at the end. Caller frees. */
static char *make_error(const char *code, const char *message, size_t *ret_len)
{
	size_t len = 4 + strlen("SERROR") + 1 + strlen(code) + 2 + strlen(message) + 2 + 1;
	char *bytes = xcalloc(1, len + 1), *at = bytes + 5;

	bytes[0] = 'E';
	bytes[3] = (char)(len >> 8);
	bytes[4] = (char)(len & 255);
	at += sprintf(at, "SERROR") + 1;
	at += sprintf(at, "C%s", code) + 1;
	sprintf(at, "M%s", message);
	*ret_len = len + 1;
	return bytes;
}

static bool direct_failed(struct watched *watched)
{
	const struct postgres *postgres = &watched->sit.postgres;

	return postgres->direct.error[0];
}

static void watch_fake(struct watched *watched, struct fake *fake)
{
	char where[64];

	watched_prepare(watched, "127.0.0.1:1", NULL);
	fake_start(fake, &watched->loop);
	free(watched->config.postgres.direct);
	snprintf(where, sizeof(where), "postgres://u@127.0.0.1:%d/d", fake->port);
	watched->config.postgres.direct = xstrdup(where);
}

static void a_proxy_says_why(void **state)
{
	static const struct {
		const char *code, *text;
		enum postgres_state state;
	} rows[] = {
		{"XX000", "Your account or project has exceeded the compute time quota. Upgrade your "
		 "plan to increase limits.", POSTGRES_QUOTA},
		{"XX000", "Couldn't connect to compute node", POSTGRES_NO_COMPUTE},
		{"XX000", "The requested endpoint could not be found, or you don't have access to it. "
		 "Please check the provided ID and try again.", POSTGRES_NO_ENDPOINT},
		{"57P03", "the database system is starting up", POSTGRES_STARTING},
	};
	const struct postgres *postgres;
	struct watched watched;
	struct fake fake;
	size_t i, len;
	char *bytes;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bytes = make_error(rows[i].code, rows[i].text, &len);
		fake = (struct fake){.answer = true, .say = bytes, .len = len, .hang_up = true};
		watch_fake(&watched, &fake);
		watched.config.postgres.sslmode = 0;
		watched_go(&watched);
		assert_true(watched_until(&watched, direct_failed, 20000));
		postgres = watched_postgres(&watched);
		assert_int_equal(postgres->direct.state, rows[i].state);
		assert_string_equal(postgres->direct.error, rows[i].text);
		assert_string_equal(postgres->direct.sqlstate, rows[i].code);
		assert_int_equal(postgres->direct.failed_step, POSTGRES_AUTH);
		fake_stop(&fake);
		watched_stop(&watched);
		free(bytes);
	}
}

static void who_does_not_speak_postgres(void **state)
{
	static const struct {
		struct fake fake;
		enum postgres_state state;
	} rows[] = {
		{{.answer = true, .say = "HTTP/1.1 400 Bad Request\r\n\r\n", .len = 28, .hang_up = true},
		 POSTGRES_BROKEN},
		{{.answer = true, .say = "", .len = 0, .hang_up = true}, POSTGRES_DROPPED},
		{{.answer = true, .refuse_tls = true, .say = "x", .len = 1}, POSTGRES_TLS_FAILED},
		{{.say = NULL}, POSTGRES_TIMEOUT},
	};
	struct watched watched;
	struct fake fake;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fake = rows[i].fake;
		watch_fake(&watched, &fake);
		watched.config.postgres.sslmode = 1;
		watched.config.postgres.timeout_ms = 3000;
		watched_go(&watched);
		assert_true(watched_until(&watched, direct_failed, 20000));
		assert_int_equal(watched_postgres(&watched)->direct.state, rows[i].state);
		assert_true(watched.longest_ms < 1500);
		fake_stop(&fake);
		watched_stop(&watched);
	}
}

static bool has_been_left_alone(struct watched *watched)
{
	const struct postgres *postgres = &watched->sit.postgres;

	return postgres->wake_spent > 0 && postgres->next_look_ms > clock_wall_ms() + 600000;
}

/* Seconds stand for hours: a look each 50 ms would be due, and the hour's budget is 3. */
static void a_suspended_compute_sees_no_more_than_the_budget(void **state)
{
	struct watched watched;
	struct fake fake;
	char *bytes;
	size_t len;

	(void)state;
	bytes = make_error("XX000", "Couldn't connect to compute node", &len);
	fake = (struct fake){.answer = true, .say = bytes, .len = len, .hang_up = true};
	watch_fake(&watched, &fake);
	watched.config.postgres.sslmode = 0;
	watched.config.postgres.every_ms = 50;
	watched.config.postgres.suspend_after_ms = 300;
	watched.config.postgres.wake_budget = 3;
	watched_go(&watched);
	assert_true(watched_until(&watched, has_been_left_alone, 20000));
	watched_for(&watched, 2000);
	assert_in_range(fake.connections, 1, 3);
	assert_int_equal(watched_postgres(&watched)->wake_spent, fake.connections);
	fake_stop(&fake);
	watched_stop(&watched);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sayings_are_understood),
		cmocka_unit_test(queries_lose_their_values),
		cmocka_unit_test(the_budget_holds_in_every_hour),
		cmocka_unit_test(use_by_others_is_free),
		cmocka_unit_test(a_proxy_says_why),
		cmocka_unit_test(who_does_not_speak_postgres),
		cmocka_unit_test(a_suspended_compute_sees_no_more_than_the_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
