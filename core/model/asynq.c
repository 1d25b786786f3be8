/* core/model/asynq.c: see asynq.h */
#include "core/model/asynq.h"

#include <string.h>

struct sum_row {
	size_t from, to;           /* of an int64_t in a queue, in the sums */
};

#define SUM(member) {offsetof(struct asynq_queue, member), offsetof(struct asynq_sums, member)}

static const struct sum_row rows[] = {
	SUM(pending), SUM(active), SUM(retry), SUM(archived), SUM(scheduled), SUM(overdue),
	SUM(orphaned), SUM(processed), SUM(failed),
};

static void add_queue(struct asynq_sums *sums, const struct asynq_queue *queue)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t part = *(const int64_t *)(const void *)((const char *)queue + rows[i].from);
		int64_t *sum = (int64_t *)(void *)((char *)sums + rows[i].to);

		*sum = part < 0 || *sum < 0 ? -1 : *sum + part;
	}
	if (queue->oldest_ms > sums->oldest_ms)
		sums->oldest_ms = queue->oldest_ms;
	sums->paused += queue->paused;
}

static const struct asynq_queue *find_queue(const struct asynq *asynq, const char *name)
{
	int i;

	for (i = 0; i < asynq->nqueues; i++)
		if (!strcmp(asynq->queues[i].name, name))
			return &asynq->queues[i];
	return NULL;
}

static void go_on(struct asynq_queue *queue, const struct asynq_queue *before)
{
	int64_t due = queue->pending + (queue->overdue > 0 ? queue->overdue : 0);

	if (before) {
		memcpy(queue->backlog, before->backlog, sizeof(queue->backlog));
		queue->backlog_len = before->backlog_len;
	}
	if (queue->pending < 0)
		return;
	if (queue->backlog_len == ASYNQ_HISTORY)
		memmove(queue->backlog, queue->backlog + 1,
			--queue->backlog_len * sizeof(queue->backlog[0]));
	queue->backlog[queue->backlog_len++] = due > INT32_MAX ? INT32_MAX : (int32_t)due;
}

void asynq_take(struct asynq *asynq, const struct asynq *next)
{
	struct asynq taken = *next;
	int i;

	taken.fresh = asynq->fresh;
	taken.trend = asynq->trend;
	for (i = 0; i < taken.nqueues; i++)
		go_on(&taken.queues[i], find_queue(asynq, taken.queues[i].name));
	*asynq = taken;
}

struct asynq_sums asynq_sum(const struct asynq *asynq)
{
	struct asynq_sums sums = {.oldest_ms = -1};
	int i;

	for (i = 0; i < asynq->nqueues; i++)
		add_queue(&sums, &asynq->queues[i]);
	for (i = 0; i < asynq->nservers; i++) {
		const struct asynq_server *server = &asynq->servers[i];

		sums.live += server->live;
		sums.dead += !server->live;
		if (!server->live || server->concurrency < 0)
			continue;
		sums.concurrency += server->concurrency;
		sums.busy += server->busy;
	}
	return sums;
}

#define SAMPLE_MS 15000
#define LEAST_MS 60000
#define MOST_MS 300000

static const struct asynq_sample *sample(const struct asynq_trend *trend, int back)
{
	return &trend->samples[(trend->at + 2 * ASYNQ_TREND - 1 - back) % ASYNQ_TREND];
}

void asynq_remember(struct asynq *asynq, int64_t now_ms)
{
	struct asynq_trend *trend = &asynq->trend;
	struct asynq_sums sums = asynq_sum(asynq);

	if (sums.pending < 0 || sums.retry < 0 || sums.archived < 0 ||
	    (trend->len && now_ms - sample(trend, 0)->at_ms < SAMPLE_MS))
		return;
	trend->samples[trend->at] = (struct asynq_sample){now_ms, sums.pending, sums.retry,
							  sums.archived};
	trend->at = (trend->at + 1) % ASYNQ_TREND;
	if (trend->len < ASYNQ_TREND)
		trend->len++;
}

/* The oldest that isn't too old. */
bool asynq_growth(const struct asynq *asynq, int64_t now_ms, struct asynq_growth *ret)
{
	const struct asynq_trend *trend = &asynq->trend;
	struct asynq_sums sums = asynq_sum(asynq);
	const struct asynq_sample *then;
	int back = trend->len - 1;
	double minutes;

	while (back > 0 && now_ms - sample(trend, back)->at_ms > MOST_MS)
		back--;
	if (back < 0 || sums.pending < 0 || sums.retry < 0 || sums.archived < 0)
		return false;
	then = sample(trend, back);
	if (now_ms - then->at_ms < LEAST_MS)
		return false;
	minutes = (double)(now_ms - then->at_ms) / 60000;
	*ret = (struct asynq_growth){
		.pending = (double)(sums.pending - then->pending) / minutes,
		.retry = (double)(sums.retry - then->retry) / minutes,
		.archived = (double)(sums.archived - then->archived) / minutes,
	};
	return true;
}
