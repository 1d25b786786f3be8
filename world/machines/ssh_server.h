/*
 * world/machines/ssh_server.h: an SSH server for each machine, on a loopback port of its own. One
 * key opens them all: it lies in the world's directory, beside known hosts and a configuration
 * with which `ssh -F FILE NODE` works. It takes commands (machine_command, machine_look), a shell
 * of one line at a time, and connections to the simulated network (ssh -W, ProxyJump).
 */
#ifndef SITREP_WORLD_MACHINES_SSH_SERVER_H
#define SITREP_WORLD_MACHINES_SSH_SERVER_H

#include <stdbool.h>

#include <jansson.h>

#include "core/err.h"

/* Its name in the world's directory. */
#define SSH_SERVER_CONFIG "ssh_config"

struct world;
struct machine;
struct ssh_server;

/* Of world->machines; without any, there is no server and no file. */
int ssh_server_start(struct world *world, struct ssh_server **ret, struct err *err);
/* Lets what machines have come to be show: a lost network, a refused port. Every tick. */
void ssh_server_tick(struct ssh_server *server);
/* Closes its ports and removes its files; ssh_server_free() after the loop has run on. */
void ssh_server_stop(struct ssh_server *server);
void ssh_server_free(struct ssh_server *server);

int ssh_server_port(const struct ssh_server *server, const struct machine *machine);
bool ssh_server_owns(const struct ssh_server *server, int port);
/* "ssh" as sitrep's configuration has it; NULL without machines. New reference. */
json_t *ssh_server_config(const struct ssh_server *server);

#endif
