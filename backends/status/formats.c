/* backends/status/formats.c: every kind of status page, one row each, most telling first */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "backends/status/status.h"

#define SNIFF_BYTES 512

/* Some pages speak a second format for compatibility: their own, richer one comes first. */
const struct status_format *const status_formats[] = {
	&status_format_incidentio,
	&status_format_statusio,
	&status_format_instatus,
	&status_format_firehydrant,
	&status_format_statuspage,
	&status_format_feed,
	NULL,
};

static const struct status_format *find(const struct status_body *body, const char *wanted)
{
	const struct status_format *const *format;

	for (format = status_formats; *format; format++)
		if (wanted ? !strcmp((*format)->name, wanted) : (*format)->recognises(body))
			return *format;
	return NULL;
}

/* What it is instead, for the person. */
static const char *other_kind(const struct status_body *body)
{
	char head[SNIFF_BYTES];
	size_t len = body->len < sizeof(head) - 1 ? body->len : sizeof(head) - 1;

	memcpy(head, body->text, len);
	head[len] = '\0';
	if (!len)
		return "the answer is empty";
	if (body->json)
		return "JSON of no kind that is known here";
	if (strcasestr(head, "<html") || strcasestr(head, "<!doctype html"))
		return "a web page, not what machines read";
	return head[strspn(head, " \t\r\n")] == '{' ? "JSON that is cut short or broken"
						    : "of no kind that is known here";
}

int status_read(struct status_page *page, const char *wanted, const char *text, size_t len,
		int64_t now_ms, const struct status_format **ret, struct err *err)
{
	size_t mark = len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;
	struct status_body body = {.text = text + mark, .len = len - mark, .now_ms = now_ms};
	const struct status_format *format;
	int rc;

	if (wanted && !strcmp(wanted, "auto"))
		wanted = NULL;
	body.json = json_loadb(body.text, body.len, JSON_ALLOW_NUL, NULL);
	format = find(&body, wanted);
	if (!format)
		rc = err_set(err, -EBADMSG, "%s", other_kind(&body));
	else if (!format->recognises(&body))
		rc = err_set(err, -EBADMSG, "not %s: %s", format->name, other_kind(&body));
	else
		rc = format->parse(page, &body, err);
	json_decref(body.json);
	if (!rc)
		*ret = format;
	return rc;
}
