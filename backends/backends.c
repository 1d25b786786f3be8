/* backends/backends.c: every system sitrep can watch, one row each. */
#include "backends/backend.h"

#include <stddef.h>

const struct backend_ops *const backends_all[] = {
	&backend_kube,
	&backend_redis,
	&backend_status,
	&backend_probe,
	&backend_metrics,
	&backend_postgres,
	&backend_ssh,
	NULL,
};
