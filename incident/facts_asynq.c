/* incident/facts_asynq.c: the task queues in the facts, by their names */
#include <math.h>

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

static json_t *rate(bool known, double per_min)
{
	return known ? json_real(round(per_min * 100) / 100) : json_null();
}

/* Against what was remembered, so only while it is known what stands now. */
static json_t *growth_facts(const struct facts_maker *maker, const struct asynq *asynq)
{
	struct asynq_growth growth = {0};
	bool known = facts_is_fresh(maker, &asynq->fresh) &&
		     asynq_growth(asynq, asynq->fresh.as_of_ms, &growth);

	return json_pack("{s:o, s:o, s:o}", "pending", rate(known, growth.pending), "retry",
			 rate(known, growth.retry), "archived", rate(known, growth.archived));
}

json_t *facts_asynq(const struct facts_maker *maker)
{
	const struct asynq *asynq = &maker->sit->asynq;
	struct asynq_sums sums = asynq_sum(asynq);
	bool known = asynq->fresh.as_of_ms != 0;
	json_t *queues = json_object(), *facts;
	int i;

	if (!known)
		sums = (struct asynq_sums){-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
					   -1};
	for (i = 0; i < asynq->nqueues; i++)
		json_object_set_new(queues, asynq->queues[i].name, queue_facts(&asynq->queues[i]));
	facts = json_pack("{s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			  "freshness", facts_freshness(maker, &asynq->fresh, true), "present",
			  asynq->present, "pending", facts_number(sums.pending), "active",
			  facts_number(sums.active), "scheduled", facts_number(sums.scheduled),
			  "retry", facts_number(sums.retry), "archived", facts_number(sums.archived),
			  "overdue", facts_number(sums.overdue), "orphaned",
			  facts_number(sums.orphaned), "oldest_age", seconds(sums.oldest_ms),
			  "processed_today", facts_number(sums.processed), "failed_today",
			  facts_number(sums.failed), "paused", facts_number(sums.paused),
			  "growth_per_min", growth_facts(maker, asynq));
	json_object_set_new(facts, "live", facts_number(sums.live));
	json_object_set_new(facts, "dead", facts_number(sums.dead));
	json_object_set_new(facts, "by_queue", queues);
	json_object_set_new(facts, "servers", server_list(maker, asynq));
	json_object_set_new(facts, "more_queues", json_integer(asynq->more_queues));
	json_object_set_new(facts, "more_servers", json_integer(asynq->more_servers));
	return facts;
}
