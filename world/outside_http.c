/* world/outside_http.c: HTTP as the outside speaks it: one request a connection. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "world/controllers/nodes.h"
#include "world/jx.h"
#include "world/outside_private.h"
#include "world/resources.h"
#include "world/store.h"

#define HEADERS_MAX 600

struct asked {
	char method[8], path[300], host[200], authorization[200], none_match[100];
};

struct reply {
	int status;
	const char *type;
	char headers[HEADERS_MAX]; /* whole lines */
	char *body;                /* owned */
	const struct endpoint *endpoint;   /* whose faults count; NULL = none */
	bool hang;
};

/* ---- the request ---- */

static void take_value(const char *head, const char *name, char *buf, size_t size)
{
	const char *at = strcasestr(head, name);

	buf[0] = '\0';
	if (!at)
		return;
	at += strlen(name);
	at += strspn(at, " ");
	snprintf(buf, size, "%.*s", (int)strcspn(at, "\r\n"), at);
}

static bool read_request(const char *head, struct asked *asked)
{
	if (sscanf(head, "%7s %299s", asked->method, asked->path) != 2)
		return false;
	take_value(head, "\nhost:", asked->host, sizeof(asked->host));
	take_value(head, "\nauthorization:", asked->authorization, sizeof(asked->authorization));
	take_value(head, "\nif-none-match:", asked->none_match, sizeof(asked->none_match));
	return true;
}

/* ---- what is answered ---- */

static void answer(struct reply *reply, int status, const char *type, char *body)
{
	reply->status = status;
	reply->type = type;
	reply->body = body;
}

static void add_header(struct reply *reply, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void add_header(struct reply *reply, const char *format, ...)
{
	size_t len = strlen(reply->headers);
	va_list args;

	va_start(args, format);
	vsnprintf(reply->headers + len, sizeof(reply->headers) - len, format, args);
	va_end(args);
}

/* Whether anybody in the cluster can answer for the site. */
static bool site_works(const struct outside *outside, const char *host)
{
	const json_t *site = jx_find(jx_get(outside->plan, "sites"), "host", host);
	const char *deployment = jx_str(site, "deployment");
	char ns[64], name[254];

	if (sscanf(deployment, "%63[^/]/%253s", ns, name) != 2)
		return true;
	return jx_int(store_get(outside->world->store, RES_DEPLOYMENTS, ns, name),
		      "status.availableReplicas") > 0;
}

static bool is_site(const struct outside *outside, const char *host)
{
	return jx_find(jx_get(outside->plan, "sites"), "host", host);
}

static void ask_cluster(const struct outside *outside, const char *host, struct reply *reply)
{
	if (!is_site(outside, host))
		answer(reply, 404, "text/plain", xstrdup("404 page not found\n"));
	else if (site_works(outside, host))
		answer(reply, 200, "application/json", xstrdup("{\"status\":\"ok\"}\n"));
	else
		answer(reply, 502, "text/plain", xstrdup("Bad Gateway\n"));
}

static void at_origin(const struct place *place, const struct asked *asked, struct reply *reply)
{
	char name[96];

	snprintf(name, sizeof(name), "origin/%.80s", place->node);
	reply->endpoint = outside_endpoint(place->outside, name);
	reply->hang = !nodes_up(place->outside->world, place->node);
	ask_cluster(place->outside, asked->host, reply);
}

static bool any_node_up(const struct outside *outside)
{
	for (int i = 0; i < outside->norigins; i++)
		if (nodes_up(outside->world, outside->origins[i].node))
			return true;
	return false;
}

static void at_edge(const struct place *place, const struct asked *asked, struct reply *reply)
{
	const struct outside *outside = place->outside;
	const char *pop = jx_str(outside->plan, "pop");
	const struct endpoint *site;
	char name[300];

	snprintf(name, sizeof(name), "edge/%.200s", asked->host);
	site = outside_endpoint(outside, name);
	reply->endpoint = site && site->fault ? site : outside_endpoint(outside, "edge");
	add_header(reply, "Server: cloudflare\r\nCF-RAY: 8f%014x-%.3s\r\n",
		   (unsigned)world_random(UINT32_MAX), pop);
	if (!strcmp(asked->path, "/cdn-cgi/trace"))
		answer(reply, 200, "text/plain",
		       xasprintf("fl=123f1\nh=%s\nip=127.0.0.1\nvisit_scheme=http\ncolo=%.3s\n"
				 "http=http/1.1\nloc=DE\ntls=off\n", asked->host, pop));
	else if (!any_node_up(outside))
		answer(reply, 522, "text/plain", xstrdup("error code: 522\n"));
	else
		ask_cluster(outside, asked->host, reply);
}

static void status_page(const struct outside *outside, const char *path, struct reply *reply)
{
	char vendor[80], name[96];
	const char *rest = strchr(path, '/');
	const char *type = NULL;

	snprintf(vendor, sizeof(vendor), "%.*s", (int)(rest ? rest - path : 0), path);
	snprintf(name, sizeof(name), "status/%s", vendor);
	reply->endpoint = outside_endpoint(outside, name);
	if (rest)
		reply->body = outside_page(outside, jx_find(outside->vendors, "name", vendor), rest,
					   &type);
	answer(reply, reply->body ? 200 : 404, type ? type : "text/plain",
	       reply->body ? reply->body : xstrdup("no such page\n"));
}

/* One A record, the edge's, unless somebody has changed it. */
static void dns_answer(const struct outside *outside, const char *resolver, struct reply *reply)
{
	const struct endpoint *endpoint = outside_endpoint(outside, resolver);
	const char *address = jx_str(outside->plan, "address");
	json_t *root;

	if (endpoint && endpoint->fault == OUTSIDE_ANSWER)
		address = endpoint->answer;
	root = json_pack("{s:i, s:b}", "Status", address[0] ? 0 : 2, "TC", 0);
	if (address[0])
		json_object_set_new(root, "Answer", json_pack(
			"[{s:s, s:i, s:i, s:s}]", "name", jx_str(outside->plan, "origin"), "type", 1,
			"TTL", 300, "data", address));
	reply->endpoint = endpoint;
	answer(reply, 200, "application/dns-json", json_dumps(root, JSON_COMPACT));
	json_decref(root);
}

static void registry(const struct asked *asked, struct reply *reply)
{
	add_header(reply, "Docker-Distribution-Api-Version: registry/2.0\r\n"
		   "WWW-Authenticate: Bearer realm=\"http://%s/v2/token\",service=\"drill\"\r\n",
		   asked->host);
	answer(reply, 401, "application/json", xstrdup(
		"{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"\"}]}\n"));
}

static void at_outside(const struct place *place, const struct asked *asked, struct reply *reply)
{
	const struct outside *outside = place->outside;
	bool token = !strcmp(asked->authorization, "Bearer drill");

	if (!strncmp(asked->path, "/status/", 8)) {
		status_page(outside, asked->path + 8, reply);
	} else if (!strncmp(asked->path, "/dns-a", 6) || !strncmp(asked->path, "/dns-b", 6)) {
		dns_answer(outside, asked->path[5] == 'a' ? "dns-a" : "dns-b", reply);
	} else if (!strcmp(asked->path, "/v2/")) {
		reply->endpoint = outside_endpoint(outside, "registry");
		registry(asked, reply);
	} else if (!strncmp(asked->path, "/storage", 8)) {
		reply->endpoint = outside_endpoint(outside, "storage");
		add_header(reply, "x-amz-request-id: %08x\r\n", (unsigned)world_random(UINT32_MAX));
		answer(reply, 403, "application/xml", xstrdup("<Error><Code>AccessDenied</Code>"
							      "</Error>\n"));
	} else if (!strcmp(asked->path, "/obs/health")) {
		reply->endpoint = outside_endpoint(outside, "obs");
		answer(reply, token ? 200 : 401, "text/plain", xstrdup(token ? "OK\n"
								       : "Unauthorized\n"));
	} else {
		answer(reply, 404, "text/plain", xstrdup("not found\n"));
	}
}

/* ---- sending ---- */

static uint32_t tag_of(const char *text)
{
	uint32_t tag = 2166136261u;

	for (; *text; text++)
		tag = (tag ^ (unsigned char)*text) * 16777619u;
	return tag;
}

static void send_reply(struct talk *talk, const struct asked *asked, const struct reply *reply)
{
	struct buf out = BUF_INIT(1024 * 1024);
	char tag[16];
	size_t len = strlen(reply->body);
	bool same;

	snprintf(tag, sizeof(tag), "\"%08x\"", (unsigned)tag_of(reply->body));
	same = reply->status == 200 && !strcmp(asked->none_match, tag);
	buf_printf(&out, "HTTP/1.1 %d %s\r\n%sConnection: close\r\n", same ? 304 : reply->status,
		   same ? "Not Modified" : "Drill", reply->headers);
	if (reply->status == 200)
		buf_printf(&out, "ETag: %s\r\n", tag);
	if (!same)
		buf_printf(&out, "Content-Type: %s\r\nContent-Length: %zu\r\n", reply->type, len);
	buf_append_str(&out, "\r\n");
	if (!same && strcmp(asked->method, "HEAD"))
		buf_append(&out, reply->body, len);
	talk_write(talk, out.data, out.len);
	talk_end(talk);
	buf_release(&out);
}

static void route(const struct place *place, const struct asked *asked, struct reply *reply)
{
	if (place->kind == PLACE_ORIGIN)
		at_origin(place, asked, reply);
	else if (place->kind == PLACE_EDGE)
		at_edge(place, asked, reply);
	else
		at_outside(place, asked, reply);
}

static void respond(struct talk *talk, const char *head, bool slept);

/* The request still stands in the buffer. */
static void slept(struct talk *talk)
{
	respond(talk, talk_input(talk), true);
}

static void respond(struct talk *talk, const char *head, bool has_slept)
{
	struct reply reply = {.status = 400, .type = "text/plain"};
	enum outside_fault fault;
	struct asked asked;

	if (!read_request(head, &asked)) {
		talk_end(talk);
		return;
	}
	route(talk_arg(talk), &asked, &reply);
	fault = reply.endpoint ? reply.endpoint->fault : OUTSIDE_WELL;
	if (fault == OUTSIDE_STATUS) {
		reply.status = reply.endpoint->status;
	} else if (fault == OUTSIDE_RESET) {
		talk_reset(talk);
	} else if (fault == OUTSIDE_SLOW && !has_slept) {
		talk_later(talk, (int64_t)(reply.endpoint->delay * 1000), slept);
		reply.hang = true;
	}
	if (fault != OUTSIDE_RESET && fault != OUTSIDE_HANG && !reply.hang)
		send_reply(talk, &asked, &reply);
	free(reply.body);
}

static void heard(struct talk *talk, struct buf *in)
{
	if (memmem(in->data, in->len, "\r\n\r\n", 4))
		respond(talk, in->data, false);
}

const struct listener_ops outside_http = {.heard = heard};
