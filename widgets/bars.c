/* widgets/bars.c: see bars.h */
#include "widgets/bars.h"

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
	static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	static const char *const ascii[] = {"_", ".", ".", "-", "-", "=", "=", "#"};
	struct buf line = BUF_INIT(BYTES_MAX);
	int first, i;

	if (width < 1 || width > WIDTH_MAX || count < 1)
		return;
	first = count > width ? count - width : 0;
	for (i = first; i < count && !most; i++)
		if (values[i] > most)
			most = values[i];
	for (i = first; i < count; i++) {
		int level = most > 0 ? (int)(values[i] * 7 / most) : 0;

		level = level < 0 ? 0 : level > 7 ? 7 : level;
		buf_append_str(&line, canvas->utf8 ? blocks[level] : ascii[level]);
	}
	draw_text(canvas, y, x, width, role, true, line.data);
	buf_release(&line);
}
