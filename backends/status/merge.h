/* backends/status/merge.h: what a vendor's documents say together, put into the model. */
#ifndef SITREP_BACKENDS_STATUS_MERGE_H
#define SITREP_BACKENDS_STATUS_MERGE_H

#include "backends/status/status.h"

/* Takes the pages' components and notices over as the vendor's; notices that are gone have ended.
 * True when a person or a rule would notice a change. */
bool status_merge(struct vendor *vendor, const struct config_vendor *config,
		  const struct status_page *pages, size_t npages, int64_t now_ms);

#endif
