/* world/scenario_file.c: see scenario_file.h */
#include "world/scenario_file.h"

#include <errno.h>

#include "core/schema.h"
#include "core/yaml.h"
#include "world/machines/machines.h"
#include "world/outside.h"
#include "world/postgres.h"

#define AT(type, member) .offset = offsetof(struct type, member)
#define COUNT_AT(type, member) .count_offset = offsetof(struct type, member)

const char *const action_names[ACTION_COUNT + 1] = {
	[ACTION_STOP_NODE] = "stop-node",
	[ACTION_START_NODE] = "start-node",
	[ACTION_NEW_REVISION] = "deployment-new-revision",
	[ACTION_BREAK] = "deployment-break",
	[ACTION_SET_POLICY] = "redis-set-policy",
	[ACTION_SET_MAXMEMORY] = "redis-set-maxmemory",
	[ACTION_FILL] = "redis-fill",
	[ACTION_LOG] = "log",
	[ACTION_EVENT] = "event",
	[ACTION_VENDOR_INCIDENT] = "vendor-incident",
	[ACTION_VENDOR_RESOLVED] = "vendor-resolved",
	[ACTION_ENDPOINT_FAULT] = "endpoint-fault",
	[ACTION_ENDPOINT_HEAL] = "endpoint-heal",
	[ACTION_POSTGRES_FAULT] = "postgres-fault",
	[ACTION_POSTGRES_HEAL] = "postgres-heal",
	[ACTION_POSTGRES_USE] = "postgres-use",
	[ACTION_POSTGRES_BLOCK] = "postgres-block",
	[ACTION_POSTGRES_MIGRATION] = "postgres-migration",
	[ACTION_POSTGRES_INDEX] = "postgres-invalid-index",
	[ACTION_OVERLAY_BREAK] = "overlay-break",
	[ACTION_OVERLAY_HEAL] = "overlay-heal",
	[ACTION_DISK_FILL] = "disk-fill",
	[ACTION_MEMBER_LOST] = "etcd-member-lost",
	[ACTION_MEMBER_BACK] = "etcd-member-back",
	[ACTION_READYZ_FAIL] = "readyz-fail",
	[ACTION_READYZ_HEAL] = "readyz-heal",
	[ACTION_API_LOST] = "apiservice-lost",
	[ACTION_API_BACK] = "apiservice-back",
	[ACTION_VOLUME_PIN] = "volume-pin",
	[ACTION_CONFIG_SET] = "configmap-set",
	[ACTION_METRIC_GONE] = "metric-gone",
	[ACTION_METRIC_BACK] = "metric-back",
	[ACTION_METRICS_STUCK] = "metrics-stuck",
	[ACTION_UFW_RULE] = "ufw-rule",
	[ACTION_UFW_DELETE] = "ufw-delete",
	[ACTION_K3S_STOP] = "k3s-stop",
	[ACTION_K3S_START] = "k3s-start",
	[ACTION_CLOCK_SKEW] = "clock-skew",
	[ACTION_LOAD] = "load",
	[ACTION_SSH_FAULT] = "ssh-fault",
	[ACTION_SSH_HEAL] = "ssh-heal",
};

static const struct schema_field crash_fields[] = {
	{.key = "exit", .type = SCHEMA_INT, AT(crash_plan, exit_code)},
	{.key = "after", .type = SCHEMA_NUMBER, AT(crash_plan, after), .fallback = "1.5"},
	{.key = "reason", .type = SCHEMA_STRING, AT(crash_plan, reason), .fallback = "Error"},
	{.key = "previous_log", .type = SCHEMA_STRINGS, AT(crash_plan, last_words)},
	{0}
};
static const struct schema crash_schema = {"crash", sizeof(struct crash_plan), crash_fields};

static const struct schema_field step_fields[] = {
	{.key = "at", .type = SCHEMA_NUMBER, AT(step, at), .required = true},
	{.key = "do", .type = SCHEMA_ENUM, AT(step, action), .words = action_names,
	 .required = true},
	{.key = "node", .type = SCHEMA_STRING, AT(step, node)},
	{.key = "namespace", .type = SCHEMA_STRING, AT(step, ns)},
	{.key = "name", .type = SCHEMA_STRING, AT(step, name)},
	{.key = "image", .type = SCHEMA_STRING, AT(step, image)},
	{.key = "cause", .type = SCHEMA_STRING, AT(step, cause)},
	{.key = "crash", .type = SCHEMA_STRUCT, AT(step, crash), .of = &crash_schema},
	{.key = "policy", .type = SCHEMA_STRING, AT(step, policy)},
	{.key = "bytes", .type = SCHEMA_INT, AT(step, bytes), .fallback = "-1"},
	{.key = "to_percent", .type = SCHEMA_NUMBER, AT(step, to_percent)},
	{.key = "pattern", .type = SCHEMA_STRING, AT(step, pattern)},
	{.key = "type", .type = SCHEMA_STRING, AT(step, type), .fallback = "string"},
	{.key = "size", .type = SCHEMA_STRINGS, AT(step, size)},
	{.key = "ttl", .type = SCHEMA_SECONDS, AT(step, ttl)},
	{.key = "lines", .type = SCHEMA_STRINGS, AT(step, lines)},
	{.key = "every", .type = SCHEMA_NUMBER, AT(step, every)},
	{.key = "kind", .type = SCHEMA_STRING, AT(step, kind)},
	{.key = "event_type", .type = SCHEMA_STRING, AT(step, event_type),
	 .fallback = "Warning"},
	{.key = "reason", .type = SCHEMA_STRING, AT(step, reason)},
	{.key = "message", .type = SCHEMA_STRING, AT(step, message), .fallback = ""},
	{.key = "way", .type = SCHEMA_ENUM, AT(step, way), .words = postgres_ways,
	 .fallback = "both"},
	{.key = "postgres", .type = SCHEMA_ENUM, AT(step, postgres_fault),
	 .words = postgres_faults, .fallback = "hang"},
	{.key = "used", .type = SCHEMA_BOOL, AT(step, used), .fallback = "false"},
	{.key = "waiting", .type = SCHEMA_INT, AT(step, waiting), .fallback = "3"},
	{.key = "version", .type = SCHEMA_INT, AT(step, version), .fallback = "-1"},
	{.key = "application", .type = SCHEMA_STRING, AT(step, application),
	 .fallback = "psql"},
	{.key = "metric", .type = SCHEMA_STRING, AT(step, metric)},
	{.key = "key", .type = SCHEMA_STRING, AT(step, key)},
	{.key = "value", .type = SCHEMA_STRING, AT(step, value)},
	{.key = "vendor", .type = SCHEMA_STRING, AT(step, vendor)},
	{.key = "component", .type = SCHEMA_STRING, AT(step, component)},
	{.key = "region", .type = SCHEMA_STRING, AT(step, region)},
	{.key = "impact", .type = SCHEMA_STRING, AT(step, impact), .fallback = "major"},
	{.key = "title", .type = SCHEMA_STRING, AT(step, title)},
	{.key = "endpoint", .type = SCHEMA_STRING, AT(step, endpoint)},
	{.key = "fault", .type = SCHEMA_ENUM, AT(step, fault), .words = outside_faults,
	 .fallback = "hang"},
	{.key = "status", .type = SCHEMA_INT, AT(step, status), .fallback = "503"},
	{.key = "delay", .type = SCHEMA_NUMBER, AT(step, delay), .fallback = "1"},
	{.key = "answer", .type = SCHEMA_STRING, AT(step, answer)},
	{.key = "path", .type = SCHEMA_STRING, AT(step, path), .fallback = "/var/log"},
	{.key = "rule", .type = SCHEMA_STRING, AT(step, rule)},
	{.key = "seconds", .type = SCHEMA_NUMBER, AT(step, seconds)},
	{.key = "load", .type = SCHEMA_NUMBER, AT(step, load)},
	{.key = "ssh", .type = SCHEMA_ENUM, AT(step, ssh_fault), .words = ssh_faults,
	 .fallback = "hang"},
	{.type = SCHEMA_LINE, AT(step, line)},
	{0}
};
static const struct schema step_schema = {"timeline", sizeof(struct step), step_fields};

static const char *const healed_postgres[] = {"unasked", "direct", "pooler", "both", NULL};

static const struct schema_field healed_fields[] = {
	{.key = "deployment_ready", .type = SCHEMA_STRING, AT(healed, deployment_ready)},
	{.key = "node_ready", .type = SCHEMA_STRING, AT(healed, node_ready)},
	{.key = "redis_accepts_writes", .type = SCHEMA_BOOL, AT(healed, accepts_writes)},
	{.key = "redis_policy", .type = SCHEMA_STRING, AT(healed, policy)},
	{.key = "postgres_well", .type = SCHEMA_ENUM, AT(healed, postgres_well),
	 .words = healed_postgres, .fallback = "unasked"},
	{.key = "vendor_well", .type = SCHEMA_STRING, AT(healed, vendor_well)},
	{.key = "endpoint_well", .type = SCHEMA_STRING, AT(healed, endpoint_well)},
	{.key = "overlay_well", .type = SCHEMA_STRING, AT(healed, overlay_well)},
	{.key = "api_available", .type = SCHEMA_STRING, AT(healed, api_available)},
	{.key = "metrics_well", .type = SCHEMA_STRING, AT(healed, metrics_well)},
	{.key = "readyz_well", .type = SCHEMA_STRING, AT(healed, readyz_well)},
	{.key = "machine_well", .type = SCHEMA_STRING, AT(healed, machine_well)},
	{.key = "redis_below_percent", .type = SCHEMA_NUMBER, AT(healed, below_percent)},
	{.type = SCHEMA_LINE, AT(healed, line)},
	{0}
};
static const struct schema healed_schema = {"healed", sizeof(struct healed), healed_fields};

static const struct schema_field file_fields[] = {
	{.key = "timeline", .type = SCHEMA_LIST, AT(scenario_file, steps),
	 COUNT_AT(scenario_file, step_count), .of = &step_schema, .required = true},
	{.key = "healed", .type = SCHEMA_LIST, AT(scenario_file, healed),
	 COUNT_AT(scenario_file, healed_count), .of = &healed_schema},
	{.key = "role", .type = SCHEMA_STRING, AT(scenario_file, role)},
	{.key = "id", .type = SCHEMA_ANY},
	{.key = "title", .type = SCHEMA_ANY},
	{.key = "mode", .type = SCHEMA_ANY},
	{.key = "story", .type = SCHEMA_ANY},
	{.key = "brief", .type = SCHEMA_ANY},
	{.key = "hints", .type = SCHEMA_ANY},
	{.key = "solution", .type = SCHEMA_ANY},
	{.key = "clock", .type = SCHEMA_ANY},
	{0}
};
static const struct schema file_schema = {"a drill", sizeof(struct scenario_file), file_fields};

int scenario_file_load(struct scenario_file *file, const char *path, struct err *err)
{
	struct yaml yaml;
	int rc = yaml_load_file(&yaml, path, err);

	*file = (struct scenario_file){0};
	if (rc)
		return rc;
	rc = schema_read(&file_schema, &yaml, &yaml.root, file, err);
	yaml_release(&yaml);
	for (size_t i = 1; !rc && i < file->step_count; i++) {
		if (file->steps[i].at < file->steps[i - 1].at)
			rc = err_set(err, -EINVAL, "%s:%d: the timeline's times (at) must ascend",
				     path, file->steps[i].line);
	}
	return rc;
}

void scenario_file_release(struct scenario_file *file)
{
	schema_release(&file_schema, file);
	*file = (struct scenario_file){0};
}
