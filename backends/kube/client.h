/*
 * backends/kube/client.h: one cluster as one of its API servers sees us: addresses, trust,
 * credentials. When a server is dead the next address is tried.
 */
#ifndef SITREP_BACKENDS_KUBE_CLIENT_H
#define SITREP_BACKENDS_KUBE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/backend.h"
#include "backends/http.h"
#include "backends/kube/exec_plugin.h"
#include "backends/kube/kubeconfig.h"

struct kube_server {
	char *base;                /* URL without a last slash */
	char *connect_to;          /* for tls-server-name; NULL = none */
};

struct kube_client {
	const struct backend_env *env;
	struct http *http;
	struct kubeconfig kc;
	struct kube_server servers[CLUSTER_SERVERS_MAX];
	int nservers, current;
	int64_t moved_mono_ms;         /* when current last changed */
	struct http_peer peer;         /* but for connect_to, which is each server's own */
	bool down;                     /* heartbeats fail: nobody need try until one succeeds */
	struct exec_plugin *plugin;    /* while it runs */
	int64_t fetched_mono_ms;       /* when it was last started */
	char *plugin_token, *plugin_cert, *plugin_key;
	uv_timer_t refresh;            /* before the plugin's credential expires */
	bool credentials_ready;
	char credentials_error[200];
	void (*ready)(void *arg);      /* credentials have come, or changed */
	void *ready_arg;
};

struct kube_ask {
	const char *method;        /* NULL = GET */
	const char *path;          /* "/api/v1/pods?limit=100" */
	const char *accept;        /* NULL = application/json */
	const char *content_type;  /* of body */
	const char *body;          /* NULL = none */
	int64_t total_ms;          /* 0 = no deadline */
	int64_t silence_ms;        /* 0 = never */
	bool gzip;
	bool once;                 /* see http.h */
	int server;                /* index + 1 of a certain server; 0 = the current one */
	void (*data)(void *arg, long status, const char *bytes, size_t len);
	void (*done)(void *arg, const struct http_outcome *outcome);
	void *arg;
};

/* Reads the kubeconfig; starts an exec plugin when there is one. ready comes from the loop. */
int kube_client_start(struct kube_client *client, const struct backend_env *env,
		      void (*ready)(void *arg), void *arg, struct err *err);
void kube_client_stop(struct kube_client *client);

/* A request that reads. What would change the cluster goes through kube_write() alone. */
struct http_call *kube_read(struct kube_client *client, const struct kube_ask *ask);

/* How a call went: keeps the servers' freshness and cost, moves on from a dead server, gets new
 * credentials after a 401. Every done callback tells it. */
void kube_client_learn(struct kube_client *client, const struct http_outcome *outcome);

/* On to the next server address, if there is one. All calls end with -ECONNABORTED. */
void kube_client_move(struct kube_client *client);

/* Can this stand in a path as it is? Names that the API gives can. */
bool kube_name_safe(const char *name);

/* The names of the checks that fail, from what /readyz answers ("[-]etcd failed: ..."); "" = none
 * is named. body may be NULL. Source: k8s.io/apiserver, healthz.go (verbose whenever it fails). */
void kube_failing_checks(const char *body, char *names, size_t size);

/* Status JSON's message, or what the outcome says. */
void kube_failure_text(const struct http_outcome *outcome, const char *body, size_t len,
		       char *text, size_t size);

/* "Authorization: Bearer ..." to be sent now, or NULL. A secret: the caller wipes and frees it. */
char *kube_client_bearer(const struct kube_client *client);

/* Not for readers: the raw request, used by kube_read() and by the write door. */
struct http_call *kube_client_send(struct kube_client *client, const struct kube_ask *ask);

#endif
