/* world/machines/ssh_private.h: the parts of the SSH server. Private to this folder. */
#ifndef SITREP_WORLD_MACHINES_SSH_PRIVATE_H
#define SITREP_WORLD_MACHINES_SSH_PRIVATE_H

#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/server.h>
#include <uv.h>

#include "core/buf.h"
#include "world/machines/machines.h"
#include "world/machines/ssh_server.h"

#define SSH_OUTPUT_MAX (256 * 1024)
#define SSH_INPUT_MAX (64 * 1024)

enum { KEY_OWN, KEY_CHANGED, KEY_CLIENT, KEY_COUNT };

/* One machine's port. */
struct door {
	struct ssh_server *server;
	struct machine *machine;
	int reserved;              /* bound and silent, so that nobody takes the port meanwhile */
	int port;
	struct listening *listening;   /* NULL = connections are refused */
	bool frozen;               /* nothing is read or said */
};

struct ssh_server {
	struct world *world;
	ssh_key keys[KEY_COUNT];
	ssh_bind binds[2];         /* KEY_OWN, KEY_CHANGED */
	struct door *doors;
	size_t ndoors;
	struct connection *connections;
	int count;
};

struct connection {
	struct ssh_server *server;
	struct door *door;
	struct connection *next, **link;
	ssh_session session;
	ssh_event event;
	struct ssh_server_callbacks_struct callbacks;
	uv_poll_t poll;
	int fd;                    /* the poll's own; the session has a duplicate */
	int64_t began_ms;          /* monotonic clock */
	bool authenticated, closing;
	struct lane *lanes;
};

/* What a channel does with what comes in. */
struct lane_ops {
	void (*heard)(struct lane *lane, const char *data, size_t len);
	void (*ended)(struct lane *lane);        /* nothing more comes in */
	void (*gone)(struct lane *lane);         /* MAY: frees what it has, and the channel */
	void (*sent)(struct lane *lane);         /* MAY: the client has made room */
};

struct lane {
	struct connection *connection;     /* NULL = gone */
	struct lane *next;
	ssh_channel ssh;
	struct ssh_channel_callbacks_struct callbacks;
	const struct lane_ops *ops;     /* NULL = nothing was asked yet */
	char *command;             /* to be run in the next turn */
	bool pty, shell, greeted;
	struct buf in, out, err;
	int status;
	bool finished;             /* when out and err are empty, it ends with the status */
	bool forwards;             /* has no status */
	bool closed;               /* by the client */
	void *own;
};

/* Sends what can be sent, and watches for what is to come. */
void connection_turn(struct connection *connection);

/* ssh_lane.c */
ssh_channel lane_open(struct connection *connection);
struct lane *lane_new(struct connection *connection, ssh_channel ssh);
/* False when it has ended and is to be freed. */
bool lane_turn(struct lane *lane);
void lane_free(struct lane *lane);

/* ssh_forward.c: takes the message's lane, and connects it to 127.0.0.1. False = not taken. */
bool forward_open(struct connection *connection, ssh_message message);

/* ssh_files.c: keys, and the files for clients in the world's directory. */
int ssh_files_keys(struct ssh_server *server, struct err *err);
int ssh_files_write(const struct ssh_server *server, struct err *err);
void ssh_files_remove(const struct ssh_server *server);
json_t *ssh_files_config(const struct ssh_server *server);

#endif
