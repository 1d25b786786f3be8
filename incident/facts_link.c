/*
 * incident/facts_link.c: is it us? What answers that is none of ours proves our own link, whatever
 * else is silent; and how the API servers answer, which the cluster's section cannot tell while it
 * isn't fresh.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "incident/facts_parts.h"

#define HOST_BYTES 128
#define RECENT_MS 120000

/* One peer, however many pages and probes ask there. */
struct peer {
	char host[HOST_BYTES];     /* with its port */
	int64_t answered_ms;       /* wall clock; 0 = never */
};

struct peers {
	struct peer *items;
	size_t len;
};

/* "host:port" of a URL, or what it begins with. */
static void host_of(const char *url, char host[HOST_BYTES])
{
	const char *at = strstr(url, "://");

	at = at ? at + 3 : url;
	snprintf(host, HOST_BYTES, "%.*s", (int)strcspn(at, "/?#"), at);
}

static void add(struct peers *peers, const char *url, int64_t answered_ms)
{
	char host[HOST_BYTES];
	size_t i;

	host_of(url, host);
	for (i = 0; i < peers->len && strcmp(peers->items[i].host, host); i++)
		;
	if (i == peers->len) {
		memcpy(peers->items[i].host, host, sizeof(host));
		peers->items[peers->len++].answered_ms = 0;
	}
	if (answered_ms > peers->items[i].answered_ms)
		peers->items[i].answered_ms = answered_ms;
}

/* Asked elsewhere than at our own machines: the system's resolver may answer from memory. */
static const char *outside(const struct probe *probe)
{
	if (probe->kind == PROBE_DNS)
		return strcmp(probe->via, "system") ? probe->via : NULL;
	if (probe->kind == PROBE_EDGE)
		return probe->target;
	return probe->kind == PROBE_ORIGIN || probe->via[0] ? NULL : probe->target;
}

static void collect(const struct situation *sit, struct peers *peers)
{
	size_t i;

	peers->items = xcalloc(sit->vendors.len + sit->probes.len + 1, sizeof(*peers->items));
	for (i = 0; i < sit->vendors.len; i++)
		if (sit->vendors.items[i].url)
			add(peers, sit->vendors.items[i].url,
			    sit->vendors.items[i].fresh.as_of_ms);
	for (i = 0; i < sit->probes.len; i++) {
		const struct probe *probe = sit->probes.items[i];

		/* A bad answer is an answer. */
		if (outside(probe))
			add(peers, outside(probe), probe->result == RESULT_OK || probe->status
			    ? probe->fresh.as_of_ms : 0);
	}
}

/* The node behind an address of the API: by its own address or name, or by what ssh calls it. */
static const char *node_behind(const struct facts_maker *maker, const char *host)
{
	const struct nodes *nodes = &maker->sit->nodes;
	const struct config_ssh *ssh = &maker->config->ssh;
	size_t i;

	for (i = 0; i < nodes->len; i++)
		if (!strcmp(nodes->items[i]->name, host) ||
		    (nodes->items[i]->internal_ip && !strcmp(nodes->items[i]->internal_ip, host)))
			return nodes->items[i]->name;
	for (i = 0; i < ssh->nhosts; i++)
		if (ssh->hosts[i].host && !strcmp(ssh->hosts[i].host, host))
			return ssh->hosts[i].node;
	return NULL;
}

static json_t *server_facts(const struct facts_maker *maker, const struct cluster_server *server,
			    bool answers)
{
	const struct cluster *cluster = &maker->sit->cluster;
	int64_t proven = server->current && cluster->fresh.as_of_ms > server->fresh.as_of_ms
			 ? cluster->fresh.as_of_ms : server->fresh.as_of_ms;
	char host[HOST_BYTES], *port;

	host_of(server->url ? server->url : "", host);
	port = strrchr(host, ':');
	if (port && host[0] != '[')
		*port = '\0';
	return json_pack("{s:o, s:o, s:b, s:o, s:o}", "url", facts_text(server->url), "node",
			 facts_text(node_behind(maker, host)), "answers", answers, "failing",
			 facts_text(server->failing), "ready_age", facts_age(maker, proven));
}

/* Whoever names its failing checks answers. */
static json_t *api_facts(const struct facts_maker *maker)
{
	const struct cluster *cluster = &maker->sit->cluster;
	json_int_t answering = 0, unready = 0;
	json_t *items = json_array();
	int i;

	for (i = 0; i < cluster->nservers; i++) {
		const struct cluster_server *server = &cluster->servers[i];
		bool failing = server->failing[0] != '\0';
		bool ready = facts_is_fresh(maker, server->current ? &cluster->fresh
							      : &server->fresh);

		unready += failing;
		answering += ready || failing;
		json_array_append_new(items, server_facts(maker, server, ready || failing));
	}
	return json_pack("{s:i, s:I, s:I, s:o}", "servers", cluster->nservers, "answering",
			 answering, "unready", unready, "items", items);
}

static json_t *peer_facts(const struct facts_maker *maker, const struct peers *peers)
{
	int64_t newest = 0, second = 0;
	json_int_t answering = 0;
	size_t i;

	for (i = 0; i < peers->len; i++) {
		int64_t at = peers->items[i].answered_ms;

		answering += at && maker->now_ms - at < RECENT_MS;
		if (at > newest) {
			second = newest;
			newest = at;
		} else if (at > second) {
			second = at;
		}
	}
	return json_pack("{s:I, s:I, s:o, s:o}", "total", (json_int_t)peers->len, "answering",
			 answering, "newest_age", facts_age(maker, newest), "second_age",
			 facts_age(maker, second));
}

json_t *facts_link(const struct facts_maker *maker)
{
	struct peers peers = {.len = 0};
	json_t *facts;

	collect(maker->sit, &peers);
	facts = json_pack("{s:o, s:o}", "outside", peer_facts(maker, &peers), "api",
			  api_facts(maker));
	free(peers.items);
	return facts;
}
