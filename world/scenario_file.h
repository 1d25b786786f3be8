/*
 * world/scenario_file.h: the parts of a drill's file that the world plays: what breaks and when,
 * and when it is whole again. The rest of the file is sitrep's.
 */
#ifndef SITREP_WORLD_SCENARIO_FILE_H
#define SITREP_WORLD_SCENARIO_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/config.h"
#include "core/err.h"

enum action_id {
	ACTION_STOP_NODE,
	ACTION_START_NODE,
	ACTION_NEW_REVISION,
	ACTION_BREAK,
	ACTION_SET_POLICY,
	ACTION_SET_MAXMEMORY,
	ACTION_FILL,
	ACTION_LOG,
	ACTION_EVENT,
	ACTION_VENDOR_INCIDENT,
	ACTION_VENDOR_RESOLVED,
	ACTION_ENDPOINT_FAULT,
	ACTION_ENDPOINT_HEAL,
	ACTION_POSTGRES_FAULT,
	ACTION_POSTGRES_HEAL,
	ACTION_POSTGRES_USE,
	ACTION_POSTGRES_BLOCK,
	ACTION_POSTGRES_MIGRATION,
	ACTION_POSTGRES_INDEX,
	ACTION_OVERLAY_BREAK,
	ACTION_OVERLAY_HEAL,
	ACTION_DISK_FILL,
	ACTION_MEMBER_LOST,
	ACTION_MEMBER_BACK,
	ACTION_READYZ_FAIL,
	ACTION_READYZ_HEAL,
	ACTION_API_LOST,
	ACTION_API_BACK,
	ACTION_VOLUME_PIN,
	ACTION_CONFIG_SET,
	ACTION_METRIC_GONE,
	ACTION_METRIC_BACK,
	ACTION_METRICS_STUCK,
	ACTION_UFW_RULE,
	ACTION_UFW_DELETE,
	ACTION_K3S_STOP,
	ACTION_K3S_START,
	ACTION_CLOCK_SKEW,
	ACTION_LOAD,
	ACTION_SSH_FAULT,
	ACTION_SSH_HEAL,
	ACTION_COUNT,
};

extern const char *const action_names[ACTION_COUNT + 1];   /* as written; NULL at the end */

struct crash_plan {
	int64_t exit_code;         /* 0 = not said */
	double after;              /* seconds that a container runs */
	char *reason;
	struct strlist last_words;
};

/* One step of the timeline; which members count depends on the action. Texts may be NULL. */
struct step {
	double at;                 /* seconds after the start */
	int action;                /* enum action_id */
	char *node, *ns, *name;
	char *image, *cause;
	struct crash_plan crash;
	char *policy;
	int64_t bytes;             /* -1 = not said */
	double to_percent;
	char *pattern, *type;
	struct strlist size;       /* one number, or the lowest and the highest */
	int64_t ttl;               /* seconds; 0 = none */
	struct strlist lines;
	double every;              /* seconds; 0 = once */
	char *kind, *event_type, *reason, *message;
	char *vendor, *component, *region, *impact, *title;
	char *endpoint, *answer;
	int fault;                 /* enum outside_fault */
	int64_t status;
	double delay;              /* seconds */
	int way, postgres_fault;   /* indexes into postgres_ways, postgres_faults */
	bool used;                 /* whether the application uses the database */
	int64_t waiting, version;
	char *application;
	char *metric;
	char *key, *value;
	char *path, *rule;
	double seconds, load;
	int ssh_fault;             /* enum ssh_fault */
	int line;
};

/* All that is said must hold. */
struct healed {
	char *deployment_ready;    /* "namespace/name" */
	char *node_ready;
	bool accepts_writes;
	char *policy;
	int postgres_well;         /* enum postgres_way_bits; 0 = not asked */
	double below_percent;      /* 0 = not asked */
	char *vendor_well, *endpoint_well;
	char *overlay_well;        /* a node */
	char *api_available;       /* an APIService */
	char *metrics_well;        /* "namespace/name" of a workload */
	char *readyz_well;         /* a check */
	char *machine_well;        /* a node */
	int line;
};

struct scenario_file {
	char *role;                /* whom the player plays; NULL = the cluster's own */
	struct step *steps;        /* ascending by time */
	size_t step_count;
	struct healed *healed;
	size_t healed_count;
};

/* -EINVAL with file:line:column and what was expected. */
int scenario_file_load(struct scenario_file *file, const char *path, struct err *err);
void scenario_file_release(struct scenario_file *file);

#endif
