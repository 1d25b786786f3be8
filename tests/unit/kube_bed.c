/* tests/unit/kube_bed.c: see kube_bed.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/unit/kube_bed.h"

#include "core/alloc.h"
#include "core/clock.h"

int bed_speed = 1;

int __real_uv_timer_start(uv_timer_t *timer, uv_timer_cb cb, uint64_t ms, uint64_t repeat);
int __wrap_uv_timer_start(uv_timer_t *timer, uv_timer_cb cb, uint64_t ms, uint64_t repeat);
int64_t __real_clock_mono_ms(void);
int64_t __wrap_clock_mono_ms(void);

int __wrap_uv_timer_start(uv_timer_t *timer, uv_timer_cb cb, uint64_t ms, uint64_t repeat)
{
	return __real_uv_timer_start(timer, cb, (ms + (uint64_t)bed_speed - 1) / (uint64_t)bed_speed,
				     repeat);
}

int64_t __wrap_clock_mono_ms(void)
{
	return __real_clock_mono_ms() * bed_speed;
}

void bed_put(struct bed *bed, const char *name, const char *text, unsigned int mode)
{
	char *path = xasprintf("%s/%s", bed->dir, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
	free(path);
}

bool bed_is(const char *path, const char *start)
{
	return !strncmp(path, start, strlen(start));
}

void bed_status(struct httpd_conn *conn, int code, const char *headers, const char *message)
{
	char *body = xasprintf("{\"kind\":\"Status\",\"apiVersion\":\"v1\","
			       "\"status\":\"Failure\",\"message\":\"%s\","
			       "\"code\":%d}", message, code);

	httpd_answer(conn, code, headers, body, strlen(body));
	free(body);
}

static void put_pod(struct buf *out, const char *name, size_t len, const char *version)
{
	buf_printf(out, "{\"metadata\":{\"name\":\"%.*s\",\"namespace\":\"default\","
		   "\"resourceVersion\":\"%s\"},\"status\":{\"phase\":\"Running\"}}", (int)len,
		   name, version);
}

void bed_list(struct httpd_conn *conn, const char *meta, const char *names)
{
	struct buf body = BUF_INIT(1024 * 1024);
	bool more = false;

	buf_printf(&body, "{\"kind\":\"List\",\"metadata\":{%s},\"items\":[", meta);
	while (*names) {
		size_t len = strcspn(names, " ");

		buf_append_str(&body, more ? "," : "");
		put_pod(&body, names, len, "5");
		names += len + (names[len] == ' ');
		more = true;
	}
	buf_append_str(&body, "]}");
	httpd_answer(conn, 200, NULL, body.data, body.len);
	buf_release(&body);
}

void bed_event(struct httpd_conn *conn, const char *type, const char *name, const char *version)
{
	struct buf line = BUF_INIT(4096);

	buf_printf(&line, "{\"type\":\"%s\",\"object\":", type);
	put_pod(&line, name, strlen(name), version);
	buf_append_str(&line, "}\n");
	httpd_chunk(conn, line.data);
	buf_release(&line);
}

static void serve(void *arg, struct httpd_conn *conn, const char *method, const char *path)
{
	struct bed *bed = arg;
	bool pods = strstr(path, "/pods?") != NULL;

	(void)method;
	buf_printf(&bed->asked, "%s\n", path);
	if (pods && strstr(path, "watch=1")) {
		bed->watches++;
		bed->watch = conn;
	}
	if (bed->special && bed->special(bed, conn, path))
		return;
	if (strstr(path, "watch=1"))
		httpd_begin(conn);
	else if (bed_is(path, "/readyz"))
		httpd_answer(conn, 200, NULL, "ok", 2);
	else
		bed_list(conn, "\"resourceVersion\":\"5\"", "");
}

/* Keeps UV_RUN_ONCE from sleeping for long. */
static void ticked(uv_timer_t *timer)
{
	(void)timer;
}

void bed_up(struct bed *bed, const char *user, const char *cluster)
{
	char *text;

	memset(bed, 0, sizeof(*bed));
	bed_speed = 1;
	bed->asked.max = BED_ASKED_MAX;
	snprintf(bed->dir, sizeof(bed->dir), "/tmp/kube_bed.XXXXXX");
	assert_non_null(mkdtemp(bed->dir));
	uv_loop_init(&bed->loop);
	uv_timer_init(&bed->loop, &bed->tick);
	__real_uv_timer_start(&bed->tick, ticked, 5, 5);
	bed->httpd = httpd_new(&bed->loop, serve, bed);
	config_init(&bed->config);
	situation_init(&bed->sit);
	bed->env = (struct backend_env){.loop = &bed->loop, .config = &bed->config,
					.sit = &bed->sit};
	text = xasprintf("current-context: a\ncontexts:\n- {name: a, context: {cluster: c, user: u, "
			 "namespace: team}}\nclusters:\n- name: c\n  cluster: {server: "
			 "'http://127.0.0.1:%d'%s}\nusers:\n- name: u\n  user: {%s}\n",
			 httpd_port(bed->httpd), cluster, user);
	bed_put(bed, "kubeconfig", text, 0600);
	free(text);
	bed->config.kube.kubeconfig = xasprintf("%s/kubeconfig", bed->dir);
	bed->config.kube.heartbeat_ms = 200;
}

void bed_watch(struct bed *bed)
{
	if (backend_kube.start(&bed->env, &bed->self, &bed->err))
		fail_msg("%s", bed->err.text);
}

void bed_down(struct bed *bed)
{
	char *command = xasprintf("rm -rf '%s'", bed->dir);

	if (bed->self)
		backend_kube.stop(bed->self);
	httpd_free(bed->httpd);
	uv_close((uv_handle_t *)&bed->tick, NULL);
	uv_run(&bed->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&bed->loop), 0);
	situation_release(&bed->sit);
	config_release(&bed->config);
	buf_release(&bed->asked);
	assert_int_equal(system(command), 0);
	free(command);
	bed_speed = 1;
}

void bed_run(struct bed *bed, int ms)
{
	uint64_t deadline = uv_hrtime() + (uint64_t)ms * 1000000;

	while (uv_hrtime() < deadline)
		uv_run(&bed->loop, UV_RUN_ONCE);
}

int bed_count(const struct bed *bed, const char *text)
{
	const char *at = bed->asked.data;
	int count = 0;

	while (at && (at = strstr(at, text))) {
		count++;
		at = strchr(at, '\n');
	}
	return count;
}

enum fresh_state bed_pods_state(const struct bed *bed)
{
	return freshness_at(&bed->sit.pods.fresh, clock_wall_ms());
}
