/* core/model/asynq.c: see asynq.h */
#include "core/model/asynq.h"

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
