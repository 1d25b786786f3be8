/* world/kube_logs.c: pods/log; see kube_api.h */
#include "world/kube_api.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "world/controllers/kubelet.h"
#include "world/controllers/nodes.h"
#include "world/jx.h"
#include "world/logbook.h"
#include "world/store.h"
#include "world/when.h"
#include "world/world.h"

#define LOG_MAX (4u << 20)

struct follower {
	struct log_reader reader;
	struct stream *stream;
	bool stamps;
	bool over;
};

static void print_line(struct buf *out, const struct logline *line, bool stamps)
{
	char stamp[WHEN_TEXT];

	if (stamps)
		buf_printf(out, "%s ", when_nano(line->at_us, stamp));
	buf_printf(out, "%s\n", line->text);
}

static void on_line(void *arg, const struct logline *line)
{
	struct follower *follower = arg;
	struct buf out = BUF_INIT(LOG_MAX);

	if (!line) {
		follower->over = true;
		if (follower->stream)
			stream_end(follower->stream);
		return;
	}
	print_line(&out, line, follower->stamps);
	stream_write(follower->stream, out.data, out.len);
	buf_release(&out);
}

static void on_stream_closed(void *arg)
{
	struct follower *follower = arg;

	if (!follower->over)
		logbook_detach(&follower->reader);
	free(follower);
}

/* Lines that the query asks for, oldest first. */
static void collect(const struct request *request, const struct logbook *book, struct buf *out)
{
	const char *tail = request_arg(request, "tailLines");
	const char *since_time = request_arg(request, "sinceTime");
	const char *since_seconds = request_arg(request, "sinceSeconds");
	const char *limit = request_arg(request, "limitBytes");
	bool stamps = request_flag(request, "timestamps");
	size_t count = logbook_count(book), from = 0;
	int64_t after = since_time ? when_parse(since_time) : 0;

	if (since_seconds)
		after = when_now_us() - strtoll(since_seconds, NULL, 10) * 1000000;
	if (tail && strtoull(tail, NULL, 10) < count)
		from = count - strtoull(tail, NULL, 10);
	if (limit && strtoull(limit, NULL, 10) < out->max)
		out->max = strtoull(limit, NULL, 10);
	for (size_t i = from; i < count; i++) {
		const struct logline *line = logbook_line(book, i);

		if (line->at_us >= after)
			print_line(out, line, stamps);
	}
}

static int follow(const struct request *request, struct logbook *book, const struct buf *past)
{
	struct follower *follower = xcalloc(1, sizeof(*follower));
	const struct stream_owner owner = {on_stream_closed, follower};
	int rc;

	follower->stamps = request_flag(request, "timestamps");
	follower->reader = (struct log_reader){.line = on_line, .arg = follower};
	follower->over = !logbook_attach(book, &follower->reader);
	rc = reply_stream(request, "text/plain", &owner, &follower->stream);
	if (!rc)
		return rc;
	if (past->len)
		stream_write(follower->stream, past->data, past->len);
	if (follower->over)
		stream_end(follower->stream);
	return rc;
}

/* 0, or the answer when this container cannot be read. */
static int check_container(const struct request *request, const struct target *target,
			   const json_t *pod)
{
	const json_t *containers = jx_get(pod, "spec.containers");
	const char *wanted = request_arg(request, "container");
	const char *node = jx_str(pod, "spec.nodeName");
	const json_t *status;

	if (wanted && *wanted && !jx_find(containers, "name", wanted))
		return reply_status(request, 400, "BadRequest",
				    "container %s is not valid for pod %s", wanted,
				    target->name);
	if ((!wanted || !*wanted) && json_array_size(containers) > 1)
		return reply_status(request, 400, "BadRequest",
				    "a container name must be specified for pod %s",
				    target->name);
	if (*node && !nodes_up(request->world, node))
		return reply_status(request, 502, "InternalError",
				    "Get \"https://%s:10250/containerLogs/%s/%s\": dial tcp "
				    "%s:10250: i/o timeout", jx_str(pod, "status.hostIP"),
				    target->ns, target->name, jx_str(pod, "status.hostIP"));
	status = json_array_get(jx_get(pod, "status.containerStatuses"), 0);
	if (!*node || !strcmp(jx_str(status, "state.waiting.reason"), "ContainerCreating"))
		return reply_status(request, 400, "BadRequest",
				    "container \"%s\" in pod \"%s\" is waiting to start: "
				    "ContainerCreating",
				    jx_str(json_array_get(containers, 0), "name"), target->name);
	return 0;
}

int kube_logs(const struct request *request, const struct target *target)
{
	struct world *world = request->world;
	json_t *pod = store_get(world->store, RES_PODS, target->ns, target->name);
	bool previous = request_flag(request, "previous");
	struct buf out = BUF_INIT(LOG_MAX);
	struct logbook *book;
	int rc;

	if (!pod)
		return reply_not_found(request, target);
	rc = check_container(request, target, pod);
	if (rc)
		return rc;
	book = kubelet_logbook(world->kubelet, target->ns, target->name, previous);
	if (!book && previous)
		return reply_status(request, 400, "BadRequest",
				    "previous terminated container \"%s\" in pod \"%s\" not found",
				    jx_str(json_array_get(jx_get(pod, "spec.containers"), 0),
					   "name"), target->name);
	if (book)
		collect(request, book, &out);
	if (book && request_flag(request, "follow"))
		rc = follow(request, book, &out);
	else
		rc = reply_text(request, 200, out.data ? out.data : "");
	buf_release(&out);
	return rc;
}
