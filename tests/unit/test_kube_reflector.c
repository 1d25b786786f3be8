/* tests/unit/test_kube_reflector.c: list and watch against a server that does what servers do */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "tests/unit/kube_bed.h"

#define PODS "/api/v1/pods?"
#define V5 "\"resourceVersion\":\"5\""

static bool is_list(const char *path)
{
	return bed_is(path, PODS) && !strstr(path, "watch=1");
}

static bool has_pod(const struct bed *bed, const char *name)
{
	return pods_find(&bed->sit.pods, "default", name) != NULL;
}

static void text_answer(struct httpd_conn *conn, int status, const char *text)
{
	httpd_answer(conn, status, NULL, text, strlen(text));
}

/* Lists */

static bool three_pages(struct bed *bed, struct httpd_conn *conn, const char *path)
{
	(void)bed;
	if (!is_list(path))
		return false;
	if (!strstr(path, "continue="))
		bed_list(conn, V5 ",\"continue\":\"t1\",\"remainingItemCount\":3", "a b");
	else if (strstr(path, "continue=t1"))
		bed_list(conn, V5 ",\"continue\":\"t2\"", "c d");
	else
		bed_list(conn, "\"resourceVersion\":\"6\"", "e");
	return true;
}

static void pages_follow_pages(void **state)
{
	struct bed bed;

	(void)state;
	bed_up(&bed, "", "");
	bed.special = three_pages;
	bed_watch(&bed);
	bed_until(&bed, bed.watch);
	assert_int_equal(bed.sit.pods.len, 5);
	assert_true(bed.sit.pods.complete);
	assert_int_equal(bed_count(&bed, "/pods?limit=100\n"), 1);
	assert_int_equal(bed_count(&bed, "continue=t1"), 1);
	assert_int_equal(bed_count(&bed, "continue=t2"), 1);
	assert_int_equal(bed_count(&bed, "resourceVersion=6&"), 1);
	bed_down(&bed);
}

static bool second_page_expired(struct bed *bed, struct httpd_conn *conn, const char *path)
{
	(void)bed;
	if (!is_list(path))
		return false;
	if (strstr(path, "continue="))
		bed_status(conn, 410, NULL, "The provided continue parameter is too old");
	else if (strstr(path, "limit="))
		bed_list(conn, V5 ",\"continue\":\"t1\"", "a gone");
	else
		bed_list(conn, "\"resourceVersion\":\"9\"", "a b c");
	return true;
}

static void an_expired_page_means_the_whole(void **state)
{
	struct bed bed;

	(void)state;
	bed_up(&bed, "", "");
	bed.special = second_page_expired;
	bed_watch(&bed);
	bed_until(&bed, bed.watch);
	assert_int_equal(bed.sit.pods.len, 3);
	assert_false(has_pod(&bed, "gone"));
	assert_int_equal(bed_count(&bed, "resourceVersion=9&"), 1);
	bed_down(&bed);
}

static const unsigned char zipped[] = {
	31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 149, 212, 61, 14, 131, 48, 12, 64,
	225, 187, 120, 102, 168, 237, 210, 31, 206, 208, 161, 83, 151, 170, 67, 4, 25, 80,
	5, 84, 132, 78, 136, 187, 23, 198, 74, 12, 121, 91, 100, 61, 121, 249, 228, 204,
	242, 110, 251, 70, 42, 185, 15, 205, 173, 77, 147, 20, 210, 197, 41, 52, 97, 10,
	82, 205, 50, 198, 52, 124, 199, 58, 62, 226, 152, 218, 161, 95, 187, 82, 150, 66,
	218, 41, 118, 73, 170, 231, 252, 23, 247, 161, 139, 107, 241, 57, 172, 75, 182, 119,
	250, 132, 122, 27, 4, 89, 150, 98, 63, 213, 252, 212, 242, 83, 207, 79, 143, 249,
	105, 153, 159, 158, 242, 211, 115, 126, 122, 201, 79, 175, 128, 128, 112, 1, 47, 5,
	96, 10, 196, 20, 144, 41, 48, 83, 128, 166, 64, 77, 1, 155, 2, 55, 3, 110,
	70, 238, 12, 184, 25, 112, 51, 224, 102, 192, 205, 128, 155, 1, 55, 3, 110, 6,
	220, 28, 184, 57, 112, 115, 242, 65, 2, 55, 7, 110, 14, 220, 28, 184, 57, 112,
	115, 224, 230, 123, 110, 175, 229, 7, 169, 69, 28, 156, 21, 7, 0, 0,
};

static bool gzipped(struct bed *bed, struct httpd_conn *conn, const char *path)
{
	if (!is_list(path))
		return false;
	bed->step += strstr(httpd_header(conn, "Accept-Encoding"), "gzip") != NULL;
	httpd_answer(conn, 200, "Content-Encoding: gzip\r\n", (const char *)zipped,
		     sizeof(zipped));
	return true;
}

static void lists_come_compressed(void **state)
{
	struct bed bed;

	(void)state;
	bed_up(&bed, "", "");
	bed.special = gzipped;
	bed_watch(&bed);
	bed_until(&bed, bed.watch);
	assert_int_equal(bed.step, 1);
	assert_int_equal(bed.sit.pods.len, 40);
	bed_down(&bed);
}

/* An answer of 200 that isn't a list, in all the ways there are. */
static const char *const no_lists[] = {
	"", "<html><body>Login</body></html>", "{\"metadata\":{},\"items\":[{\"metadata\":",
	"{\"metadata\":{},\"items\":[{\"metadata\":{\"name\":\"a\",]}]}", "[1,2]", "null",
	"\x1f\x8b\xff\xff", "{\"metadata\":{\"continue\":7},\"items\":{}}",
};
#define NO_LISTS ((int)(sizeof(no_lists) / sizeof(no_lists[0])))

static bool garbage_then_pods(struct bed *bed, struct httpd_conn *conn, const char *path)
{
	if (!is_list(path))
		return false;
	if (bed->step < NO_LISTS)
		text_answer(conn, 200, no_lists[bed->step++]);
	else
		bed_list(conn, V5, "a");
	return true;
}

static void garbage_is_no_list(void **state)
{
	struct bed bed;
	int seen = 0;

	(void)state;
	bed_up(&bed, "", "");
	bed_speed = 20;
	bed.special = garbage_then_pods;
	bed_watch(&bed);
	while (!bed.sit.pods.complete) {
		bed_until(&bed, bed.step > seen || bed.sit.pods.complete);
		seen = bed.step;
		assert_int_not_equal(bed_pods_state(&bed), FRESH_REFUSED);
		if (!bed.sit.pods.complete)
			assert_false(bed_pods_state(&bed) == FRESH_OK);
	}
	assert_int_equal(seen, NO_LISTS);
	assert_int_equal(bed.sit.pods.len, 1);
	assert_string_equal(bed.sit.pods.fresh.reason, "");
	bed_down(&bed);
}

static bool cut_lists(struct bed *bed, struct httpd_conn *conn, const char *path)
{
	static const char half[] = "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{\"metadata\":"
		"{\"resourceVersion\":\"5\"},\"items\":[{\"metadata\":{\"name\":\"half\","
		"\"namespace\":\"default\"}},{\"metadata\":{\"na";

	if (!is_list(path))
		return false;
	if (bed->step++ < 2) {
		httpd_raw(conn, half, strlen(half));
		uv_run(&bed->loop, UV_RUN_NOWAIT);
		httpd_cut(conn);
	} else {
		bed_list(conn, V5, "a");
	}
	return true;
}

static void a_cut_list_is_begun_again(void **state)
{
	struct bed bed;

	(void)state;
	bed_up(&bed, "", "");
	bed_speed = 10;
	bed.special = cut_lists;
	bed_watch(&bed);
	bed_until(&bed, bed.sit.pods.complete);
	assert_true(has_pod(&bed, "a"));
	assert_false(has_pod(&bed, "half"));
	bed_down(&bed);
}

/* Refusals */

static bool by_step(struct bed *bed, struct httpd_conn *conn, const char *path)
{
	if (!is_list(path))
		return false;
	switch (bed->step) {
	case 401:
		bed_status(conn, 401, NULL, "Unauthorized");
		return true;
	case 429:
		bed->step = 1;
		bed_status(conn, 429, "Retry-After: 2\r\n", "too many requests");
		return true;
	case 500:
		bed_status(conn, 500, NULL, "etcdserver: leader changed");
		return true;
	case 502:
		text_answer(conn, 502, "<html>Bad Gateway</html>");
		return true;
	default:
		bed_list(conn, V5, "a");
		return true;
	}
}

static void refused_until_the_rights_are_back(void **state)
{
	struct bed bed;

	(void)state;
	bed_up(&bed, "", "");
	bed_speed = 20;
	bed.special = by_step;
	bed.step = 401;
	bed_watch(&bed);
	bed_until(&bed, bed_pods_state(&bed) == FRESH_REFUSED);
	assert_string_equal(bed.sit.pods.fresh.reason, "Unauthorized");
	assert_int_equal(bed.sit.pods.fresh.fault, FAULT_RIGHTS);
	bed.step = 0;
	bed_until(&bed, bed_pods_state(&bed) == FRESH_OK);
	assert_true(has_pod(&bed, "a"));
	bed_down(&bed);
}

static void errors_are_told_and_outlived(void **state)
{
	static const struct {
		int status;
		const char *said;
	} errors[] = {{500, "etcdserver: leader changed"}, {502, "HTTP 502"}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		struct bed bed;

		bed_up(&bed, "", "");
		bed_speed = 10;
		bed.special = by_step;
		bed.step = errors[i].status;
		bed_watch(&bed);
		bed_until(&bed, bed.sit.pods.fresh.reason[0]);
		assert_int_equal(bed_pods_state(&bed), FRESH_UNKNOWN);
		assert_string_equal(bed.sit.pods.fresh.reason, errors[i].said);
		bed.step = 0;
		bed_until(&bed, bed_pods_state(&bed) == FRESH_OK);
		bed_down(&bed);
	}
}

static void retry_after_is_kept(void **state)
{
	struct bed bed;
	uint64_t began;

	(void)state;
	bed_up(&bed, "", "");
	bed_speed = 4;
	bed.special = by_step;
	bed.step = 429;
	bed_watch(&bed);
	began = uv_hrtime();
	bed_until(&bed, bed.sit.pods.complete);
	/* Two seconds at four times the speed. */
	assert_in_range((uv_hrtime() - began) / 1000000, 450, 3000);
	assert_int_equal(bed_count(&bed, "/pods?limit"), 2);
	bed_down(&bed);
}

static bool budgets_forbidden(struct bed *bed, struct httpd_conn *conn, const char *path)
{
	(void)bed;
	if (!strstr(path, "poddisruptionbudgets"))
		return false;
	bed_status(conn, 403, NULL, "forbidden");
	return true;
}

static void one_forbidden_kind_leaves_the_others(void **state)
{
	struct bed bed;

	(void)state;
	bed_up(&bed, "", "");
	bed.special = budgets_forbidden;
	bed_watch(&bed);
	bed_until(&bed, bed.sit.pdbs.fresh.state == FRESH_REFUSED);
	/* First asked for the whole cluster, then for the context's own namespace. */
	assert_int_equal(bed_count(&bed, "/apis/policy/v1/poddisruptionbudgets?"), 1);
	assert_int_equal(bed_count(&bed, "/apis/policy/v1/namespaces/team/poddisruptionbudgets?"),
			 1);
	assert_string_equal(bed.sit.pdbs.fresh.reason,
			    "needs the right to list poddisruptionbudgets in team");
	bed_until(&bed, bed_pods_state(&bed) == FRESH_OK);
	bed_until(&bed, bed.sit.workloads.complete[WORKLOAD_JOB]);
	bed_down(&bed);
}

static bool own_namespace_only(struct bed *bed, struct httpd_conn *conn, const char *path)
{
	(void)bed;
	if (is_list(path))
		bed_status(conn, 403, NULL, "pods is forbidden");
	else if (bed_is(path, "/api/v1/namespaces/team/pods?limit"))
		bed_list(conn, V5, "mine");
	else
		return false;
	return true;
}

static void the_own_namespace_is_better_than_none(void **state)
{
	struct bed bed;

	(void)state;
	bed_up(&bed, "", "");
	bed.special = own_namespace_only;
	bed_watch(&bed);
	bed_until(&bed, bed.watch);
	assert_int_equal(bed.sit.pods.len, 1);
	assert_string_equal(bed.sit.cluster.namespaces, "team");
	assert_int_equal(bed_count(&bed, "/api/v1/namespaces/team/pods?watch=1"), 1);
	bed_down(&bed);
}

static bool counts_whole_configmaps(struct bed *bed, struct httpd_conn *conn, const char *path)
{
	if (bed_is(path, "/api/v1/configmaps") &&
	    !strstr(httpd_header(conn, "Accept"), "as=PartialObjectMetadata"))
		bed->step++;
	return bed_is(path, "/api/v1/secrets") && bed->step++;
}

/* Not even asked for: what ConfigMaps hold, and Secrets. */
static void contents_are_never_read(void **state)
{
	struct bed bed;

	(void)state;
	bed_up(&bed, "", "");
	bed.special = counts_whole_configmaps;
	bed_watch(&bed);
	bed_until(&bed, bed_count(&bed, "/api/v1/configmaps?watch=1"));
	assert_int_equal(bed.step, 0);
	assert_int_equal(bed_count(&bed, "secrets"), 0);
	bed_down(&bed);
}

/* Watches */

static void up_and_watching(struct bed *bed)
{
	bed_up(bed, "", "");
	bed_speed = 10;
	bed_watch(bed);
	bed_until(bed, bed->watch && bed->sit.pods.complete);
}

static void events_change_the_picture(void **state)
{
	struct bed bed;

	(void)state;
	up_and_watching(&bed);
	bed_event(bed.watch, "ADDED", "a", "6");
	bed_event(bed.watch, "ADDED", "b", "7");
	bed_event(bed.watch, "MODIFIED", "a", "8");
	bed_event(bed.watch, "DELETED", "b", "9");
	bed_event(bed.watch, "ADDED", "c", "10");
	bed_until(&bed, has_pod(&bed, "c"));
	assert_int_equal(bed.sit.pods.len, 2);
	/* An event in pieces, at every border that hurts. */
	httpd_chunk(bed.watch, "{\"type\":\"ADDED\",\"obj");
	bed_run(&bed, 20);
	httpd_chunk(bed.watch, "ect\":{\"metadata\":{\"name\":\"d\\");
	bed_run(&bed, 20);
	httpd_chunk(bed.watch, "\"\",\"namespace\":\"default\"}}}");
	bed_until(&bed, has_pod(&bed, "d\""));
	bed_down(&bed);
}

/* What the server calls an end goes on from the last version, a bookmark's included. */
static void bookmarks_move_on(void **state)
{
	struct bed bed;

	(void)state;
	up_and_watching(&bed);
	bed_event(bed.watch, "ADDED", "a", "6");
	bed_event(bed.watch, "BOOKMARK", "", "77");
	httpd_end(bed.watch);
	bed_until(&bed, bed.watches == 2);
	assert_int_equal(bed_count(&bed, "/pods?watch=1&allowWatchBookmarks=true&"
				   "resourceVersion=77&"), 1);
	assert_int_equal(bed.sit.pods.len, 1);
	assert_int_equal(bed_count(&bed, "/pods?limit"), 1);
	bed_down(&bed);
}

static void cut_mid_object_it_goes_on(void **state)
{
	struct bed bed;

	(void)state;
	up_and_watching(&bed);
	bed_event(bed.watch, "ADDED", "a", "6");
	httpd_chunk(bed.watch, "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"half");
	bed_run(&bed, 20);
	httpd_cut(bed.watch);
	bed_until(&bed, bed.watches == 2);
	assert_int_equal(bed_count(&bed, "resourceVersion=6&"), 1);
	assert_int_equal(bed.sit.pods.len, 1);
	assert_int_equal(bed_count(&bed, "/pods?limit"), 1);
	assert_int_equal(bed_pods_state(&bed), FRESH_OK);
	bed_down(&bed);
}

static bool pods_b(struct bed *bed, struct httpd_conn *conn, const char *path)
{
	if (bed->step && is_list(path)) {
		bed_list(conn, "\"resourceVersion\":\"90\"", "b");
		return true;
	}
	if (bed->step == 2 && strstr(path, "/pods?watch=1")) {
		bed->step = 3;
		bed_status(conn, 410, NULL, "too old resource version");
		return true;
	}
	return false;
}

static void too_old_means_a_new_list(void **state)
{
	static const char *const ends[] = {
		"{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"message\":\"too old resource "
		"version: 1 (12001)\",\"reason\":\"Expired\",\"code\":410}}\n",
		"{\"type\":7}\n", "nonsense\n", "{\"type\":\"ADDED\",\"object\":{]}\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct bed bed;

		up_and_watching(&bed);
		bed.special = pods_b;
		bed_event(bed.watch, "ADDED", "a", "6");
		bed_until(&bed, has_pod(&bed, "a"));
		bed.step = 1;
		httpd_chunk(bed.watch, ends[i]);
		bed_until(&bed, bed.watches == 2);
		assert_true(has_pod(&bed, "b"));
		assert_false(has_pod(&bed, "a"));
		/* And once more, as a status instead of an event. */
		bed.step = 2;
		httpd_end(bed.watch);
		bed_until(&bed, bed.watches == 4);
		assert_int_equal(bed.step, 3);
		bed_down(&bed);
	}
}

static void other_error_events_are_told(void **state)
{
	struct bed bed;

	(void)state;
	up_and_watching(&bed);
	bed_event(bed.watch, "ADDED", "a", "6");
	httpd_chunk(bed.watch, "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"message\":"
		    "\"storage is broken\",\"code\":500}}\n");
	bed_until(&bed, !strcmp(bed.sit.pods.fresh.reason, "storage is broken"));
	httpd_end(bed.watch);
	bed_until(&bed, bed.watches == 2);
	bed_event(bed.watch, "ADDED", "b", "7");
	bed_until(&bed, has_pod(&bed, "b") && bed_pods_state(&bed) == FRESH_OK);
	bed_down(&bed);
}

/* Accepted, and then never a byte again, not even a bookmark: one and a half minutes. */
static void a_silent_watch_is_a_dead_one(void **state)
{
	struct bed bed;

	(void)state;
	bed_up(&bed, "", "");
	bed_speed = 200;
	bed_watch(&bed);
	bed_until(&bed, bed.watch && bed.sit.pods.complete);
	bed_until(&bed, bed.watches == 2);
	assert_int_equal(bed_count(&bed, "/pods?limit"), 1);
	bed_down(&bed);
}

static bool silent_readyz(struct bed *bed, struct httpd_conn *conn, const char *path)
{
	(void)conn;
	return bed->step && (bed_is(path, "/readyz") || is_list(path));
}

/* The heartbeat hangs although the watch is open: nothing is called fresh any more. */
static void without_a_heartbeat_it_is_stale(void **state)
{
	struct bed bed;

	(void)state;
	up_and_watching(&bed);
	bed.special = silent_readyz;
	bed_speed = 1;
	bed.step = 1;
	bed_until(&bed, bed_pods_state(&bed) == FRESH_STALE);
	assert_non_null(strstr(bed.sit.cluster.fresh.reason, "no answer in time"));
	bed.step = 0;
	bed_until(&bed, bed_pods_state(&bed) == FRESH_OK);
	assert_true(bed.watches >= 2);
	bed_down(&bed);
}

static bool etcd_is_gone(struct bed *bed, struct httpd_conn *conn, const char *path)
{
	static const char body[] = "[+]ping ok\n[-]etcd failed: reason withheld\n[+]log ok\n"
				   "[-]informer-sync failed: reason withheld\nreadyz check failed\n";

	if (!bed->step || !bed_is(path, "/readyz"))
		return false;
	httpd_answer(conn, 500, NULL, body, strlen(body));
	return true;
}

/* Alive, but its own checks fail: it names them. */
static void what_fails_in_the_server_is_named(void **state)
{
	struct bed bed;

	(void)state;
	up_and_watching(&bed);
	bed.special = etcd_is_gone;
	bed.step = 1;
	bed_until(&bed, bed.sit.cluster.servers[0].failing[0]);
	assert_string_equal(bed.sit.cluster.servers[0].failing, "etcd, informer-sync");
	assert_non_null(strstr(bed.sit.cluster.fresh.reason, "not ready: etcd, informer-sync"));
	assert_int_equal(bed_pods_state(&bed), FRESH_STALE);
	bed.step = 0;
	bed_until(&bed, bed_pods_state(&bed) == FRESH_OK);
	assert_string_equal(bed.sit.cluster.servers[0].failing, "");
	bed_down(&bed);
}

/* Head first, then nothing; or not even that. */
static bool slow_heads(struct bed *bed, struct httpd_conn *conn, const char *path)
{
	if (!is_list(path) || bed->step > 1)
		return false;
	if (bed->step++)
		httpd_raw(conn, "HTTP/1.1 200 OK\r\nContent-Le", 27);
	return true;
}

static void slow_headers_are_given_up(void **state)
{
	struct bed bed;

	(void)state;
	bed_up(&bed, "", "");
	bed_speed = 40;
	bed.special = slow_heads;
	bed_watch(&bed);
	bed_until(&bed, bed.sit.pods.fresh.reason[0]);
	assert_non_null(strstr(bed.sit.pods.fresh.reason, "silent for too long"));
	/* Everything else has long been read. */
	assert_true(bed.sit.workloads.complete[WORKLOAD_DEPLOYMENT]);
	bed_until(&bed, bed.sit.pods.complete);
	bed_down(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_follow_pages),
		cmocka_unit_test(an_expired_page_means_the_whole),
		cmocka_unit_test(lists_come_compressed),
		cmocka_unit_test(garbage_is_no_list),
		cmocka_unit_test(a_cut_list_is_begun_again),
		cmocka_unit_test(refused_until_the_rights_are_back),
		cmocka_unit_test(errors_are_told_and_outlived),
		cmocka_unit_test(retry_after_is_kept),
		cmocka_unit_test(one_forbidden_kind_leaves_the_others),
		cmocka_unit_test(the_own_namespace_is_better_than_none),
		cmocka_unit_test(contents_are_never_read),
		cmocka_unit_test(events_change_the_picture),
		cmocka_unit_test(bookmarks_move_on),
		cmocka_unit_test(cut_mid_object_it_goes_on),
		cmocka_unit_test(too_old_means_a_new_list),
		cmocka_unit_test(other_error_events_are_told),
		cmocka_unit_test(a_silent_watch_is_a_dead_one),
		cmocka_unit_test(without_a_heartbeat_it_is_stale),
		cmocka_unit_test(what_fails_in_the_server_is_named),
		cmocka_unit_test(slow_headers_are_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
