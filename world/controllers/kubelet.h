/*
 * world/controllers/kubelet.h: what happens to pods on their nodes: scheduling, starting,
 * becoming ready, crashing, backing off, ending; and what their containers print.
 */
#ifndef SITREP_WORLD_CONTROLLERS_KUBELET_H
#define SITREP_WORLD_CONTROLLERS_KUBELET_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

struct world;
struct logbook;

struct kubelet *kubelet_new(struct world *world);
void kubelet_free(struct kubelet *kubelet);
void kubelet_tick(struct kubelet *kubelet);

/* Take over a pod that has been running since before the world began. */
void kubelet_adopt(struct kubelet *kubelet, const char *ns, const char *name, int64_t since_us,
		   int restarts);
/* End a pod: at once when grace is 0. A pod on a dead node stays, marked as ending. */
void kubelet_delete(struct kubelet *kubelet, const char *ns, const char *name, long long grace);

/* Ended by its kubelet to make room: it stays as Failed, and its owner makes another one. */
void kubelet_evict(struct kubelet *kubelet, const char *ns, const char *name, const char *message);

/* What a container printed; NULL when there is no such pod or container. Borrowed. */
struct logbook *kubelet_logbook(struct kubelet *kubelet, const char *ns, const char *name,
				bool previous);
/* Print a line in every running pod of a workload ("" = any name or namespace). */
void kubelet_print(struct kubelet *kubelet, const char *ns, const char *workload,
		   const char *line);

/* A reason for containers to exit. It holds for pods whose first image is `image`, or whose
 * controller has the uid `owner`, until that is no longer so. */
struct crash {
	const char *image;        /* NULL or the image */
	const char *owner;        /* NULL or the uid */
	int exit_code;
	const char *reason;       /* "Error" or "OOMKilled" */
	double lasts;             /* seconds a container runs before it exits */
	const json_t *last_words; /* lines it prints before; NULL or a list, kept by reference */
};
void kubelet_crash(struct kubelet *kubelet, const struct crash *crash);

/* Is the pod's workload one that the plan describes? The plan's row, or NULL. */
const json_t *kubelet_plan(const struct world *world, const json_t *pod);

#endif
