/* tests/unit/test_layout.c: panes never overlap, never leave the screen, at every size */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/layout.h"

#define HIGHEST 70
#define WIDEST 240

static char cells[HIGHEST][WIDEST];

static void cover(const struct rect *rect, int height, int width)
{
	int y, x;

	assert_in_range(rect->y, 0, height);
	assert_in_range(rect->x, 0, width);
	assert_true(rect->y + rect->height <= height);
	assert_true(rect->x + rect->width <= width);
	for (y = rect->y; y < rect->y + rect->height; y++)
		for (x = rect->x; x < rect->x + rect->width; x++)
			assert_int_equal(cells[y][x]++, 0);
}

static void check(int height, int width, const struct layout_wish *wish)
{
	struct layout layout = layout_make(height, width, wish);
	bool focus_open = false;
	int id;

	if (layout.kind == LAYOUT_TOO_SMALL)
		return;
	memset(cells, 0, sizeof(cells));
	cover(&layout.head, height, width);
	cover(&layout.status, height, width);
	for (id = 0; id < PANES; id++) {
		const struct layout_pane *pane = &layout.panes[id];

		if (!pane->visible)
			continue;
		assert_true(pane->rect.height > 0 && pane->rect.width > 0);
		cover(&pane->rect, height, width);
		if ((enum pane_id)id == wish->focus)
			focus_open = !pane->folded;
	}
	if (layout.kind == LAYOUT_STACK || wish->zoomed)
		assert_true(focus_open || layout.kind == LAYOUT_VERDICT);
}

static void test_no_overlap_at_any_size(void **state)
{
	struct layout_wish wish;
	int height, width, focus;

	(void)state;
	for (height = 1; height < HIGHEST; height += 1)
		for (width = 1; width < WIDEST; width += 7)
			for (focus = 0; focus < PANES; focus++) {
				wish = (struct layout_wish){.focus = (enum pane_id)focus,
							    .lines = {(height * 7) % 40, height % 9}};
				check(height, width, &wish);
				wish.zoomed = true;
				check(height, width, &wish);
				wish.zoomed = false;
				wish.hidden = 1u << PANE_REDIS;
				check(height, width, &wish);
			}
}

static void kind_at(int width, int height, enum layout_kind kind)
{
	struct layout_wish wish = {.focus = PANE_PODS, .lines = {1}};

	assert_int_equal(layout_make(height, width, &wish).kind, kind);
}

static void test_reflow(void **state)
{
	(void)state;
	kind_at(200, 50, LAYOUT_FULL);
	kind_at(120, 35, LAYOUT_COLUMNS);
	kind_at(80, 24, LAYOUT_STACK);
	kind_at(40, 10, LAYOUT_VERDICT);
	kind_at(19, 10, LAYOUT_TOO_SMALL);
	kind_at(80, 3, LAYOUT_TOO_SMALL);
}

static void test_full_shows_all(void **state)
{
	struct layout_wish wish = {.focus = PANE_PODS, .lines = {200}};
	struct layout layout = layout_make(50, 200, &wish);
	int id;

	(void)state;
	for (id = 0; id <= PANE_ACTIONS; id++)
		assert_true(layout.panes[id].visible && !layout.panes[id].folded);
	/* What is looked at now and then takes the place of Pods. */
	wish.focus = PANE_VOLUMES;
	layout = layout_make(50, 200, &wish);
	assert_true(layout.panes[PANE_VOLUMES].visible && !layout.panes[PANE_PODS].visible);
	/* However many incidents there are, half of the screen stays. */
	assert_true(layout.panes[PANE_INCIDENTS].rect.height <= 25);
}

static void test_hidden_pane_gives_its_room(void **state)
{
	struct layout_wish wish = {.focus = PANE_PODS, .lines = {1},
				   .hidden = 1u << PANE_REDIS};
	struct layout with, without = layout_make(50, 200, &wish);

	(void)state;
	assert_false(without.panes[PANE_REDIS].visible);
	wish.hidden = 0;
	with = layout_make(50, 200, &wish);
	assert_true(without.panes[PANE_NODES].rect.height > with.panes[PANE_NODES].rect.height);
	wish = (struct layout_wish){.focus = PANE_REDIS, .hidden = 1u << PANE_REDIS};
	assert_true(layout_make(24, 80, &wish).panes[PANE_REDIS].visible);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_overlap_at_any_size),
		cmocka_unit_test(test_reflow),
		cmocka_unit_test(test_full_shows_all),
		cmocka_unit_test(test_hidden_pane_gives_its_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
