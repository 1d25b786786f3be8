/* backends/status/page.c: what a page says, filtered while it is read; see status.h */
#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/status/status.h"
#include "core/alloc.h"
#include "core/clock.h"

#define WORD_BYTES 48
#define GLOBS_MAX STATUS_GLOBS_MAX

struct word {
	const char *text;          /* lower case, letters and digits only */
	enum vendor_state state;
};

static const struct word words[] = {
	{"operational", VENDOR_OK}, {"ok", VENDOR_OK}, {"up", VENDOR_OK}, {"none", VENDOR_OK},
	{"available", VENDOR_OK}, {"healthy", VENDOR_OK}, {"normal", VENDOR_OK},
	{"allsystemsoperational", VENDOR_OK},
	{"maintenance", VENDOR_MAINTENANCE}, {"undermaintenance", VENDOR_MAINTENANCE},
	{"plannedmaintenance", VENDOR_MAINTENANCE}, {"scheduledmaintenance", VENDOR_MAINTENANCE},
	{"degraded", VENDOR_DEGRADED}, {"degradedperformance", VENDOR_DEGRADED},
	{"minor", VENDOR_DEGRADED}, {"hasissues", VENDOR_DEGRADED},
	{"minoroutage", VENDOR_DEGRADED}, {"performanceissues", VENDOR_DEGRADED},
	{"major", VENDOR_PARTIAL}, {"partialoutage", VENDOR_PARTIAL}, {"partial", VENDOR_PARTIAL},
	{"partialservicedisruption", VENDOR_PARTIAL}, {"partialdegradation", VENDOR_PARTIAL},
	{"critical", VENDOR_MAJOR}, {"majoroutage", VENDOR_MAJOR}, {"fulloutage", VENDOR_MAJOR},
	{"outage", VENDOR_MAJOR}, {"down", VENDOR_MAJOR}, {"downtime", VENDOR_MAJOR},
	{"offline", VENDOR_MAJOR}, {"unavailable", VENDOR_MAJOR},
	{"servicedisruption", VENDOR_MAJOR}, {"securityevent", VENDOR_MAJOR},
};

/* "Under_Maintenance" as "undermaintenance". */
static void squeeze(const char *text, char word[WORD_BYTES])
{
	size_t len = 0;

	for (; *text && len + 1 < WORD_BYTES; text++)
		if (isalnum((unsigned char)*text))
			word[len++] = (char)tolower((unsigned char)*text);
	word[len] = '\0';
}

enum vendor_state status_word(const char *text)
{
	char word[WORD_BYTES];
	size_t i;

	if (!text)
		return VENDOR_UNKNOWN;
	squeeze(text, word);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(words[i].text, word))
			return words[i].state;
	return VENDOR_UNKNOWN;
}

enum vendor_state status_worse(enum vendor_state a, enum vendor_state b)
{
	return a > b ? a : b;
}

bool status_is_over(const char *phase)
{
	static const char *const over[] = {"resolved", "completed", "postmortem", "closed",
					   "cancelled", "canceled", "maintenancecomplete",
					   "maintenancecompleted", "retrospectivecompleted"};
	char word[WORD_BYTES];
	size_t i;

	if (!phase)
		return false;
	squeeze(phase, word);
	for (i = 0; i < sizeof(over) / sizeof(over[0]); i++)
		if (!strcmp(over[i], word))
			return true;
	return false;
}

/* ---- what counts ---- */

static bool glob_in(const char *pattern, const char *text)
{
	return text && !fnmatch(pattern, text, FNM_CASEFOLD);
}

/* Which patterns of the list mean this, as bits; the last bit stands for all that are too many. */
static uint32_t matching(const struct strlist *globs, const char *group, const char *name)
{
	char both[2 * VENDOR_NAME_BYTES];
	uint32_t found = 0;
	size_t i;

	snprintf(both, sizeof(both), "%.150s / %.150s", group ? group : "", name ? name : "");
	for (i = 0; globs && i < globs->len; i++) {
		const char *glob = globs->items[i];

		if (glob_in(glob, name) || glob_in(glob, group) || glob_in(glob, both))
			found |= UINT32_C(1) << (i < GLOBS_MAX ? i : GLOBS_MAX - 1);
	}
	return found;
}

static bool some(const struct strlist *globs)
{
	return globs && globs->len > 0;
}

static bool is_code(const char *at)
{
	return isupper((unsigned char)at[0]) && isupper((unsigned char)at[1]) &&
	       isupper((unsigned char)at[2]);
}

/* "FRA" of "Frankfurt, Germany - (FRA)". */
static bool pop_of(const char *name, char pop[POP_BYTES])
{
	size_t len = name ? strlen(name) : 0;
	const char *at;

	while (len && isspace((unsigned char)name[len - 1]))
		len--;
	if (len < 5)
		return false;
	at = name + len - 5;
	if (at[0] != '(' || at[4] != ')' || !is_code(at + 1))
		return false;
	snprintf(pop, POP_BYTES, "%.3s", at + 1);
	return true;
}

/* Works at one place are titled "FRA (Frankfurt) on 2026-06-19", and name no part. */
static bool pop_of_title(const char *title, char pop[POP_BYTES])
{
	if (pop_of(title, pop))
		return true;
	if (!title || strlen(title) < 6 || !is_code(title) || strncmp(title + 3, " (", 2))
		return false;
	snprintf(pop, POP_BYTES, "%.3s", title);
	return true;
}

static bool uses(const struct status_filter *filter, const char *group, const char *name,
		 const char *region, uint64_t *ret_matched)
{
	uint32_t component, place;
	char pop[POP_BYTES];

	*ret_matched = 0;
	if (filter->by_pop && pop_of(name, pop))
		return !strcmp(pop, filter->pop);
	if (matching(filter->ignore, group, name))
		return false;
	component = matching(filter->components, group, name);
	place = region ? matching(filter->regions, NULL, region)
		       : matching(filter->regions, group, name);
	*ret_matched = component | (uint64_t)place << GLOBS_MAX;
	if (region)
		return (component || !some(filter->components)) &&
		       (place || !some(filter->regions));
	return component || place || (!some(filter->components) && !some(filter->regions));
}

/* ---- components ---- */

static char *full_name(const char *group, const char *name, const char *region)
{
	char text[VENDOR_NAME_BYTES * 2];

	snprintf(text, sizeof(text), "%.120s%s%.120s%s%.60s", group ? group : "",
		 group ? " / " : "", name, region ? " / " : "", region ? region : "");
	return status_plain(text, VENDOR_NAME_BYTES - 1);
}

void status_component(struct status_page *page, const char *group, const char *name,
		      const char *region, enum vendor_state state)
{
	char pop[POP_BYTES];
	uint64_t matched;
	bool used;

	if (!name)
		return;
	page->total++;
	if (page->filter.by_pop && pop_of(name, pop) && !strcmp(pop, page->filter.pop)) {
		page->pop_listed = true;
		page->pop_state = status_worse(page->pop_state, state);
	}
	used = uses(&page->filter, group, name, region, &matched);
	page->matched |= matched;
	if (!used)
		return;
	if (page->ncomponents == VENDOR_COMPONENTS_MAX) {
		struct vendor_component *last = &page->components[page->ncomponents - 1];

		/* No room for its name, but what is wrong must not get lost. */
		last->state = status_worse(last->state, state);
		return;
	}
	page->components = xreallocarray(page->components, page->ncomponents + 1,
					 sizeof(*page->components));
	page->components[page->ncomponents++] = (struct vendor_component){
		.name = full_name(group, name, region), .state = state,
	};
}

void status_component_worsen(struct status_page *page, const char *name, enum vendor_state state)
{
	char *plain = full_name(NULL, name, NULL);
	size_t i;

	for (i = 0; i < page->ncomponents; i++)
		if (!strcmp(page->components[i].name, plain))
			page->components[i].state =
				status_worse(page->components[i].state, state);
	free(plain);
}

/* ---- incidents and maintenances ---- */

void status_notice_begin(struct status_notice *notice)
{
	*notice = (struct status_notice){.text = BUF_INIT(VENDOR_TEXT_BYTES)};
}

void status_notice_part(const struct status_page *page, struct status_notice *notice,
			const char *group, const char *name, const char *region)
{
	uint64_t matched;

	if (!name)
		return;
	notice->names_parts = true;
	notice->ours |= uses(&page->filter, group, name, region, &matched);
}

void status_notice_update(struct status_notice *notice, int64_t at_ms, const char *phase,
			  const char *text)
{
	char *plain, *word, when[CLOCK_TEXT];

	if (!text || notice->text.len + 200 > VENDOR_TEXT_BYTES)
		return;
	plain = status_plain(text, VENDOR_TEXT_BYTES - 160 - notice->text.len);
	word = status_plain(phase, 40);
	if (at_ms)
		clock_format_rfc3339(at_ms, when);
	buf_printf(&notice->text, "%s%s%s%s%s\n", at_ms ? when : "", at_ms ? "  " : "", word,
		   word[0] ? ": " : "", plain);
	free(plain);
	free(word);
}

/* Does free text speak of what we use? Patterns' bare words are looked for. */
static bool mentions(const struct strlist *globs, const char *text)
{
	size_t i;

	for (i = 0; globs && i < globs->len && text; i++) {
		char *inside = xasprintf("*%s*", globs->items[i]);
		bool found = glob_in(inside, text);

		free(inside);
		if (found)
			return true;
	}
	return false;
}

/* When the page names no parts, its words have to tell. */
static bool read_concern(const struct status_page *page, const struct status_notice *notice,
			 bool *ret_perhaps)
{
	const struct status_filter *filter = &page->filter;
	const char *texts[] = {notice->title, notice->text.data};
	char pop[POP_BYTES];
	size_t i;

	*ret_perhaps = false;
	if (notice->names_parts)
		return notice->ours;
	if (filter->by_pop && pop_of_title(notice->title, pop))
		return !strcmp(pop, filter->pop);
	if (!some(filter->components) && !some(filter->regions) && !filter->by_pop)
		return !mentions(filter->ignore, notice->title);
	for (i = 0; i < 2; i++) {
		if (mentions(filter->components, texts[i]) || mentions(filter->regions, texts[i]))
			return true;
		/* Its title tells what it is about; what never counts may well speak of us. */
		if (i == 0 && mentions(filter->ignore, texts[0]))
			return false;
	}
	*ret_perhaps = true;
	return !mentions(filter->ignore, texts[0]) && !mentions(filter->ignore, texts[1]);
}

/* A place among those that are kept. When there is none left, what may not concern us or has yet to
 * begin gives way to what does and has. */
static struct vendor_notice *room_for(struct status_page *page, const struct status_notice *notice,
				      bool perhaps)
{
	size_t i;

	if (page->nnotices < VENDOR_NOTICES_MAX) {
		page->notices = xreallocarray(page->notices, page->nnotices + 1,
					      sizeof(*page->notices));
		return &page->notices[page->nnotices++];
	}
	if (perhaps || notice->upcoming)
		return NULL;
	for (i = page->nnotices; i > 0; i--) {
		if (!page->notices[i - 1].perhaps && !page->notices[i - 1].upcoming)
			continue;
		vendor_notice_release(&page->notices[i - 1]);
		page->others++;
		return &page->notices[i - 1];
	}
	return NULL;
}

void status_notice_end(struct status_page *page, struct status_notice *notice)
{
	const char *id = notice->id ? notice->id : notice->title;
	struct vendor_notice *kept;
	bool perhaps;

	if (!id || status_is_over(notice->phase)) {
		buf_release(&notice->text);
		return;
	}
	kept = read_concern(page, notice, &perhaps) ? room_for(page, notice, perhaps) : NULL;
	if (!kept) {
		page->others++;
		buf_release(&notice->text);
		return;
	}
	*kept = (struct vendor_notice){
		.id = status_plain(id, 100), .phase = status_plain(notice->phase, 40),
		.title = status_plain(notice->title ? notice->title : "without a title", 200),
		.text = buf_detach(&notice->text), .impact = notice->impact, .perhaps = perhaps,
		.maintenance = notice->maintenance, .upcoming = notice->upcoming,
		.started_ms = notice->started_ms, .until_ms = notice->until_ms,
	};
	if (kept->maintenance)
		kept->impact = VENDOR_MAINTENANCE;
}

void status_page_release(struct status_page *page)
{
	while (page->ncomponents)
		vendor_component_release(&page->components[--page->ncomponents]);
	while (page->nnotices)
		vendor_notice_release(&page->notices[--page->nnotices]);
	free(page->components);
	free(page->notices);
	*page = (struct status_page){.filter = page->filter};
}
