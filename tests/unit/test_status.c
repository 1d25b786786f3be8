/* tests/unit/test_status.c: bodies of status pages: every format, and everything that goes wrong */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backends/status/merge.h"
#include "core/alloc.h"
#include "core/clock.h"

#define MINUTES(n) ((n) * INT64_C(60000))

struct bench {
	struct config_vendor config;
	struct status_page pages[2];
	struct vendor vendor;
	const char *format;
	int64_t now_ms;
};

static void start(struct bench *bench, const char *components, const char *regions)
{
	memset(bench, 0, sizeof(*bench));
	assert_int_equal(clock_parse_rfc3339("2026-11-23T12:00:00Z", &bench->now_ms), 0);
	bench->vendor.state = VENDOR_UNKNOWN;
	if (components)
		strlist_add(&bench->config.components, components);
	if (regions)
		strlist_add(&bench->config.regions, regions);
}

static void set_filter(struct bench *bench, struct status_page *page, const char *pop)
{
	page->filter = (struct status_filter){
		.components = &bench->config.components, .regions = &bench->config.regions,
		.ignore = &bench->config.ignore, .by_pop = pop != NULL, .recent_ms = MINUTES(4320),
	};
	if (pop)
		snprintf(page->filter.pop, sizeof(page->filter.pop), "%s", pop);
}

static int read_one(struct bench *bench, size_t at, const char *pop, const char *text)
{
	const struct status_format *format = NULL;
	struct err err = ERR_INIT;
	int rc;

	status_page_release(&bench->pages[at]);
	set_filter(bench, &bench->pages[at], pop);
	rc = status_read(&bench->pages[at], NULL, text, strlen(text), bench->now_ms, &format, &err);
	bench->format = format ? format->name : NULL;
	if (rc)
		assert_true(err.text[0]);
	return rc;
}

static bool merge(struct bench *bench, size_t npages)
{
	return status_merge(&bench->vendor, &bench->config, bench->pages, npages, bench->now_ms);
}

static void expect(struct bench *bench, const char *text, const char *format,
		   enum vendor_state state)
{
	assert_int_equal(read_one(bench, 0, NULL, text), 0);
	assert_string_equal(bench->format, format);
	merge(bench, 1);
	if (bench->vendor.state != state)
		fail_msg("%s, not %s", vendor_state_name(bench->vendor.state),
			 vendor_state_name(state));
}

static void end(struct bench *bench)
{
	status_page_release(&bench->pages[0]);
	status_page_release(&bench->pages[1]);
	vendor_clear(&bench->vendor);
	strlist_release(&bench->config.components);
	strlist_release(&bench->config.regions);
	strlist_release(&bench->config.ignore);
}

/* ---- Statuspage ---- */

static const char statuspage[] =
	"{\"page\":{\"id\":\"x\",\"name\":\"Edge\"},"
	"\"status\":{\"indicator\":\"critical\",\"description\":\"Outage\"},"
	"\"components\":["
	"{\"id\":\"g\",\"name\":\"Services\",\"status\":\"major_outage\",\"group\":true},"
	"{\"id\":\"a\",\"name\":\"CDN/Cache\",\"status\":\"operational\",\"group_id\":\"g\"},"
	"{\"id\":\"b\",\"name\":\"Stream\",\"status\":\"major_outage\",\"group_id\":\"g\"},"
	"{\"id\":\"e\",\"name\":\"Europe\",\"status\":\"operational\",\"group\":true},"
	"{\"id\":\"f\",\"name\":\"Frankfurt, Germany - (FRA)\",\"status\":\"partial_outage\","
	"\"group_id\":\"e\"},"
	"{\"id\":\"h\",\"name\":\"Amsterdam - (AMS)\",\"status\":\"under_maintenance\","
	"\"group_id\":\"e\"}],"
	"\"incidents\":[{\"id\":\"i1\",\"name\":\"Stream is down\",\"status\":\"identified\","
	"\"impact\":\"critical\",\"created_at\":\"2026-11-23T11:00:00.123Z\","
	"\"components\":[{\"id\":\"b\",\"name\":\"Stream\"}],\"incident_updates\":["
	"{\"status\":\"identified\",\"body\":\"<p>Bad \\u001b[2J cable &amp; fire</p>\","
	"\"created_at\":\"2026-11-23T11:10:00Z\",\"affected_components\":null}]}],"
	"\"scheduled_maintenances\":[{\"id\":\"m1\",\"name\":\"AMS works\","
	"\"status\":\"in_progress\",\"impact\":\"maintenance\","
	"\"scheduled_for\":\"2026-11-23T10:00:00Z\",\"scheduled_until\":\"2026-11-23T14:00:00Z\","
	"\"components\":[{\"id\":\"h\",\"name\":\"Amsterdam - (AMS)\"}]}]}";

static void only_what_we_use_counts(void **state)
{
	struct bench bench;

	(void)state;
	start(&bench, "cdn*", NULL);
	expect(&bench, statuspage, "statuspage", VENDOR_OK);
	assert_int_equal(bench.vendor.ncomponents, 1);
	assert_string_equal(bench.vendor.components[0].name, "Services / CDN/Cache");
	assert_int_equal(bench.vendor.nnotices, 0);
	assert_int_equal(bench.vendor.others, 2);
	assert_int_equal(bench.vendor.total, 4);
	end(&bench);
	start(&bench, "Services / *", NULL);
	expect(&bench, statuspage, "statuspage", VENDOR_MAJOR);
	assert_int_equal(bench.vendor.nnotices, 1);
	assert_string_equal(bench.vendor.notices[0].title, "Stream is down");
	assert_string_equal(bench.vendor.notices[0].text,
			    "2026-11-23T11:10:00Z  identified: Bad ?[2J cable & fire\n");
	assert_int_equal(bench.now_ms - bench.vendor.notices[0].started_ms, MINUTES(60) - 123);
	assert_int_equal(bench.vendor.since_ms, bench.vendor.notices[0].started_ms);
	end(&bench);
}

static void of_the_pops_only_ours(void **state)
{
	static const struct {
		const char *pop;
		enum vendor_state state;
	} rows[] = {{"FRA", VENDOR_PARTIAL}, {"AMS", VENDOR_MAINTENANCE}, {"", VENDOR_OK},
		    {"SIN", VENDOR_OK}};
	struct bench bench;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		start(&bench, "CDN*", NULL);
		assert_int_equal(read_one(&bench, 0, rows[i].pop, statuspage), 0);
		merge(&bench, 1);
		assert_int_equal(bench.vendor.state, rows[i].state);
		end(&bench);
	}
}

static void what_is_not_on_the_page_is_not_well(void **state)
{
	struct bench bench;

	(void)state;
	start(&bench, "CDN*", NULL);
	strlist_add(&bench.config.components, "Tunnel");
	expect(&bench, statuspage, "statuspage", VENDOR_UNKNOWN);
	assert_string_equal(bench.vendor.components[1].name, "Tunnel (not on the page)");
	end(&bench);
}

static void unknown_words_are_unknown(void **state)
{
	struct bench bench;

	(void)state;
	start(&bench, NULL, NULL);
	expect(&bench, "{\"page\":{},\"status\":{\"indicator\":\"none\"},\"components\":["
	       "{\"name\":\"A\",\"status\":\"wobbly\"},{\"name\":\"B\",\"status\":7},"
	       "{\"status\":\"operational\"},5,null,{\"name\":\"C\",\"status\":\"Operational\"}]}",
	       "statuspage", VENDOR_UNKNOWN);
	assert_int_equal(bench.vendor.ncomponents, 3);
	end(&bench);
}

/* A page like it without components: its own word, and its incidents, count. */
static void a_page_without_components(void **state)
{
	struct bench bench;

	(void)state;
	start(&bench, NULL, NULL);
	expect(&bench, "{\"page\":{\"name\":\"R\"},\"status\":{\"indicator\":\"major\"}}",
	       "statuspage", VENDOR_PARTIAL);
	expect(&bench, "{\"page\":{\"name\":\"R\"},\"status\":{\"indicator\":\"none\"}}",
	       "statuspage", VENDOR_OK);
	end(&bench);
}

/* ---- Status.io ---- */

static const char statusio[] =
	"{\"result\":{\"status_overall\":{\"status\":\"Degraded\",\"status_code\":300},\"status\":["
	"{\"id\":\"1\",\"name\":\"Database\",\"status_code\":300,\"containers\":["
	"{\"id\":\"c1\",\"name\":\"AWS us-east-1\",\"status_code\":400},"
	"{\"id\":\"c2\",\"name\":\"AWS eu-central-1\",\"status_code\":100}]},"
	"{\"id\":\"2\",\"name\":\"Console\",\"status_code\":\"600\",\"containers\":[]}],"
	"\"incidents\":[{\"_id\":\"i\",\"name\":\"Slow starts\",\"datetime_open\":"
	"\"2026-11-23T11:30:00Z\",\"messages\":[{\"details\":\"first\",\"datetime\":"
	"\"2026-11-23T11:30:00Z\",\"status\":400},{\"details\":\"newest\",\"datetime\":"
	"\"2026-11-23T11:40:00Z\",\"status\":300}],"
	"\"components_affected\":[{\"name\":\"Database\"}],"
	"\"containers_affected\":[{\"name\":\"AWS us-east-1\"}]}],"
	"\"maintenance\":{\"active\":[],\"upcoming\":[{\"_id\":\"m\",\"name\":\"Upgrade\","
	"\"datetime_planned_start\":\"2026-11-24T11:30:00Z\","
	"\"containers_affected\":[{\"name\":\"AWS eu-central-1\"}]}]}}}";

static void regions_are_containers(void **state)
{
	struct bench bench;

	(void)state;
	start(&bench, "Database*", "*eu-central-1");
	expect(&bench, statusio, "statusio", VENDOR_OK);
	assert_int_equal(bench.vendor.others, 1);
	assert_int_equal(bench.vendor.nnotices, 1);
	assert_true(bench.vendor.notices[0].upcoming && bench.vendor.notices[0].maintenance);
	end(&bench);
	start(&bench, "Database*", "*us-east-1");
	expect(&bench, statusio, "statusio", VENDOR_PARTIAL);
	assert_int_equal(bench.vendor.notices[0].impact, VENDOR_DEGRADED);
	assert_ptr_equal(strstr(bench.vendor.notices[0].text, "newest"),
			 bench.vendor.notices[0].text + strlen("2026-11-23T11:40:00Z  "));
	end(&bench);
	start(&bench, "Console", NULL);
	expect(&bench, statusio, "statusio", VENDOR_MAJOR);
	end(&bench);
	start(&bench, NULL, "*mars*");
	expect(&bench, statusio, "statusio", VENDOR_UNKNOWN);
	end(&bench);
}

/* ---- incident.io ---- */

static void incidentio_widget_and_proxy(void **state)
{
	static const char widget[] =
		"{\"page_title\":\"Frankfurt\",\"page_url\":\"https://x\",\"ongoing_incidents\":["
		"{\"id\":\"1\",\"name\":\"Logins fail\",\"status\":\"investigating\","
		"\"last_update_message\":\"looking\",\"current_worst_impact\":\"full_outage\","
		"\"affected_components\":[{\"name\":\"Login\",\"group_name\":\"App\","
		"\"current_status\":\"full_outage\"}]}],\"in_progress_maintenances\":[],"
		"\"scheduled_maintenances\":[]}";
	static const char proxy[] =
		"{\"summary\":{\"components\":[{\"id\":\"a\",\"name\":\"Login\"},"
		"{\"id\":\"b\",\"name\":\"API\"}],\"structure\":{\"items\":[{\"group\":{\"name\":"
		"\"App\",\"components\":[{\"component_id\":\"a\"},{\"component_id\":\"b\"}]}}]},"
		"\"affected_components\":[{\"component_id\":\"b\",\"status\":\"partial_outage\"}],"
		"\"ongoing_incidents\":[{\"id\":\"1\",\"name\":\"API errors\",\"status\":"
		"\"identified\",\"published_at\":\"2026-11-23T11:00:00Z\",\"component_impacts\":["
		"{\"component_id\":\"b\",\"status\":\"partial_outage\"}],\"updates\":["
		"{\"message\":{\"text_node\":\"found\"}}]}]}}";
	struct bench bench;

	(void)state;
	start(&bench, "Login", NULL);
	expect(&bench, widget, "incidentio", VENDOR_MAJOR);
	end(&bench);
	start(&bench, "Billing", NULL);
	expect(&bench, widget, "incidentio", VENDOR_OK);
	end(&bench);
	start(&bench, "App / Login", NULL);
	expect(&bench, proxy, "incidentio", VENDOR_OK);
	end(&bench);
	start(&bench, "App", NULL);
	expect(&bench, proxy, "incidentio", VENDOR_PARTIAL);
	assert_int_equal(bench.vendor.ncomponents, 2);
	end(&bench);
}

/* ---- Instatus ---- */

static void instatus_summary_and_components(void **state)
{
	static const char summary[] =
		"{\"page\":{\"name\":\"Mail\",\"url\":\"https://m\",\"status\":\"HASISSUES\"},"
		"\"activeIncidents\":[{\"id\":\"1\",\"name\":\"Delays\",\"started\":"
		"\"2026-11-23T11:00:00Z\",\"status\":\"MONITORING\",\"impact\":\"MAJOROUTAGE\"}],"
		"\"activeMaintenances\":[{\"id\":\"2\",\"name\":\"Disks\",\"start\":"
		"\"2026-11-23T18:00:00Z\",\"status\":\"NOTSTARTEDYET\",\"duration\":\"60\"}]}";
	static const char parts[] =
		"{\"components\":[{\"id\":\"1\",\"name\":\"SMTP\",\"status\":\"OPERATIONAL\","
		"\"group\":null},{\"id\":\"2\",\"name\":\"Web\",\"status\":\"MAJOROUTAGE\"}]}";
	struct bench bench;

	(void)state;
	start(&bench, NULL, NULL);
	expect(&bench, "{\"page\":{\"name\":\"Mail\",\"url\":\"u\",\"status\":\"UP\"}}",
	       "instatus", VENDOR_OK);
	expect(&bench, summary, "instatus", VENDOR_MAJOR);
	end(&bench);
	/* Its incidents name no parts: beside parts that are well they are only a hint. */
	start(&bench, "SMTP", NULL);
	assert_int_equal(read_one(&bench, 0, NULL, summary), 0);
	assert_int_equal(read_one(&bench, 1, NULL, parts), 0);
	merge(&bench, 2);
	assert_int_equal(bench.vendor.state, VENDOR_DEGRADED);
	assert_true(vendor_headline(&bench.vendor)->perhaps);
	assert_true(bench.vendor.notices[1].upcoming);
	assert_int_equal(bench.vendor.notices[1].until_ms - bench.vendor.notices[1].started_ms,
			 MINUTES(60));
	end(&bench);
}

/* ---- FireHydrant ---- */

static void firehydrant_conditions(void **state)
{
	static const char payload[] =
		"{\"config\":{\"companyName\":\"B\"},\"components\":[{\"id\":\"w\",\"name\":"
		"\"US West Region\"},{\"id\":\"e\",\"name\":\"EU Central Region\"}],"
		"\"conditions\":{\"Sluggish\":\"DEGRADED\",\"Unavailable\":\"OFFLINE\"},"
		"\"incidents\":[{\"id\":\"1\",\"name\":\"Slow\",\"currentMilestone\":"
		"\"investigating\",\"timestamps\":{\"started\":\"2026-11-23T11:00:00Z\"},"
		"\"componentConditions\":{\"EU Central Region\":\"Sluggish\",\"US West Region\":"
		"\"Operational\"}},{\"id\":\"2\",\"name\":\"Old\",\"timestamps\":{\"resolved\":"
		"\"2026-11-20T11:00:00Z\"},\"componentConditions\":{\"US West Region\":"
		"\"Unavailable\"}}],\"scheduledMaintenances\":[{\"id\":\"3\",\"name\":\"Works\","
		"\"startsAt\":\"2026-11-23T11:00:00Z\",\"endsAt\":\"2026-11-23T13:00:00Z\","
		"\"componentConditions\":{\"US West Region\":\"Maintenance \"}}]}";
	static const char bare[] =
		"{\"config\":{},\"components\":[{\"name\":\"EU Central Region\"}]}";
	struct bench bench;

	(void)state;
	start(&bench, NULL, "EU*");
	expect(&bench, payload, "firehydrant", VENDOR_DEGRADED);
	assert_int_equal(bench.vendor.nnotices, 1);
	end(&bench);
	start(&bench, NULL, "US West*");
	expect(&bench, payload, "firehydrant", VENDOR_MAINTENANCE);
	end(&bench);
	/* Without incidents it only lists names. */
	start(&bench, NULL, NULL);
	expect(&bench, bare, "firehydrant", VENDOR_UNKNOWN);
	end(&bench);
}

/* ---- feeds ---- */

static void atom_with_places(void **state)
{
	static const char atom[] =
		"<?xml version=\"1.0\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>S</title>"
		"<entry><id>1</id><title>Network outage AAA1</title><published>2026-11-23T11:00:00Z"
		"</published><content type=\"html\">&lt;p&gt;Lost&lt;/p&gt;</content></entry>"
		"<entry><id>2</id><title>Outage BBB1</title><published>2026-11-23T11:00:00Z"
		"</published><content>This has been resolved.</content></entry>"
		"<entry><id>3</id><title>Outage CCC1</title><published>2026-11-01T11:00:00Z"
		"</published><content>x</content></entry>"
		"<entry><id>4</id><title>Planned maintenance AAA1</title><published>"
		"2026-11-23T09:00:00Z</published><content>will be completed</content></entry></feed>";
	struct bench bench;

	(void)state;
	start(&bench, NULL, "aaa1");
	strlist_add(&bench.config.ignore, "bbb1");
	expect(&bench, atom, "feed", VENDOR_PARTIAL);
	assert_int_equal(bench.vendor.nnotices, 2);
	assert_true(bench.vendor.notices[1].maintenance && bench.vendor.notices[1].upcoming);
	end(&bench);
	start(&bench, NULL, "bbb1");
	strlist_add(&bench.config.ignore, "aaa1");
	expect(&bench, atom, "feed", VENDOR_OK);
	end(&bench);
}

static void rss_with_a_window(void **state)
{
	static const char rss[] =
		"<rss version=\"2.0\"><channel><title>B</title><item><guid>1</guid><title>Scheduled "
		"Maintenance: pods</title><pubDate>Mon, 23 Nov 2026 08:00:00 GMT</pubDate>"
		"<description><![CDATA[Scheduled maintenance window: Mon, 23 Nov 2026 11:00:00 GMT - "
		"Mon, 23 Nov 2026 13:00:00 GMT<br>EU Central]]></description></item></channel></rss>";
	struct bench bench;

	(void)state;
	start(&bench, NULL, NULL);
	expect(&bench, rss, "feed", VENDOR_MAINTENANCE);
	assert_int_equal(bench.vendor.notices[0].until_ms - bench.now_ms, MINUTES(60));
	bench.now_ms += MINUTES(120);
	expect(&bench, rss, "feed", VENDOR_OK);
	end(&bench);
}

static void a_feed_is_over_only_when_it_says_so(void **state)
{
	static const struct {
		const char *text;
		enum vendor_state state;
	} rows[] = {
		{"Resolved - all is well", VENDOR_OK}, {"still unresolved", VENDOR_DEGRADED},
		{"this will be resolved soon", VENDOR_DEGRADED},
		{"it has not been resolved", VENDOR_DEGRADED},
		{"It is resolved.", VENDOR_OK}, {"Die Wartung wurde beendet", VENDOR_OK},
		{"the region is unreachable", VENDOR_PARTIAL},
	};
	char text[512];
	struct bench bench;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		start(&bench, NULL, NULL);
		snprintf(text, sizeof(text), "<rss><channel><item><title>t</title><pubDate>Mon, 23 "
			 "Nov 2026 08:00:00 GMT</pubDate><description>%s</description></item>"
			 "</channel></rss>", rows[i].text);
		expect(&bench, text, "feed", rows[i].state);
		end(&bench);
	}
}

/* ---- what is no status page ---- */

static void nonsense_is_refused(void **state)
{
	static const char *const bodies[] = {
		"", "null", "7", "[]", "{}", "\"ok\"", "<html><body>maintenance</body></html>",
		"<!doctype html><title>403</title>", "{\"page\":", "{\"page\":{}}",
		"{\"status\":\"ok\"}", "<rss><channel><item>", "<feed><entry></feed>",
		"<?xml version=\"1.0\"?><svg/>", "{\"result\":[]}", "{\"components\":{}}",
		"<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><rss>&b;</rss>",
		"\xff\xfe\x00\x01",
	};
	struct bench bench;
	size_t i;

	(void)state;
	start(&bench, NULL, NULL);
	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		if (read_one(&bench, 0, NULL, bodies[i]) != -EBADMSG)
			fail_msg("'%s' was taken for %s", bodies[i], bench.format);
	end(&bench);
}

/* Every beginning of a body, and every body with one byte wrong, does no harm. */
static void cut_and_broken_bodies_do_no_harm(void **state)
{
	static const char *const bodies[] = {statuspage, statusio};
	struct bench bench;
	size_t i, at;

	(void)state;
	for (i = 0; i < 2; i++) {
		for (at = 0; at < strlen(bodies[i]); at += 3) {
			char *cut = xstrndup(bodies[i], at), *wrong = xstrdup(bodies[i]);

			start(&bench, "a*", NULL);
			assert_int_not_equal(read_one(&bench, 0, NULL, cut), 0);
			wrong[at] = (char)(wrong[at] ^ 0x15);
			if (!read_one(&bench, 0, "FRA", wrong))
				merge(&bench, 1);
			free(cut);
			free(wrong);
			end(&bench);
		}
	}
}

static void a_huge_page_keeps_its_ceilings(void **state)
{
	struct buf body = BUF_INIT(4 * 1024 * 1024);
	struct bench bench;
	int i;

	(void)state;
	start(&bench, NULL, NULL);
	buf_append_str(&body, "{\"page\":{},\"status\":{},\"components\":[");
	for (i = 0; i < 5000; i++)
		buf_printf(&body, "%s{\"name\":\"part %d\",\"status\":\"%s\"}", i ? "," : "", i,
			   i == 4999 ? "major_outage" : "operational");
	buf_append_str(&body, "],\"incidents\":[");
	for (i = 0; i < 500; i++)
		buf_printf(&body, "%s{\"id\":\"%d\",\"name\":\"n\",\"impact\":\"none\","
			   "\"incident_updates\":[{\"body\":\"%0900d\"},{\"body\":\"%0900d\"},"
			   "{\"body\":\"%0900d\"},{\"body\":\"%0900d\"},{\"body\":\"%0900d\"}]}",
			   i ? "," : "", i, i, i, i, i, i);
	buf_append_str(&body, "]}");
	expect(&bench, body.data, "statuspage", VENDOR_MAJOR);
	assert_int_equal(bench.vendor.ncomponents, VENDOR_COMPONENTS_MAX);
	assert_int_equal(bench.vendor.nnotices, VENDOR_NOTICES_MAX);
	assert_int_equal(bench.vendor.total, 5000);
	assert_true(strlen(bench.vendor.notices[0].text) < VENDOR_TEXT_BYTES);
	buf_release(&body);
	end(&bench);
}

/* ---- dates and texts ---- */

static void dates_of_any_kind(void **state)
{
	static const char *const same[] = {
		"2026-11-23T11:00:00Z", "2026-11-23T11:00:00.000Z", "2026-11-23t11:00:00z",
		"2026-11-23T12:00:00+01:00", "2026-11-23T12:00:00+0100", "2026-11-23T12:00+01",
		"2026-11-23 11:00:00 UTC", "2026-11-23 11:00:00", " 2026-11-23T11:00Z\n",
		"2026-11-23T03:00:00 -08:00", "2026-11-23T16:30:00.5+05:30",
		"Mon, 23 Nov 2026 11:00:00 GMT", "Mon, 23 Nov 2026 11:00:00 +0000",
		"Mon, 23 Nov 2026 03:00:00 PST", "23 Nov 2026 06:00:00 -0500",
	};
	static const char *const none[] = {
		"", "soon", "2026-11-23T11:00:00+25:00", "2026-11-23T11:00:00+01:00x",
		"2026-13-23T11:00:00Z", "2026-11-23T11:00:61Z", "0000-00-00T00:00:00Z",
		"2026-11-23T11:00:00Z and then a text that is far too long to be a date at all, surely",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (status_parse_time(same[i]) / 1000 != 1795431600)
			fail_msg("'%s' is %lld", same[i], (long long)status_parse_time(same[i]));
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (status_parse_time(none[i]))
			fail_msg("'%s' is taken for a date", none[i]);
}

static void texts_become_plain(void **state)
{
	static const struct {
		const char *text, *want;
		size_t max;
	} rows[] = {
		{"a <b>bold</b>  move<br/>next", "a bold move next", 100},
		{"5 < 6 &amp; 7 &gt; 6", "5 < 6 & 7 > 6", 100},
		{"it&#8217;s &#x2014; &auml;&#228; &nope; &#; &#x; &#99999999;", "it\xe2\x80\x99s "
		 "\xe2\x80\x94 \xc3\xa4\xc3\xa4 &nope; &#; &#x;", 100},
		{"&#0;&#27;[2J&#xd800;x", "?[2Jx", 100},
		{"<!-- x --><a href='y", "", 100},
		{"\xc3\xa4\xc3\xa4\xc3\xa4", "\xc3\xa4\xc3\xa4", 5},
		{"\xe2\x80\x94\xe2\x80\x94", "\xe2\x80\x94", 4},
		{"ab&hellip;cd", "ab..", 4}, {"", "", 0}, {NULL, "", 10},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *plain = status_plain(rows[i].text, rows[i].max);

		if (strcmp(plain, rows[i].want))
			fail_msg("row %zu is '%s'", i, plain);
		free(plain);
	}
}

/* ---- over time ---- */

static void what_leaves_the_page_has_ended(void **state)
{
	struct bench bench;
	int64_t began;

	(void)state;
	start(&bench, "Stream", NULL);
	expect(&bench, statuspage, "statuspage", VENDOR_MAJOR);
	assert_false(merge(&bench, 1));
	began = bench.vendor.notices[0].started_ms;
	bench.now_ms += MINUTES(5);
	expect(&bench, "{\"page\":{},\"status\":{\"indicator\":\"none\"},\"components\":[{\"name\":"
	       "\"Stream\",\"status\":\"operational\"}],\"incidents\":[]}", "statuspage", VENDOR_OK);
	assert_int_equal(bench.vendor.nnotices, 1);
	assert_int_equal(bench.vendor.notices[0].ended_ms, bench.now_ms);
	assert_int_equal(bench.vendor.notices[0].started_ms, began);
	assert_int_equal(bench.vendor.since_ms, bench.now_ms);
	assert_null(vendor_headline(&bench.vendor));
	bench.now_ms += VENDOR_ENDED_KEPT_MS + 1;
	merge(&bench, 1);
	assert_int_equal(bench.vendor.nnotices, 0);
	end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_we_use_counts),
		cmocka_unit_test(of_the_pops_only_ours),
		cmocka_unit_test(what_is_not_on_the_page_is_not_well),
		cmocka_unit_test(unknown_words_are_unknown),
		cmocka_unit_test(a_page_without_components),
		cmocka_unit_test(regions_are_containers),
		cmocka_unit_test(incidentio_widget_and_proxy),
		cmocka_unit_test(instatus_summary_and_components),
		cmocka_unit_test(firehydrant_conditions),
		cmocka_unit_test(atom_with_places),
		cmocka_unit_test(rss_with_a_window),
		cmocka_unit_test(a_feed_is_over_only_when_it_says_so),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(cut_and_broken_bodies_do_no_harm),
		cmocka_unit_test(a_huge_page_keeps_its_ceilings),
		cmocka_unit_test(dates_of_any_kind),
		cmocka_unit_test(texts_become_plain),
		cmocka_unit_test(what_leaves_the_page_has_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
