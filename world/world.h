/*
 * world/world.h: one simulated world: a Kubernetes API, a Redis, the controllers that move them
 * and the scenario that breaks them. Everything runs on one libuv loop in one thread.
 *
 * Times inside the world are milliseconds since it began (world_now). --speed shortens delays
 * but never bends the time stamps that clients read: those are the machine's clock.
 */
#ifndef SITREP_WORLD_WORLD_H
#define SITREP_WORLD_WORLD_H

#include <stdint.h>

#include <jansson.h>
#include <uv.h>

struct store;
struct kubelet;
struct kube_server;
struct watchers;
struct nodes;
struct workloads;
struct redis_server;
struct outside;
struct postgres_server;
struct exporter;
struct machines;
struct ssh_server;
struct scenario;

#define WORLD_SERVERS_MAX 16

struct world {
	uv_loop_t *loop;
	double speed;                    /* > 0; 2 = delays take half as long */
	uint64_t began;                  /* uv_now() at the start */
	const char *dir;                 /* where the kubeconfig is written */
	json_t *plan;                    /* the cluster description; owned by main */
	struct store *store;
	struct kubelet *kubelet;
	struct nodes *nodes;
	struct workloads *workloads;
	struct kube_server *kube;        /* before all API servers */
	struct kube_server *kube_at[WORLD_SERVERS_MAX];  /* one a node; NULL behind the last */
	struct watchers *watchers;
	struct redis_server *redis;
	struct outside *outside;
	struct postgres_server *postgres;
	struct exporter *exporter;
	struct machines *machines;
	struct ssh_server *ssh;          /* NULL without machines */
	struct scenario *scenario;       /* NULL without one */
};

int64_t world_now(const struct world *world);              /* ms since the start, unscaled */
int64_t world_delay(const struct world *world, double seconds); /* ms, shortened by speed */

/* One JSON line on standard output; steals the object, adds "t". */
void world_say(struct world *world, const char *event, json_t *fields);

/* A deterministic-enough random number in [0, limit); 0 when limit is 0. */
uint32_t world_random(uint32_t limit);

#endif
