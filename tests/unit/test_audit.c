/* tests/unit/test_audit.c: the chain, what breaks it, and what only looks like a break */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "incident/audit.h"

struct place {
	char folder[64];
	char *path;
};

static void place_make(struct place *place)
{
	strcpy(place->folder, "/tmp/sitrep-audit-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	place->path = xasprintf("%s/state/deep/audit.jsonl", place->folder);
}

static void place_drop(struct place *place)
{
	char *inner = xasprintf("%s/state/deep", place->folder);
	char *outer = xasprintf("%s/state", place->folder);

	unlink(place->path);
	rmdir(inner);
	rmdir(outer);
	rmdir(place->folder);
	free(inner);
	free(outer);
	free(place->path);
}

static void write_records(const struct place *place, int count)
{
	struct err err = ERR_INIT;
	struct audit *audit = audit_open(place->path, &err);

	if (!audit)
		fail_msg("%s", err.text);
	for (int i = 0; i < count; i++)
		assert_int_equal(audit_write(audit, "intent", json_pack("{s:i, s:s}", "n", i,
					     "why", "caf\xc3\xa9 \"quoted\""), &err), 0);
	audit_close(audit);
}

static char *read_file(const char *path, size_t *ret_len)
{
	FILE *file = fopen(path, "r");
	char *text = xcalloc(1, 1 << 20);

	assert_non_null(file);
	*ret_len = fread(text, 1, (1 << 20) - 1, file);
	fclose(file);
	return text;
}

static void write_file(const char *path, const char *text, size_t len)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	fclose(file);
}

static void expect_broken(const struct place *place, const char *words)
{
	struct audit_summary sum = {0};
	struct err err = ERR_INIT;

	assert_int_equal(audit_verify(place->path, &sum, &err), -EBADMSG);
	if (!strstr(err.text, words))
		fail_msg("%s", err.text);
}

static void expect_whole(const struct place *place, uint64_t records, uint64_t torn)
{
	struct audit_summary sum = {0};
	struct err err = ERR_INIT;

	if (audit_verify(place->path, &sum, &err))
		fail_msg("%s", err.text);
	assert_int_equal(sum.records, records);
	assert_int_equal(sum.torn, torn);
}

static void a_chain_holds(void **state)
{
	struct place place;
	struct stat st;

	(void)state;
	place_make(&place);
	write_records(&place, 3);
	write_records(&place, 2);
	expect_whole(&place, 5, 0);
	assert_int_equal(stat(place.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	place_drop(&place);
}

static void an_empty_file_is_whole(void **state)
{
	struct audit_summary sum = {0};
	struct err err = ERR_INIT;
	struct place place;

	(void)state;
	place_make(&place);
	assert_int_equal(audit_verify(place.path, &sum, &err), -ENOENT);
	assert_non_null(strstr(err.text, "there is no audit file"));
	write_records(&place, 0);
	expect_whole(&place, 0, 0);
	place_drop(&place);
}

static void every_changed_byte_is_found(void **state)
{
	struct audit_summary sum;
	struct place place;
	size_t len;
	char *text;

	(void)state;
	place_make(&place);
	write_records(&place, 3);
	text = read_file(place.path, &len);
	for (size_t i = 0; i < len; i++) {
		char was = text[i];

		text[i] = was == 'x' ? 'y' : 'x';
		write_file(place.path, text, len);
		text[i] = was;
		if (audit_verify(place.path, &sum, NULL) != -EBADMSG)
			fail_msg("byte %zu changed and not found", i);
	}
	write_file(place.path, text, len);
	expect_whole(&place, 3, 0);
	free(text);
	place_drop(&place);
}

static char *line_at(char *text, int line)
{
	while (line-- > 0)
		text = strchr(text, '\n') + 1;
	return text;
}

static void a_removed_or_moved_record_is_found(void **state)
{
	struct place place;
	char *text, *second, *third, *swapped;
	size_t len;

	(void)state;
	place_make(&place);
	write_records(&place, 3);
	text = read_file(place.path, &len);
	second = line_at(text, 1);
	third = line_at(text, 2);
	swapped = xasprintf("%.*s%s", (int)(second - text), text, third);
	write_file(place.path, swapped, strlen(swapped));
	expect_broken(&place, "line 2: it does not hang on the record before it");
	free(swapped);
	write_file(place.path, second, strlen(second));
	expect_broken(&place, "line 1: ");
	swapped = xasprintf("%.*s%s%.*s", (int)(second - text), text, third,
			    (int)(third - second), second);
	write_file(place.path, swapped, strlen(swapped));
	expect_broken(&place, "line 2: ");
	free(swapped);
	free(text);
	place_drop(&place);
}

static void a_torn_line_is_told_and_vouched_for(void **state)
{
	struct place place;
	char *text;
	size_t len;

	(void)state;
	place_make(&place);
	write_records(&place, 3);
	text = read_file(place.path, &len);
	write_file(place.path, text, len - 20);
	expect_broken(&place, "line 3: half written");
	write_records(&place, 1);
	expect_whole(&place, 4, 1);
	free(text);
	text = read_file(place.path, &len);
	*strstr(line_at(text, 2), "intent") = 'I';
	write_file(place.path, text, len);
	expect_broken(&place, "line 3: not a whole record");
	free(text);
	place_drop(&place);
}

static void a_foreign_tail_is_not_added_to(void **state)
{
	struct err err = ERR_INIT;
	struct place place;
	char *path;

	(void)state;
	place_make(&place);
	write_records(&place, 1);
	write_file(place.path, "{\"not\":\"ours\"}\n", 15);
	assert_null(audit_open(place.path, &err));
	assert_int_equal(err.code, -EBADMSG);
	path = xasprintf("%s/link", place.folder);
	assert_int_equal(symlink(place.path, path), 0);
	assert_null(audit_open(path, &err));
	unlink(path);
	free(path);
	assert_null(audit_open("/dev/null", &err));
	place_drop(&place);
}

static void two_programs_share_one_chain(void **state)
{
	struct place place;
	int status = 1;
	pid_t child;

	(void)state;
	place_make(&place);
	write_records(&place, 1);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		write_records(&place, 20);
		_exit(0);
	}
	write_records(&place, 20);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	expect_whole(&place, 41, 0);
	place_drop(&place);
}

static void too_much_is_refused_whole(void **state)
{
	struct err err = ERR_INIT;
	struct place place;
	struct audit *audit;
	char *big;

	(void)state;
	place_make(&place);
	write_records(&place, 1);
	audit = audit_open(place.path, &err);
	assert_non_null(audit);
	big = xmalloc(70000);
	memset(big, 'a', 69999);
	big[69999] = '\0';
	assert_int_equal(audit_write(audit, "intent", json_pack("{s:s}", "big", big), &err),
			 -EMSGSIZE);
	audit_close(audit);
	free(big);
	expect_whole(&place, 1, 0);
	place_drop(&place);
}

static void a_removed_file_takes_nothing(void **state)
{
	struct err err = ERR_INIT;
	struct place place;
	struct audit *audit;

	(void)state;
	place_make(&place);
	write_records(&place, 1);
	audit = audit_open(place.path, &err);
	assert_non_null(audit);
	unlink(place.path);
	assert_int_equal(audit_write(audit, "intent", json_object(), &err), -ESTALE);
	audit_close(audit);
	place_drop(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chain_holds),
		cmocka_unit_test(an_empty_file_is_whole),
		cmocka_unit_test(every_changed_byte_is_found),
		cmocka_unit_test(a_removed_or_moved_record_is_found),
		cmocka_unit_test(a_torn_line_is_told_and_vouched_for),
		cmocka_unit_test(a_foreign_tail_is_not_added_to),
		cmocka_unit_test(two_programs_share_one_chain),
		cmocka_unit_test(too_much_is_refused_whole),
		cmocka_unit_test(a_removed_file_takes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
