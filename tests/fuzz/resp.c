/* tests/fuzz/resp.c: the Redis backend against a server that answers everything with some bytes */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/target.h"

#include "backends/backend.h"
#include "core/alloc.h"

#define CONNS_MAX 8
#define TURNS 60               /* of the loop, then it has eaten enough */
#define REPLIES 24             /* ... or that many of its requests have been answered */

struct fake {
	uv_tcp_t server, conns[CONNS_MAX];
	int count, replies;
	char in[4096];
	char *bytes;
	size_t len;
};

static void give(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
	struct fake *fake = handle->data;

	(void)hint;
	*buf = uv_buf_init(fake->in, sizeof(fake->in));
}

static void asked(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
	struct fake *fake = stream->data;
	uv_buf_t out = uv_buf_init(fake->bytes, (unsigned int)fake->len);

	(void)buf;
	if (len < 0)
		uv_read_stop(stream);
	else if (fake->replies++ < REPLIES)
		uv_try_write(stream, &out, 1);
}

static void accepted(uv_stream_t *server, int status)
{
	struct fake *fake = server->data;
	uv_tcp_t *conn;

	if (status || fake->count == CONNS_MAX)
		return;
	conn = &fake->conns[fake->count++];
	uv_tcp_init(server->loop, conn);
	conn->data = fake;
	if (!uv_accept(server, (uv_stream_t *)conn))
		uv_read_start((uv_stream_t *)conn, give, asked);
}

static int serve(struct fake *fake, uv_loop_t *loop)
{
	struct sockaddr_in address;
	int len = sizeof(address);

	uv_tcp_init(loop, &fake->server);
	fake->server.data = fake;
	uv_ip4_addr("127.0.0.1", 0, &address);
	if (uv_tcp_bind(&fake->server, (const struct sockaddr *)&address, 0) ||
	    uv_listen((uv_stream_t *)&fake->server, CONNS_MAX, accepted) ||
	    uv_tcp_getsockname(&fake->server, (struct sockaddr *)&address, &len))
		abort();
	return ntohs(address.sin_port);
}

static void ticked(uv_timer_t *timer)
{
	(void)timer;
}

void fuzz_eat_resp(const char *bytes, size_t len)
{
	struct fake fake = {.count = 0, .bytes = xstrndup(bytes, len), .len = strnlen(bytes, len)};
	struct config config;
	struct situation sit;
	struct err err = ERR_INIT;
	struct backend_env env;
	uv_timer_t tick;
	uv_loop_t loop;
	void *self;
	int i;

	uv_loop_init(&loop);
	uv_timer_init(&loop, &tick);
	uv_timer_start(&tick, ticked, 1, 1);
	config_init(&config);
	situation_init(&sit);
	config.redis.url = xasprintf("redis://127.0.0.1:%d", serve(&fake, &loop));
	config.redis.every_ms = 1;
	env = (struct backend_env){.loop = &loop, .config = &config, .sit = &sit};
	if (backend_redis.start(&env, &self, &err))
		abort();
	for (i = 0; i < TURNS && fake.replies <= REPLIES; i++)
		uv_run(&loop, UV_RUN_ONCE);
	backend_redis.stop(self);
	for (i = 0; i < fake.count; i++)
		uv_close((uv_handle_t *)&fake.conns[i], NULL);
	uv_close((uv_handle_t *)&fake.server, NULL);
	uv_close((uv_handle_t *)&tick, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	if (uv_loop_close(&loop))
		abort();
	situation_release(&sit);
	config_release(&config);
	free(fake.bytes);
}
