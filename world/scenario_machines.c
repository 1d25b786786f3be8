/* world/scenario_machines.c: drills on the nodes' machines; see scenario_private.h */
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "world/controllers/nodes.h"
#include "world/machines/machines.h"
#include "world/scenario_private.h"

static struct machine *machine_of(const struct scenario *s, const struct step *step)
{
	return machines_find(s->world->machines, step->node);
}

char *do_node(struct scenario *s, const struct step *step)
{
	struct machine *machine = machine_of(s, step);
	bool up = step->action == ACTION_START_NODE;

	if (machine)
		machine_set_network(machine, up);
	else
		nodes_set_up(s->world, step->node, up);
	return xasprintf("node %s %s", step->node, up ? "is back" : "has lost its network");
}

char *do_rule(struct scenario *s, const struct step *step)
{
	bool stands = step->action == ACTION_UFW_RULE;

	machine_set_rule(machine_of(s, step), step->rule, stands);
	return xasprintf("%s: the firewall %s \"%s\"", step->node, stands ? "has a new rule"
			 : "has lost", step->rule);
}

char *do_unit(struct scenario *s, const struct step *step)
{
	bool active = step->action == ACTION_K3S_START;

	machine_set_unit(machine_of(s, step), active, &step->lines);
	return xasprintf("k3s on %s %s", step->node, active ? "runs again" : "has failed");
}

char *do_clock(struct scenario *s, const struct step *step)
{
	machine_of(s, step)->skew_ms = (int64_t)(step->seconds * 1000);
	return xasprintf("the clock of %s is %+.1f s off", step->node, step->seconds);
}

char *do_load(struct scenario *s, const struct step *step)
{
	machine_of(s, step)->load = step->load;
	return xasprintf("the load of %s is %.2f", step->node, step->load);
}

char *do_ssh(struct scenario *s, const struct step *step)
{
	enum ssh_fault fault = step->action == ACTION_SSH_HEAL ? SSH_FAULT_NONE
			     : (enum ssh_fault)step->ssh_fault;

	machine_of(s, step)->fault = fault;
	return xasprintf("SSH of %s: %s", step->node, fault ? ssh_faults[fault] : "as always");
}

bool is_machine(const struct scenario *s, const struct step *step)
{
	return machine_of(s, step);
}

bool is_rule(const struct scenario *s, const struct step *step)
{
	return machine_of(s, step) && step->rule;
}

bool is_load(const struct scenario *s, const struct step *step)
{
	return machine_of(s, step) && step->load >= 0;
}

bool machine_holds(const struct scenario *s, const struct healed *healed)
{
	return !healed->machine_well ||
	       machine_is_well(machines_find(s->world->machines, healed->machine_well));
}
