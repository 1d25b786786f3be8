/* incident/facts_asynq.c: the task queues in the facts, by their names */
#include "incident/facts_parts.h"

static json_t *seconds(int64_t ms)
{
	return ms < 0 ? json_null() : json_integer((json_int_t)(ms / 1000));
}

static json_t *queue_facts(const struct asynq_queue *queue)
{
	return json_pack("{s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "paused", queue->paused, "pending", facts_number(queue->pending),
			 "active", facts_number(queue->active), "scheduled",
			 facts_number(queue->scheduled), "retry", facts_number(queue->retry),
			 "archived", facts_number(queue->archived), "completed",
			 facts_number(queue->completed), "overdue", facts_number(queue->overdue),
			 "orphaned", facts_number(queue->orphaned), "oldest_age",
			 seconds(queue->oldest_ms), "processed_today",
			 facts_number(queue->processed), "failed_today",
			 facts_number(queue->failed));
}

static json_t *server_list(const struct facts_maker *maker, const struct asynq *asynq)
{
	json_t *list = json_array();
	int i;

	for (i = 0; i < asynq->nservers; i++) {
		const struct asynq_server *server = &asynq->servers[i];

		json_array_append_new(list, json_pack(
			"{s:o, s:I, s:b, s:o, s:o, s:o, s:o, s:o}", "host",
			facts_text(server->host), "pid", (json_int_t)server->pid, "live",
			server->live, "status", facts_text(server->status), "beat_age",
			seconds(server->beat_ms), "concurrency",
			facts_number(server->concurrency), "busy", facts_number(server->busy),
			"started_age", facts_age(maker, server->started_ms)));
	}
	return list;
}

json_t *facts_asynq(const struct facts_maker *maker)
{
	const struct asynq *asynq = &maker->sit->asynq;
	struct asynq_sums sums = asynq_sum(asynq);
	bool known = asynq->fresh.as_of_ms != 0;
	json_t *queues = json_object();
	int i;

	if (!known)
		sums = (struct asynq_sums){-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
	for (i = 0; i < asynq->nqueues; i++)
		json_object_set_new(queues, asynq->queues[i].name, queue_facts(&asynq->queues[i]));
	return json_pack("{s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
			 "s:o, s:o, s:o, s:i, s:i}",
			 "freshness", facts_freshness(maker, &asynq->fresh, true), "present",
			 asynq->present, "pending", facts_number(sums.pending), "active",
			 facts_number(sums.active), "scheduled", facts_number(sums.scheduled),
			 "retry", facts_number(sums.retry), "archived", facts_number(sums.archived),
			 "overdue", facts_number(sums.overdue), "orphaned",
			 facts_number(sums.orphaned), "oldest_age", seconds(sums.oldest_ms),
			 "processed_today", facts_number(sums.processed), "failed_today",
			 facts_number(sums.failed), "paused", facts_number(sums.paused), "live",
			 facts_number(sums.live), "dead", facts_number(sums.dead), "by_queue",
			 queues, "servers", server_list(maker, asynq), "more_queues",
			 asynq->more_queues, "more_servers", asynq->more_servers);
}
