/* world/machines/reach.c: the simulated network, from one machine: services, nodes, overlay. */
#include <stdio.h>
#include <string.h>

#include "world/controllers/nodes.h"
#include "world/jx.h"
#include "world/kube_http.h"
#include "world/machines/machines.h"
#include "world/machines/ssh_server.h"
#include "world/redis.h"
#include "world/store.h"
#include "world/world.h"

/* Of the API server on that node, else of the one before them all. */
static int api_port(const struct machine *machine)
{
	const struct world *world = machine->world;

	for (size_t i = 0; i < WORLD_SERVERS_MAX && world->kube_at[i]; i++)
		if (i < machines_count(world->machines) &&
		    machines_at(world->machines, i) == machine)
			return kube_server_port(world->kube_at[i]);
	return kube_server_port(world->kube);
}

/* Its own loopback: what sitrep-world listens on, and nothing else of this computer. */
static enum reach reach_self(const struct machine *machine, int port, int *ret_port)
{
	struct world *world = machine->world;

	if (port != redis_port(world->redis) && port != kube_server_port(world->kube) &&
	    port != api_port(machine) && !ssh_server_owns(world->ssh, port))
		return REACH_REFUSED;
	*ret_port = port;
	return REACH_OK;
}

static enum reach reach_node(const struct machine *machine, const struct machine *other, int port,
			     int *ret_port)
{
	char rule[24];

	snprintf(rule, sizeof(rule), "%d/tcp", port);
	if (!other->network || (other != machine && machine_denies(other, rule)))
		return REACH_LOST;
	if (port == 22 && other->fault == SSH_FAULT_REFUSE)
		return REACH_REFUSED;
	if (port == 22)
		*ret_port = ssh_server_port(machine->world->ssh, other);
	else if (port == 6443 && other->unit_active)
		*ret_port = api_port(other);
	else if (port != 10250 || !other->unit_active)
		return REACH_REFUSED;
	return REACH_OK;
}

/* 10.42.N.x lies on the N-th node. */
static enum reach reach_overlay(const struct machine *machine, unsigned int number)
{
	const struct machines *machines = machine->world->machines;
	const struct machine *other;

	if (number >= machines_count(machines))
		return REACH_LOST;
	other = machines_at(machines, number);
	if (other == machine)
		return machine->unit_active ? REACH_OK : REACH_REFUSED;
	return machine_serves(other) && machine->unit_active &&
	       nodes_overlay_works(machine->world, machine->name) &&
	       nodes_overlay_works(machine->world, other->name) ? REACH_OK : REACH_LOST;
}

/* Where a Service's system of this world listens: the two that have one. */
static int service_port(const struct world *world, const json_t *service)
{
	if (!strcmp(jx_name(service), "kubernetes"))
		return kube_server_port(world->kube);
	return !strcmp(jx_name(service), "redis") ? redis_port(world->redis) : 0;
}

static enum reach reach_service(const struct machine *machine, const char *host, int port,
				int *ret_port)
{
	struct world *world = machine->world;
	const json_t *service, *row;
	size_t at;

	for (size_t i = 0; (service = store_at(world->store, RES_SERVICES, i)); i++) {
		if (strcmp(jx_str(service, "spec.clusterIP"), host) != 0)
			continue;
		json_array_foreach(jx_get(service, "spec.ports"), at, row) {
			if (jx_int(row, "port") != port)
				continue;
			*ret_port = service_port(world, service);
			return machine->unit_active ? REACH_OK : REACH_REFUSED;
		}
		return REACH_LOST;
	}
	return REACH_LOST;
}

enum reach machine_reach(const struct machine *machine, const char *host, int port, int *ret_port)
{
	const struct machines *machines = machine->world->machines;
	unsigned int number;

	*ret_port = 0;
	if (!strcmp(host, "127.0.0.1") || !strcmp(host, "localhost"))
		return reach_self(machine, port, ret_port);
	for (size_t i = 0; i < machines_count(machines); i++) {
		const struct machine *other = machines_at(machines, i);

		if (!strcmp(host, other->name) || !strcmp(host, other->internal) ||
		    !strcmp(host, other->external))
			return reach_node(machine, other, port, ret_port);
	}
	if (sscanf(host, "10.42.%u.", &number) == 1)
		return reach_overlay(machine, number);
	return reach_service(machine, host, port, ret_port);
}
