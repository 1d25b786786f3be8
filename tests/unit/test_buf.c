/* tests/unit/test_buf.c: the buffer's ceiling and edges */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/err.h"

static void ceiling_is_a_ceiling(void **state)
{
	struct buf buf = BUF_INIT(8);

	(void)state;
	assert_int_equal(buf_append_str(&buf, "12345678"), 0);
	assert_int_equal(buf_append_str(&buf, "9"), -EMSGSIZE);
	assert_int_equal(buf_printf(&buf, "%d", 9), -EMSGSIZE);
	assert_string_equal(buf.data, "12345678");
	buf_consume(&buf, 3);
	assert_string_equal(buf.data, "45678");
	assert_int_equal(buf_printf(&buf, "%d", 9), 0);
	assert_string_equal(buf.data, "456789");
	buf_release(&buf);
}

static void detach_never_gives_null(void **state)
{
	struct buf buf = BUF_INIT(8);
	char *text = buf_detach(&buf);

	(void)state;
	assert_string_equal(text, "");
	free(text);
}

static void error_gets_its_context(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(err_set(&err, -EINVAL, "bad %s", "token"), -EINVAL);
	assert_int_equal(err_prefix(&err, "kubeconfig %d", 7), -EINVAL);
	assert_string_equal(err.text, "kubeconfig 7: bad token");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ceiling_is_a_ceiling),
		cmocka_unit_test(detach_never_gives_null),
		cmocka_unit_test(error_gets_its_context),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
