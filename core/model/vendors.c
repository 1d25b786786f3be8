/* core/model/vendors.c: see vendors.h */
#include "core/model/vendors.h"

#include <stdlib.h>

const char *vendor_state_name(enum vendor_state state)
{
	static const char *const names[VENDOR_STATES] = {
		[VENDOR_OK] = "ok", [VENDOR_UNKNOWN] = "unknown",
		[VENDOR_MAINTENANCE] = "maintenance", [VENDOR_DEGRADED] = "degraded",
		[VENDOR_PARTIAL] = "partial outage", [VENDOR_MAJOR] = "major outage",
	};

	return names[state];
}

void vendor_component_release(struct vendor_component *component)
{
	free(component->name);
}

void vendor_notice_release(struct vendor_notice *notice)
{
	free(notice->id);
	free(notice->title);
	free(notice->phase);
	free(notice->text);
}

void vendor_clear(struct vendor *vendor)
{
	while (vendor->ncomponents)
		vendor_component_release(&vendor->components[--vendor->ncomponents]);
	while (vendor->nnotices)
		vendor_notice_release(&vendor->notices[--vendor->nnotices]);
	free(vendor->components);
	free(vendor->notices);
	vendor->components = NULL;
	vendor->notices = NULL;
}

void vendors_release(struct vendors *vendors)
{
	while (vendors->len) {
		struct vendor *vendor = &vendors->items[--vendors->len];

		vendor_clear(vendor);
		free(vendor->name);
		free(vendor->url);
		free(vendor->format);
	}
	free(vendors->items);
	vendors->items = NULL;
}

const struct vendor_notice *vendor_headline(const struct vendor *vendor)
{
	const struct vendor_notice *perhaps = NULL, *ours = NULL;
	size_t i;

	for (i = 0; i < vendor->nnotices; i++) {
		const struct vendor_notice *notice = &vendor->notices[i];

		if (notice->ended_ms || notice->upcoming)
			continue;
		if (!notice->perhaps && (!ours || notice->impact > ours->impact))
			ours = notice;
		if (notice->perhaps && !perhaps)
			perhaps = notice;
	}
	return ours ? ours : perhaps;
}
