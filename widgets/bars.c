/* widgets/bars.c: see bars.h */
#include "widgets/bars.h"

#include <stdio.h>

#define WIDTH_MAX 200
#define BYTES_MAX (WIDTH_MAX * 4)

void gauge_draw(const struct canvas *canvas, int y, int x, int width, enum role role,
		double share)
{
	char text[BYTES_MAX];

	if (width < 3 || width > WIDTH_MAX)
		return;
	gauge_text(canvas->utf8, width, share, text, sizeof(text));
	draw_text(canvas, y, x, width, share < 0 ? ROLE_UNKNOWN : role, true, text);
}

void gauge_text(bool utf8, int width, double share, char *buf, size_t size)
{
	static const char *const eighths[] = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
	double filled = (share > 1 ? 1 : share) * (width - 2);
	size_t len;
	int i;

	if (share < 0) {
		snprintf(buf, size, "[?]");
		return;
	}
	len = (size_t)snprintf(buf, size, "[");
	for (i = 0; i < width - 2 && len + 5 < size; i++) {
		const char *block = i < (int)filled ? utf8 ? "█" : "#"
			: i == (int)filled && utf8 ? eighths[(int)((filled - i) * 8)] : " ";

		len += (size_t)snprintf(buf + len, size - len, "%s", block);
	}
	snprintf(buf + len, size - len, "]");
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
