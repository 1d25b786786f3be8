/* incident/facts_vendors.c: what status pages say, by the vendors' configured names */
#include "core/clock.h"
#include "incident/facts_parts.h"

static json_t *component_list(const struct facts_maker *maker, const struct vendor *vendor)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < vendor->ncomponents; i++)
		if (maker->full || vendor->components[i].state != VENDOR_OK)
			json_array_append_new(list, json_pack(
				"{s:o, s:s}", "name", facts_text(vendor->components[i].name),
				"state", vendor_state_name(vendor->components[i].state)));
	return list;
}

static json_t *notice_facts(const struct facts_maker *maker, const struct vendor_notice *notice)
{
	json_t *facts = json_pack(
		"{s:o, s:o, s:s, s:b, s:b, s:b, s:o, s:o, s:o, s:o}", "title",
		facts_text(notice->title), "phase", facts_text(notice->phase), "impact",
		vendor_state_name(notice->impact), "perhaps", notice->perhaps, "maintenance",
		notice->maintenance, "upcoming", notice->upcoming, "started",
		facts_epoch(notice->started_ms), "started_age",
		notice->upcoming ? json_null() : facts_age(maker, notice->started_ms), "ended",
		facts_epoch(notice->ended_ms), "until", facts_epoch(notice->until_ms));

	if (maker->full)
		json_object_set_new(facts, "text", facts_text(notice->text));
	return facts;
}

static json_t *notice_list(const struct facts_maker *maker, const struct vendor *vendor)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < vendor->nnotices; i++)
		json_array_append_new(list, notice_facts(maker, &vendor->notices[i]));
	return list;
}

static json_t *vendor_facts(const struct facts_maker *maker, const struct vendor *vendor)
{
	const struct vendor_notice *headline = vendor_headline(vendor);
	bool known = vendor->fresh.as_of_ms != 0;

	return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:o, s:o}",
			 "freshness", facts_freshness(maker, &vendor->fresh, true),
			 "state", known ? vendor_state_name(vendor->state) : "unknown",
			 "state_age", facts_age(maker, known ? vendor->since_ms : 0),
			 "headline", facts_text(headline ? headline->title : NULL),
			 "url", facts_text(vendor->url), "format", facts_text(vendor->format),
			 "pop", facts_text(vendor->pop),
			 "pop_state", known && vendor->pop_listed
			 ? json_string(vendor_state_name(vendor->pop_state)) : json_null(),
			 "on_page", known ? json_integer((json_int_t)vendor->total) : json_null(),
			 "used", (json_int_t)vendor->ncomponents,
			 "others", (json_int_t)vendor->others,
			 "components", component_list(maker, vendor),
			 "notices", notice_list(maker, vendor));
}

json_t *facts_vendors(const struct facts_maker *maker)
{
	const struct vendors *vendors = &maker->sit->vendors;
	json_t *by_name = json_object();
	json_int_t answering = 0, troubled = 0;
	size_t i;

	for (i = 0; i < vendors->len; i++) {
		const struct vendor *vendor = &vendors->items[i];

		if (facts_is_fresh(maker, &vendor->fresh)) {
			answering++;
			troubled += vendor->state > VENDOR_MAINTENANCE;
		}
		json_object_set_new(by_name, vendor->name, vendor_facts(maker, vendor));
	}
	return json_pack("{s:I, s:I, s:I, s:o}", "total", (json_int_t)vendors->len, "answering",
			 answering, "troubled", troubled, "by_name", by_name);
}
