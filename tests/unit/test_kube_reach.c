/* tests/unit/test_kube_reach.c: what the API server passes on to pods, and whose fault silence is */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/kube/proxied.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "tests/unit/kube_bed.h"

#define STATUS(code, reason, message)                                                      \
	"{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"" \
	message "\",\"reason\":\"" reason "\",\"code\":" #code "}"
#define NOWHERE "error trying to reach service: dial tcp 10.0.0.4:8000: "

/* Whose answer it is */

static void answers_are_told_apart(void **state)
{
	static const struct {
		int rc;
		bool connected;
		long status;
		const char *body;
		enum proxied means;
		const char *text;
	} rows[] = {
		{0, true, 200, "", PROXIED_ANSWER, "HTTP 200"},
		{0, true, 404, "404 page not found\n", PROXIED_ANSWER, "HTTP 404"},
		{0, true, 403, "<html>no</html>", PROXIED_ANSWER, "HTTP 403"},
		{0, true, 500, "{\"kind\":\"Oops\"}", PROXIED_ANSWER, "HTTP 500"},
		{0, true, 503, "", PROXIED_ANSWER, "HTTP 503"},
		{0, true, 503, "{\"kind\":\"Status\",\"apiVersion\":7}", PROXIED_ANSWER, "HTTP 503"},
		{0, true, 503, STATUS(503, "ServiceUnavailable", NOWHERE "connect: connection refused"),
		 PROXIED_CLOSED, "dial tcp 10.0.0.4:8000: connect: connection refused"},
		{0, true, 503, STATUS(503, "ServiceUnavailable", NOWHERE "i/o timeout"),
		 PROXIED_SILENT, "dial tcp 10.0.0.4:8000: i/o timeout"},
		{0, true, 503, STATUS(503, "ServiceUnavailable", NOWHERE "connect: no route to host"),
		 PROXIED_SILENT, "dial tcp 10.0.0.4:8000: connect: no route to host"},
		{0, true, 503, STATUS(503, "ServiceUnavailable", "error trying to reach service: EOF"),
		 PROXIED_CLOSED, "EOF"},
		{0, true, 503, STATUS(503, "ServiceUnavailable", "error trying to reach service: net/"
				      "http: HTTP/1.x transport connection broken: malformed HTTP "
				      "response"),
		 PROXIED_ANSWER, "net/http: HTTP/1.x transport connection broken: malformed HTTP "
		 "response"},
		{0, true, 503, STATUS(503, "ServiceUnavailable", "no endpoints available for service x"),
		 PROXIED_NOBODY, "no endpoints available for service x"},
		{0, true, 404, STATUS(404, "NotFound", "pods x not found"), PROXIED_NOBODY,
		 "pods x not found"},
		{0, true, 403, STATUS(403, "Forbidden", "pods x is forbidden"), PROXIED_REFUSED,
		 "pods x is forbidden"},
		{0, true, 401, STATUS(401, "Unauthorized", "Unauthorized"), PROXIED_REFUSED,
		 "Unauthorized"},
		{0, true, 500, STATUS(500, "InternalError", "etcd is gone"), PROXIED_LOST,
		 "etcd is gone"},
		{-ETIMEDOUT, true, 0, "", PROXIED_SILENT, "why"},
		{-ETIMEDOUT, false, 0, "", PROXIED_LOST, "why"},
		{-ECONNREFUSED, false, 0, "", PROXIED_LOST, "why"},
	};
	char text[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_outcome outcome = {
			.rc = rows[i].rc, .connected = rows[i].connected, .status = rows[i].status,
			.text = "why",
		};
		enum proxied means = proxied_judge(&outcome, rows[i].body, strlen(rows[i].body),
						   text, sizeof(text));

		if (means != rows[i].means)
			fail_msg("row %zu is %d", i, means);
		assert_string_equal(text, rows[i].text);
	}
}

/* Reaching pods */

enum { WELL, CLOSED, UNREACHABLE, REFUSED, SILENT, FROZEN, NOT_READY, LONG, GONE };

static const char *const statuses[] = {
	[CLOSED] = STATUS(503, "ServiceUnavailable", NOWHERE "connect: connection refused"),
	[UNREACHABLE] = STATUS(503, "ServiceUnavailable", NOWHERE "i/o timeout"),
	[REFUSED] = STATUS(403, "Forbidden", "pods is forbidden"),
	[GONE] = STATUS(404, "NotFound", "pods p not found"),
};

static void list_nodes(struct httpd_conn *conn)
{
	static const char nodes[] =
		"{\"metadata\":{\"resourceVersion\":\"5\"},\"items\":["
		"{\"metadata\":{\"name\":\"n1\"},\"status\":{\"conditions\":"
		"[{\"type\":\"Ready\",\"status\":\"True\"}]}},"
		"{\"metadata\":{\"name\":\"n2\"},\"status\":{\"conditions\":"
		"[{\"type\":\"Ready\",\"status\":\"True\"}]}},"
		"{\"metadata\":{\"name\":\"n3\"},\"status\":{\"conditions\":"
		"[{\"type\":\"Ready\",\"status\":\"Unknown\"}]}}]}";

	httpd_answer(conn, 200, NULL, nodes, strlen(nodes));
}

/* Two to be asked on n1, and others that must not be; on n2 one on the host's own network. */
static void list_pods(struct httpd_conn *conn)
{
	static const struct {
		const char *name, *node, *spec, *ready, *owner;
	} rows[] = {
		{"a-1", "n1", "", "True", "api"}, {"a-2", "n1", "", "True", "api"},
		{"a-3", "n1", "", "False", "api"}, {"b-1", "n1", "", "True", "other"},
		{"a-4", "n2", ",\"hostNetwork\":true", "True", "api"},
		{"a-5", "n3", "", "True", "api"},
	};
	struct buf body = BUF_INIT(8192);
	size_t i;

	buf_append_str(&body, "{\"metadata\":{\"resourceVersion\":\"5\"},\"items\":[");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		buf_printf(&body, "%s{\"metadata\":{\"namespace\":\"app\",\"name\":\"%s\","
			   "\"ownerReferences\":[{\"kind\":\"DaemonSet\",\"name\":\"%s\",\"controller\":"
			   "true}]},\"spec\":{\"nodeName\":\"%s\",\"containers\":[{}]%s},\"status\":"
			   "{\"phase\":\"Running\",\"conditions\":[{\"type\":\"Ready\",\"status\":"
			   "\"%s\"}]}}", i ? "," : "", rows[i].name, rows[i].owner, rows[i].node,
			   rows[i].spec, rows[i].ready);
	buf_append_str(&body, "]}");
	httpd_answer(conn, 200, NULL, body.data, body.len);
	buf_release(&body);
}

static void answer_at_length(struct httpd_conn *conn)
{
	char block[8192];
	int i;

	memset(block, 'x', sizeof(block) - 1);
	block[sizeof(block) - 1] = '\0';
	httpd_begin(conn);
	for (i = 0; i < 12; i++)
		httpd_chunk(conn, block);
}

static bool pods_answer(struct bed *bed, struct httpd_conn *conn, const char *path)
{
	if (bed_is(path, "/api/v1/nodes?limit"))
		list_nodes(conn);
	else if (bed_is(path, "/api/v1/pods?limit"))
		list_pods(conn);
	else if (bed_is(path, "/readyz") && bed->step == FROZEN)
		return true;
	else if (bed_is(path, "/readyz") && bed->step == NOT_READY)
		httpd_answer(conn, 500, NULL, "[-]etcd failed: reason withheld\n", 32);
	else if (!strstr(path, "/proxy/"))
		return false;
	else if (bed->step == SILENT || bed->step == FROZEN || bed->step == NOT_READY)
		return true;
	else if (bed->step == LONG)
		answer_at_length(conn);
	else if (bed->step == WELL)
		httpd_answer(conn, 404, NULL, "nothing here", 12);
	else
		httpd_answer(conn, bed->step == REFUSED ? 403 : bed->step == GONE ? 404 : 503, NULL,
			     statuses[bed->step], strlen(statuses[bed->step]));
	return true;
}

static void reach_up(struct bed *bed, int step)
{
	struct config_reach *config = &bed->config.kube.reach;

	bed_up(bed, "", "");
	bed->special = pods_answer;
	bed->step = step;
	config->pods = xcalloc(1, sizeof(*config->pods));
	config->npods = 1;
	config->every_ms = 100;
	config->timeout_ms = 300;
	config->per_minute = 6000;
	config->pods[0].port = 8000;
	config->pods[0].path = xstrdup("/healthz");
	strlist_add(&config->pods[0].workloads, "daemonset/app/ap*");
	bed_watch(bed);
}

static const struct node_reach *reach_of(const struct bed *bed, const char *name)
{
	const struct node *node = nodes_find(&bed->sit.nodes, name);

	return node ? &node->reach : NULL;
}

#define N1 reach_of(&bed, "n1")

static void whatever_a_pod_answers_it_is_reached(void **state)
{
	struct bed bed;

	(void)state;
	reach_up(&bed, WELL);
	bed_until(&bed, N1 && N1->result == REACH_ANSWERED);
	assert_string_equal(N1->text, "HTTP 404");
	assert_int_equal(N1->fresh.state, FRESH_OK);
	assert_true(N1->took_ms >= 0);
	/* Each turn another of those that fit; the others never. */
	bed_until(&bed, bed_count(&bed, "/app/pods/a-1:8000/proxy/healthz") > 0 &&
		  bed_count(&bed, "/app/pods/a-2:8000/proxy/healthz") > 0);
	assert_int_equal(bed_count(&bed, "/a-3:"), 0);
	assert_int_equal(bed_count(&bed, "/b-1:"), 0);
	assert_int_equal(bed_count(&bed, "/a-4:"), 0);
	assert_int_equal(bed_count(&bed, "/a-5:"), 0);
	bed_until(&bed, reach_of(&bed, "n2")->fresh.reason[0]);
	assert_string_equal(reach_of(&bed, "n2")->fresh.reason, "none of those pods is Ready there");
	assert_int_equal(reach_of(&bed, "n2")->fresh.state, FRESH_UNKNOWN);
	assert_string_equal(reach_of(&bed, "n3")->fresh.reason, "its node isn't Ready");
	bed_down(&bed);
}

static void a_long_answer_is_not_read_to_its_end(void **state)
{
	struct bed bed;

	(void)state;
	reach_up(&bed, LONG);
	bed_until(&bed, N1 && N1->result == REACH_ANSWERED);
	bed_down(&bed);
}

static void what_is_closed_is_reached_and_what_is_silent_is_not(void **state)
{
	struct bed bed;

	(void)state;
	reach_up(&bed, CLOSED);
	bed_until(&bed, N1 && N1->result == REACH_CLOSED);
	assert_int_equal(N1->failures, 0);
	bed.step = UNREACHABLE;
	bed_until(&bed, N1->result == REACH_FAILED && N1->failures >= 2);
	assert_string_equal(N1->text, "dial tcp 10.0.0.4:8000: i/o timeout");
	bed.step = SILENT;
	bed_until(&bed, strstr(N1->text, "no answer within"));
	assert_int_equal(N1->result, REACH_FAILED);
	/* The pod's silence isn't the API server's. */
	assert_int_equal(bed.sit.cluster.servers[0].fresh.state, FRESH_OK);
	assert_int_equal(bed_pods_state(&bed), FRESH_OK);
	bed.step = WELL;
	bed_until(&bed, N1->result == REACH_ANSWERED && N1->failures == 0);
	bed_down(&bed);
}

static void what_cannot_be_known_is_not_called_unreachable(void **state)
{
	struct bed bed;

	(void)state;
	reach_up(&bed, FROZEN);
	bed_until(&bed, N1 && N1->fresh.reason[0]);
	assert_int_equal(N1->result, REACH_UNKNOWN);
	assert_int_equal(N1->fresh.state, FRESH_UNKNOWN);
	bed.step = NOT_READY;
	bed_until(&bed, !strcmp(N1->fresh.reason, "the API server isn't ready"));
	assert_int_equal(N1->result, REACH_UNKNOWN);
	bed.step = GONE;
	bed_until(&bed, !strcmp(N1->fresh.reason, "pods p not found"));
	assert_int_equal(N1->result, REACH_UNKNOWN);
	bed.step = REFUSED;
	bed_until(&bed, N1->fresh.state == FRESH_REFUSED);
	assert_string_equal(N1->fresh.reason, "needs the right to get pods/proxy there");
	assert_int_equal(N1->fresh.fault, FAULT_RIGHTS);
	bed.step = WELL;
	bed_until(&bed, N1->fresh.state == FRESH_OK);
	bed_down(&bed);
}

static void the_budget_holds(void **state)
{
	struct bed bed;

	(void)state;
	/* Six a minute: three at once, and then one in twenty seconds. */
	reach_up(&bed, WELL);
	bed.config.kube.reach.per_minute = 6;
	bed_until(&bed, N1 && N1->result == REACH_ANSWERED);
	bed_run(&bed, 1500);
	assert_true(bed_count(&bed, "/proxy/") <= 4);
	bed_down(&bed);
}

static void nobody_is_asked_unless_told_to(void **state)
{
	struct bed bed;

	(void)state;
	bed_up(&bed, "", "");
	bed.special = pods_answer;
	bed_watch(&bed);
	bed_until(&bed, bed.watch);
	bed_run(&bed, 300);
	assert_int_equal(bed_count(&bed, "/proxy/"), 0);
	assert_false(bed.sit.nodes.reach_wanted);
	bed_down(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_told_apart),
		cmocka_unit_test(whatever_a_pod_answers_it_is_reached),
		cmocka_unit_test(a_long_answer_is_not_read_to_its_end),
		cmocka_unit_test(what_is_closed_is_reached_and_what_is_silent_is_not),
		cmocka_unit_test(what_cannot_be_known_is_not_called_unreachable),
		cmocka_unit_test(the_budget_holds),
		cmocka_unit_test(nobody_is_asked_unless_told_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
