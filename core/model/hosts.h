/* core/model/hosts.h: the machines that nodes run on, as seen from inside them, over SSH. */
#ifndef SITREP_CORE_MODEL_HOSTS_H
#define SITREP_CORE_MODEL_HOSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fresh.h"

#define HOST_DISKS_MAX 8
#define HOST_BIG_MAX 12
#define HOST_RULES_MAX 256
#define HOST_REACH_MAX 8

struct host_disk {
	char *mount;
	int64_t total_kib, used_kib, free_kib;
	int inodes_percent;        /* used; -1 = unknown, or the file system has none */
};

struct host_big {
	char *path;
	int64_t kib;
};

struct host_rule {
	int number;                /* as `ufw status numbered` counts now; it shifts */
	char *text;                /* "22/tcp ALLOW IN Anywhere", blanks squeezed */
	bool expected;             /* stands in the configured list, or there is none */
};

/* A connection made from the machine itself. */
struct host_reach {
	char *target;              /* "10.43.0.1:443" */
	bool ok;
	int64_t took_ms;
};

enum host_firewall { FIREWALL_UNKNOWN, FIREWALL_INACTIVE, FIREWALL_ACTIVE };
const char *host_firewall_name(enum host_firewall state);

struct host {
	char *node;                /* the cluster's name for it; owned, as every char * here */
	char *alias;               /* what ssh is called with */
	struct freshness fresh;
	bool key_unknown;          /* its host key is in no file of known hosts */
	int64_t uptime_s, cpus;            /* -1 = unknown, as all numbers here */
	double load1;
	int64_t skew_ms;           /* its clock minus ours; HOST_SKEW_UNKNOWN */
	int64_t journal_bytes;
	struct host_disk disks[HOST_DISKS_MAX];
	size_t ndisks;
	struct host_big big[HOST_BIG_MAX]; /* biggest directories of the fullest disk */
	size_t nbig;
	bool big_partial;          /* not all of it could be read, or not in time: at least so big */
	int64_t big_ms;            /* wall clock of that look; 0 = none */
	char unit[24];             /* "k3s", "k3s-agent"; "" = unknown */
	char active[24], sub[24];  /* systemd's words: "active", "running" */
	int64_t restarts;
	enum host_firewall firewall;
	struct host_rule rules[HOST_RULES_MAX];
	size_t nrules;
	char **missing;            /* configured rules that are not there */
	size_t nmissing;
	struct host_reach reach[HOST_REACH_MAX];
	size_t nreach;
};

#define HOST_SKEW_UNKNOWN INT64_MIN

struct hosts {
	struct host *items;
	size_t len;
};

/* Everything known of the machine, for a new look; names, freshness and big directories stay. */
void host_clear(struct host *host);
void host_clear_big(struct host *host);
void hosts_release(struct hosts *hosts);
struct host *hosts_add(struct hosts *hosts, const char *node, const char *alias);
const struct host *hosts_find(const struct hosts *hosts, const char *node);
/* The disk with the largest share in use; NULL = none known. */
const struct host_disk *host_fullest(const struct host *host);
/* 0 to 100; -1 = unknown. What root alone may use counts as used, as df says it. */
int host_disk_percent(const struct host_disk *disk);
size_t host_unexpected_rules(const struct host *host);

#endif
