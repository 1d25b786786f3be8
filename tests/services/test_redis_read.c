/* tests/services/test_redis_read.c: what is read from a real redis-server, and from who may ask */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "tests/services/redis_bed.h"

static void assert_holds(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' does not hold '%s'", text, part);
}

static void plain(void **state)
{
	struct watched watched;
	struct redis *redis = &watched.sit.redis;
	redisReply *list;
	struct bed bed;

	(void)state;
	bed_up(&bed, "maxmemory");
	bed_fill(&bed, "some", 100, 10);
	watched_start(&watched, "redis://127.0.0.1", bed.port);
	assert_int_equal(freshness_at(&redis->fresh, 1), FRESH_UNKNOWN);
	assert_true(watched_until(&watched, is_fresh, 20000));
	assert_string_equal(redis->policy, "noeviction");
	assert_string_equal(redis->role, "master");
	assert_true(redis->version[0] >= '5' && redis->version[0] <= '9');
	assert_int_equal(redis->keys, 100);
	assert_int_equal(redis->expires, 50);
	assert_int_equal(redis->maxmemory, 2 * 1024 * 1024);
	assert_int_equal(redis->errors_oom, 0);
	assert_in_range(redis->ping_us, 1, 1000000);
	list = bed_ask(&bed, "CLIENT LIST");
	assert_holds(list->str, "name=sitrep");
	freeReplyObject(list);
	watched_stop(&watched);
	bed_down(&bed);
}

static bool has_oom_rate(struct watched *watched)
{
	return watched->sit.redis.errors_oom >= 20 && watched->sit.redis.oom_per_min > 0;
}

static bool is_volatile(struct watched *watched)
{
	return !strcmp(watched->sit.redis.policy, "volatile-lru");
}

static bool has_evicted(struct watched *watched)
{
	return watched->sit.redis.evicted > 0 && watched->sit.redis.evicted_per_min > 0;
}

static void full(void **state)
{
	struct watched watched;
	struct bed bed;
	int i;

	(void)state;
	bed_up(&bed, "full");
	watched_start(&watched, "redis://127.0.0.1", bed.port);
	assert_true(watched_until(&watched, is_fresh, 20000));
	assert_true(watched.sit.redis.used > watched.sit.redis.maxmemory * 9 / 10);
	for (i = 0; i < 20; i++)
		freeReplyObject(redisCommand(bed.context, "SET more%d x", i));
	assert_true(watched_until(&watched, has_oom_rate, 20000));
	bed_do(&bed, "CONFIG SET maxmemory-policy volatile-lru");
	assert_true(watched_until(&watched, is_volatile, 20000));
	/* Nothing has a TTL: as good as noeviction. */
	assert_int_equal(watched.sit.redis.expires, 0);
	freeReplyObject(redisCommand(bed.context, "SET more x"));
	bed_do(&bed, "CONFIG SET maxmemory-policy allkeys-lru");
	bed_fill(&bed, "push", 100, 4096);
	assert_true(watched_until(&watched, has_evicted, 20000));
	watched_stop(&watched);
	bed_down(&bed);
}

/* TLS */

static void refused_by_us(const char *kind, const char *name, bool ca, const char *why)
{
	struct watched watched;
	struct bed bed;

	bed_up(&bed, kind);
	watched_prepare(&watched, "rediss://127.0.0.1", bed.port);
	watched.config.redis.ca_file = ca ? xstrdup(bed.ca) : NULL;
	watched.config.redis.tls_name = name ? xstrdup(name) : NULL;
	watched_go(&watched);
	assert_true(watched_until(&watched, is_not_fresh, 20000));
	assert_holds(watched.sit.redis.fresh.reason, why);
	assert_int_equal(watched.sit.redis.fresh.as_of_ms, 0);
	watched_stop(&watched);
	bed_down(&bed);
}

static void taken_by_us(const char *kind, const char *name)
{
	struct watched watched;
	struct bed bed;

	bed_up(&bed, kind);
	bed_fill(&bed, "k", 5000, 20);
	watched_prepare(&watched, "rediss://127.0.0.1", bed.port);
	watched.config.redis.ca_file = xstrdup(bed.ca);
	watched.config.redis.tls_name = name ? xstrdup(name) : NULL;
	watched.config.redis.scan = true;
	watched.config.redis.scan_load = 1;
	watched.config.redis.scan_count = 2500;
	watched_go(&watched);
	assert_true(watched_until(&watched, is_scanned, 20000));
	assert_true(is_fresh(&watched));
	assert_int_equal(watched.sit.redis.scan.scanned, 5000);
	watched_stop(&watched);
	bed_down(&bed);
}

static void tls_with_our_authority(void **state)
{
	(void)state;
	taken_by_us("tls", NULL);
}

static void tls_for_another_name(void **state)
{
	(void)state;
	taken_by_us("otherhost", "other.example");
}

static void tls_unknown_authority(void **state)
{
	(void)state;
	refused_by_us("tls", NULL, false, "certificate");
}

static void tls_wrong_host(void **state)
{
	(void)state;
	refused_by_us("otherhost", NULL, true, "no alternative certificate subject name matches");
}

static void tls_expired(void **state)
{
	(void)state;
	refused_by_us("expired", NULL, true, "expired");
}

static void tls_with_our_certificate(void **state)
{
	struct watched watched;
	struct bed bed;

	(void)state;
	bed_up(&bed, "clientcert");
	watched_prepare(&watched, "rediss://127.0.0.1", bed.port);
	watched.config.redis.ca_file = xstrdup(bed.ca);
	watched_go(&watched);
	assert_true(watched_until(&watched, is_not_fresh, 20000));
	/* "...: TLS alert certificate required", unless the reset overtakes it. */
	assert_holds(watched.sit.redis.fresh.reason, "connection broke");
	watched_stop(&watched);
	watched_prepare(&watched, "rediss://127.0.0.1", bed.port);
	watched.config.redis.ca_file = xstrdup(bed.ca);
	watched.config.redis.cert_file = xasprintf("%s/client.crt", bed.dir);
	watched.config.redis.key_file = xasprintf("%s/client.key", bed.dir);
	watched_go(&watched);
	assert_true(watched_until(&watched, is_fresh, 20000));
	watched_stop(&watched);
	bed_down(&bed);
}

/* Over a way: the bytes go through it, and the reason comes from it */

struct stream_way {
	struct stream_way_events events;
	uv_poll_t near, far;
	int port, near_fd, far_fd; /* the stream's end, and the server's */
};

static struct stream_way the_way;
static int ways_open;

static void carry(uv_poll_t *poll, int status, int events)
{
	struct stream_way *way = poll->data;
	bool from_near = poll == &way->near;
	char bytes[65536];
	ssize_t len = read(from_near ? way->near_fd : way->far_fd, bytes, sizeof(bytes));

	(void)status;
	(void)events;
	if (len > 0) {
		assert_int_equal(write(from_near ? way->far_fd : way->near_fd, bytes, (size_t)len),
				 len);
		return;
	}
	uv_poll_stop(&way->near);
	uv_poll_stop(&way->far);
	shutdown(way->near_fd, SHUT_RDWR);
}

static void watch_way(uv_loop_t *loop, uv_poll_t *poll, int fd)
{
	uv_poll_init(loop, poll, fd);
	poll->data = &the_way;
	uv_poll_start(poll, UV_READABLE, carry);
}

static struct stream_way *way_open(void *self, const struct config_via *via, const char *host,
				   int port, int fd, const struct stream_way_events *events)
{
	struct watched *watched = self;
	struct sockaddr_in where = {.sin_family = AF_INET};

	assert_string_equal(via->kubernetes.service, "redis");
	assert_string_equal(host, "redis.example");
	assert_int_equal(port, 6379);
	ways_open++;
	the_way.events = *events;
	the_way.near_fd = fd;
	the_way.far_fd = socket(AF_INET, SOCK_STREAM, 0);
	where.sin_port = htons((uint16_t)the_way.port);
	inet_pton(AF_INET, "127.0.0.1", &where.sin_addr);
	if (connect(the_way.far_fd, (struct sockaddr *)&where, sizeof(where)))
		shutdown(fd, SHUT_RDWR);
	watch_way(&watched->loop, &the_way.near, the_way.near_fd);
	watch_way(&watched->loop, &the_way.far, the_way.far_fd);
	return &the_way;
}

static void way_close(struct stream_way *way)
{
	ways_open--;
	uv_close((uv_handle_t *)&way->near, NULL);
	uv_close((uv_handle_t *)&way->far, NULL);
	close(way->near_fd);
	close(way->far_fd);
}

static const struct stream_way_ops test_way_ops = {"kubernetes", way_open, way_close};

static void prepare_way(struct watched *watched, struct stream_ways *ways, const char *url)
{
	watched_prepare(watched, url, 6379);
	watched->config.redis.via.kubernetes.service = xstrdup("redis");
	ways->items[0].ops = &test_way_ops;
	ways->items[0].self = watched;
	ways->len = 1;
	watched->env.ways = ways;
}

static void over_a_way(void **state)
{
	struct stream_ways ways;
	struct watched watched;
	struct bed bed;

	(void)state;
	bed_up(&bed, "plain");
	the_way.port = bed.port;
	prepare_way(&watched, &ways, "redis://redis.example");
	watched_go(&watched);
	assert_true(watched_until(&watched, is_fresh, 20000));
	/* The socket ends first, then the way says why. */
	bed_kill(&bed);
	watched_for(&watched, 50);
	the_way.events.failed(the_way.events.arg, FAULT_SERVER, "the pod is gone");
	assert_holds(watched.sit.redis.fresh.reason, "the pod is gone");
	bed_again(&bed, "");
	assert_true(watched_until(&watched, is_fresh, 20000));
	/* The other way round. */
	the_way.events.failed(the_way.events.arg, FAULT_SERVER, "the node is gone");
	assert_true(is_fresh(&watched));
	bed_kill(&bed);
	assert_true(watched_until(&watched, is_not_fresh, 200));
	assert_holds(watched.sit.redis.fresh.reason, "the node is gone");
	watched_stop(&watched);
	assert_int_equal(ways_open, 0);
	bed_down(&bed);
}

static void tls_over_a_way(void **state)
{
	struct stream_ways ways;
	struct watched watched;
	struct bed bed;

	(void)state;
	bed_up(&bed, "tls");
	the_way.port = bed.port;
	prepare_way(&watched, &ways, "rediss://redis.example");
	watched.config.redis.ca_file = xstrdup(bed.ca);
	watched_go(&watched);
	assert_true(watched_until(&watched, is_not_fresh, 20000));
	assert_holds(watched.sit.redis.fresh.reason, "redis.example");
	watched_stop(&watched);
	prepare_way(&watched, &ways, "rediss://redis.example");
	watched.config.redis.ca_file = xstrdup(bed.ca);
	watched.config.redis.tls_name = xstrdup("localhost");
	watched_go(&watched);
	assert_true(watched_until(&watched, is_fresh, 20000));
	watched_stop(&watched);
	assert_int_equal(ways_open, 0);
	bed_down(&bed);
}

static void no_way(void **state)
{
	struct stream_ways ways;
	struct watched watched;

	(void)state;
	prepare_way(&watched, &ways, "redis://redis.example");
	ways.len = 0;
	watched_go(&watched);
	assert_true(watched_until(&watched, is_not_fresh, 20000));
	assert_holds(watched.sit.redis.fresh.reason, "through kubernetes, which isn't configured");
	watched_stop(&watched);
}

/* Users */

static void turned_down(const char *url, const char *password, const char *why)
{
	struct watched watched;
	struct bed bed;

	bed_up(&bed, "acl");
	watched_prepare(&watched, url, bed.port);
	if (password)
		watched_password(&watched, password);
	watched_go(&watched);
	assert_true(watched_until(&watched, is_not_fresh, 20000));
	assert_holds(watched.sit.redis.fresh.reason, why);
	assert_int_equal(watched.sit.redis.fresh.fault, FAULT_RIGHTS);
	watched_stop(&watched);
	bed_down(&bed);
}

static void no_password(void **state)
{
	(void)state;
	turned_down("redis://127.0.0.1", NULL, "a password is needed");
}

static void wrong_password(void **state)
{
	(void)state;
	turned_down("redis://mon@127.0.0.1", "not-it", "wrong user or password");
}

/* The command in docs/operating.md, as a person would copy it. */
static void make_documented_user(struct bed *bed)
{
	const char *srcdir = getenv("srcdir");
	char path[512], text[1024] = "", *line = NULL, *word, *save = NULL;
	const char *argv[64];
	size_t size = 0;
	int argc = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/docs/operating.md", srcdir ? srcdir : ".");
	file = fopen(path, "r");
	assert_non_null(file);
	while (getline(&line, &size, file) > 0) {
		if (text[0] && line[0] == '`')
			break;
		if (text[0] || !strncmp(line, "ACL SETUSER observer", 20))
			strncat(text, line, sizeof(text) - strlen(text) - 1);
	}
	free(line);
	fclose(file);
	for (word = strtok_r(text, " \n", &save); word && argc < 64;
	     word = strtok_r(NULL, " \n", &save))
		argv[argc++] = word;
	assert_true(argc > 10);
	freeReplyObject(redisCommandArgv(bed->context, argc, argv, NULL));
}

/* It is enough: the server has refused nothing. */
static void the_documented_user(void **state)
{
	struct query_request request = {.kind = QUERY_KEY};
	struct watched watched;
	redisReply *refusals;
	struct bed bed;

	(void)state;
	bed_up(&bed, "acl");
	bed_fill(&bed, "k", 3000, 20);
	make_documented_user(&bed);
	bed_do(&bed, "ACL LOG RESET");
	watched_prepare(&watched, "redis://observer@127.0.0.1", bed.port);
	watched_password(&watched, "PASSWORD");
	watched.config.redis.scan = true;
	watched_go(&watched);
	assert_true(watched_until(&watched, is_scanned, 20000));
	assert_true(is_fresh(&watched));
	snprintf(request.target.name, sizeof(request.target.name), "k:7");
	watched_query(&watched, &request);
	assert_true(watched_until(&watched, has_reply, 20000));
	assert_holds(watched.text, "embstr");
	watched_for(&watched, 1500);
	assert_true(is_fresh(&watched));
	refusals = bed_ask(&bed, "ACL LOG");
	assert_int_equal(refusals->elements, 0);
	freeReplyObject(refusals);
	watched_stop(&watched);
	bed_down(&bed);
}

static bool scan_has_stopped(struct watched *watched)
{
	return watched->sit.redis.scan.state == SCAN_STOPPED;
}

static bool knows_policy_is_refused(struct watched *watched)
{
	return is_fresh(watched) && watched->sit.redis.policy_source[0];
}

static void few_rights(void **state)
{
	struct watched watched;
	struct redis *redis = &watched.sit.redis;
	struct bed bed;

	(void)state;
	bed_up(&bed, "acl");
	bed_fill(&bed, "k", 300, 20);
	bed_do(&bed, "ACL SETUSER little reset on >little-secret ~* -@all +info +scan +dbsize");
	watched_prepare(&watched, "redis://little@127.0.0.1", bed.port);
	watched_password(&watched, "little-secret");
	watched.config.redis.scan = true;
	watched_go(&watched);
	assert_true(watched_until(&watched, knows_policy_is_refused, 20000));
	assert_string_equal(redis->policy_source, "refused: needs +config|get");
	/* INFO tells it, too. */
	assert_string_equal(redis->policy, "noeviction");
	assert_true(watched_until(&watched, scan_has_stopped, 20000));
	assert_string_equal(redis->scan.why, "refused: needs +memory|usage");
	assert_int_equal(redis->scan.fresh.fault, FAULT_RIGHTS);
	bed_do(&bed, "ACL SETUSER little -info");
	assert_true(watched_until(&watched, is_not_fresh, 20000));
	assert_int_equal(redis->fresh.state, FRESH_REFUSED);
	assert_string_equal(redis->fresh.reason, "needs +info");
	bed_do(&bed, "ACL SETUSER little +info");
	assert_true(watched_until(&watched, is_fresh, 20000));
	watched_stop(&watched);
	bed_down(&bed);
}

/* The scan */

static void a_whole_scan(void **state)
{
	struct watched watched;
	struct redis_scan *scan = &watched.sit.redis.scan;
	struct bed bed;
	int i;

	(void)state;
	bed_up(&bed, "plain");
	bed_fill(&bed, "small", 20000, 10);
	bed_do(&bed, "HSET %b a 1", "bin\0\xff:x", (size_t)7);
	bed_do(&bed, "SET big:string %s", "");
	bed_do(&bed, "SETRANGE big:string 500000 x");
	bed_do(&bed, "EVAL %s 0", "for i = 1, 20000 do redis.call('RPUSH', 'big:list', "
	       "string.rep('y', 100)) end");
	bed_do(&bed, "EXPIRE big:list 5000");
	watched_prepare(&watched, "redis://127.0.0.1", bed.port);
	watched.config.redis.scan_ttl_every = 1;
	watched.config.redis.scan = true;
	watched_go(&watched);
	assert_true(watched_until(&watched, is_scanned, 20000));
	watched_for(&watched, 100);
	assert_int_equal(scan->scanned, 20003);
	assert_int_equal(scan->no_ttl, 10002);
	assert_string_equal(scan->big[0].name, "big:list");
	assert_string_equal(scan->big[0].type, "list");
	assert_in_range(scan->big[0].ttl_ms, 4900000, 5000000);
	assert_string_equal(scan->big[1].name, "big:string");
	assert_int_equal(scan->big[1].bytes, bed_number(&bed, "MEMORY USAGE big:string"));
	assert_string_equal(scan->no_ttl_big[0].name, "big:string");
	assert_string_equal(scan->no_ttl_big[0].type, "string");
	assert_int_equal(scan->nprefixes, 3);
	assert_string_equal(scan->prefixes[0].prefix, "big:");
	assert_string_equal(scan->prefixes[1].prefix, "small:");
	assert_int_equal(scan->prefixes[1].keys, 20000);
	assert_int_equal(scan->prefixes[1].no_ttl, 10000);
	assert_int_equal(scan->prefixes[2].keys, 1);
	assert_true(scan->commands > 2 * 20003 && scan->commands < 3 * 20003);
	assert_true(scan->busy_us > 0);
	for (i = 1; i < scan->nbig; i++)
		assert_true(scan->big[i - 1].bytes >= scan->big[i].bytes);
	watched_stop(&watched);
	bed_down(&bed);
}

/* Of most keys only the size is asked: what is told of all their TTLs is an estimate, and says so;
 * what is shown by name, or is rare, is not. */
/* Every one of them is asked for its TTL, however few others are. */
static void patterns_are_counted(void **state)
{
	struct watched watched;
	struct config_redis *config = &watched.config.redis;
	const struct redis_scan *scan = &watched.sit.redis.scan;
	struct bed bed;

	(void)state;
	bed_up(&bed, "plain");
	bed_fill(&bed, "other", 2000, 10);
	bed_do(&bed, "EVAL %s 0", "for i = 1, 500 do redis.call('SET', 'ids:' .. i, 'x', 'EX', "
	       "1000 + i) end redis.call('SET', 'ids:for:ever', 'x')");
	watched_prepare(&watched, "redis://127.0.0.1", bed.port);
	config->scan = true;
	config->scan_ttl_every = 1000;
	config->patterns = xcalloc(2, sizeof(*config->patterns));
	config->npatterns = 2;
	config->patterns[0] = (struct schema_pair){xstrdup("ids"), xstrdup("ids:*")};
	config->patterns[1] = (struct schema_pair){xstrdup("none"), xstrdup("nothing*")};
	watched_go(&watched);
	assert_true(watched_until(&watched, is_scanned, 20000));
	watched_for(&watched, 100);
	assert_int_equal(scan->npatterns, 2);
	assert_int_equal(scan->patterns[0].keys, 501);
	assert_int_equal(scan->patterns[0].no_ttl, 1);
	assert_in_range(scan->patterns[0].ttl_least_ms, 900000, 1001000);
	assert_in_range(scan->patterns[0].ttl_most_ms, 1400000, 1500000);
	assert_int_equal(scan->patterns[1].keys, 0);
	assert_int_equal(scan->patterns[1].ttl_most_ms, -1);
	watched_stop(&watched);
	bed_down(&bed);
}

static void ttls_by_sample(void **state)
{
	struct watched watched;
	struct redis_scan *scan = &watched.sit.redis.scan;
	struct bed bed;
	int i;

	(void)state;
	bed_up(&bed, "plain");
	bed_fill(&bed, "many", 20000, 10);
	bed_fill(&bed, "few", 90, 500);
	bed_do(&bed, "SETRANGE many:19999 9000 x");
	bed_do(&bed, "SETRANGE many:19998 8000 x");
	watched_prepare(&watched, "redis://127.0.0.1", bed.port);
	watched.config.redis.scan = true;
	watched_go(&watched);
	assert_true(watched_until(&watched, is_scanned, 20000));
	assert_int_equal(scan->scanned, 20090);
	assert_in_range(scan->ttl_asked, 20000 / 8, 20000 / 7 + 200);
	assert_in_range(scan->no_ttl, 9500, 10600);
	assert_string_equal(scan->prefixes[1].prefix, "few:");
	assert_int_equal(scan->prefixes[1].ttl_asked, 90);
	assert_int_equal(scan->prefixes[1].no_ttl, 45);
	assert_true(scan->prefixes[0].ttl_asked < 20000);
	assert_string_equal(scan->big[0].name, "many:19999");
	assert_int_equal(scan->big[0].ttl_ms, -1);
	assert_true(scan->big[1].ttl_ms > 0);
	assert_int_equal(scan->nno_ttl_big, REDIS_TOP_KEYS);
	for (i = 1; i < REDIS_TOP_KEYS; i++)
		assert_int_equal(strncmp(scan->no_ttl_big[i].name, "few:", 4), 0);
	watched_stop(&watched);
	bed_down(&bed);
}

static bool is_half_way(struct watched *watched)
{
	return watched->sit.redis.scan.scanned > 2000;
}

/* Cut off in the middle, twice: each key is still counted once. */
static void a_broken_scan(void **state)
{
	struct watched watched;
	struct redis_scan *scan = &watched.sit.redis.scan;
	struct bed bed;
	int64_t before;

	(void)state;
	bed_up(&bed, "plain");
	bed_fill(&bed, "k", 30000, 10);
	watched_prepare(&watched, "redis://127.0.0.1", bed.port);
	watched.config.redis.scan_ttl_every = 1;
	/* So slow that it cannot have ended before it is cut off. */
	watched.config.redis.scan_load = 0.1;
	watched.config.redis.scan = true;
	watched_go(&watched);
	assert_true(watched_until(&watched, is_half_way, 20000));
	bed_do(&bed, "CLIENT KILL TYPE normal SKIPME yes");
	assert_true(watched_until(&watched, is_not_fresh, 20000));
	assert_int_equal(scan->state, SCAN_PAUSED);
	before = scan->scanned;
	assert_true(watched_until(&watched, is_fresh, 20000));
	bed_do(&bed, "CLIENT KILL TYPE normal SKIPME yes");
	assert_true(watched_until(&watched, is_scanned, 60000));
	assert_true(scan->scanned >= before);
	assert_int_equal(scan->scanned, 30000);
	assert_int_equal(scan->no_ttl, 15000);
	watched_stop(&watched);
	bed_down(&bed);
}

static void an_empty_one(void **state)
{
	struct watched watched;
	struct bed bed;

	(void)state;
	bed_up(&bed, "plain");
	watched_prepare(&watched, "redis://127.0.0.1", bed.port);
	watched.config.redis.scan = true;
	watched_go(&watched);
	assert_true(watched_until(&watched, is_scanned, 20000));
	assert_int_equal(watched.sit.redis.scan.scanned, 0);
	watched_stop(&watched);
	bed_down(&bed);
}

/* Everything that was sent, as the server saw it. */
static void only_reads(void **state)
{
	static const char *const allowed[] = {
		"CLIENT|SETNAME", "CLIENT|NO-EVICT", "PING", "INFO", "CONFIG|GET", "DBSIZE", "SCAN",
		"MEMORY|USAGE", "PTTL", "TYPE", "TIME", "SMEMBERS", "ZRANGE",
	};
	struct bed_monitor monitor;
	struct watched watched;
	char *seen, *word, *save = NULL;
	struct bed bed;
	int i, words = 0;

	(void)state;
	bed_up(&bed, "plain");
	bed_fill(&bed, "k", 2000, 10);
	monitor_start(&monitor, &bed);
	watched_prepare(&watched, "redis://127.0.0.1", bed.port);
	watched.config.redis.scan = true;
	watched_go(&watched);
	assert_true(watched_until(&watched, is_scanned, 20000));
	watched_for(&watched, 1500);
	watched_stop(&watched);
	seen = monitor_end(&monitor, &bed);
	assert_no_write(&bed, seen);
	for (word = strtok_r(seen, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		words++;
		for (i = 0; i < 13 && strcmp(word, allowed[i]); i++)
			;
		if (i == 13)
			fail_msg("%s was sent", word);
	}
	assert_true(words > 2200);
	free(seen);
	bed_down(&bed);
}

/* A server with troubles of its own */

static bool is_loading(struct watched *watched)
{
	return is_fresh(watched) && watched->sit.redis.loading;
}

static bool has_loaded(struct watched *watched)
{
	return is_fresh(watched) && !watched->sit.redis.loading && is_scanned(watched);
}

static void loading(void **state)
{
	struct watched watched;
	struct bed bed;

	(void)state;
	bed_up(&bed, "plain");
	bed_fill(&bed, "k", 5000, 1000);
	bed_do(&bed, "SAVE");
	bed_kill(&bed);
	watched_prepare(&watched, "redis://127.0.0.1", bed.port);
	watched.config.redis.scan = true;
	watched_go(&watched);
	assert_true(watched_until(&watched, is_not_fresh, 20000));
	assert_holds(watched.sit.redis.fresh.reason, "connection refused");
	bed_again(&bed, "--key-load-delay 500 --loading-process-events-interval-bytes 1024");
	backend_redis.refresh(watched.self);
	assert_true(watched_until(&watched, is_loading, 20000));
	assert_true(watched_until(&watched, has_loaded, 30000));
	assert_int_equal(watched.sit.redis.scan.scanned, 5000);
	watched_stop(&watched);
	bed_down(&bed);
}

static bool knows_bgsave_failed(struct watched *watched)
{
	return is_fresh(watched) && watched->sit.redis.bgsave_failed;
}

/* Such a server refuses PING, too, and is still told about. */
static void cannot_save(void **state)
{
	struct watched watched;
	redisReply *reply;
	char path[128];
	struct bed bed;
	int i;

	(void)state;
	bed_up(&bed, "plain");
	snprintf(path, sizeof(path), "%s/dump.rdb", bed.dir);
	assert_int_equal(mkdir(path, 0700), 0);
	bed_do(&bed, "CONFIG SET save %s", "3600 1");
	bed_do(&bed, "SET a b");
	bed_do(&bed, "BGSAVE");
	for (i = 0; i < 100; i++) {
		reply = redisCommand(bed.context, "PING");
		if (reply->type == REDIS_REPLY_ERROR)
			break;
		freeReplyObject(reply);
		uv_sleep(20);
	}
	assert_true(i < 100);
	assert_holds(reply->str, "MISCONF");
	freeReplyObject(reply);
	watched_start(&watched, "redis://127.0.0.1", bed.port);
	assert_true(watched_until(&watched, knows_bgsave_failed, 20000));
	watched_stop(&watched);
	bed_down(&bed);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		BED_TEST(plain), BED_TEST(full),
		BED_TEST(tls_with_our_authority), BED_TEST(tls_for_another_name),
		BED_TEST(tls_unknown_authority), BED_TEST(tls_wrong_host),
		BED_TEST(tls_expired), BED_TEST(tls_with_our_certificate), BED_TEST(over_a_way),
		BED_TEST(tls_over_a_way), BED_TEST(no_way), BED_TEST(no_password),
		BED_TEST(wrong_password), BED_TEST(the_documented_user),
		BED_TEST(few_rights), BED_TEST(a_whole_scan),
		BED_TEST(patterns_are_counted),
		BED_TEST(ttls_by_sample), BED_TEST(a_broken_scan), BED_TEST(an_empty_one),
		BED_TEST(only_reads), BED_TEST(loading),
		BED_TEST(cannot_save),
	};

	if (!bed_possible()) {
		puts("1..0 # SKIP redis-server is not installed");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
