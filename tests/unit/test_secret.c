/* tests/unit/test_secret.c: secrets from the environment, files and commands, and their failures */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/secret.h"

struct answer {
	int calls, rc;
	char text[512];
};

static void keep(void *arg, int rc, const char *text)
{
	struct answer *answer = arg;

	answer->calls++;
	answer->rc = rc;
	snprintf(answer->text, sizeof(answer->text), "%s", text);
}

static void expect(const struct config_secret *from, int rc, const char *text)
{
	struct answer answer = {0};
	uv_loop_t loop;

	uv_loop_init(&loop);
	secret_fetch(&loop, from, keep, &answer);
	assert_int_equal(answer.calls, 0);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(answer.calls, 1);
	assert_int_equal(answer.rc, rc);
	if (!strstr(answer.text, text))
		fail_msg("'%s' does not hold '%s'", answer.text, text);
	assert_int_equal(uv_loop_close(&loop), 0);
}

static void from_the_environment(void **state)
{
	struct config_secret from = {.env = (char *)"SITREP_TEST_SECRET"};

	(void)state;
	unsetenv("SITREP_TEST_SECRET");
	expect(&from, -ENOENT, "SITREP_TEST_SECRET is not set");
	setenv("SITREP_TEST_SECRET", "hunter2\nand more", 1);
	expect(&from, 0, "hunter2");
	setenv("SITREP_TEST_SECRET", "", 1);
	expect(&from, -ENOENT, "empty");
	expect(&(struct config_secret){0}, -ENOENT, "no secret");
}

static void from_a_file(void **state)
{
	char path[] = "/tmp/sitrep-secret-XXXXXX";
	struct config_secret from = {.file = path};
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "s3cret\r\n", 8), 8);
	close(fd);
	expect(&from, 0, "s3cret");
	unlink(path);
	expect(&from, -ENOENT, path);
}

static void run(int rc, const char *text, const char *script)
{
	struct config_secret from = {0};

	strlist_add(&from.command, "/bin/sh");
	strlist_add(&from.command, "-c");
	strlist_add(&from.command, script);
	expect(&from, rc, text);
	strlist_release(&from.command);
}

static void from_a_command(void **state)
{
	struct config_secret none = {0};

	(void)state;
	run(0, "open sesame", "echo open sesame; echo and more; echo noise >&2");
	run(-EPIPE, "failed with status 3", "echo half; exit 3");
	run(-EMSGSIZE, "longer than", "while :; do echo 0123456789; done");
	run(-ENOENT, "empty", "exit 0");
	strlist_add(&none.command, "/nonexistent/pass");
	expect(&none, UV_ENOENT, "/nonexistent/pass cannot be started");
	strlist_release(&none.command);
}

static void cancelled_ones_stay_silent(void **state)
{
	struct config_secret from = {0};
	struct answer answer = {0};
	uv_loop_t loop;

	(void)state;
	strlist_add(&from.command, "/bin/sleep");
	strlist_add(&from.command, "100");
	uv_loop_init(&loop);
	secret_cancel(secret_fetch(&loop, &from, keep, &answer));
	secret_cancel(secret_fetch(&loop, &(struct config_secret){0}, keep, &answer));
	secret_cancel(NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(answer.calls, 0);
	assert_int_equal(uv_loop_close(&loop), 0);
	strlist_release(&from.command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_the_environment),
		cmocka_unit_test(from_a_file),
		cmocka_unit_test(from_a_command),
		cmocka_unit_test(cancelled_ones_stay_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
