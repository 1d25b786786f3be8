/*
 * world/machines/ssh_server.c: see ssh_server.h. libssh never blocks here: each session is polled
 * by the loop, and handled by its callbacks when something has come.
 */
#include "world/machines/ssh_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "world/machines/ssh_private.h"
#include "world/world.h"

#define CONNECTIONS_MAX 64
#define LOGIN_MS 30000

struct listening {
	uv_poll_t poll;
	int fd;
	struct door *door;
};

/* ---- connections -------------------------------------------------------------------------- */

static void connection_closed(uv_handle_t *handle)
{
	struct connection *connection = handle->data;

	*connection->link = connection->next;
	if (connection->next)
		connection->next->link = connection->link;
	connection->server->count--;
	ssh_event_remove_session(connection->event, connection->session);
	ssh_event_free(connection->event);
	ssh_free(connection->session);
	close(connection->fd);
	free(connection);
}

static void connection_close(struct connection *connection)
{
	if (connection->closing)
		return;
	connection->closing = true;
	while (connection->lanes) {
		struct lane *lane = connection->lanes;

		connection->lanes = lane->next;
		lane_free(lane);
	}
	uv_close((uv_handle_t *)&connection->poll, connection_closed);
}

static void turn_lanes(struct connection *connection)
{
	struct lane **at = &connection->lanes;

	while (*at) {
		struct lane *lane = *at;

		if (lane_turn(lane)) {
			at = &lane->next;
			continue;
		}
		*at = lane->next;
		lane_free(lane);
	}
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	struct connection *connection = poll->data;

	(void)events;
	if (status < 0 || ssh_event_dopoll(connection->event, 0) == SSH_ERROR)
		connection_close(connection);
	else
		connection_turn(connection);
}

void connection_turn(struct connection *connection)
{
	int events = UV_READABLE;

	if (connection->closing || connection->door->frozen)
		return;
	turn_lanes(connection);
	if (!ssh_is_connected(connection->session)) {
		connection_close(connection);
		return;
	}
	if (ssh_get_poll_flags(connection->session) & SSH_WRITE_PENDING)
		events |= UV_WRITABLE;
	uv_poll_start(&connection->poll, events, on_ready);
}

static int check_key(ssh_session session, const char *user, struct ssh_key_struct *key,
		     char signature, void *arg)
{
	struct connection *connection = arg;

	(void)session;
	(void)user;
	if (connection->door->machine->fault == SSH_FAULT_LOCK ||
	    ssh_key_cmp(key, connection->server->keys[KEY_CLIENT], SSH_KEY_CMP_PUBLIC))
		return SSH_AUTH_DENIED;
	if (signature == SSH_PUBLICKEY_STATE_VALID)
		connection->authenticated = true;
	return signature == SSH_PUBLICKEY_STATE_VALID || signature == SSH_PUBLICKEY_STATE_NONE
	       ? SSH_AUTH_SUCCESS : SSH_AUTH_DENIED;
}

static ssh_channel open_session(ssh_session session, void *arg)
{
	struct connection *connection = arg;

	(void)session;
	return connection->authenticated ? lane_open(connection) : NULL;
}

/* What has no callback of its own. 1 = libssh's usual answer. */
static int on_message(ssh_session session, ssh_message message, void *arg)
{
	struct connection *connection = arg;

	(void)session;
	return !(connection->authenticated &&
		 ssh_message_type(message) == SSH_REQUEST_CHANNEL_OPEN &&
		 ssh_message_subtype(message) == SSH_CHANNEL_DIRECT_TCPIP &&
		 forward_open(connection, message));
}

static void begin(struct connection *connection)
{
	bool changed = connection->door->machine->fault == SSH_FAULT_CHANGED_KEY;
	int fd = dup(connection->fd);

	connection->callbacks.userdata = connection;
	connection->callbacks.auth_pubkey_function = check_key;
	connection->callbacks.channel_open_request_session_function = open_session;
	ssh_callbacks_init(&connection->callbacks);
	ssh_set_server_callbacks(connection->session, &connection->callbacks);
	ssh_set_message_callback(connection->session, on_message, connection);
	ssh_set_auth_methods(connection->session, SSH_AUTH_METHOD_PUBLICKEY);
	if (fd < 0 || ssh_bind_accept_fd(connection->server->binds[changed ? KEY_CHANGED : KEY_OWN],
					 connection->session, fd) != SSH_OK) {
		if (fd >= 0)
			close(fd);
		connection_close(connection);
		return;
	}
	ssh_set_blocking(connection->session, 0);
	/* It has a poll of its own only once this has begun, and the event takes that over. */
	if (ssh_handle_key_exchange(connection->session) == SSH_ERROR ||
	    ssh_event_add_session(connection->event, connection->session) != SSH_OK)
		connection_close(connection);
	else
		connection_turn(connection);
}

static void take(struct door *door, int fd)
{
	struct ssh_server *server = door->server;
	struct connection *connection;

	if (server->count == CONNECTIONS_MAX) {
		close(fd);
		return;
	}
	connection = xcalloc(1, sizeof(*connection));
	connection->server = server;
	connection->door = door;
	connection->fd = fd;
	connection->began_ms = clock_mono_ms();
	connection->session = ssh_new();
	connection->event = ssh_event_new();
	connection->next = server->connections;
	connection->link = &server->connections;
	if (connection->next)
		connection->next->link = &connection->next;
	server->connections = connection;
	server->count++;
	uv_poll_init(server->world->loop, &connection->poll, fd);
	connection->poll.data = connection;
	begin(connection);
}

/* ---- ports -------------------------------------------------------------------------------- */

static void on_connection(uv_poll_t *poll, int status, int events)
{
	struct listening *listening = poll->data;
	int fd = status < 0 ? -1 : accept4(listening->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	int yes = 1;

	(void)events;
	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	take(listening->door, fd);
}

/* On 127.0.0.1; port 0 = a free one. -errno. */
static int bound_socket(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;

	if (fd < 0)
		return -errno;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address))) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	return fd;
}

static int reserve(struct door *door)
{
	struct sockaddr_in address;
	socklen_t size = sizeof(address);

	door->reserved = bound_socket(0);
	if (door->reserved < 0)
		return door->reserved;
	if (getsockname(door->reserved, (struct sockaddr *)&address, &size))
		return -errno;
	door->port = ntohs(address.sin_port);
	return 0;
}

static int door_open(struct door *door)
{
	struct listening *listening;
	int fd = bound_socket(door->port);

	if (fd < 0)
		return fd;
	if (listen(fd, 16)) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	listening = xcalloc(1, sizeof(*listening));
	listening->fd = fd;
	listening->door = door;
	listening->poll.data = listening;
	uv_poll_init(door->server->world->loop, &listening->poll, fd);
	uv_poll_start(&listening->poll, UV_READABLE, on_connection);
	door->listening = listening;
	return 0;
}

static void listening_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void door_close(struct door *door)
{
	if (!door->listening)
		return;
	uv_close((uv_handle_t *)&door->listening->poll, listening_closed);
	close(door->listening->fd);
	door->listening = NULL;
}

/* A dead machine says nothing, on whatever connection; one that comes back knows none of them. */
static void door_freeze(struct door *door, bool frozen)
{
	struct connection *next;

	door->frozen = frozen;
	for (struct connection *at = door->server->connections; at; at = next) {
		next = at->next;
		if (at->door != door || at->closing)
			continue;
		if (frozen)
			uv_poll_stop(&at->poll);
		else
			connection_close(at);
	}
	if (frozen)
		uv_poll_stop(&door->listening->poll);
	else
		uv_poll_start(&door->listening->poll, UV_READABLE, on_connection);
}

static void door_tick(struct door *door)
{
	const struct machine *machine = door->machine;
	bool silent = !machine->network || machine->fault == SSH_FAULT_HANG ||
		      machine_denies(machine, "22/tcp");
	bool refuses = !silent && machine->fault == SSH_FAULT_REFUSE;

	if (!refuses && !door->listening && door_open(door))
		return;
	if (silent != door->frozen)
		door_freeze(door, silent);
	if (refuses)
		door_close(door);
}

/* ---- the server --------------------------------------------------------------------------- */

static int open_doors(struct ssh_server *server, struct err *err)
{
	const struct machines *machines = server->world->machines;
	int rc = 0;

	server->doors = xcalloc(machines_count(machines), sizeof(*server->doors));
	for (size_t i = 0; !rc && i < machines_count(machines); i++) {
		struct door *door = &server->doors[server->ndoors++];

		door->server = server;
		door->machine = machines_at(machines, i);
		rc = reserve(door);
		if (!rc)
			rc = door_open(door);
	}
	return rc ? err_set(err, rc, "a port on 127.0.0.1 for SSH: %s", strerror(-rc)) : 0;
}

static int make_binds(struct ssh_server *server, struct err *err)
{
	for (int i = 0; i < 2; i++) {
		server->binds[i] = ssh_bind_new();
		/* The bind takes its key over. */
		if (!server->binds[i] ||
		    ssh_bind_options_set(server->binds[i], SSH_BIND_OPTIONS_IMPORT_KEY,
					 ssh_key_dup(server->keys[i])) != SSH_OK)
			return err_set(err, -ENOMEM, "the SSH server could not be set up");
	}
	return 0;
}

int ssh_server_start(struct world *world, struct ssh_server **ret, struct err *err)
{
	struct ssh_server *server;
	int rc;

	if (!machines_count(world->machines))
		return 0;
	server = xcalloc(1, sizeof(*server));
	server->world = world;
	*ret = server;
	if (ssh_init() != SSH_OK)
		return err_set(err, -EIO, "libssh could not be started");
	rc = ssh_files_keys(server, err);
	if (!rc)
		rc = make_binds(server, err);
	if (!rc)
		rc = open_doors(server, err);
	return rc ? rc : ssh_files_write(server, err);
}

void ssh_server_tick(struct ssh_server *server)
{
	int64_t now = clock_mono_ms();
	struct connection *next;

	if (!server)
		return;
	for (size_t i = 0; i < server->ndoors; i++)
		door_tick(&server->doors[i]);
	for (struct connection *at = server->connections; at; at = next) {
		next = at->next;
		if (!at->authenticated && now - at->began_ms > LOGIN_MS)
			connection_close(at);
	}
}

void ssh_server_stop(struct ssh_server *server)
{
	if (!server)
		return;
	for (struct connection *at = server->connections; at; at = at->next)
		connection_close(at);
	for (size_t i = 0; i < server->ndoors; i++) {
		door_close(&server->doors[i]);
		if (server->doors[i].reserved > 0)
			close(server->doors[i].reserved);
	}
	ssh_files_remove(server);
}

void ssh_server_free(struct ssh_server *server)
{
	if (!server)
		return;
	for (int i = 0; i < 2; i++)
		ssh_bind_free(server->binds[i]);
	for (int i = 0; i < KEY_COUNT; i++)
		ssh_key_free(server->keys[i]);
	ssh_finalize();
	free(server->doors);
	free(server);
}

int ssh_server_port(const struct ssh_server *server, const struct machine *machine)
{
	for (size_t i = 0; server && i < server->ndoors; i++)
		if (server->doors[i].machine == machine)
			return server->doors[i].port;
	return 0;
}

bool ssh_server_owns(const struct ssh_server *server, int port)
{
	for (size_t i = 0; server && i < server->ndoors; i++)
		if (server->doors[i].port == port)
			return true;
	return false;
}

json_t *ssh_server_config(const struct ssh_server *server)
{
	return server ? ssh_files_config(server) : NULL;
}
