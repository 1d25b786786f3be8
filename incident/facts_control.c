/* incident/facts_control.c: what the cluster itself stands on */
#include "incident/facts_parts.h"

#define VOTER "EtcdIsVoter"
/* Written by etcd's leader alone, every five minutes: older than that, nobody leads. */
#define VOTER_MS INT64_C(360000)

static json_t *apis_facts(const struct facts_maker *maker)
{
	const struct api_services *apis = &maker->sit->apis;
	json_t *items = json_array();
	size_t i;

	for (i = 0; i < apis->len; i++)
		json_array_append_new(items, json_pack(
			"{s:o, s:o, s:o, s:o}", "name", facts_text(apis->items[i].name), "reason",
			facts_text(apis->items[i].reason), "message",
			facts_text(apis->items[i].message), "since_age",
			facts_age(maker, apis->items[i].since_ms)));
	return json_pack("{s:o, s:I, s:I, s:o}", "freshness",
			 facts_freshness(maker, &apis->fresh, true), "total",
			 (json_int_t)apis->total, "unavailable_total",
			 (json_int_t)apis->unavailable, "unavailable", items);
}

static json_t *snapshots_facts(const struct facts_maker *maker)
{
	const struct snapshots *all = &maker->sit->snapshots;
	json_t *items = json_array();
	int64_t newest = 0;
	size_t i;

	for (i = 0; i < all->len; i++) {
		const struct snapshot *one = &all->items[i];

		newest = one->created_ms > newest ? one->created_ms : newest;
		json_array_append_new(items, json_pack(
			"{s:o, s:o, s:o, s:o, s:o}", "node", facts_text(one->node), "name",
			facts_text(one->name), "age", facts_age(maker, one->created_ms), "bytes",
			one->created_ms ? facts_number(one->bytes) : json_null(), "error",
			facts_text(one->error)));
	}
	return json_pack("{s:o, s:I, s:o, s:o}", "freshness",
			 facts_freshness(maker, &all->fresh, true), "total",
			 (json_int_t)all->total, "newest_age", facts_age(maker, newest), "by_node",
			 items);
}

/* Who votes in etcd, from the nodes' conditions; nothing when no node has such a condition. */
static json_t *etcd_facts(const struct facts_maker *maker)
{
	const struct nodes *nodes = &maker->sit->nodes;
	json_int_t members = 0, voters = 0, silent = 0;
	size_t i;

	for (i = 0; i < nodes->len; i++) {
		const struct node_condition *voter = node_condition(nodes->items[i], VOTER);

		if (!voter)
			continue;
		members++;
		if (!voter->heartbeat_ms || maker->now_ms - voter->heartbeat_ms > VOTER_MS)
			silent++;
		else if (voter->status == TRI_TRUE)
			voters++;
	}
	return json_pack("{s:o, s:o, s:o, s:o}", "members", members ? json_integer(members)
			 : json_null(), "voters", members ? json_integer(voters) : json_null(),
			 "silent", members ? json_integer(silent) : json_null(), "can_lose",
			 members && !silent ? json_integer(voters - (members / 2 + 1))
			 : json_null());
}

/* Every kubelet renews its lease every ten seconds: when none has, while leases are still told,
 * nothing is written any more. Reads and /readyz pass with an etcd that has run out of room. */
static json_t *writes_facts(const struct facts_maker *maker)
{
	const struct nodes *nodes = &maker->sit->nodes;
	bool known = facts_is_fresh(maker, &nodes->leases_fresh);
	json_int_t leases = 0;
	int64_t newest = 0;
	size_t i;

	for (i = 0; i < nodes->len; i++) {
		leases += nodes->items[i]->lease_renew_ms > 0;
		if (nodes->items[i]->lease_renew_ms > newest)
			newest = nodes->items[i]->lease_renew_ms;
	}
	return json_pack("{s:o, s:o}", "leases", known ? json_integer(leases) : json_null(),
			 "newest_age", facts_age(maker, known ? newest : 0));
}

json_t *facts_control(const struct facts_maker *maker)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "etcd", etcd_facts(maker), "writes",
			 writes_facts(maker), "apis", apis_facts(maker), "snapshots",
			 snapshots_facts(maker));
}
