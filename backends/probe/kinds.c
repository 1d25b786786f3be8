/* backends/probe/kinds.c: every kind of probe, one row each */
#include "backends/probe/probe.h"

const struct probe_ops *const probe_kinds[PROBE_KINDS] = {
	[PROBE_HTTP] = &probe_http,
	[PROBE_EDGE] = &probe_edge,
	[PROBE_ORIGIN] = &probe_origin,
	[PROBE_DNS] = &probe_dns,
	[PROBE_SMTP] = &probe_smtp,
	[PROBE_REGISTRY] = &probe_registry,
	[PROBE_OBS] = &probe_obs,
	[PROBE_STORAGE] = &probe_storage,
	[PROBE_TCP] = &probe_tcp,
};
