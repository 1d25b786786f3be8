/* tests/unit/test_commands.c: the command table keeps its promises */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <curses.h>

#include "incident/ladder.h"
#include "tui/commands.h"
#include "tui/keys.h"
#include "tui/panes/pane.h"

static void test_rows_are_whole(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < COMMANDS; i++) {
		const struct command *command = &commands_all[i];

		assert_int_equal(command->id, i);
		assert_true(command->name && command->name[0]);
		assert_true(command->keys && command->keys[0]);
		assert_true(command->title && command->title[0]);
		assert_true(command->help && command->help[0]);
		assert_true(command->where != 0);
	}
}

/* Either it only reads, or it mutates through a verb that asks. */
static void test_what_mutates_asks(void **state)
{
	int i, mutating = 0;

	(void)state;
	for (i = 0; i < COMMANDS; i++) {
		const struct command *command = &commands_all[i];
		bool reads = command->flags & COMMAND_READS;
		bool mutates = command->flags & COMMAND_MUTATES;

		assert_true(reads != mutates);
		if (!mutates) {
			assert_null(command->verb);
			continue;
		}
		mutating++;
		/* Without a verb the person picks one from the ladder's own offers. */
		if (!command->verb)
			continue;
		assert_non_null(verb_find(command->verb));
		assert_true(verb_find(command->verb)->confirm != CONFIRM_NONE);
	}
	assert_true(mutating > 5);
}

static void test_every_verb_asks(void **state)
{
	const struct verb *const *verb;

	(void)state;
	for (verb = verbs_all; *verb; verb++)
		assert_true((*verb)->confirm != CONFIRM_NONE);
}

static void test_names_are_unique(void **state)
{
	int i, j;

	(void)state;
	for (i = 0; i < COMMANDS; i++)
		for (j = i + 1; j < COMMANDS; j++)
			assert_string_not_equal(commands_all[i].name, commands_all[j].name);
}

static void check_key(const struct command *command, const char *name, size_t len)
{
	int key = key_parse(name, len);
	unsigned int place;

	assert_true(key > 0);
	for (place = 1; place <= IN_DRILL; place <<= 1)
		if (command->where & place)
			assert_ptr_equal(command_for_key(key, place), command);
}

/* Wherever a command means something, its keys mean it and nothing else. */
static void test_keys_are_unique(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < COMMANDS; i++) {
		const char *at = commands_all[i].keys;

		while (*at) {
			size_t len = strcspn(at, " ");

			check_key(&commands_all[i], at, len);
			at += len + (at[len] == ' ');
		}
	}
}

static void test_keys_as_people_know_them(void **state)
{
	static const struct {
		int key;
		unsigned int where;
		enum command_id id;
	} rows[] = {
		{'?', IN(PANE_PODS), CMD_HELP}, {':', IN(PANE_PODS), CMD_PALETTE},
		{'/', IN(PANE_PODS), CMD_FILTER}, {'\r', IN(PANE_PODS), CMD_OPEN},
		{'\n', IN(PANE_PODS), CMD_OPEN}, {27, IN(PANE_PODS), CMD_BACK},
		{'j', IN(PANE_NODES), CMD_DOWN}, {KEY_DOWN, IN(PANE_NODES), CMD_DOWN},
		{'G', IN(PANE_NODES), CMD_BOTTOM}, {'d', IN(PANE_PODS), CMD_DESCRIBE},
		{'l', IN(PANE_PODS), CMD_LOGS}, {'p', IN(PANE_PODS), CMD_LOGS_PREVIOUS},
		{'y', IN(PANE_PODS), CMD_YAML}, {'c', IN(PANE_NODES), CMD_CORDON},
		{'u', IN(PANE_NODES), CMD_UNCORDON}, {'\t', IN(PANE_NODES), CMD_NEXT_PANE},
		{'z', IN(PANE_NODES), CMD_ZOOM}, {'a', IN(PANE_NODES), CMD_ACTIONS},
		{'w', IN(PANE_PODS), CMD_CHANGED}, {'q', IN(PANE_PODS), CMD_QUIT},
		{'q', IN_DETAIL, CMD_CLOSE}, {4, IN(PANE_PODS), CMD_DELETE_POD},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_ptr_equal(command_for_key(rows[i].key, rows[i].where),
				 &commands_all[rows[i].id]);
	assert_null(command_for_key('c', IN(PANE_REDIS)));
}

/* What the table says of a pane, the pane can do. */
static void test_panes_can_what_is_listed(void **state)
{
	int id;

	(void)state;
	for (id = 0; id < PANES; id++) {
		const struct pane_ops *ops = panes_all[id];

		assert_int_equal(!!(commands_all[CMD_SORT].where & IN(id)), !!ops->sort);
		assert_int_equal(!!(commands_all[CMD_PROBLEMS].where & IN(id)),
				 !!ops->only_problems);
		assert_non_null(ops->table);
		assert_non_null(ops->target);
	}
}

static void test_key_names(void **state)
{
	char buf[KEY_TEXT];

	(void)state;
	assert_int_equal(key_parse("ctrl-d", 6), 4);
	assert_int_equal(key_parse("j", 1), 'j');
	assert_int_equal(key_parse("PgDn", 4), KEY_NPAGE);
	assert_true(key_parse("nonsense", 8) < 0);
	assert_string_equal(key_text(4, buf), "ctrl-d");
	assert_string_equal(key_text('\t', buf), "Tab");
	assert_string_equal(key_text('x', buf), "x");
	assert_true(key_among("Enter Esc", 27));
	assert_true(key_among("Enter", KEY_ENTER));
	assert_false(key_among("Enter Esc", 'x'));
	assert_false(key_among("nonsense", -22));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_are_whole),
		cmocka_unit_test(test_what_mutates_asks),
		cmocka_unit_test(test_every_verb_asks),
		cmocka_unit_test(test_names_are_unique),
		cmocka_unit_test(test_keys_are_unique),
		cmocka_unit_test(test_keys_as_people_know_them),
		cmocka_unit_test(test_panes_can_what_is_listed),
		cmocka_unit_test(test_key_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
