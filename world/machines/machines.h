/*
 * world/machines/machines.h: the machines that the nodes run on, seen from inside: disks, the k3s
 * service, firewall, clock, load; and what can be reached from them. What is typed there is
 * answered from this state.
 */
#ifndef SITREP_WORLD_MACHINES_MACHINES_H
#define SITREP_WORLD_MACHINES_MACHINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "core/buf.h"
#include "core/config.h"

struct world;
struct machines;

#define MACHINE_DISKS_MAX 4
#define MACHINE_DIRECTORIES_MAX 16
#define MACHINE_JOURNAL_MAX 64

struct machine_disk {
	const char *mount, *device, *type;     /* borrowed from the plan */
	int64_t kib, used_kib, inodes, inodes_used;
};

struct machine_directory {
	char *path;
	int64_t kib;
};

/* What its SSH server does. */
enum ssh_fault { SSH_FAULT_NONE, SSH_FAULT_HANG, SSH_FAULT_REFUSE, SSH_FAULT_LOCK,
		 SSH_FAULT_CHANGED_KEY };
extern const char *const ssh_faults[];         /* as written; NULL at the end */

struct machine {
	struct world *world;
	const char *name, *internal, *external;        /* borrowed from the plan */
	const char *unit;                              /* "k3s" */
	bool network;                  /* false: nothing gets in or out */
	bool unit_active;
	int64_t unit_since_ms;         /* wall clock */
	int restarts;
	enum ssh_fault fault;
	struct machine_disk disks[MACHINE_DISKS_MAX];
	size_t ndisks;
	struct machine_directory directories[MACHINE_DIRECTORIES_MAX];
	size_t ndirectories;
	struct strlist rules;          /* as ufw says them, blanks squeezed */
	struct strlist journal;        /* of the unit, oldest first */
	int64_t skew_ms;
	double load;
	int64_t booted_ms;             /* wall clock */
};

/* Of the description's nodes and its "machine"; without that, none. */
struct machines *machines_new(struct world *world);
void machines_free(struct machines *machines);
size_t machines_count(const struct machines *machines);
struct machine *machines_at(const struct machines *machines, size_t at);
struct machine *machines_find(const struct machines *machines, const char *name);   /* or NULL */

int64_t machine_clock_ms(const struct machine *machine);       /* its own wall clock */
int64_t machine_disk_free(const struct machine_disk *disk);    /* KiB, as df says */
int machine_disk_percent(const struct machine_disk *disk);     /* rounded up, as df says */
/* The disk with the longest mount that path lies on. */
const struct machine_disk *machine_disk_of(const struct machine *machine, const char *path);
int64_t machine_directory_kib(const struct machine *machine, const char *path);
bool machine_denies(const struct machine *machine, const char *port);   /* "8472/udp" */
/* Nothing is left of what a drill has done to it. */
bool machine_is_well(const struct machine *machine);
/* Do its kubelet and its API server run and reach the others? */
bool machine_serves(const struct machine *machine);

/* ---- for scenarios ---- */

void machine_set_network(struct machine *machine, bool up);
/* lines: what its journal says before that. */
void machine_set_unit(struct machine *machine, bool active, const struct strlist *lines);
/* What fills the disk lies in directory. */
void machine_fill(struct machine *machine, const char *directory, double percent);
/* Adds a rule at the end, or takes it away. */
void machine_set_rule(struct machine *machine, const char *rule, bool stands);

/* ---- what is typed there ---- */

/* One plain command; its exit status. commands.c */
int machine_command(const struct machine *machine, const char *line, struct buf *out,
		    struct buf *err);
/* "sh -s -- WAYS TARGETS" with sitrep's questions on standard input. look.c */
bool machine_is_look(const char *line);
int machine_look(const struct machine *machine, const char *line, const char *script,
		 struct buf *out, struct buf *err);

/* ---- what is reached from there: reach.c ---- */

enum reach { REACH_OK, REACH_REFUSED, REACH_LOST };
/* HOST:PORT of the simulated network. Where it is a system of this world, ret_port is where that
 * listens on 127.0.0.1, else 0. */
enum reach machine_reach(const struct machine *machine, const char *host, int port, int *ret_port);

#endif
