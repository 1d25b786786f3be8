/*
 * core/config.h: what people write, read once at the start. The schema table in config_schema.c
 * drives the parser, its errors (file:line:column) and the reference in docs/.
 */
#ifndef SITREP_CORE_CONFIG_H
#define SITREP_CORE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/schema.h"
#include "core/strlist.h"

/* Where a secret comes from; at most one is set. The secret itself is never kept in config. */
struct config_secret {
	char *env;                 /* name of an environment variable */
	char *file;                /* path; read anew at each use */
	struct strlist command;    /* argv; its first line of output */
};

/* Pods that are asked through the API server whether they can be reached. */
struct config_reach_pods {
	struct strlist workloads;  /* globs on "deployment/ns/name" */
	int64_t port;
	char *path;                /* default "/" */
};

/* One pod a node, to see whether the overlay network carries. */
struct config_reach {
	struct config_reach_pods *pods;    /* the first that has one on a node counts there */
	size_t npods;              /* 0 = nobody is asked */
	int64_t every_ms;          /* each node; default 30 s */
	int64_t timeout_ms;        /* default 5 s */
	int64_t per_minute;        /* requests at most, over all nodes; default 20 */
};

struct config_kube {
	bool enabled;              /* default true */
	char *kubeconfig;          /* NULL: $KUBECONFIG, then ~/.kube/config, then in-cluster */
	char *context;             /* NULL: the current one */
	struct strlist servers;    /* further API server URLs of the same cluster, tried in turn */
	struct strlist namespaces; /* watched; empty = all */
	int64_t heartbeat_ms;      /* default 5000 */
	int64_t stale_after_ms;    /* default 12000 */
	int64_t metrics_every_ms;  /* default 15000 */
	int64_t disk_every_ms;     /* default 0 = never */
	struct config_reach reach;
};

/* The metrics of one app, read through the API server's service proxy, or at a URL of its own. */
struct config_app {
	char *name;
	char *service;             /* "namespace/name:port"; NULL = by url */
	char *path;                /* of the service; default "/metrics" */
	char *url;                 /* http:// or https://; NULL = by service */
	struct config_secret bearer;   /* for url */
	char *ca_file;             /* for url; NULL = the system's authorities */
	struct strlist keep;       /* globs on "name", or on "name{labels}" when they hold a brace */
	int64_t every_ms;          /* default 30000 */
};

/* A pod's port, through the API server. One of service, pod and selector is set. */
struct config_via_kubernetes {
	char *namespace_;          /* NULL = the kubeconfig context's */
	char *service;             /* one of the pods behind it */
	char *pod;                 /* its name */
	char *selector;            /* "app=redis" */
	int64_t port;              /* of the pod; 0 = the URL's */
};

/* Through a machine that ssh reaches. */
struct config_via_ssh {
	char *host;                /* as ssh is called with; NULL = not this way */
};

/* How to reach what this machine can't; nothing set = directly. */
struct config_via {
	struct config_via_kubernetes kubernetes;
	struct config_via_ssh ssh;
};

/* Which is set, by its key: "kubernetes", "ssh"; NULL = directly. */
const char *config_via_name(const struct config_via *via);
/* Directly, from now on. */
void config_via_clear(struct config_via *via);

struct config_redis {
	char *url;                 /* redis://, rediss://; user allowed, password not; NULL = none */
	char *title;
	struct config_secret password;
	char *ca_file, *cert_file, *key_file, *tls_name;
	struct config_via via;
	int64_t every_ms;          /* INFO; default 2000 */
	bool scan;                 /* background big-key scan; default true */
	int64_t scan_every_ms;     /* from the end of one to the start of the next; default 15 min */
	int64_t scan_count;        /* SCAN COUNT, and keys under way; default 64 */
	double scan_load;          /* share of the server's time the scan may take; default 1 */
	int64_t scan_ttl_every;    /* PTTL of one key in so many; default 8 */
	char *separators;          /* prefix ends; default ":" */
	struct schema_pair *patterns;  /* name to glob: keys counted with their TTLs by the scan */
	size_t npatterns;
};

struct config_ssh_host {
	char *node;                /* the cluster's name for it */
	char *host;                /* what ssh is called with; NULL = node */
};

/* The machines, looked at from inside. */
struct config_ssh {
	struct config_ssh_host *hosts;
	size_t nhosts;
	struct strlist command;    /* default ssh */
	int64_t every_ms, timeout_ms;
	struct strlist reach;      /* "10.43.0.1:443": connected to from each machine */
	struct strlist firewall;   /* the rules that should stand, as ufw says them */
};

/* A vendor's status page, and which parts of it we use. */
struct config_vendor {
	char *name;
	char *url;                 /* what machines read, not the page for people */
	char *fallback;            /* asked when url fails; NULL = none */
	struct strlist also;       /* further documents of the same page */
	int format;                /* index into config_vendor_formats */
	struct strlist components, regions, ignore;    /* globs, case doesn't matter */
	char *pop_url;             /* our own site's /cdn-cgi/trace; NULL = POPs don't matter */
	char *ca_file;             /* NULL = the system's authorities */
	int64_t every_ms;          /* default 5 min; one minute while something is wrong */
	int64_t recent_ms;         /* how long a feed's entry counts; default 3 days */
};
extern const char *const config_vendor_formats[];      /* "auto" first; NULL at the end */

/* One thing to ask as its users do, through one way or several. */
struct config_probe {
	char *name;
	int kind;                  /* enum probe_kind: index into config_probe_kinds */
	char *url;                 /* http(s)://, smtp(s)://, tcp://; NULL for dns */
	char *host;                /* dns: the name that is looked up */
	struct strlist via;        /* origin: "name=address[:port]"; empty = the cluster's nodes */
	struct strlist resolvers;  /* dns: "system" or a URL of DNS over HTTPS */
	struct strlist expect_status;  /* "200", "2xx", "200-299"; empty = 200 to 399 */
	struct strlist expect;     /* dns: ranges that every answer must be in, "10.0.0.0/8" */
	struct config_secret bearer;
	char *ca_file;             /* NULL = the system's authorities */
	bool insecure;             /* certificates are not checked */
	bool starttls;             /* smtp: TLS must be offered; default true */
	int64_t every_ms, timeout_ms;  /* default 30 s, 10 s */
};
extern const char *const config_probe_kinds[];     /* NULL at the end */

/* One database; a URL is postgres://[user@]host[:port][/database] or host[:port], no password. */
struct config_postgres {
	char *direct, *pooler;     /* NULL = there is none; both NULL = no Postgres at all */
	char *title, *user, *database;
	struct config_secret password;
	int sslmode;               /* index into config_postgres_sslmodes */
	char *ca_file;
	int64_t every_ms;          /* default 30 s */
	int64_t timeout_ms;        /* from the start of a look to SELECT 1's answer; default 10 s */
	int64_t statement_timeout_ms;      /* default 3 s */
	int64_t suspend_after_ms;  /* 0 = it never sleeps; default 5 min */
	int64_t wake_budget;       /* connections an hour while nobody else uses it; default 4 */
	struct strlist housekeepers;       /* users whose sessions are nobody's use */
	int64_t goose_version;     /* expected; -1 = not told */
	char *goose_table;
	int64_t migration_lock;    /* advisory lock's key; 0 = none */
	char *migration_lock_table;
};
extern const char *const config_postgres_sslmodes[];

enum { ASYNQ_AUTO, ASYNQ_YES, ASYNQ_NO };

struct config_asynq {
	int watch;                 /* ASYNQ_*; auto = when its keys are there; default auto */
	int64_t every_ms;          /* default 5000 */
};

/* What may be acted on: a verb (glob) on targets (globs on "kind/ns/name"). First match rules. */
struct config_scope {
	struct strlist verbs;
	struct strlist targets;
	bool deny;
	int line, column;          /* where it stands in the file */
};

struct config_logsign {
	char *name;
	char *pattern;             /* POSIX extended regular expression */
	struct strlist workloads;  /* globs on "deployment/ns/name" */
	bool previous;             /* look in previous logs of crash-looping pods too */
};

struct config {
	char *path;                /* where it came from; NULL = defaults */
	char *name;                /* shown in the head line; NULL = context */
	bool production;           /* changes how confirm dialogs look; default true */
	bool read_only;
	char *theme;               /* NULL = default */
	char *namespace_;          /* first shown in Pods; NULL = all */
	char *audit_file;          /* NULL = $XDG_STATE_HOME/sitrep/audit.jsonl */
	struct strlist catalogue;  /* further folders of failure modes */
	bool catalogue_builtin;    /* load the shipped ones; default true */
	struct config_kube kube;
	struct config_app *apps;
	size_t napps;
	struct config_redis redis;
	struct config_asynq asynq;
	struct config_ssh ssh;
	struct config_vendor *vendors;
	size_t nvendors;
	struct config_probe *probes;
	size_t nprobes;
	struct config_postgres postgres;
	struct config_scope *scope;
	size_t nscope;             /* 0 = everything sitrep can do, where rights allow */
	struct config_logsign *logsigns;
	size_t nlogsigns;
	struct schema_pair *names;     /* the catalogue's roles: "api" -> "deployment/ns/name" */
	size_t nnames;
	struct schema_number *thresholds;
	size_t nthresholds;
};

/* The table behind it all, for the reference. */
struct schema;
extern const struct schema config_schema;

/* Defaults alone. */
void config_init(struct config *config);
/* Defaults, then the file. -EINVAL with "file:line:column: ..." in err; nothing half read. */
int config_load(struct config *config, const char *path, struct err *err);
void config_release(struct config *config);
/* $XDG_CONFIG_HOME/sitrep/config.yaml if it exists, else NULL; caller frees. */
char *config_default_path(void);

/* fnmatch-like glob: * matches within and across '/'. */
bool config_glob(const char *pattern, const char *text);
/* Is the address within "10.0.0.0/8"? With NULL: is the range one at all? */
bool config_in_range(const char *range, const char *address);
bool config_in_scope(const struct config *config, const char *verb, const char *target);

#endif
