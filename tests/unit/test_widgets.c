/* tests/unit/test_widgets.c: widgets drawn into a window nobody sees, read back cell by cell */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <curses.h>

#include "widgets/bars.h"
#include "widgets/flow.h"
#include "widgets/menu.h"
#include "widgets/prompt.h"
#include "widgets/table.h"
#include "widgets/text.h"
#include "widgets/theme.h"

#define HEIGHT 12
#define WIDTH 60

struct rows {
	size_t count;
	int first;                 /* number of the first row: rows come and go in front */
	size_t asked;              /* cells asked for */
	size_t highest;            /* row asked for */
};

static struct theme theme;
static struct canvas canvas;

static size_t count(void *arg)
{
	struct rows *rows = arg;

	return rows->count;
}

static void cell(void *arg, size_t row, int column, struct table_cell *ret)
{
	struct rows *rows = arg;

	rows->asked++;
	rows->highest = row > rows->highest ? row : rows->highest;
	snprintf(ret->text, sizeof(ret->text), "%c%d", 'a' + column, rows->first + (int)row);
}

static void key(void *arg, size_t row, char *buf, size_t size)
{
	struct rows *rows = arg;

	snprintf(buf, size, "%d", rows->first + (int)row);
}

static const struct table_column columns[] = {
	{"NAME", 10, 1, 0, false}, {"NUMBER", 8, 0, 2, true}, {"LESS", 20, 0, 5, false},
};

static struct table table_of(struct rows *rows)
{
	return (struct table){
		.columns = columns, .ncolumns = 3, .source = {count, cell, key, rows},
		.sort_column = -1,
	};
}

static const char *line(int y)
{
	static char text[WIDTH * 4 + 1];

	mvwinnstr(stdscr, y, 0, text, (int)sizeof(text) - 1);
	return text;
}

static bool reversed(int y)
{
	return (mvwinch(stdscr, y, 0) & A_REVERSE) != 0;
}

static int setup(void **state)
{
	FILE *out = fopen("/dev/null", "w"), *in = fopen("/dev/null", "r");
	char text[] = "selected: {reverse: true}\nmatch: {bold: true}\n";
	struct err err = ERR_INIT;

	(void)state;
	if (!newterm("xterm", out, in) || theme_load(&theme, "test", text, true, &err))
		return -1;
	resizeterm(HEIGHT, WIDTH);
	canvas = (struct canvas){.win = stdscr, .theme = &theme, .utf8 = true, .height = HEIGHT,
				 .width = WIDTH};
	return 0;
}

static int clean(void **state)
{
	(void)state;
	werase(stdscr);
	return 0;
}

static void test_table_asks_only_for_what_is_seen(void **state)
{
	struct rows rows = {.count = 20000};
	struct table table = table_of(&rows);

	(void)state;
	table_draw(&table, &canvas, true);
	/* Once for its width where that may grow, once to draw it. */
	assert_true(rows.asked <= 2 * 3 * (HEIGHT - 1));
	assert_int_equal(rows.highest, HEIGHT - 2);
	table_bottom(&table);
	table_draw(&table, &canvas, true);
	assert_int_equal(table.selected, 19999);
	assert_non_null(strstr(line(HEIGHT - 1), "a19999"));
	assert_true(reversed(HEIGHT - 1));
	table_move(&table, 5);
	assert_int_equal(table.selected, 19999);
	table_move(&table, -1000000);
	assert_int_equal(table.selected, 0);
}

static void test_table_selection_follows_its_row(void **state)
{
	struct rows rows = {.count = 100};
	struct table table = table_of(&rows);

	(void)state;
	table_move(&table, 50);
	rows.first = -3;           /* three rows came in front */
	rows.count = 103;
	table_update(&table);
	assert_int_equal(table.selected, 53);
	rows.first = 10;           /* and many went */
	rows.count = 90;
	table_update(&table);
	assert_int_equal(table.selected, 40);
	rows.count = 5;            /* the row itself has gone */
	table_update(&table);
	assert_int_equal(table.selected, 4);
	assert_true(table_has_selection(&table));
	rows.count = 0;
	table_update(&table);
	assert_false(table_has_selection(&table));
	table_draw(&table, &canvas, true);
}

static void test_table_shows_the_first_until_one_is_chosen(void **state)
{
	struct rows rows = {.count = 100};
	struct table table = table_of(&rows);

	(void)state;
	table_update(&table);
	rows.first = -3;           /* three rows came in front */
	rows.count = 103;
	table_update(&table);
	assert_int_equal(table.selected, 0);
	table_move(&table, 0);
	rows.first = -5;
	rows.count = 105;
	table_update(&table);
	assert_int_equal(table.selected, 2);
}

static void test_a_cut_is_marked(void **state)
{
	(void)state;
	assert_int_equal(draw_text(&canvas, 0, 0, 5, ROLE_TEXT, true, "abcdefgh"), 5);
	assert_int_equal(strncmp(line(0), "abcd…", strlen("abcd…")), 0);
	assert_int_equal(draw_text(&canvas, 0, 0, 8, ROLE_TEXT, true, "abcdefgh"), 8);
	assert_int_equal(strncmp(line(0), "abcdefgh", 8), 0);
	/* A piece is there whole or not at all, and nothing comes behind what had no room. */
	assert_int_equal(draw_piece(&canvas, 1, 0, ROLE_TEXT, "%s", "whole"), 5);
	assert_int_equal(draw_piece(&canvas, 1, WIDTH - 3, ROLE_TEXT, "%s", "none"), WIDTH);
	assert_int_equal(draw_piece(&canvas, 1, WIDTH, ROLE_TEXT, "%s", "x"), WIDTH);
	assert_null(strchr(line(1), 'n'));
}

static void test_table_drops_columns(void **state)
{
	struct rows rows = {.count = 3};
	struct table table = table_of(&rows);
	struct canvas narrow = draw_inside(&canvas, 0, 0, HEIGHT, 25);

	(void)state;
	table_draw(&table, &canvas, true);
	assert_non_null(strstr(line(0), "LESS"));
	werase(stdscr);
	table_draw(&table, &narrow, true);
	assert_null(strstr(line(0), "LESS"));
	assert_non_null(strstr(line(0), "NUMBER"));
	werase(stdscr);
	narrow.width = 12;
	table_draw(&table, &narrow, true);
	assert_null(strstr(line(0), "NUMBER"));
	assert_non_null(strstr(line(1), "a0"));
}

static void test_table_at_every_size(void **state)
{
	struct rows rows = {.count = 40};
	struct table table = table_of(&rows);
	int height, width;

	(void)state;
	table_move(&table, 39);
	for (height = 0; height <= HEIGHT; height++)
		for (width = 0; width <= WIDTH; width++) {
			struct canvas part = draw_inside(&canvas, 0, 0, height, width);

			table_draw(&table, &part, true);
		}
	assert_int_equal(table.selected, 39);
}

static void type(struct prompt *prompt, const char *text)
{
	for (; *text; text++)
		prompt_key(prompt, (unsigned char)*text);
}

static void test_prompt(void **state)
{
	struct prompt prompt;
	int i;

	(void)state;
	prompt_begin(&prompt, "/", "old");
	assert_string_equal(prompt.text, "old");
	prompt_key(&prompt, 'U' - '@');
	type(&prompt, "two words");
	prompt_key(&prompt, 'W' - '@');
	assert_string_equal(prompt.text, "two ");
	type(&prompt, "\xc3\xa4");     /* one letter of two bytes */
	prompt_key(&prompt, KEY_BACKSPACE);
	assert_string_equal(prompt.text, "two ");
	assert_false(prompt_key(&prompt, KEY_F(1)));
	for (i = 0; i < 10; i++)
		prompt_key(&prompt, 127);
	assert_string_equal(prompt.text, "");
	for (i = 0; i < 2 * PROMPT_MAX; i++)
		prompt_key(&prompt, 'x');
	assert_int_equal(prompt.len, PROMPT_MAX - 1);
	prompt_draw(&prompt, &canvas, 0);
}

static void test_text_view(void **state)
{
	struct text_view text = {0};
	int i;

	(void)state;
	text_append(&text, "one\ntw", 6);
	text_append(&text, "o\nthree", 7);
	assert_int_equal(text.len, 3);
	assert_string_equal(text.lines[1], "two");
	text_append(&text, "\n", 1);
	text.follow = true;
	for (i = 0; i < TEXT_LINES_MAX + 500; i++)
		text_append(&text, "line\n", 5);
	assert_true(text.len <= TEXT_LINES_MAX);
	text_append(&text, "a needle here\n", 14);
	text_draw(&text, &canvas);
	assert_non_null(strstr(line(HEIGHT - 1), "needle"));
	text_to_top(&text);
	snprintf(text.search, sizeof(text.search), "NEEDLE");
	assert_true(text_find(&text, false));
	assert_false(text.follow);
	snprintf(text.search, sizeof(text.search), "absent");
	assert_false(text_find(&text, true));
	text_release(&text);
	assert_false(text_find(&text, true));
	text_draw(&text, &canvas);
}

static void test_text_wraps_at_words(void **state)
{
	struct canvas narrow = draw_inside(&canvas, 0, 0, 4, 20);
	struct text_view text = {.wrap = true, .follow = true};
	int i;

	(void)state;
	werase(stdscr);
	text_append(&text, "label   words under words\nabcdefghijklmnopqrstuvwxyz\n", 53);
	text_draw(&text, &narrow);
	assert_non_null(strstr(line(0), "label   words under"));
	assert_non_null(strstr(line(1), "        words"));
	assert_non_null(strstr(line(2), "abcdefghijklmnopqrst"));
	assert_non_null(strstr(line(3), "uvwxyz"));
	/* The end is the last row, however many rows a line takes. */
	for (i = 0; i < 5; i++)
		text_append(&text, "one two three four five six seven eight nine\n", 45);
	text_draw(&text, &narrow);
	assert_non_null(strstr(line(2), "nine"));
	text_release(&text);
}

static void test_text_control_characters(void **state)
{
	struct text_view text = {0};

	(void)state;
	text_append(&text, "a\033[31mb\tc\x9b\n", 11);
	text_draw(&text, &canvas);
	assert_null(strchr(line(0), '\033'));
	assert_non_null(strstr(line(0), "b c"));
	text_release(&text);
}

static void test_flow(void **state)
{
	const char *text = "words that are broken between words\n\nand again";

	(void)state;
	assert_int_equal(flow_lines(text, 12), 6);
	assert_int_equal(flow_lines("", 12), 0);
	assert_int_equal(flow_lines(text, 0), 0);
	assert_int_equal(flow_draw(&canvas, 0, 0, 12, ROLE_TEXT, 0, text), 6);
	assert_non_null(strstr(line(0), "words that"));
	assert_non_null(strstr(line(1), "are broken"));
	assert_non_null(strstr(line(5), "and again"));
	assert_int_equal(flow_lines("abcdefghijklmnop", 4), 4);
	werase(stdscr);
	assert_int_equal(flow_draw(&canvas, 0, 0, 12, ROLE_TEXT, 5, text), 1);
	assert_non_null(strstr(line(0), "and again"));
}

static void test_menu(void **state)
{
	struct menu menu = {.title = "Choose"};
	char label[40];
	int i;

	(void)state;
	for (i = 0; i < 30; i++) {
		snprintf(label, sizeof(label), "line %d", i);
		menu_add(&menu, label, i == 2 ? "not now" : NULL);
	}
	menu_draw(&menu, &canvas);
	menu_move(&menu, 100);
	assert_int_equal(menu.selected, 29);
	menu_draw(&menu, &canvas);
	assert_non_null(strstr(line(HEIGHT - 2), "line 29"));
	menu_move(&menu, -100);
	assert_int_equal(menu.selected, 0);
	menu_release(&menu);
	menu_move(&menu, 1);
	assert_int_equal(menu.selected, 0);
}

static void test_bars(void **state)
{
	int64_t values[] = {0, 10, 20, -5, INT64_MAX / 8};
	struct canvas plain = canvas;

	(void)state;
	gauge_draw(&canvas, 0, 0, 12, ROLE_OK, 0.5);
	gauge_draw(&canvas, 1, 0, 12, ROLE_OK, -1);
	assert_non_null(strstr(line(1), "?"));
	plain.utf8 = false;
	gauge_draw(&plain, 2, 0, 12, ROLE_OK, 7.0);
	assert_non_null(strstr(line(2), "[##########]"));
	sparkline_draw(&plain, 3, 0, 20, ROLE_OK, values, 5, 0);
	sparkline_draw(&plain, 4, 0, 20, ROLE_OK, values, 0, 0);
	sparkline_draw(&canvas, 5, 0, 3, ROLE_OK, values, 5, 20);
}

static void test_marks_without_utf8(void **state)
{
	struct canvas plain = canvas;

	(void)state;
	plain.utf8 = false;
	draw_text(&plain, 0, 0, 20, ROLE_TEXT, true, "● Ready ◐ x \xc3\xa4");
	assert_non_null(strstr(line(0), "* Ready ~ x ?"));
}

static void test_theme_errors(void **state)
{
	struct theme other;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(theme_load(&other, "f", "ok: {fg: green}\nbad: {fg: purple}\n", true,
				    &err), -22);
	assert_non_null(strstr(err.text, "f:2:"));
	assert_non_null(strstr(err.text, "purple"));
	assert_int_equal(theme_load(&other, "f", "nothing: {fg: red}\n", true, &err), -22);
	assert_non_null(strstr(err.text, "f:1:"));
	assert_int_equal(theme_load(&other, "f", "ok: {blinking: true}\n", true, &err), -22);
	assert_int_equal(theme_load(&other, "f", "ok: green\n", true, &err), -22);
	assert_int_equal(theme_load(&other, "f", "# nothing\ntext: {}\n", true, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_table_asks_only_for_what_is_seen, clean),
		cmocka_unit_test_setup(test_table_selection_follows_its_row, clean),
		cmocka_unit_test_setup(test_table_shows_the_first_until_one_is_chosen, clean),
		cmocka_unit_test_setup(test_a_cut_is_marked, clean),
		cmocka_unit_test_setup(test_table_drops_columns, clean),
		cmocka_unit_test_setup(test_table_at_every_size, clean),
		cmocka_unit_test_setup(test_prompt, clean),
		cmocka_unit_test_setup(test_text_view, clean),
		cmocka_unit_test_setup(test_text_wraps_at_words, clean),
		cmocka_unit_test_setup(test_text_control_characters, clean),
		cmocka_unit_test_setup(test_flow, clean),
		cmocka_unit_test_setup(test_menu, clean),
		cmocka_unit_test_setup(test_bars, clean),
		cmocka_unit_test_setup(test_marks_without_utf8, clean),
		cmocka_unit_test_setup(test_theme_errors, clean),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, setup, NULL);
}
