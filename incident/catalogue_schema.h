/* incident/catalogue_schema.h: what a failure mode's file may hold, for the reference in docs/. */
#ifndef SITREP_INCIDENT_CATALOGUE_SCHEMA_H
#define SITREP_INCIDENT_CATALOGUE_SCHEMA_H

#include "core/schema.h"

extern const struct schema mode_schema;    /* struct mode */

#endif
