/*
 * core/config_check.h: what a configuration may not say although each value is of its type.
 */
#ifndef SITREP_CORE_CONFIG_CHECK_H
#define SITREP_CORE_CONFIG_CHECK_H

#include "core/config.h"
#include "core/yaml.h"

/* -EINVAL with the place in the file, what was expected there, and what stood there. */
int config_check(const struct config *config, const struct yaml *yaml, struct err *err);

#endif
