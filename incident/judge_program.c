/* incident/judge_program.c: see judge_program.h */
#include "incident/judge_program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/embed.h"
#include "incident/judge_words.h"

extern const struct embed_file incident_prelude[];

#define PROGRAM_MAX (4u << 20)         /* bytes of jq */

/* A rule that fails or gives nothing must not end the others. */
static const char program_head[] =
	".now as $now | .chosen as $chosen | .facts as $doc\n"
	"| def _try(f): [first(try (f | [.]) catch {error: tostring})][0];\n";

/* A rule ends with a newline, so that a comment in it ends too. */
static void put_rule(struct buf *buf, const char *rule)
{
	if (rule)
		buf_printf(buf, "_try($doc|(%s\n))", rule);
	else
		buf_append_str(buf, "null");
}

/* The end of the rule that starts after "\(": where its parenthesis closes, or the text's end. */
static const char *rule_end(const char *at)
{
	bool quoted = false;
	int depth = 1;

	for (; *at; at++) {
		if (quoted && *at == '\\' && at[1])
			at++;
		else if (*at == '"')
			quoted = !quoted;
		else if (!quoted && *at == '(')
			depth++;
		else if (!quoted && *at == ')' && --depth == 0)
			break;
	}
	return at;
}

/* Plain text becomes a jq string: quotes and newlines are escaped, \(rule) stays. */
static void put_quoted(struct buf *buf, const char *text)
{
	buf_append_str(buf, "\"");
	while (*text) {
		if (text[0] == '\\' && text[1] == '(') {
			const char *end = rule_end(text + 2);

			buf_printf(buf, "\\(%.*s\n)", (int)(end - text - 2), text + 2);
			text = *end ? end + 1 : end;
			continue;
		}
		if (*text == '\n')
			buf_append_str(buf, "\\n");
		else if (*text == '"' || *text == '\\')
			buf_printf(buf, "\\%c", *text);
		else
			buf_append(buf, text, 1);
		text++;
	}
	buf_append_str(buf, "\"");
}

static void put_template(struct buf *buf, const char *text)
{
	if (!text) {
		buf_append_str(buf, "null");
		return;
	}
	buf_append_str(buf, "_try($doc|");
	put_quoted(buf, text);
	buf_append_str(buf, ")");
}

static void put_actions(struct buf *buf, const struct mode *mode)
{
	for (size_t i = 0; i < mode->nactions; i++) {
		const struct mode_action *action = &mode->actions[i];

		buf_append_str(buf, i ? ",\n[" : "[");
		put_rule(buf, action->when ? action->when : "true");
		buf_append_str(buf, ",");
		put_template(buf, action->target);
		buf_append_str(buf, ",");
		put_template(buf, action->label);
		buf_append_str(buf, ",[");
		for (size_t j = 0; j < action->nparams; j++) {
			buf_append_str(buf, j ? "," : "");
			put_template(buf, action->params[j].value);
		}
		buf_append_str(buf, "]]");
	}
}

static void put_candidate(struct buf *buf, const struct mode *mode)
{
	buf_append_str(buf, "{s:");
	put_template(buf, mode->subject);
	buf_append_str(buf, ",h:");
	put_template(buf, mode->headline);
	buf_append_str(buf, ",t:");
	put_rule(buf, mode->since);
	buf_append_str(buf, ",\ne:[");
	for (size_t i = 0; i < mode->nevidence; i++) {
		buf_append_str(buf, i ? ",\n[" : "[");
		put_rule(buf, mode->evidence[i].expr);
		buf_append_str(buf, ",");
		put_template(buf, mode->evidence[i].text);
		buf_append_str(buf, "]");
	}
	buf_append_str(buf, "],\nc:[");
	for (size_t i = 0; i < mode->nclocks; i++) {
		buf_append_str(buf, i ? ",\n[" : "[");
		put_template(buf, mode->clocks[i].label);
		buf_append_str(buf, ",");
		put_rule(buf, mode->clocks[i].from);
		buf_append_str(buf, ",");
		put_rule(buf, mode->clocks[i].seconds);
		buf_append_str(buf, "]");
	}
	buf_append_str(buf, "],\na:[");
	put_actions(buf, mode);
	buf_append_str(buf, "]}");
}

static void put_mode(struct buf *buf, const struct mode *mode)
{
	if (!mode->each) {
		buf_append_str(buf, "(null as $it | [");
		put_candidate(buf, mode);
		buf_append_str(buf, "])");
		return;
	}
	buf_printf(buf, "(_try($doc|[limit(%d; (%s\n))]) as $each\n"
		   "| if ($each | type) == \"array\" then [($each[0])[] as $it | ",
		   PROGRAM_CANDIDATES_MAX, mode->each);
	put_candidate(buf, mode);
	buf_append_str(buf, "] else $each end)");
}

static void put_head(struct buf *buf)
{
	buf_append_str(buf, program_head);
	buf_append(buf, incident_prelude[0].data, incident_prelude[0].len);
}

/* jq's messages, the first of which says what is wrong. */
static void keep_first_message(void *arg, jv message)
{
	char **first = arg;

	if (!*first && jv_get_kind(message) == JV_KIND_STRING)
		*first = xstrdup(jv_string_value(message));
	jv_free(message);
}

/* jq speaks of shells and of lines of a program that nobody has seen: keep what helps. */
static void clean_message(char *message)
{
	static const char *const cuts[] = {" (Unix shell quoting", " at <top-level>", "\n"};
	static const char prefix[] = "jq: error: ";

	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		char *cut = strstr(message, cuts[i]);

		if (cut)
			*cut = '\0';
	}
	if (strncmp(message, prefix, sizeof(prefix) - 1) == 0)
		memmove(message, message + sizeof(prefix) - 1,
			strlen(message + sizeof(prefix) - 1) + 1);
}

/* *ret_message, when given and it fails, is the caller's. */
static jq_state *compile(const char *program, jv profile, char **ret_message)
{
	char *message = NULL;
	jq_state *jq = jq_init();
	int ok;

	if (!jq) {
		jv_free(profile);
		return NULL;
	}
	jq_set_error_cb(jq, keep_first_message, &message);
	ok = jq_compile_args(jq, program, jv_object_set(jv_object(), jv_string("profile"),
							profile));
	jq_set_error_cb(jq, NULL, NULL);
	if (!ok)
		jq_teardown(&jq);
	if (message)
		clean_message(message);
	if (!ok && ret_message)
		*ret_message = message;
	else
		free(message);
	return ok ? jq : NULL;
}

/* One string of a mode, alone. */
struct piece {
	const char *text;          /* NULL = not given */
	const char *what;
	int line;
	bool template_;
};

/* -EINVAL with err when this piece alone doesn't compile. */
static int blame_piece(const struct mode *mode, const struct piece *piece, jv profile,
		       struct err *err)
{
	struct buf program = BUF_INIT(PROGRAM_MAX);
	char *message = NULL;
	jq_state *jq;

	if (!piece->text) {
		jv_free(profile);
		return 0;
	}
	put_head(&program);
	buf_append_str(&program, "null as $it | ");
	if (piece->template_)
		put_template(&program, piece->text);
	else
		put_rule(&program, piece->text);
	jq = compile(program.data, profile, &message);
	buf_release(&program);
	if (jq) {
		jq_teardown(&jq);
		return 0;
	}
	err_set(err, -EINVAL, "%s:%d: %s: %s", mode->file, piece->line, piece->what,
		message ? message : "jq has no memory");
	free(message);
	return -EINVAL;
}

static int blame_pieces(const struct mode *mode, const struct piece *pieces, size_t len,
			jv profile, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < len; i++)
		rc = blame_piece(mode, &pieces[i], jv_copy(profile), err);
	return rc;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int blame_parts(const struct mode *mode, jv profile, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < mode->nevidence; i++) {
		const struct mode_evidence *part = &mode->evidence[i];
		const struct piece pieces[] = {{part->text, "evidence: text", part->line, true},
					       {part->expr, "evidence: if", part->line, false}};

		rc = blame_pieces(mode, pieces, COUNT(pieces), profile, err);
	}
	for (size_t i = 0; rc == 0 && i < mode->nclocks; i++) {
		const struct mode_clock *part = &mode->clocks[i];
		const struct piece pieces[] = {{part->label, "clocks: label", part->line, true},
					       {part->from, "clocks: from", part->line, false},
					       {part->seconds, "clocks: seconds", part->line,
						false}};

		rc = blame_pieces(mode, pieces, COUNT(pieces), profile, err);
	}
	for (size_t i = 0; rc == 0 && i < mode->nactions; i++) {
		const struct mode_action *part = &mode->actions[i];
		const struct piece pieces[] = {{part->label, "actions: label", part->line, true},
					       {part->target, "actions: target", part->line, true},
					       {part->when, "actions: when", part->line, false}};

		rc = blame_pieces(mode, pieces, COUNT(pieces), profile, err);
		for (size_t j = 0; rc == 0 && j < part->nparams; j++) {
			const struct piece param = {part->params[j].value, "actions: params",
						    part->line, true};

			rc = blame_pieces(mode, &param, 1, profile, err);
		}
	}
	return rc;
}

static bool compiles_alone(const struct mode *mode, jv profile)
{
	struct buf program = BUF_INIT(PROGRAM_MAX);
	jq_state *jq;

	put_head(&program);
	put_mode(&program, mode);
	jq = compile(program.data, profile, NULL);
	buf_release(&program);
	if (!jq)
		return false;
	jq_teardown(&jq);
	return true;
}

/* The whole doesn't compile: find the piece that doesn't either, mode by mode. */
static int blame(const struct catalogue *cat, jv profile, const char *message, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < cat->len; i++) {
		const struct mode *mode = &cat->modes[i];
		const struct piece pieces[] = {{mode->each, "each", mode->each_line, false},
					       {mode->subject, "subject", mode->line, true},
					       {mode->headline, "headline", mode->line, true},
					       {mode->since, "since", mode->line, false}};

		if (compiles_alone(mode, jv_copy(profile)))
			continue;
		rc = blame_pieces(mode, pieces, COUNT(pieces), profile, err);
		if (rc == 0)
			rc = blame_parts(mode, profile, err);
	}
	if (rc == 0)
		rc = err_set(err, -EINVAL, "the catalogue's rules don't compile together: %s",
			     message ? message : "jq has no memory");
	return rc;
}

int program_compile(const struct catalogue *cat, jv profile, jq_state **ret, struct err *err)
{
	struct buf program = BUF_INIT(PROGRAM_MAX);
	char *message = NULL;
	int rc = 0;

	put_head(&program);
	buf_append_str(&program, cat->len ? "" : "empty");
	for (size_t i = 0; i < cat->len; i++) {
		buf_printf(&program, "%s if $chosen[%zu] then ", i ? ",\n" : "", i);
		put_mode(&program, &cat->modes[i]);
		buf_append_str(&program, " else null end");
	}
	*ret = compile(program.data, jv_copy(profile), &message);
	buf_release(&program);
	if (!*ret)
		rc = blame(cat, profile, message, err);
	jv_free(profile);
	free(message);
	return rc;
}

json_t *program_words(const struct catalogue *cat)
{
	struct buf program = BUF_INIT(PROGRAM_MAX);
	json_t *words = json_object();
	bool named = true;

	put_head(&program);
	words_add(words, program.data);
	for (size_t i = 0; i < cat->len && named; i++) {
		buf_clear(&program);
		put_mode(&program, &cat->modes[i]);
		words_add(words, program.data);
		named = words_name_all(program.data);
	}
	buf_release(&program);
	if (named)
		return words;
	json_decref(words);
	return NULL;
}
