/* backends/kube/base64.h: base64 as kubeconfig's *-data fields use it, through libcrypto. */
#ifndef SITREP_BACKENDS_KUBE_BASE64_H
#define SITREP_BACKENDS_KUBE_BASE64_H

#include <stddef.h>

/* NUL-terminated bytes the caller frees, or NULL when text isn't base64. */
char *base64_decode(const char *text, size_t *ret_len);

#endif
