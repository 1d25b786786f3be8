/*
 * core/quantity.h: Kubernetes resource quantities ("250m", "195742982n", "3076344Ki", "1e3").
 * Source: apimachinery's resource.Quantity serialization.
 */
#ifndef SITREP_CORE_QUANTITY_H
#define SITREP_CORE_QUANTITY_H

#include <stdint.h>

/* In thousandths, rounded up; -EINVAL, or -ERANGE when it does not fit. */
int quantity_milli(const char *text, int64_t *ret_milli);
/* In units of 1024 bytes, rounded up. */
int quantity_kib(const char *text, int64_t *ret_kib);

#endif
