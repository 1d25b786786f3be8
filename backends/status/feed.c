/* backends/status/feed.c: RSS 2.0 and Atom. A feed has no state, only what was written: an entry
 * counts while it is recent and doesn't say that it is over. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <expat.h>

#include "backends/status/status.h"
#include "core/alloc.h"

#define ENTRIES_MAX 100
#define FIELD_BYTES 8192
#define DEPTH_MAX 64

enum field { FIELD_TITLE, FIELD_TEXT, FIELD_ID, FIELD_PUBLISHED, FIELD_UPDATED, FIELDS };

struct reader {
	XML_Parser parser;
	struct status_page *page;
	const struct status_body *body;
	int depth, entries;
	int entry_depth;           /* 0 = outside of an entry */
	int field;                 /* being read; -1 = none */
	int field_depth;
	struct buf fields[FIELDS];
	bool is_feed;
};

struct element {
	const char *name;
	int field;
};

/* Atom's and RSS's names; the first text that has something stays. */
static const struct element elements[] = {
	{"title", FIELD_TITLE}, {"description", FIELD_TEXT}, {"content", FIELD_TEXT},
	{"content:encoded", FIELD_TEXT}, {"summary", FIELD_TEXT}, {"guid", FIELD_ID},
	{"id", FIELD_ID}, {"pubDate", FIELD_PUBLISHED}, {"published", FIELD_PUBLISHED},
	{"dc:date", FIELD_PUBLISHED}, {"updated", FIELD_UPDATED},
};

static const char *text_of(const struct reader *reader, enum field field)
{
	return reader->fields[field].len ? reader->fields[field].data : NULL;
}

/* ---- what an entry says ---- */

/* "unresolved", "will be resolved", "has not been resolved" */
static bool is_denied(const char *text, const char *at)
{
	static const char *const before[] = {
		"un", "not ", "n't ", "not yet ", "n't yet ", "not been ", "n't been ",
		"yet been ", "never ", "not fully ", "partially ", "partly ", "mostly ", "to be ",
		"be ", "being ", "until ", "until it is ", "once ", "once it is ", "when ", "if ",
		"nicht ", "teilweise ", "wird ", "werden ", "wird gerade ", "sobald ", "bis ",
	};
	size_t i;

	for (i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		size_t len = strlen(before[i]);

		if ((size_t)(at - text) >= len && !strncasecmp(at - len, before[i], len))
			return true;
	}
	return false;
}

static bool has_word(const char *title, const char *text, const char *const *words)
{
	for (; *words; words++)
		if ((title && strcasestr(title, *words)) || (text && strcasestr(text, *words)))
			return true;
	return false;
}

/* When one part is over and another isn't, it isn't. */
static bool says_over(const char *text)
{
	static const char *const words[] = {"resolved", "completed", "abgeschlossen", "beendet",
					    "behoben"};
	static const char *const still[] = {"is still ", "are still ", "remain", "reopened",
					    "re-opened", "immer noch", "weiterhin gest", NULL};
	const char *at;
	size_t i;

	if (has_word(NULL, text, still))
		return false;
	for (i = 0; text && i < sizeof(words) / sizeof(words[0]); i++)
		for (at = strcasestr(text, words[i]); at; at = strcasestr(at + 1, words[i]))
			if (!is_denied(text, at))
				return true;
	return false;
}

static enum vendor_state impact_of(const char *title, const char *text)
{
	static const char *const heavy[] = {"major outage", "full outage", "complete outage",
					    "offline", NULL};
	static const char *const partial[] = {"outage", "unavailable", "unreachable", " down",
					      "disruption", "ausfall", NULL};

	if (has_word(title, text, heavy))
		return VENDOR_MAJOR;
	return has_word(title, text, partial) ? VENDOR_PARTIAL : VENDOR_DEGRADED;
}

/* "Scheduled maintenance window: RFC822 - RFC822" */
static void read_window(struct status_notice *notice, const char *text)
{
	const char *from = text ? strcasestr(text, "window:") : NULL, *to;
	char when[48];

	if (!from)
		return;
	from += strlen("window:");
	to = strstr(from, " - ");
	if (!to || (size_t)(to - from) >= sizeof(when))
		return;
	memcpy(when, from, (size_t)(to - from));
	when[to - from] = '\0';
	notice->started_ms = status_parse_time(when + strspn(when, " "));
	snprintf(when, sizeof(when), "%.40s", to + 3);
	when[strcspn(when, "<\n")] = '\0';
	notice->until_ms = status_parse_time(when);
}

/* What is planned counts only once its window has begun, or its text says so. */
static bool is_upcoming(const struct status_notice *notice, const char *text, int64_t now_ms)
{
	static const char *const begun[] = {"in progress", "has begun", "has started", "underway",
					    NULL};

	if (notice->until_ms)
		return notice->started_ms > now_ms;
	return !has_word(NULL, text, begun);
}

static void end_entry(struct reader *reader)
{
	static const char *const planned[] = {"maintenance", "wartung", NULL};
	const char *title = text_of(reader, FIELD_TITLE), *text = text_of(reader, FIELD_TEXT);
	int64_t published = status_parse_time(text_of(reader, FIELD_PUBLISHED)), age;
	int64_t updated = status_parse_time(text_of(reader, FIELD_UPDATED));
	int64_t now = reader->body->now_ms, recent = reader->page->filter.recent_ms;
	struct status_notice notice;
	bool over;

	status_notice_begin(&notice);
	notice.id = text_of(reader, FIELD_ID);
	notice.title = title;
	notice.started_ms = published ? published : updated;
	age = now - (updated > published ? updated : published);
	notice.maintenance = has_word(title, NULL, planned);
	if (notice.maintenance)
		read_window(&notice, text);
	over = says_over(title) || says_over(text) ||
	       (notice.until_ms ? notice.until_ms < now : recent > 0 && age > recent);
	notice.upcoming = notice.maintenance && is_upcoming(&notice, text, now);
	notice.impact = impact_of(title, text);
	notice.phase = over ? "resolved" : "";
	status_notice_update(&notice, updated, NULL, text);
	status_notice_end(reader->page, &notice);
	reader->entry_depth = 0;
}

/* ---- the XML ---- */

static int field_of(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(elements) / sizeof(elements[0]); i++)
		if (!strcmp(elements[i].name, name))
			return elements[i].field;
	return -1;
}

static void XMLCALL on_start(void *arg, const char *name, const char **attributes)
{
	struct reader *reader = arg;
	int i, field;

	(void)attributes;
	if (++reader->depth > DEPTH_MAX) {
		XML_StopParser(reader->parser, XML_FALSE);
		return;
	}
	if (!strcmp(name, "channel") || !strcmp(name, "feed") || !strcmp(name, "rss"))
		reader->is_feed = true;
	if (!reader->entry_depth && (!strcmp(name, "item") || !strcmp(name, "entry"))) {
		reader->entry_depth = reader->depth;
		reader->field = -1;
		for (i = 0; i < FIELDS; i++)
			buf_clear(&reader->fields[i]);
		return;
	}
	field = reader->entry_depth && reader->depth == reader->entry_depth + 1
		? field_of(name) : -1;
	if (field < 0 || reader->field >= 0 || reader->fields[field].len)
		return;
	reader->field = field;
	reader->field_depth = reader->depth;
}

static void XMLCALL on_end(void *arg, const char *name)
{
	struct reader *reader = arg;

	(void)name;
	if (reader->field >= 0 && reader->depth == reader->field_depth)
		reader->field = -1;
	if (reader->entry_depth && reader->depth == reader->entry_depth) {
		end_entry(reader);
		if (++reader->entries == ENTRIES_MAX)
			XML_StopParser(reader->parser, XML_FALSE);
	}
	reader->depth--;
}

static void XMLCALL on_text(void *arg, const char *text, int len)
{
	struct reader *reader = arg;
	struct buf *field;
	size_t room;

	if (reader->field < 0 || len <= 0)
		return;
	field = &reader->fields[reader->field];
	room = FIELD_BYTES - field->len;
	buf_append(field, text, (size_t)len < room ? (size_t)len : room);
}

/* Feeds need no entities of their own; who brings some means harm. */
static void XMLCALL on_entity(void *arg, const char *name, int is_parameter, const char *value,
			      int len, const char *base, const char *system_id,
			      const char *public_id, const char *notation)
{
	struct reader *reader = arg;

	(void)name;
	(void)is_parameter;
	(void)value;
	(void)len;
	(void)base;
	(void)system_id;
	(void)public_id;
	(void)notation;
	XML_StopParser(reader->parser, XML_FALSE);
}

static bool recognises(const struct status_body *body)
{
	char head[2048];
	size_t len = body->len < sizeof(head) - 1 ? body->len : sizeof(head) - 1;

	if (body->json)
		return false;
	memcpy(head, body->text, len);
	head[len] = '\0';
	return strstr(head, "<rss") || strstr(head, "<feed") || strstr(head, "<rdf:RDF");
}

static int parse(struct status_page *page, const struct status_body *body, struct err *err)
{
	struct reader reader = {.page = page, .body = body, .field = -1};
	bool enough;
	int i, rc = 0;

	for (i = 0; i < FIELDS; i++)
		reader.fields[i].max = FIELD_BYTES + 1;
	reader.parser = XML_ParserCreate(NULL);
	if (!reader.parser)
		return err_set(err, -ENOMEM, "no memory for the feed");
	XML_SetUserData(reader.parser, &reader);
	XML_SetElementHandler(reader.parser, on_start, on_end);
	XML_SetCharacterDataHandler(reader.parser, on_text);
	XML_SetEntityDeclHandler(reader.parser, on_entity);
	page->tells_state = true;
	page->overall = VENDOR_OK;
	if (XML_Parse(reader.parser, body->text, (int)body->len, 1) != XML_STATUS_OK) {
		enough = reader.entries == ENTRIES_MAX;
		if (!enough)
			rc = err_set(err, -EBADMSG, "the feed breaks off in line %lu: %s",
				     (unsigned long)XML_GetCurrentLineNumber(reader.parser),
				     XML_ErrorString(XML_GetErrorCode(reader.parser)));
	} else if (!reader.is_feed) {
		rc = err_set(err, -EBADMSG, "XML, but no feed");
	}
	XML_ParserFree(reader.parser);
	for (i = 0; i < FIELDS; i++)
		buf_release(&reader.fields[i]);
	return rc;
}

const struct status_format status_format_feed = {"feed", recognises, parse};
