/* core/config_schema.c: every key of the configuration, once. */
#include "core/config.h"
#include "core/schema.h"

#define AT(type, member) .offset = offsetof(struct type, member)

static const struct schema_field secret_fields[] = {
	{.key = "env", .type = SCHEMA_STRING, AT(config_secret, env),
	 .help = "Name of an environment variable that holds it."},
	{.key = "file", .type = SCHEMA_PATH, AT(config_secret, file),
	 .help = "A file that holds it; read anew at each use."},
	{.key = "command", .type = SCHEMA_STRINGS, AT(config_secret, command),
	 .help = "A command and its arguments; its first line of output is the secret."},
	{0}
};
static const struct schema secret_schema = {"a secret", sizeof(struct config_secret),
					    secret_fields};

static const struct schema_field reach_pods_fields[] = {
	{.key = "workloads", .type = SCHEMA_STRINGS, AT(config_reach_pods, workloads),
	 .required = true, .help = "Whose pods (globs on `kind/namespace/name`); those on the host's "
		 "own network don't count."},
	{.key = "port", .type = SCHEMA_INT, AT(config_reach_pods, port), .required = true,
	 .help = "Where they speak HTTP."},
	{.key = "path", .type = SCHEMA_STRING, AT(config_reach_pods, path), .fallback = "/",
	 .help = "What is asked for; every answer counts, whatever its status."},
	{0}
};
static const struct schema reach_pods_schema = {"pods to reach", sizeof(struct config_reach_pods),
						reach_pods_fields};

static const struct schema_field reach_fields[] = {
	{.key = "pods", .type = SCHEMA_LIST, AT(config_reach, pods),
	 .count_offset = offsetof(struct config_reach, npods), .of = &reach_pods_schema,
	 .help = "Which pods may be asked; on each node one of the first entry that has any there."},
	{.key = "every", .type = SCHEMA_DURATION, AT(config_reach, every_ms), .fallback = "30s",
	 .help = "How often each node's pod is asked."},
	{.key = "timeout", .type = SCHEMA_DURATION, AT(config_reach, timeout_ms), .fallback = "5s",
	 .help = "After that it can't be reached, if the API server itself answers."},
	{.key = "per_minute", .type = SCHEMA_INT, AT(config_reach, per_minute), .fallback = "20",
	 .help = "Requests a minute at most, over all nodes: with many nodes each is asked less "
		 "often."},
	{0}
};
static const struct schema reach_schema = {"pod_reach", sizeof(struct config_reach), reach_fields};

static const struct schema_field kube_fields[] = {
	{.key = "enabled", .type = SCHEMA_BOOL, AT(config_kube, enabled), .fallback = "true",
	 .help = "Whether to watch a cluster at all."},
	{.key = "kubeconfig", .type = SCHEMA_PATH, AT(config_kube, kubeconfig),
	 .help = "Without it: `$KUBECONFIG`, then `~/.kube/config`, then the in-cluster account."},
	{.key = "context", .type = SCHEMA_STRING, AT(config_kube, context),
	 .help = "Without it: the kubeconfig's current context."},
	{.key = "servers", .type = SCHEMA_STRINGS, AT(config_kube, servers),
	 .help = "Further API server URLs of the same cluster, tried in turn when one is dead."},
	{.key = "namespaces", .type = SCHEMA_STRINGS, AT(config_kube, namespaces),
	 .help = "Namespaces to watch; without it, all."},
	{.key = "heartbeat", .type = SCHEMA_DURATION, AT(config_kube, heartbeat_ms),
	 .fallback = "5s", .help = "How often the API server must prove that it lives."},
	{.key = "stale_after", .type = SCHEMA_DURATION, AT(config_kube, stale_after_ms),
	 .fallback = "12s", .help = "Without proof for this long, values are stale."},
	{.key = "metrics_every", .type = SCHEMA_DURATION, AT(config_kube, metrics_every_ms),
	 .fallback = "15s", .help = "How often the metrics API is asked."},
	{.key = "disk_every", .type = SCHEMA_DURATION, AT(config_kube, disk_every_ms),
	 .fallback = "0s", .help = "How often each node's kubelet is asked how full its disk is; `0s` "
		 "means never. It needs the right to `nodes/proxy`, which allows more than that."},
	{.key = "pod_reach", .type = SCHEMA_STRUCT, AT(config_kube, reach), .of = &reach_schema,
	 .help = "Whether pods on each node can be reached from the API server. It needs the right to "
		 "get `pods/proxy`, which lets one GET anything from those pods."},
	{0}
};
static const struct schema kube_schema = {"kube", sizeof(struct config_kube), kube_fields};

static const struct schema_field app_fields[] = {
	{.key = "name", .type = SCHEMA_STRING, AT(config_app, name), .required = true,
	 .help = "What rules call it."},
	{.key = "service", .type = SCHEMA_STRING, AT(config_app, service),
	 .help = "`namespace/name:port` of its Service; asked through the API server."},
	{.key = "url", .type = SCHEMA_STRING, AT(config_app, url),
	 .help = "Instead of `service`: where it is asked directly, `https://HOST/metrics`."},
	{.key = "bearer", .type = SCHEMA_STRUCT, AT(config_app, bearer), .of = &secret_schema,
	 .help = "For `url`: where the bearer token comes from."},
	{.key = "ca_file", .type = SCHEMA_PATH, AT(config_app, ca_file),
	 .help = "For `url`: CA certificates to trust; without it, the system's."},
	{.key = "path", .type = SCHEMA_STRING, AT(config_app, path), .fallback = "/metrics",
	 .help = "Where it tells its metrics."},
	{.key = "keep", .type = SCHEMA_STRINGS, AT(config_app, keep), .required = true,
	 .help = "Metrics that count (globs on the name). A glob with a brace is held against the "
		 "whole series: `requests_total{*code=\"5*`."},
	{.key = "every", .type = SCHEMA_DURATION, AT(config_app, every_ms), .fallback = "30s",
	 .help = "How often it is asked."},
	{0}
};
static const struct schema app_schema = {"an app", sizeof(struct config_app), app_fields};

static const struct schema_field via_kubernetes_fields[] = {
	{.key = "namespace", .type = SCHEMA_STRING, AT(config_via_kubernetes, namespace_),
	 .help = "Where the pod is; without it, the kubeconfig context's."},
	{.key = "service", .type = SCHEMA_STRING, AT(config_via_kubernetes, service),
	 .help = "A service: one of the pods that it selects is used."},
	{.key = "pod", .type = SCHEMA_STRING, AT(config_via_kubernetes, pod),
	 .help = "Or a pod's name."},
	{.key = "selector", .type = SCHEMA_STRING, AT(config_via_kubernetes, selector),
	 .help = "Or a label selector: one of the pods that it matches is used."},
	{.key = "port", .type = SCHEMA_INT, AT(config_via_kubernetes, port),
	 .help = "The pod's port; without it, the URL's."},
	{0}
};
static const struct schema via_kubernetes_schema = {
	"a way through Kubernetes", sizeof(struct config_via_kubernetes), via_kubernetes_fields,
};

static const struct schema_field via_ssh_fields[] = {
	{.key = "host", .type = SCHEMA_STRING, AT(config_via_ssh, host), .required = true,
	 .help = "A machine as ssh is called with; it connects to the URL's host and port."},
	{0}
};
static const struct schema via_ssh_schema = {"a way through SSH", sizeof(struct config_via_ssh),
					     via_ssh_fields};

static const struct schema_field via_fields[] = {
	{.key = "kubernetes", .type = SCHEMA_STRUCT, AT(config_via, kubernetes),
	 .of = &via_kubernetes_schema,
	 .help = "Through the API server, as `kubectl port-forward` does. Needs `get` and `create` "
		 "on `pods/portforward`."},
	{.key = "ssh", .type = SCHEMA_STRUCT, AT(config_via, ssh), .of = &via_ssh_schema,
	 .help = "Through a machine, as `ssh -W` does."},
	{0}
};
static const struct schema via_schema = {"a way", sizeof(struct config_via), via_fields};

void config_via_clear(struct config_via *via)
{
	schema_release(&via_schema, via);
}

static const struct schema_field redis_fields[] = {
	{.key = "url", .type = SCHEMA_STRING, AT(config_redis, url),
	 .help = "`redis://[user@]host[:port][/db]` or `rediss://` for TLS. Never with a password: "
		 "see `password`."},
	{.key = "title", .type = SCHEMA_STRING, AT(config_redis, title),
	 .help = "What the pane calls it."},
	{.key = "password", .type = SCHEMA_STRUCT, AT(config_redis, password),
	 .of = &secret_schema, .help = "Where the password comes from."},
	{.key = "ca_file", .type = SCHEMA_PATH, AT(config_redis, ca_file),
	 .help = "CA certificates to trust for `rediss://`; without it, the system's."},
	{.key = "cert_file", .type = SCHEMA_PATH, AT(config_redis, cert_file),
	 .help = "Client certificate."},
	{.key = "key_file", .type = SCHEMA_PATH, AT(config_redis, key_file),
	 .help = "Key of the client certificate."},
	{.key = "tls_name", .type = SCHEMA_STRING, AT(config_redis, tls_name),
	 .help = "Name the server's certificate must carry, when it isn't the URL's host."},
	{.key = "via", .type = SCHEMA_STRUCT, AT(config_redis, via), .of = &via_schema,
	 .help = "How to reach it when this machine can't; without it, directly."},
	{.key = "every", .type = SCHEMA_DURATION, AT(config_redis, every_ms), .fallback = "2s",
	 .help = "How often INFO is asked."},
	{.key = "scan", .type = SCHEMA_BOOL, AT(config_redis, scan), .fallback = "true",
	 .help = "Whether to look for big keys and keys without a TTL in the background."},
	{.key = "scan_every", .type = SCHEMA_DURATION, AT(config_redis, scan_every_ms),
	 .fallback = "15m", .help = "Pause between the end of one scan and the next."},
	{.key = "scan_count", .type = SCHEMA_INT, AT(config_redis, scan_count), .fallback = "64",
	 .help = "SCAN's COUNT, and how many keys' sizes may be under way. More is faster and lets "
		 "other clients wait longer."},
	{.key = "scan_load", .type = SCHEMA_NUMBER, AT(config_redis, scan_load), .fallback = "1",
	 .help = "Share of the server's time that the scan may take, more than 0 to 1. With 1 it rests "
		 "only while others are being served."},
	{.key = "scan_ttl_every", .type = SCHEMA_INT, AT(config_redis, scan_ttl_every),
	 .fallback = "8", .help = "Past the first hundred of a prefix, the TTL of one key in so many "
		 "is asked, and counts of keys without one are marked as estimates (~). 1 = of each "
		 "key; that takes a quarter longer."},
	{.key = "separators", .type = SCHEMA_STRING, AT(config_redis, separators),
	 .fallback = ":", .help = "Characters that end a key's prefix."},
	{.key = "patterns", .type = SCHEMA_PAIRS, AT(config_redis, patterns),
	 .count_offset = offsetof(struct config_redis, npatterns),
	 .help = "Keys that rules speak of, name to glob: `residence_ids: \"residence_ids:*\"`. The "
		 "scan counts them and tells the least and the most of their TTLs. At most eight."},
	{0}
};
static const struct schema redis_schema = {"redis", sizeof(struct config_redis), redis_fields};

static const struct schema_field ssh_host_fields[] = {
	{.key = "node", .type = SCHEMA_STRING, AT(config_ssh_host, node), .required = true,
	 .help = "The cluster's name for it."},
	{.key = "host", .type = SCHEMA_STRING, AT(config_ssh_host, host),
	 .help = "What ssh is called with; without it, `node`."},
	{0}
};
static const struct schema ssh_host_schema = {"a machine", sizeof(struct config_ssh_host),
					      ssh_host_fields};

static const struct schema_field ssh_fields[] = {
	{.key = "hosts", .type = SCHEMA_LIST, AT(config_ssh, hosts),
	 .count_offset = offsetof(struct config_ssh, nhosts), .of = &ssh_host_schema,
	 .help = "The machines. Users, keys, jump hosts and known hosts are those of your ssh."},
	{.key = "command", .type = SCHEMA_STRINGS, AT(config_ssh, command),
	 .help = "The ssh to call, with options of your own: `[ssh, -F, FILE]`; without it, `ssh`."},
	{.key = "every", .type = SCHEMA_DURATION, AT(config_ssh, every_ms), .fallback = "60s",
	 .help = "How often each machine is looked at."},
	{.key = "timeout", .type = SCHEMA_DURATION, AT(config_ssh, timeout_ms), .fallback = "45s",
	 .help = "What one look may take."},
	{.key = "reach", .type = SCHEMA_STRINGS, AT(config_ssh, reach),
	 .help = "`ADDRESS:PORT` that every machine must be able to connect to: the service "
		 "address of `kubernetes`, pods on other machines. At most eight."},
	{.key = "firewall", .type = SCHEMA_STRINGS, AT(config_ssh, firewall),
	 .help = "The rules that should stand, as `ufw status numbered` says them after the number, "
		 "blanks squeezed: `22/tcp ALLOW IN Anywhere`. Without it, none is unexpected."},
	{0}
};
static const struct schema ssh_schema = {"ssh", sizeof(struct config_ssh), ssh_fields};

const char *const config_vendor_formats[] = {"auto", "statuspage", "statusio", "incidentio",
					     "instatus", "firehydrant", "feed", NULL};

static const struct schema_field vendor_fields[] = {
	{.key = "name", .type = SCHEMA_STRING, AT(config_vendor, name), .required = true,
	 .help = "What the pane and the rules call it."},
	{.key = "url", .type = SCHEMA_STRING, AT(config_vendor, url), .required = true,
	 .help = "What the status page offers to machines: `https://.../api/v2/summary.json`, a "
		 "feed."},
	{.key = "fallback", .type = SCHEMA_STRING, AT(config_vendor, fallback),
	 .help = "Another address of the same document, asked when `url` fails."},
	{.key = "also", .type = SCHEMA_STRINGS, AT(config_vendor, also),
	 .help = "Further documents of the same page: its components, its feed. What all of them "
		 "tell counts."},
	{.key = "format", .type = SCHEMA_ENUM, AT(config_vendor, format),
	 .words = config_vendor_formats, .fallback = "auto",
	 .help = "Whose software the page is; `auto` recognises it."},
	{.key = "components", .type = SCHEMA_STRINGS, AT(config_vendor, components),
	 .help = "Which of its components we use (globs on the name, the group or `group / name`); "
		 "without it, all."},
	{.key = "regions", .type = SCHEMA_STRINGS, AT(config_vendor, regions),
	 .help = "Which of its regions we use (globs); without it, all."},
	{.key = "ignore", .type = SCHEMA_STRINGS, AT(config_vendor, ignore),
	 .help = "What never counts: components (globs), and words in notices that name no "
		 "component."},
	{.key = "pop_url", .type = SCHEMA_STRING, AT(config_vendor, pop_url),
	 .help = "`https://OUR-SITE/cdn-cgi/trace`: names the point of presence that serves us. "
		 "Of components called `City (FRA)` only that one counts then."},
	{.key = "ca_file", .type = SCHEMA_PATH, AT(config_vendor, ca_file),
	 .help = "CA certificates to trust; without it, the system's."},
	{.key = "every", .type = SCHEMA_DURATION, AT(config_vendor, every_ms), .fallback = "5m",
	 .help = "How often it is asked; every minute while something is wrong there."},
	{.key = "recent", .type = SCHEMA_DURATION, AT(config_vendor, recent_ms), .fallback = "3d",
	 .help = "A feed's entries have no state: they count for this long, unless they say that "
		 "it is over."},
	{0}
};
static const struct schema vendor_schema = {"a vendor", sizeof(struct config_vendor),
					    vendor_fields};

const char *const config_probe_kinds[] = {"http", "edge", "origin", "dns", "smtp", "registry",
					  "obs", "storage", "tcp", NULL};

static const struct schema_field probe_fields[] = {
	{.key = "name", .type = SCHEMA_STRING, AT(config_probe, name), .required = true,
	 .help = "What the pane and the rules call it."},
	{.key = "kind", .type = SCHEMA_ENUM, AT(config_probe, kind), .words = config_probe_kinds,
	 .fallback = "http",
	 .help = "`edge`: through the CDN; `origin`: the same site at each node; `dns`: one name "
		 "at several resolvers; `smtp`: greeting, EHLO, STARTTLS; `registry`: `/v2/`; "
		 "`obs`: an endpoint that wants a token; `storage`: S3; `tcp`: only a connection."},
	{.key = "url", .type = SCHEMA_STRING, AT(config_probe, url),
	 .help = "`https://...`, `smtp://host:587`, `smtps://host:465`, `tcp://host:port`; needed "
		 "for all but `dns`."},
	{.key = "host", .type = SCHEMA_STRING, AT(config_probe, host),
	 .help = "`dns`: the name that is looked up."},
	{.key = "via", .type = SCHEMA_STRINGS, AT(config_probe, via),
	 .help = "Addresses to ask, `name=10.0.0.1` or `name=10.0.0.1:8443`, with the URL's host "
		 "as Host and SNI; each is a probe of its own. `origin` without it: the cluster's "
		 "nodes."},
	{.key = "resolvers", .type = SCHEMA_STRINGS, AT(config_probe, resolvers),
	 .fallback = "system",
	 .help = "`dns`: `system`, and URLs of DNS over HTTPS that speak JSON."},
	{.key = "expect_status", .type = SCHEMA_STRINGS, AT(config_probe, expect_status),
	 .help = "What is a good answer: `200`, `2xx`, `200-299`; without it, 200 to 399."},
	{.key = "expect", .type = SCHEMA_STRINGS, AT(config_probe, expect),
	 .help = "`dns`: ranges that every answer must be in: `104.16.0.0/13`."},
	{.key = "bearer", .type = SCHEMA_STRUCT, AT(config_probe, bearer), .of = &secret_schema,
	 .help = "Where the bearer token comes from."},
	{.key = "ca_file", .type = SCHEMA_PATH, AT(config_probe, ca_file),
	 .help = "CA certificates to trust; without it, the system's."},
	{.key = "insecure", .type = SCHEMA_BOOL, AT(config_probe, insecure), .fallback = "false",
	 .help = "Don't check certificates: for origins that only the edge trusts."},
	{.key = "starttls", .type = SCHEMA_BOOL, AT(config_probe, starttls), .fallback = "true",
	 .help = "`smtp`: whether the server must offer STARTTLS."},
	{.key = "every", .type = SCHEMA_DURATION, AT(config_probe, every_ms), .fallback = "30s",
	 .help = "How often; more often while it fails."},
	{.key = "timeout", .type = SCHEMA_DURATION, AT(config_probe, timeout_ms),
	 .fallback = "10s", .help = "After that it has failed."},
	{0}
};
static const struct schema probe_schema = {"a probe", sizeof(struct config_probe), probe_fields};

const char *const config_postgres_sslmodes[] = {"disable", "require", "verify-ca", "verify-full",
						NULL};

static const struct schema_field postgres_fields[] = {
	{.key = "direct", .type = SCHEMA_STRING, AT(config_postgres, direct),
	 .help = "The server itself: `host[:port]` or `postgres://[user@]host[:port][/database]`. "
		 "Never with a password: see `password`."},
	{.key = "pooler", .type = SCHEMA_STRING, AT(config_postgres, pooler),
	 .help = "The same database through its connection pooler."},
	{.key = "title", .type = SCHEMA_STRING, AT(config_postgres, title),
	 .help = "What the pane calls it; without it, Postgres."},
	{.key = "user", .type = SCHEMA_STRING, AT(config_postgres, user),
	 .help = "Without it: the URL's, then your own name. `pg_monitor` is right enough."},
	{.key = "database", .type = SCHEMA_STRING, AT(config_postgres, database),
	 .help = "Without it: the URL's, then the user's name."},
	{.key = "password", .type = SCHEMA_STRUCT, AT(config_postgres, password),
	 .of = &secret_schema,
	 .help = "Where the password comes from; without it, `~/.pgpass`. A command is asked again "
		 "only when the password is refused."},
	{.key = "sslmode", .type = SCHEMA_ENUM, AT(config_postgres, sslmode),
	 .words = config_postgres_sslmodes, .fallback = "verify-full",
	 .help = "How much TLS is asked for: `require` encrypts without looking whom it talks to."},
	{.key = "ca_file", .type = SCHEMA_PATH, AT(config_postgres, ca_file),
	 .help = "CA certificates to trust; without it, the system's. A file with only the one "
		 "that is needed is read faster at each look."},
	{.key = "every", .type = SCHEMA_DURATION, AT(config_postgres, every_ms), .fallback = "30s",
	 .help = "How often it is looked at while others use it: one new connection each way."},
	{.key = "timeout", .type = SCHEMA_DURATION, AT(config_postgres, timeout_ms),
	 .fallback = "10s", .help = "How long a look may take until it has answered; waking up "
				    "takes a part of it."},
	{.key = "statement_timeout", .type = SCHEMA_DURATION,
	 AT(config_postgres, statement_timeout_ms), .fallback = "3s",
	 .help = "The server itself ends a statement of ours after this long."},
	{.key = "suspend_after", .type = SCHEMA_DURATION, AT(config_postgres, suspend_after_ms),
	 .fallback = "5m", .help = "After how long without use it is suspended; 0 for a server that "
				   "never sleeps."},
	{.key = "wake_budget", .type = SCHEMA_INT, AT(config_postgres, wake_budget),
	 .fallback = "4", .help = "Connections an hour, both ways together, that may be made while "
				  "nobody else is known to use it. 0: only when you ask."},
	{.key = "housekeepers", .type = SCHEMA_STRINGS, AT(config_postgres, housekeepers),
	 .fallback = "cloud_admin", .help = "Users whose sessions don't count as use."},
	{.key = "goose_version", .type = SCHEMA_INT, AT(config_postgres, goose_version),
	 .fallback = "-1", .help = "The migration that the running code expects; without it, any."},
	{.key = "goose_table", .type = SCHEMA_STRING, AT(config_postgres, goose_table),
	 .fallback = "goose_db_version", .help = "Where goose writes what it has applied."},
	{.key = "migration_lock", .type = SCHEMA_INT, AT(config_postgres, migration_lock),
	 .fallback = "4097083626", .help = "Key of the advisory lock that migrations take; 0: none."},
	{.key = "migration_lock_table", .type = SCHEMA_STRING,
	 AT(config_postgres, migration_lock_table),
	 .help = "The table, when goose locks by a table instead."},
	{0}
};
static const struct schema postgres_schema = {"postgres", sizeof(struct config_postgres),
					      postgres_fields};

static const char *const asynq_watch[] = {"auto", "yes", "no", NULL};

static const struct schema_field asynq_fields[] = {
	{.key = "watch", .type = SCHEMA_ENUM, AT(config_asynq, watch), .words = asynq_watch,
	 .fallback = "auto", .help = "Whether to read the task queues that Asynq keeps in the Redis. "
		 "`auto`: when they are there."},
	{.key = "every", .type = SCHEMA_DURATION, AT(config_asynq, every_ms), .fallback = "5s",
	 .help = "How often."},
	{0}
};
static const struct schema asynq_schema = {"asynq", sizeof(struct config_asynq), asynq_fields};

static const struct schema_field scope_fields[] = {
	{.key = "verbs", .type = SCHEMA_STRINGS, AT(config_scope, verbs), .fallback = "*",
	 .help = "Verbs (globs): `rollout-restart`, `redis-*`."},
	{.key = "targets", .type = SCHEMA_STRINGS, AT(config_scope, targets), .fallback = "*",
	 .help = "Targets (globs): `deployment/prod/*`, `node/*`, `redis`."},
	{.key = "deny", .type = SCHEMA_BOOL, AT(config_scope, deny), .fallback = "false",
	 .help = "Forbid what matches instead of allowing it."},
	{.type = SCHEMA_LINE, AT(config_scope, line)},
	{.type = SCHEMA_COLUMN, AT(config_scope, column)},
	{0}
};
static const struct schema scope_schema = {"a scope", sizeof(struct config_scope), scope_fields};

static const struct schema_field logsign_fields[] = {
	{.key = "name", .type = SCHEMA_STRING, AT(config_logsign, name), .required = true,
	 .help = "What rules call it."},
	{.key = "pattern", .type = SCHEMA_STRING, AT(config_logsign, pattern), .required = true,
	 .help = "POSIX extended regular expression, matched line by line."},
	{.key = "workloads", .type = SCHEMA_STRINGS, AT(config_logsign, workloads),
	 .fallback = "*", .help = "Whose logs (globs on kind/namespace/name)."},
	{.key = "previous", .type = SCHEMA_BOOL, AT(config_logsign, previous),
	 .fallback = "false", .help = "Look in the previous log of crash-looping pods."},
	{0}
};
static const struct schema logsign_schema = {"a log sign", sizeof(struct config_logsign),
					     logsign_fields};

static const struct schema_field config_fields[] = {
	{.key = "name", .type = SCHEMA_STRING, AT(config, name),
	 .help = "What the head line calls this system; without it, the context's name."},
	{.key = "production", .type = SCHEMA_BOOL, AT(config, production), .fallback = "true",
	 .help = "Confirm dialogs look different in production."},
	{.key = "read_only", .type = SCHEMA_BOOL, AT(config, read_only), .fallback = "false",
	 .help = "As `--read-only`: nothing can be changed."},
	{.key = "theme", .type = SCHEMA_STRING, AT(config, theme),
	 .help = "A theme's name, one in `themes/` beside this file, or a path."},
	{.key = "namespace", .type = SCHEMA_STRING, AT(config, namespace_),
	 .help = "First shown in Pods; without it, all."},
	{.key = "audit_file", .type = SCHEMA_PATH, AT(config, audit_file),
	 .help = "Without it: `$XDG_STATE_HOME/sitrep/audit.jsonl`."},
	{.key = "catalogue", .type = SCHEMA_STRINGS, AT(config, catalogue),
	 .help = "Further folders with failure modes."},
	{.key = "catalogue_builtin", .type = SCHEMA_BOOL, AT(config, catalogue_builtin),
	 .fallback = "true", .help = "Whether the shipped failure modes are used."},
	{.key = "kube", .type = SCHEMA_STRUCT, AT(config, kube), .of = &kube_schema,
	 .help = "The cluster."},
	{.key = "app_metrics", .type = SCHEMA_LIST, AT(config, apps),
	 .count_offset = offsetof(struct config, napps), .of = &app_schema,
	 .help = "A few numbers that apps tell as Prometheus metrics."},
	{.key = "redis", .type = SCHEMA_STRUCT, AT(config, redis), .of = &redis_schema,
	 .help = "The Redis."},
	{.key = "asynq", .type = SCHEMA_STRUCT, AT(config, asynq), .of = &asynq_schema,
	 .help = "Task queues in the Redis."},
	{.key = "ssh", .type = SCHEMA_STRUCT, AT(config, ssh), .of = &ssh_schema,
	 .help = "The machines, looked at from inside."},
	{.key = "vendors", .type = SCHEMA_LIST, AT(config, vendors),
	 .count_offset = offsetof(struct config, nvendors), .of = &vendor_schema,
	 .help = "Status pages of those that we stand on."},
	{.key = "probes", .type = SCHEMA_LIST, AT(config, probes),
	 .count_offset = offsetof(struct config, nprobes), .of = &probe_schema,
	 .help = "What is asked as users and programs ask it."},
	{.key = "postgres", .type = SCHEMA_STRUCT, AT(config, postgres), .of = &postgres_schema,
	 .help = "The Postgres."},
	{.key = "scope", .type = SCHEMA_LIST, AT(config, scope),
	 .count_offset = offsetof(struct config, nscope), .of = &scope_schema,
	 .help = "What may be acted on; the first entry that matches decides, nothing matching "
		 "means no. Without a scope: everything, where rights allow."},
	{.key = "log_signs", .type = SCHEMA_LIST, AT(config, logsigns),
	 .count_offset = offsetof(struct config, nlogsigns), .of = &logsign_schema,
	 .help = "What to look for in a few log lines."},
	{.key = "names", .type = SCHEMA_PAIRS, AT(config, names),
	 .count_offset = offsetof(struct config, nnames),
	 .help = "Roles that failure modes speak of: `coredns: deployment/kube-system/coredns`."},
	{.key = "thresholds", .type = SCHEMA_NUMBERS, AT(config, thresholds),
	 .count_offset = offsetof(struct config, nthresholds),
	 .help = "Numbers that failure modes compare with; each mode has its own defaults."},
	{0}
};

const struct schema config_schema = {"the configuration", sizeof(struct config), config_fields};
