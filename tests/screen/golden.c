/* tests/screen/golden.c: screens kept as text, with clocks and ages masked */
#include "tests/screen/script.h"

#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"

#define GOLDEN_CEILING (4u << 20)

/* Columns of the UTF-8 text. */
static int columns(const char *text, size_t len)
{
	int count = 0;

	for (size_t i = 0; i < len; i++)
		count += ((unsigned char)text[i] & 0xc0) != 0x80;
	return count;
}

/* Each match becomes ~ and blanks of the same width, so that what stands beside it is still
 * compared column by column; a mask takes in the blanks that it may leave or need. */
static int apply_mask(struct script *script, const char *regex, struct buf *text)
{
	struct buf out = BUF_INIT(GOLDEN_CEILING);
	const char *at = text->data ? text->data : "";
	regmatch_t match;
	regex_t compiled;
	int flags = 0;

	if (regcomp(&compiled, regex, REG_EXTENDED | REG_NEWLINE))
		return script_fail(script, "bad mask: %s", regex);
	while (*at && !regexec(&compiled, at, 1, &match, flags)) {
		size_t skip = match.rm_eo > match.rm_so ? (size_t)match.rm_eo : 0;

		buf_append(&out, at, (size_t)match.rm_so);
		buf_printf(&out, "%-*s", columns(at + match.rm_so,
						 (size_t)(match.rm_eo - match.rm_so)), "~");
		if (!skip) {  /* an empty match: step over one byte */
			buf_append(&out, at + match.rm_so, 1);
			skip = (size_t)match.rm_so + 1;
		}
		flags = at[skip - 1] == '\n' ? 0 : REG_NOTBOL;
		at += skip;
	}
	buf_append_str(&out, at);
	regfree(&compiled);
	buf_release(text);
	*text = out;
	return 0;
}

static int masked_screen(struct script *script, struct buf *text)
{
	char *screen;
	int rc = 0;

	term_drain(script->term);
	screen = term_text(script->term);
	buf_append_str(text, screen);
	free(screen);
	for (int i = 0; i < script->n_masks && !rc; i++)
		rc = apply_mask(script, script->masks[i], text);
	return rc;
}

static int write_golden(struct script *script, const char *path, const struct buf *text)
{
	FILE *out = fopen(path, "w");

	if (!out)
		return script_fail(script, "%s: %s", path, strerror(errno));
	fwrite(text->data, 1, text->len, out);
	fclose(out);
	return 0;
}

static int compare(struct script *script, const char *path, const struct buf *text)
{
	struct buf want = BUF_INIT(GOLDEN_CEILING);
	char line[8192];
	FILE *in = fopen(path, "r");
	int rc = 0;

	if (!in)
		return script_fail(script, "%s: %s (make it with GOLDEN_UPDATE=1)", path,
				   strerror(errno));
	while (fgets(line, sizeof(line), in))
		buf_append_str(&want, line);
	fclose(in);
	if (want.len != text->len || memcmp(want.data, text->data, text->len)) {
		const char *w = want.data ? want.data : "";
		const char *h = text->data;
		int row = 0;

		while (*w && *w == *h) {
			row += *w == '\n';
			w++, h++;
		}
		rc = script_fail(script, "differs from %s in row %d, from here on:\n"
				 "# want: %.*s\n# have: %.*s", path, row,
				 (int)strcspn(w, "\n"), w, (int)strcspn(h, "\n"), h);
	}
	buf_release(&want);
	return rc;
}

int script_golden(struct script *script, const char *name)
{
	struct buf text = BUF_INIT(GOLDEN_CEILING);
	char path[4096];
	int rc;

	snprintf(path, sizeof(path), "%s/%s.txt", script->golden_dir, name);
	rc = masked_screen(script, &text);
	if (!rc)
		rc = getenv("GOLDEN_UPDATE") ? write_golden(script, path, &text)
					     : compare(script, path, &text);
	buf_release(&text);
	return rc;
}
