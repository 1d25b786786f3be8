/* widgets/bars.c: see bars.h */
#include "widgets/bars.h"

#include <stdio.h>

#include "core/buf.h"

#define WIDTH_MAX 200
#define BYTES_MAX (WIDTH_MAX * 4)

void gauge_draw(const struct canvas *canvas, int y, int x, int width, enum role role,
		double share)
{
	static const char *const eighths[] = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
	struct buf bar = BUF_INIT(BYTES_MAX);
	int full, part, i;

	if (width < 3 || width > WIDTH_MAX)
		return;
	if (share < 0) {
		draw_text(canvas, y, x, width, ROLE_UNKNOWN, true, "[?]");
		return;
	}
	if (share > 1)
		share = 1;
	full = (int)(share * (width - 2));
	part = (int)((share * (width - 2) - full) * 8);
	buf_append_str(&bar, "[");
	for (i = 0; i < width - 2; i++) {
		if (i < full)
			buf_append_str(&bar, canvas->utf8 ? "█" : "#");
		else if (i == full && canvas->utf8)
			buf_append_str(&bar, eighths[part]);
		else
			buf_append_str(&bar, " ");
	}
	buf_append_str(&bar, "]");
	draw_text(canvas, y, x, width, role, true, bar.data);
	buf_release(&bar);
}

void sparkline_draw(const struct canvas *canvas, int y, int x, int width, enum role role,
		    const int64_t *values, int count, int64_t most)
{
	char text[BYTES_MAX];
	int first;

	if (width < 1 || width > WIDTH_MAX || count < 1)
		return;
	first = count > width ? count - width : 0;
	sparkline_text(canvas->utf8, values + first, count - first, most, text, sizeof(text));
	draw_text(canvas, y, x, width, role, true, text);
}

void sparkline_text(bool utf8, const int64_t *values, int count, int64_t most, char *buf,
		    size_t size)
{
	static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	static const char *const ascii[] = {"_", ".", ".", "-", "-", "=", "=", "#"};
	int64_t highest = most;
	size_t len = 0;
	int i;

	for (i = 0; i < count && !most; i++)
		if (values[i] > highest)
			highest = values[i];
	buf[0] = '\0';
	for (i = 0; i < count && len + 4 < size; i++) {
		int level = highest > 0 ? (int)(values[i] * 7 / highest) : 0;

		level = level < 0 ? 0 : level > 7 ? 7 : level;
		len += (size_t)snprintf(buf + len, size - len, "%s", values[i] < 0 ? "!"
					: utf8 ? blocks[level] : ascii[level]);
	}
}
