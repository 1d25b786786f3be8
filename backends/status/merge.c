/* backends/status/merge.c: see merge.h */
#include "backends/status/merge.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

/* Everything that the pages of one vendor say, while it is put together. */
struct sum {
	enum vendor_state overall;
	bool lists_components, tells_state;
	uint64_t matched;
};

static void add_component(struct vendor *vendor, char *name, enum vendor_state state)
{
	size_t i;

	for (i = 0; i < vendor->ncomponents; i++) {
		if (strcmp(vendor->components[i].name, name))
			continue;
		vendor->components[i].state = status_worse(vendor->components[i].state, state);
		free(name);
		return;
	}
	if (vendor->ncomponents == VENDOR_COMPONENTS_MAX) {
		/* No room for its name, but what is wrong must not get lost. */
		vendor->components[i - 1].state =
			status_worse(vendor->components[i - 1].state, state);
		free(name);
		return;
	}
	vendor->components = xreallocarray(vendor->components, vendor->ncomponents + 1,
					   sizeof(*vendor->components));
	vendor->components[vendor->ncomponents++] = (struct vendor_component){name, state};
}

/* A part that is configured and that the page doesn't have isn't known to be well. */
static void add_missing(struct vendor *vendor, const struct strlist *globs, uint64_t matched)
{
	size_t i;

	for (i = 0; i < globs->len && i + 1 < STATUS_GLOBS_MAX; i++)
		if (!(matched >> i & 1))
			add_component(vendor, xasprintf("%.100s (not on the page)",
							globs->items[i]), VENDOR_UNKNOWN);
}

static struct vendor_notice copy_notice(const struct vendor_notice *from, int64_t now_ms)
{
	struct vendor_notice copy = *from;

	copy.id = xstrdup(from->id);
	copy.title = xstrdup(from->title);
	copy.phase = xstrdup(from->phase);
	copy.text = xstrdup(from->text);
	if (!copy.started_ms)
		copy.started_ms = now_ms;
	return copy;
}

static const struct vendor_notice *same_notice(const struct vendor_notice *list, size_t len,
					       const struct vendor_notice *notice)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!strcmp(list[i].id, notice->id))
			return &list[i];
	return NULL;
}

static void add_notice(struct vendor *vendor, const struct vendor_notice *notice)
{
	vendor->notices = xreallocarray(vendor->notices, vendor->nnotices + 1,
					sizeof(*vendor->notices));
	vendor->notices[vendor->nnotices++] = *notice;
}

/* One of a page: two documents of a vendor may tell the same. */
static void take_notice(struct vendor *vendor, const struct vendor *before,
			const struct vendor_notice *from, int64_t now_ms)
{
	const struct vendor_notice *known = same_notice(before->notices, before->nnotices, from);
	struct vendor_notice notice;

	if (same_notice(vendor->notices, vendor->nnotices, from) ||
	    vendor->nnotices == VENDOR_NOTICES_MAX)
		return;
	notice = copy_notice(from, known ? known->started_ms : now_ms);
	add_notice(vendor, &notice);
}

/* What stood before and is gone has ended, now or earlier; it is kept for a while. */
static void keep_ended(struct vendor *vendor, const struct vendor *before, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < before->nnotices && vendor->nnotices < VENDOR_NOTICES_MAX; i++) {
		const struct vendor_notice *old = &before->notices[i];
		int64_t ended = old->ended_ms ? old->ended_ms : now_ms;
		struct vendor_notice notice;

		if (old->upcoming || now_ms - ended > VENDOR_ENDED_KEPT_MS ||
		    same_notice(vendor->notices, vendor->nnotices, old))
			continue;
		notice = copy_notice(old, now_ms);
		notice.ended_ms = ended;
		add_notice(vendor, &notice);
	}
}

static int by_start(const void *a, const void *b)
{
	const struct vendor_notice *left = a, *right = b;

	if (!left->ended_ms != !right->ended_ms)
		return left->ended_ms ? 1 : -1;
	if (left->upcoming != right->upcoming)
		return left->upcoming ? 1 : -1;
	return (left->started_ms < right->started_ms) - (left->started_ms > right->started_ms);
}

/* The worst of the parts that stand for the place that serves us. */
static void add_pop(struct vendor *vendor, enum vendor_state state)
{
	vendor->pop_listed = true;
	vendor->pop_state = status_worse(vendor->pop_state, state);
}

static void take_pages(struct vendor *vendor, const struct vendor *before, struct sum *sum,
		       const struct status_page *pages, size_t npages, int64_t now_ms)
{
	size_t i, j;

	for (i = 0; i < npages; i++) {
		const struct status_page *page = &pages[i];

		sum->overall = status_worse(sum->overall, page->overall);
		sum->lists_components |= page->lists_components;
		sum->tells_state |= page->tells_state;
		sum->matched |= page->matched;
		vendor->total += page->total;
		vendor->others += page->others;
		if (page->pop_listed)
			add_pop(vendor, page->pop_state);
		for (j = 0; j < page->ncomponents; j++)
			add_component(vendor, xstrdup(page->components[j].name),
				      page->components[j].state);
		for (j = 0; j < page->nnotices; j++)
			take_notice(vendor, before, &page->notices[j], now_ms);
	}
}

/* The worst of what we use. A notice that may not concern us, beside components that are well,
 * isn't more than a hint. */
static enum vendor_state state_of(const struct vendor *vendor, const struct sum *sum)
{
	enum vendor_state state = VENDOR_OK;
	size_t i;

	for (i = 0; i < vendor->ncomponents; i++)
		state = status_worse(state, vendor->components[i].state);
	for (i = 0; i < vendor->nnotices; i++) {
		const struct vendor_notice *notice = &vendor->notices[i];
		enum vendor_state impact = notice->impact;

		if (notice->ended_ms || notice->upcoming)
			continue;
		if (notice->perhaps && vendor->ncomponents && impact > VENDOR_DEGRADED)
			impact = VENDOR_DEGRADED;
		state = status_worse(state, impact);
	}
	if (!sum->lists_components || !vendor->total)
		state = status_worse(state, sum->overall);
	if (!sum->tells_state)
		state = status_worse(state, VENDOR_UNKNOWN);
	return state;
}

/* When that state began: with the incident that explains it, if there is one. */
static int64_t since(const struct vendor *vendor, const struct vendor *before, int64_t now_ms)
{
	const struct vendor_notice *headline = vendor_headline(vendor);

	if (vendor->state == before->state && before->since_ms)
		return before->since_ms;
	if (vendor->state > VENDOR_UNKNOWN && headline && headline->started_ms &&
	    headline->started_ms < now_ms)
		return headline->started_ms;
	return now_ms;
}

static bool same(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

static bool changed(const struct vendor *a, const struct vendor *b)
{
	size_t i;

	if (a->pop_listed != b->pop_listed || a->pop_state != b->pop_state)
		return true;
	if (a->state != b->state || a->since_ms != b->since_ms || a->total != b->total ||
	    a->others != b->others || a->ncomponents != b->ncomponents ||
	    a->nnotices != b->nnotices)
		return true;
	for (i = 0; i < a->ncomponents; i++)
		if (a->components[i].state != b->components[i].state ||
		    !same(a->components[i].name, b->components[i].name))
			return true;
	for (i = 0; i < a->nnotices; i++)
		if (!same(a->notices[i].id, b->notices[i].id) ||
		    !same(a->notices[i].phase, b->notices[i].phase) ||
		    !same(a->notices[i].text, b->notices[i].text) ||
		    a->notices[i].ended_ms != b->notices[i].ended_ms ||
		    a->notices[i].upcoming != b->notices[i].upcoming ||
		    a->notices[i].impact != b->notices[i].impact)
			return true;
	return false;
}

bool status_merge(struct vendor *vendor, const struct config_vendor *config,
		  const struct status_page *pages, size_t npages, int64_t now_ms)
{
	struct vendor before = *vendor;
	struct sum sum = {.overall = VENDOR_OK};
	bool news;

	vendor->components = NULL;
	vendor->notices = NULL;
	vendor->ncomponents = vendor->nnotices = vendor->total = vendor->others = 0;
	vendor->pop_listed = false;
	vendor->pop_state = VENDOR_OK;
	take_pages(vendor, &before, &sum, pages, npages, now_ms);
	if (sum.lists_components) {
		add_missing(vendor, &config->components, sum.matched);
		add_missing(vendor, &config->regions, sum.matched >> STATUS_GLOBS_MAX);
	}
	keep_ended(vendor, &before, now_ms);
	if (vendor->nnotices)
		qsort(vendor->notices, vendor->nnotices, sizeof(*vendor->notices), by_start);
	vendor->state = state_of(vendor, &sum);
	vendor->since_ms = since(vendor, &before, now_ms);
	news = changed(&before, vendor);
	vendor_clear(&before);
	return news;
}
