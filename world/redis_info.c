/* world/redis_info.c: INFO and CLIENT LIST; see redis_commands.h */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "world/jx.h"
#include "world/redis_commands.h"
#include "world/store.h"
#include "world/when.h"
#include "world/world.h"

static void human(size_t bytes, char text[24])
{
	if (bytes < 1024)
		snprintf(text, 24, "%zuB", bytes);
	else if (bytes < 1u << 20)
		snprintf(text, 24, "%.2fK", (double)bytes / 1024);
	else if (bytes < 1u << 30)
		snprintf(text, 24, "%.2fM", (double)bytes / (1u << 20));
	else
		snprintf(text, 24, "%.2fG", (double)bytes / (1u << 30));
}

static void info_server(const struct redis_server *s, struct buf *out)
{
	int64_t up = (when_now_us() / 1000 - s->started_ms) / 1000;

	buf_printf(out,
		   "redis_version:%s\r\nredis_git_sha1:00000000\r\nredis_git_dirty:0\r\n"
		   "redis_mode:standalone\r\nos:Linux 6.8.0-71-generic x86_64\r\narch_bits:64\r\n"
		   "multiplexing_api:epoll\r\ngcc_version:14.2.0\r\nprocess_id:1\r\n"
		   "process_supervised:no\r\nrun_id:%016" PRIx64 "%016" PRIx64 "00000000\r\n"
		   "tcp_port:6379\r\nuptime_in_seconds:%" PRId64 "\r\n"
		   "uptime_in_days:%" PRId64 "\r\nhz:10\r\nconfigured_hz:10\r\n"
		   "executable:/data/redis-server\r\nconfig_file:\r\n",
		   jx_str(s->world->plan, "redis.version"), (uint64_t)s->started_ms,
		   (uint64_t)s->started_ms * 2654435761u, up, up / 86400);
}

static void info_clients(const struct redis_server *s, struct buf *out)
{
	buf_printf(out,
		   "connected_clients:%zu\r\ncluster_connections:0\r\nmaxclients:%s\r\n"
		   "client_recent_max_input_buffer:20480\r\n"
		   "client_recent_max_output_buffer:0\r\nblocked_clients:6\r\n"
		   "tracking_clients:0\r\nclients_in_timeout_table:6\r\n",
		   s->client_count + 18, redis_setting(s, "maxclients"));
}

static void info_memory(const struct redis_server *s, struct buf *out)
{
	size_t used = redis_used(s), peak = used > s->used_peak ? used : s->used_peak;
	size_t rss = used + used / 12 + (6u << 20);
	long long max = redis_maxmemory(s);
	char used_text[24], rss_text[24], peak_text[24], max_text[24];

	human(used, used_text);
	human(rss, rss_text);
	human(peak, peak_text);
	human((size_t)max, max_text);
	buf_printf(out,
		   "used_memory:%zu\r\nused_memory_human:%s\r\nused_memory_rss:%zu\r\n"
		   "used_memory_rss_human:%s\r\nused_memory_peak:%zu\r\n"
		   "used_memory_peak_human:%s\r\nused_memory_peak_perc:%.2f%%\r\n"
		   "used_memory_overhead:%zu\r\nused_memory_startup:865568\r\n"
		   "used_memory_dataset:%zu\r\nused_memory_dataset_perc:%.2f%%\r\n"
		   "total_system_memory:8128376832\r\ntotal_system_memory_human:7.57G\r\n"
		   "used_memory_lua:31744\r\nused_memory_scripts:0\r\n"
		   "number_of_cached_scripts:14\r\nmaxmemory:%lld\r\nmaxmemory_human:%s\r\n"
		   "maxmemory_policy:%s\r\nmem_fragmentation_ratio:%.2f\r\n"
		   "mem_fragmentation_bytes:%zu\r\nmem_not_counted_for_evict:0\r\n"
		   "mem_replication_backlog:0\r\nmem_clients_slaves:0\r\n"
		   "mem_clients_normal:%zu\r\nmem_aof_buffer:8\r\nmem_allocator:jemalloc-5.3.0\r\n"
		   "active_defrag_running:0\r\nlazyfree_pending_objects:0\r\n"
		   "lazyfreed_objects:0\r\n",
		   used, used_text, rss, rss_text, peak, peak_text,
		   100.0 * (double)used / (double)peak, used - s->keys->bytes, s->keys->bytes,
		   100.0 * (double)s->keys->bytes / (double)used, max, max_text, redis_policy(s),
		   (double)rss / (double)used, rss - used, (s->client_count + 18) * 22416);
}

static void info_persistence(const struct redis_server *s, struct buf *out)
{
	buf_printf(out,
		   "loading:0\r\nasync_loading:0\r\nrdb_changes_since_last_save:%" PRIu64 "\r\n"
		   "rdb_bgsave_in_progress:0\r\nrdb_last_save_time:%" PRId64 "\r\n"
		   "rdb_last_bgsave_status:ok\r\nrdb_last_bgsave_time_sec:0\r\n"
		   "aof_enabled:1\r\naof_rewrite_in_progress:0\r\n"
		   "aof_last_bgrewrite_status:ok\r\naof_last_write_status:ok\r\n"
		   "aof_current_size:%zu\r\naof_base_size:88\r\naof_delayed_fsync:0\r\n",
		   s->writes_since_save, when_now_us() / 1000000 - 41, s->keys->bytes);
}

static uint64_t total_errors(const struct redis_server *s)
{
	uint64_t total = 0;

	for (int i = 0; i < ERRORS_MAX; i++)
		total += s->errors[i].count;
	return total;
}

static void info_stats(const struct redis_server *s, struct buf *out)
{
	uint64_t ops = 0;

	/* Eight windows of 200 ms; the current one is not full yet. */
	for (int i = 0; i < 8; i++)
		ops += i == s->ops_at ? 0 : s->ops_window[i];
	buf_printf(out,
		   "total_connections_received:%" PRIu64 "\r\n"
		   "total_commands_processed:%" PRIu64 "\r\n"
		   "instantaneous_ops_per_sec:%" PRIu64 "\r\n"
		   "total_net_input_bytes:%" PRIu64 "\r\ntotal_net_output_bytes:%" PRIu64 "\r\n"
		   "rejected_connections:0\r\nsync_full:0\r\nexpired_keys:%" PRIu64 "\r\n"
		   "expired_stale_perc:0.41\r\nevicted_keys:%" PRIu64 "\r\nevicted_clients:0\r\n"
		   "total_eviction_exceeded_time:0\r\ncurrent_eviction_exceeded_time:0\r\n"
		   "keyspace_hits:%" PRIu64 "\r\nkeyspace_misses:%" PRIu64 "\r\n"
		   "pubsub_channels:1\r\npubsub_patterns:0\r\nlatest_fork_usec:311\r\n"
		   "total_forks:1204\r\ntotal_error_replies:%" PRIu64 "\r\n"
		   "acl_access_denied_auth:0\r\n",
		   s->connections + 4410, s->commands, ops * 1000 / 1400, s->input_bytes,
		   s->output_bytes, s->keys->expired, s->keys->evicted, s->keys->hits,
		   s->keys->misses, total_errors(s));
}

static void info_replication(const struct redis_server *s, struct buf *out)
{
	(void)s;
	buf_append_str(out, "role:master\r\nconnected_slaves:0\r\n"
		       "master_failover_state:no-failover\r\nmaster_repl_offset:0\r\n"
		       "repl_backlog_active:0\r\n");
}

static void info_cpu(const struct redis_server *s, struct buf *out)
{
	double seconds = (double)(when_now_us() / 1000 - s->started_ms) / 1000;

	buf_printf(out, "used_cpu_sys:%.6f\r\nused_cpu_user:%.6f\r\n", seconds * 0.0021,
		   seconds * 0.0034);
}

static void info_errorstats(const struct redis_server *s, struct buf *out)
{
	for (int i = 0; i < ERRORS_MAX; i++) {
		if (s->errors[i].count)
			buf_printf(out, "errorstat_%s:count=%" PRIu64 "\r\n", s->errors[i].code,
				   s->errors[i].count);
	}
}

static void info_keyspace(const struct redis_server *s, struct buf *out)
{
	if (s->keys->count)
		buf_printf(out, "db0:keys=%zu,expires=%zu,avg_ttl=%d,subexpiry=0\r\n",
			   s->keys->count, s->keys->expires, s->keys->expires ? 141212 : 0);
}

static const struct {
	const char *name, *title;
	void (*write)(const struct redis_server *server, struct buf *out);
} sections[] = {
	{"server", "Server", info_server}, {"clients", "Clients", info_clients},
	{"memory", "Memory", info_memory}, {"persistence", "Persistence", info_persistence},
	{"stats", "Stats", info_stats}, {"replication", "Replication", info_replication},
	{"cpu", "CPU", info_cpu}, {"errorstats", "Errorstats", info_errorstats},
	{"keyspace", "Keyspace", info_keyspace},
};

static bool asked(const struct args *args, const char *section)
{
	if (args->count == 1)
		return true;
	for (int i = 1; i < args->count; i++) {
		if (!strcasecmp(args->value[i], section) || !strcasecmp(args->value[i], "all") ||
		    !strcasecmp(args->value[i], "everything") ||
		    !strcasecmp(args->value[i], "default"))
			return true;
	}
	return false;
}

void redis_info(struct redis_client *client, const struct args *args)
{
	struct buf out = BUF_INIT(65536);

	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++) {
		if (!asked(args, sections[i].name))
			continue;
		buf_printf(&out, "%s# %s\r\n", out.len ? "\r\n" : "", sections[i].title);
		sections[i].write(client->server, &out);
	}
	reply_bulk(client, out.data ? out.data : "", out.len);
	buf_release(&out);
}

/* ---- clients ------------------------------------------------------------------------------ */

static void client_line(struct buf *out, uint64_t id, const char *address, const char *name,
			int64_t age, int64_t idle, int db, const char *command)
{
	buf_printf(out,
		   "id=%" PRIu64 " addr=%s laddr=10.42.1.9:6379 fd=%" PRIu64 " name=%s age=%" PRId64
		   " idle=%" PRId64 " flags=N db=%d sub=0 psub=0 ssub=0 multi=-1 watch=0 qbuf=0 "
		   "qbuf-free=20474 argv-mem=0 multi-mem=0 rbs=1024 rbp=0 obl=0 oll=0 omem=0 "
		   "tot-mem=22416 events=r cmd=%s user=default redir=-1 resp=2 lib-name= "
		   "lib-ver=\n",
		   id, address, id % 900 + 8, name, age, idle, db, command);
}

void redis_describe_client(const struct redis_client *client, struct buf *out)
{
	int64_t now = when_now_us() / 1000;

	client_line(out, client->id, client->address, client->name,
		    (now - client->since_ms) / 1000, (now - client->active_ms) / 1000,
		    client->db, client->last_command);
}

/* The connections that the workload's pods keep open. */
static void workload_lines(const struct redis_server *server, const json_t *row, uint64_t *id,
			   struct buf *out)
{
	const char *ns = jx_str(server->world->plan, "namespace");
	const json_t *pod;

	for (size_t i = 0; (pod = store_at(server->world->store, RES_PODS, i)); i++) {
		char address[64];

		if (strcmp(jx_namespace(pod), ns) || !*jx_str(pod, "status.podIP") ||
		    strcmp(jx_label(pod, "app.kubernetes.io/name"), jx_str(row, "workload")))
			continue;
		for (long long n = 0; n < jx_int(row, "count"); n++) {
			snprintf(address, sizeof(address), "%s:%lld",
				 jx_str(pod, "status.podIP"), 40112 + n * 2);
			client_line(out, (*id)++, address, "", 81212, (int64_t)world_random(4), 0,
				    jx_str(row, "command"));
		}
	}
}

void redis_client_list(struct redis_client *client)
{
	const struct redis_server *server = client->server;
	struct buf out = BUF_INIT(1u << 20);
	const json_t *row;
	uint64_t id = 7;
	size_t i;

	json_array_foreach(jx_get(server->traffic, "connections"), i, row)
		workload_lines(server, row, &id, &out);
	for (const struct redis_client *c = server->clients; c; c = c->next)
		redis_describe_client(c, &out);
	reply_bulk(client, out.data ? out.data : "", out.len);
	buf_release(&out);
}
