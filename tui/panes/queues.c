/* tui/panes/queues.c: Asynq's queues, and the workers that say they live. */
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/clock.h"
#include "tui/panes/pane.h"

#define STORY_MAX 16384
#define STATE_TEXT 40

#define TREND 8                    /* readings in a sparkline */
#define FEW 10                     /* waiting tasks that are no backlog */

enum { COL_NAME, COL_STATE, COL_PENDING, COL_OLDEST, COL_TREND, COL_ACTIVE, COL_RETRY,
	COL_ARCHIVED };

static const struct table_column columns[] = {
	[COL_NAME] = {"QUEUE", 10, 2, 0, false, 5},
	[COL_STATE] = {"STATE", 11, 0, 0, false},
	[COL_PENDING] = {"WAIT", 5, 0, 0, true},
	[COL_OLDEST] = {"OLDEST", 6, 0, 0, true},
	[COL_TREND] = {"BACKLOG", TREND, 0, 1, false},
	[COL_ACTIVE] = {"ACTIVE", 6, 0, 2, true},
	[COL_RETRY] = {"RETRY", 6, 0, 3, true},
	[COL_ARCHIVED] = {"ARCHIVED", 8, 0, 4, true},
};

static const struct asynq *asynq_of(const struct table_pane *view)
{
	return &view->app->sit.asynq;
}

static size_t count(void *arg)
{
	const struct asynq *asynq = asynq_of(arg);

	return (size_t)(asynq->nqueues + asynq->nservers);
}

static void key(void *arg, size_t row, char *buf, size_t size)
{
	const struct asynq *asynq = asynq_of(arg);
	size_t queues = (size_t)asynq->nqueues;

	if (row < queues)
		snprintf(buf, size, "queue %s", asynq->queues[row].name);
	else
		snprintf(buf, size, "worker %s %lld", asynq->servers[row - queues].host,
			 (long long)asynq->servers[row - queues].pid);
}

static void number(int64_t value, struct table_cell *ret)
{
	if (value < 0)
		snprintf(ret->text, sizeof(ret->text), "?");
	else
		snprintf(ret->text, sizeof(ret->text), "%lld", (long long)value);
}

static enum role queue_state(const struct asynq *asynq, const struct asynq_queue *queue,
			     char buf[STATE_TEXT])
{
	bool work = queue->pending > 0 || queue->active > 0 || queue->overdue > 0;

	if (work && !asynq_sum(asynq).live) {
		snprintf(buf, STATE_TEXT, "! no worker");
		return ROLE_BAD;
	}
	if (queue->paused) {
		snprintf(buf, STATE_TEXT, "◐ paused");
		return ROLE_WARN;
	}
	if (queue->orphaned > 0) {
		snprintf(buf, STATE_TEXT, "◐ %lld lost", (long long)queue->orphaned);
		return ROLE_WARN;
	}
	snprintf(buf, STATE_TEXT, "● ok");
	return ROLE_OK;
}

static void trend_cell(const struct asynq_queue *queue, bool utf8, struct table_cell *ret)
{
	int first = queue->backlog_len > TREND ? queue->backlog_len - TREND : 0, i;
	int64_t values[ASYNQ_HISTORY] = {0}, most = FEW;

	for (i = first; i < queue->backlog_len; i++) {
		values[i - first] = queue->backlog[i];
		most = values[i - first] > most ? values[i - first] : most;
	}
	sparkline_text(utf8, values, queue->backlog_len - first, most, ret->text,
		       sizeof(ret->text));
	ret->role = most > FEW ? ROLE_WARN : ROLE_DIM;
}

static void queue_cell(const struct asynq *asynq, const struct asynq_queue *queue, int column,
		       struct table_cell *ret)
{
	char age[CLOCK_TEXT], state[STATE_TEXT];

	if (column == COL_NAME)
		snprintf(ret->text, sizeof(ret->text), "%s", queue->name);
	else if (column == COL_STATE) {
		ret->role = queue_state(asynq, queue, state);
		snprintf(ret->text, sizeof(ret->text), "%s", state);
	} else if (column == COL_PENDING)
		number(queue->pending, ret);
	else if (column == COL_OLDEST && queue->oldest_ms >= 0)
		snprintf(ret->text, sizeof(ret->text), "%s",
			 clock_format_age(queue->oldest_ms, age));
	else if (column == COL_ACTIVE)
		number(queue->active, ret);
	else if (column == COL_RETRY)
		number(queue->retry, ret);
	else if (column == COL_ARCHIVED)
		number(queue->archived, ret);
}

static void server_cell(const struct asynq_server *server, int column, struct table_cell *ret)
{
	char age[CLOCK_TEXT];

	if (column == COL_NAME) {
		snprintf(ret->text, sizeof(ret->text), "%s", server->host);
	} else if (column == COL_STATE && server->live) {
		/* Beats come every 5 s: their ages would only flicker. */
		ret->role = ROLE_OK;
		snprintf(ret->text, sizeof(ret->text), "● live");
	} else if (column == COL_STATE) {
		ret->role = ROLE_BAD;
		snprintf(ret->text, sizeof(ret->text), "! silent %s",
			 clock_format_age(server->beat_ms, age));
	} else if (column == COL_ACTIVE && server->concurrency >= 0) {
		snprintf(ret->text, sizeof(ret->text), "%lld/%lld", (long long)server->busy,
			 (long long)server->concurrency);
	}
}

static void cell(void *arg, size_t row, int column, struct table_cell *ret)
{
	const struct table_pane *view = arg;
	const struct asynq *asynq = asynq_of(view);
	size_t queues = (size_t)asynq->nqueues;
	enum role role;

	if (row < queues && column == COL_TREND)
		trend_cell(&asynq->queues[row], view->table.utf8, ret);
	else if (row < queues)
		queue_cell(asynq, &asynq->queues[row], column, ret);
	else
		server_cell(&asynq->servers[row - queues], column, ret);
	role = pane_role(&asynq->fresh, ret->role);
	/* A mark of health does not stay on what isn't known any more. */
	if (column == COL_STATE && role != ret->role)
		snprintf(ret->text, sizeof(ret->text), "? not fresh");
	ret->role = role;
}

static void open_pane(struct pane *pane)
{
	table_pane_open(pane, columns, sizeof(columns) / sizeof(columns[0]),
			&(struct table_source){.count = count, .cell = cell, .key = key});
}

static void heading(struct pane *pane, char *buf, size_t size)
{
	const struct asynq *asynq = &pane->app->sit.asynq;
	struct asynq_sums sums = asynq_sum(asynq);
	char fresh[240];
	int len;

	if (!asynq->present) {
		snprintf(buf, size, "Queues, none seen");
		return;
	}
	pane_freshness(&asynq->fresh, fresh, sizeof(fresh));
	if (!asynq->fresh.as_of_ms) {
		snprintf(buf, size, "Queues%s", fresh);
		return;
	}
	len = snprintf(buf, size, "Queues %lld waiting, workers %lld/%lld live",
		       (long long)sums.pending, (long long)sums.live,
		       (long long)(sums.live + sums.dead));
	snprintf(buf + len, size - (size_t)len, "%s", fresh);
}

static void draw(struct pane *pane, const struct canvas *canvas, bool focused)
{
	struct table_pane *view = pane->state;
	const struct asynq *asynq = asynq_of(view);

	view->table.source.nothing = freshness_at(&asynq->fresh, clock_wall_ms()) == FRESH_OK
				     ? "no Asynq queue is in the Redis that is watched"
				     : "? its Redis cannot be read";
	table_draw(&view->table, canvas, focused);
}

static void summary(struct pane *pane, const struct canvas *canvas)
{
	const struct asynq *asynq = &pane->app->sit.asynq;
	char text[300], state[STATE_TEXT];
	int x, i;

	heading(pane, text, sizeof(text));
	x = draw_text(canvas, 0, 0, canvas->width, pane_role(&asynq->fresh, ROLE_TEXT), true,
		      text);
	for (i = 0; i < asynq->nqueues && asynq->fresh.as_of_ms; i++) {
		enum role role = queue_state(asynq, &asynq->queues[i], state);

		if (role != ROLE_OK)
			x = draw_piece(canvas, 0, x, pane_role(&asynq->fresh, role), "  %.40s %.39s",
				       asynq->queues[i].name, state);
	}
}

static bool target(struct pane *pane, struct act_target *ret)
{
	const struct table_pane *view = pane->state;

	if (view->table.selected >= count(pane->state))
		return false;
	memset(ret, 0, sizeof(*ret));
	snprintf(ret->kind, sizeof(ret->kind), "asynq");
	key(pane->state, view->table.selected, ret->name, sizeof(ret->name));
	return true;
}

/* The whole story of one */

static void put_number(struct buf *story, const char *label, int64_t value, const char *what)
{
	if (value < 0)
		buf_printf(story, "%-14s ?\n", label);
	else
		buf_printf(story, "%-14s %lld%s\n", label, (long long)value, what);
}

static void queue_story(const struct asynq_queue *queue, struct buf *story)
{
	char age[CLOCK_TEXT];

	put_number(story, "waiting", queue->pending, "");
	if (queue->oldest_ms >= 0)
		buf_printf(story, "%-14s %s\n", "oldest waits",
			   clock_format_age(queue->oldest_ms, age));
	put_number(story, "active", queue->active, "");
	put_number(story, "lost", queue->orphaned, ", begun by a worker that is silent for 30 s");
	put_number(story, "scheduled", queue->scheduled, "");
	put_number(story, "retry", queue->retry, "");
	put_number(story, "overdue", queue->overdue, ", of scheduled and retry: due, not forwarded yet");
	put_number(story, "archived", queue->archived, ", failed for good");
	put_number(story, "completed", queue->completed, ", kept");
	put_number(story, "today", queue->processed, " processed, the failed among them");
	put_number(story, "failed today", queue->failed, "");
	if (queue->paused)
		buf_append_str(story, "\nIt is paused: nothing of it is begun.\n");
}

static void server_story(const struct asynq_server *server, struct buf *story)
{
	char age[CLOCK_TEXT];

	buf_printf(story, "%-14s %s\n%-14s %lld\n", "host", server->host, "process",
		   (long long)server->pid);
	buf_printf(story, "%-14s %s ago%s\n", "heartbeat", clock_format_age(server->beat_ms, age),
		   server->live ? ", every 5 s" : "");
	if (server->status[0])
		buf_printf(story, "%-14s %s\n", "says it is", server->status);
	if (server->started_ms)
		buf_printf(story, "%-14s %s ago\n", "started",
			   clock_format_age(clock_wall_ms() - server->started_ms, age));
	put_number(story, "busy", server->busy, "");
	put_number(story, "at most", server->concurrency, "");
	if (!server->live)
		buf_append_str(story, "\nIt has not left in good order: that would have removed its "
			       "entry. A Redis at maxmemory refuses heartbeats, too.\n");
}

static char *story(struct pane *pane, char *title, size_t size)
{
	const struct table_pane *view = pane->state;
	const struct asynq *asynq = asynq_of(view);
	size_t row = view->table.selected, queues = (size_t)asynq->nqueues;
	struct buf story = BUF_INIT(STORY_MAX);
	char fresh[240];

	if (row >= count(pane->state))
		return NULL;
	if (row < queues) {
		snprintf(title, size, "Queue  %s", asynq->queues[row].name);
		queue_story(&asynq->queues[row], &story);
	} else {
		snprintf(title, size, "Worker  %s", asynq->servers[row - queues].host);
		server_story(&asynq->servers[row - queues], &story);
	}
	pane_freshness(&asynq->fresh, fresh, sizeof(fresh));
	if (fresh[0])
		buf_printf(&story, "\nNot fresh: %s\n", fresh + 2);
	return buf_detach(&story);
}

const struct pane_ops pane_queues = {
	.id = "queues", .open = open_pane, .close = table_pane_close,
	.update = table_pane_update, .heading = heading, .draw = draw, .summary = summary,
	.table = table_pane_table, .target = target, .story = story,
};
