/*
 * world/controllers/pod_status.h: the status of a pod, as its kubelet writes it.
 */
#ifndef SITREP_WORLD_CONTROLLERS_POD_STATUS_H
#define SITREP_WORLD_CONTROLLERS_POD_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

/* Set one condition; its transition time moves only when its status does. */
void condition_set(json_t *object, const char *type, const char *status, const char *reason,
		   const char *message, int64_t at_us);

/* What all containers of a pod are doing. */
struct container_state {
	enum { CONTAINER_WAITING, CONTAINER_RUNNING, CONTAINER_TERMINATED } kind;
	const char *reason;       /* of waiting or of the end */
	const char *message;      /* of waiting; NULL for none */
	bool ready;
	int restarts;
	int64_t started_us;
	int64_t ended_us;         /* of the end, or of the last one (0 = none) */
	int64_t last_started_us;
	const char *last_reason;
	int exit_code;            /* of the end, or of the last one */
};

/* Write containerStatuses, phase and the conditions that follow from them. */
void pod_status_write(json_t *pod, const struct container_state *state, int64_t at_us);

#endif
