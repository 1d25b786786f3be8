/* tui/panes/postgres.c: one database by its two ways, what goes on in it, and what looking costs. */
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/clock.h"
#include "tui/panes/pane.h"

#define STORY_MAX (64 * 1024)
#define LABEL 9
#define LONG_S 300                 /* a transaction this old holds up vacuum and migrations */
#define LONG_IDLE_S 60             /* the same, doing nothing */
#define SPARKS 16
#define SPARKS_LEAST 6

struct state_look {
	enum role role;
	const char *mark, *words;
};

static const struct state_look looks[POSTGRES_STATES] = {
	[POSTGRES_UNKNOWN] = {ROLE_UNKNOWN, "?", "not looked at yet"},
	[POSTGRES_OK] = {ROLE_OK, "●", "ok"},
	[POSTGRES_ASLEEP] = {ROLE_DIM, "○", "asleep"},
	[POSTGRES_WAKING] = {ROLE_WARN, "◐", "waking up"},
	[POSTGRES_STARTING] = {ROLE_WARN, "◐", "starting"},
	[POSTGRES_QUOTA] = {ROLE_BAD, "!", "quota used up"},
	[POSTGRES_REFUSED] = {ROLE_BAD, "!", "refused"},
	[POSTGRES_FULL] = {ROLE_BAD, "!", "no connection left"},
	[POSTGRES_NO_DATABASE] = {ROLE_BAD, "!", "no such database"},
	[POSTGRES_NO_ENDPOINT] = {ROLE_BAD, "!", "no such endpoint"},
	[POSTGRES_NO_COMPUTE] = {ROLE_BAD, "!", "no server behind it"},
	[POSTGRES_TLS_FAILED] = {ROLE_BAD, "!", "TLS failed"},
	[POSTGRES_NO_NAME] = {ROLE_BAD, "!", "name unknown"},
	[POSTGRES_NO_LINK] = {ROLE_BAD, "!", "no way there"},
	[POSTGRES_CLOSED] = {ROLE_BAD, "!", "closed"},
	[POSTGRES_TIMEOUT] = {ROLE_BAD, "!", "no answer"},
	[POSTGRES_DROPPED] = {ROLE_BAD, "!", "dropped"},
	[POSTGRES_BROKEN] = {ROLE_BAD, "!", "not Postgres"},
	[POSTGRES_ERROR] = {ROLE_BAD, "!", "error"},
};

static const struct postgres *model_of(const struct pane *pane)
{
	return &pane->app->sit.postgres;
}

static const char *title_of(const struct postgres *postgres)
{
	return postgres->title ? postgres->title : "Postgres";
}

/* What was found ill stands until something else is found; what was found well grows stale. */
static bool is_stale(const struct postgres_way *way)
{
	return way->state == POSTGRES_OK && freshness_at(&way->fresh, clock_wall_ms()) != FRESH_OK;
}

/* "12ms", one digit more below ten; coarse, so that an idle screen stays idle. */
static const char *duration(int64_t us, char *buf, size_t size)
{
	if (us < 0)
		snprintf(buf, size, "-");
	else if (us < 1000)
		snprintf(buf, size, "<1ms");
	else if (us < 100000)
		snprintf(buf, size, "%lldms", (long long)(us / 1000));
	else if (us < 1000000)
		snprintf(buf, size, "%lldms", (long long)(us / 10000 * 10));
	else
		snprintf(buf, size, "%.1fs", (double)us / 1e6);
	return buf;
}

static int label(const struct canvas *canvas, int y, const char *text)
{
	draw_fill(canvas, y, 0, canvas->width, ROLE_TEXT);
	draw_text(canvas, y, 0, LABEL, ROLE_DIM, true, text);
	return LABEL;
}

static void steps_text(const struct postgres_way *way, char *buf, size_t size)
{
	char text[16];
	size_t used = 0;
	int i;

	buf[0] = '\0';
	for (i = 0; i < POSTGRES_QUERY && used < size; i++)
		if (way->step_us[i] >= 0)
			used += (size_t)snprintf(buf + used, size - used, "  %s %s",
						 postgres_step_name((enum postgres_step)i),
						 duration(way->step_us[i], text, sizeof(text)));
}

static int draw_steps(const struct canvas *canvas, int y, int x, const struct postgres_way *way)
{
	char text[16];
	int i;

	for (i = 0; i < POSTGRES_QUERY; i++)
		if (way->step_us[i] >= 0)
			x = draw_piece(canvas, y, x, ROLE_DIM, "  %s %s",
				       postgres_step_name((enum postgres_step)i),
				       duration(way->step_us[i], text, sizeof(text)));
	return x;
}

/* How tall the sparkline is: what is usual stays low in it. */
static int64_t tallest(const struct postgres_way *way, int64_t *values)
{
	int64_t most = 1000, least = INT64_MAX;
	int i;

	for (i = 0; i < way->history_len; i++) {
		values[i] = way->history[(way->history_at + POSTGRES_HISTORY - way->history_len +
					  i) % POSTGRES_HISTORY];
		most = values[i] > most ? values[i] : most;
		least = values[i] >= 0 && values[i] < least ? values[i] : least;
	}
	if (least < INT64_MAX && most < least * 4)
		most = least * 4;
	/* A look that failed stands as tall as the slowest. */
	for (i = 0; i < way->history_len; i++)
		values[i] = values[i] < 0 ? most : values[i];
	return most;
}

static void draw_way(const struct canvas *canvas, int y, const char *name,
		     const struct postgres_way *way)
{
	const struct state_look *look = &looks[way->state];
	enum role role = is_stale(way) ? ROLE_STALE : look->role;
	int64_t values[POSTGRES_HISTORY], most;
	char trip[16];
	int x = label(canvas, y, name), sparks;

	x += draw_printf(canvas, y, x, canvas->width - x, role, "%s %s", is_stale(way) ? "?" :
			 look->mark, look->words);
	if (way->state == POSTGRES_OK) {
		x += draw_printf(canvas, y, x, canvas->width - x, role, "  %s ",
				 duration(way->step_us[POSTGRES_QUERY], trip, sizeof(trip)));
		most = tallest(way, values);
		sparks = canvas->width - x < SPARKS ? canvas->width - x : SPARKS;
		if (sparks >= SPARKS_LEAST) {
			sparkline_draw(canvas, y, x, sparks, role, values, way->history_len, most);
			x += way->history_len < sparks ? way->history_len : sparks;
		}
		if (way->slow_start)
			x = draw_piece(canvas, y, x, ROLE_WARN, "  woken");
		draw_steps(canvas, y, x, way);
		return;
	}
	if (way->error[0] && way->state != POSTGRES_ASLEEP && way->state != POSTGRES_WAKING)
		draw_printf(canvas, y, x, canvas->width - x, role, " at %s: %s",
			    postgres_step_name(way->failed_step), way->error);
	else if (way->fresh.reason[0])
		draw_printf(canvas, y, x, canvas->width - x, ROLE_DIM, "  %s", way->fresh.reason);
}

static enum role room_role(const struct postgres *postgres, int64_t room)
{
	if (room > 0 && postgres->connections * 10 >= room * 9)
		return ROLE_BAD;
	return room > 0 && postgres->connections * 4 >= room * 3 ? ROLE_WARN : ROLE_TEXT;
}

static void draw_connections(const struct canvas *canvas, int y, const struct postgres *postgres)
{
	int64_t room = postgres->max_connections - postgres->reserved;
	enum role role = pane_role(&postgres->fresh, room_role(postgres, room));
	int x = label(canvas, y, "sessions");

	if (!postgres->fresh.as_of_ms) {
		draw_text(canvas, y, x, canvas->width - x, ROLE_UNKNOWN, false, "?");
		return;
	}
	x += draw_printf(canvas, y, x, canvas->width - x, role, "%lld of %lld",
			 (long long)postgres->connections, (long long)room);
	if (postgres->waiting)
		x = draw_piece(canvas, y, x, ROLE_WARN, ", %lld wait", (long long)postgres->waiting);
	if (postgres->in_transaction)
		x = draw_piece(canvas, y, x, role, ", %lld idle in transaction",
			       (long long)postgres->in_transaction);
	x = draw_piece(canvas, y, x, pane_role(&postgres->fresh, ROLE_DIM),
		       ", %lld active, %lld idle", (long long)postgres->active,
		       (long long)postgres->idle);
	if (postgres->hidden)
		draw_piece(canvas, y, x, ROLE_UNKNOWN, ", %lld not ours to see",
			   (long long)postgres->hidden);
}

/* "20240611 behind 20240702" */
static enum role goose_text(const struct postgres *postgres, char *buf, size_t size)
{
	long long version = postgres->goose_version, expected = postgres->goose_expected;

	switch (postgres->goose) {
	case GOOSE_OK:
		snprintf(buf, size, "%lld, as expected", version);
		return ROLE_TEXT;
	case GOOSE_UNCHECKED:
		snprintf(buf, size, "%lld", version);
		return ROLE_TEXT;
	case GOOSE_BEHIND:
		snprintf(buf, size, "%lld, behind: %lld is expected", version, expected);
		return ROLE_BAD;
	case GOOSE_AHEAD:
		snprintf(buf, size, "%lld, ahead: %lld is expected", version, expected);
		return ROLE_WARN;
	case GOOSE_MISSING:
		snprintf(buf, size, "no migration has ever run");
		return ROLE_BAD;
	case GOOSE_REFUSED:
		snprintf(buf, size, "not ours to read");
		return ROLE_UNKNOWN;
	case GOOSE_UNKNOWN:
		break;
	}
	snprintf(buf, size, "?");
	return ROLE_UNKNOWN;
}

static void draw_schema(const struct canvas *canvas, int y, const struct postgres *postgres)
{
	char text[120], age[32];
	enum role role = goose_text(postgres, text, sizeof(text));
	int x = label(canvas, y, "schema"), building = 0, i;

	x += draw_text(canvas, y, x, canvas->width - x, pane_role(&postgres->fresh, role), false,
		       text);
	if (postgres->lock.held)
		x += draw_printf(canvas, y, x, canvas->width - x,
				 postgres->lock.idle_s > LONG_IDLE_S ? ROLE_BAD : ROLE_WARN,
				 ", locked by %s, quiet for %s", postgres->lock.holder[0]
				 ? postgres->lock.holder : "a session",
				 clock_format_age(postgres->lock.idle_s * 1000, age));
	for (i = 0; i < postgres->nindexes; i++)
		building += postgres->indexes[i].building;
	if (postgres->nindexes > building)
		draw_printf(canvas, y, x, canvas->width - x, ROLE_BAD, ", invalid index %s%s",
			    postgres->indexes[0].name, postgres->nindexes - building > 1
			    ? " and more" : "");
}

/* What looking costs, and when it is done next. */
static void draw_cost(const struct canvas *canvas, int y, const struct postgres *postgres)
{
	int64_t left = postgres->next_look_ms - clock_wall_ms();
	char age[CLOCK_TEXT];
	int x = label(canvas, y, "looking");

	x += draw_printf(canvas, y, x, canvas->width - x, ROLE_DIM, "%lld connection%s this hour",
			 (long long)postgres->connections_made,
			 postgres->connections_made == 1 ? "" : "s");
	if (postgres->wake_budget < 0)
		return;
	x = draw_piece(canvas, y, x, ROLE_DIM, ", %lld of %lld that may wake it",
		       (long long)postgres->wake_spent, (long long)postgres->wake_budget);
	if (left > 60000)
		draw_piece(canvas, y, x, ROLE_DIM, ", next in %s",
			   clock_format_age(left / 60000 * 60000, age));
}

/* ---- the sessions: who blocks, then who is in a transaction longest ---- */

enum { COL_PID, COL_AGE, COL_STATE, COL_WHO, COL_QUERY };

static const struct table_column columns[] = {
	[COL_PID] = {"PID", 7, 0, 3, true},
	[COL_AGE] = {"IN TX", 6, 0, 0, true},
	[COL_STATE] = {"STATE", 12, 0, 0, false},
	[COL_WHO] = {"WHO", 12, 0, 1, false},
	[COL_QUERY] = {"QUERY", 20, 3, 2, false},
};

static bool is_blocker(const struct postgres *postgres, int64_t pid)
{
	int i;

	for (i = 0; i < postgres->nblockers; i++)
		if (postgres->blockers[i].pid == pid)
			return true;
	return false;
}

/* Who blocks stands there once. NULL = there are no more. */
static const struct postgres_session *session_at(const struct table_pane *view, size_t row)
{
	const struct postgres *postgres = &view->app->sit.postgres;
	int i;

	if (row < (size_t)postgres->nblockers)
		return &postgres->blockers[row];
	row -= (size_t)postgres->nblockers;
	for (i = 0; i < postgres->nlongest; i++)
		if (!is_blocker(postgres, postgres->longest[i].pid) && !row--)
			return &postgres->longest[i];
	return NULL;
}

static size_t count(void *arg)
{
	size_t rows = 0;

	while (session_at(arg, rows))
		rows++;
	return rows;
}

static void key(void *arg, size_t row, char *buf, size_t size)
{
	const struct table_pane *view = arg;
	bool blocker = row < (size_t)view->app->sit.postgres.nblockers;

	snprintf(buf, size, "%s%lld", blocker ? "blocker " : "",
		 (long long)session_at(arg, row)->pid);
}

static enum role session_role(const struct postgres_session *session)
{
	bool idle = !strncmp(session->state, "idle", 4);

	if (session->blocks > 0 && !session->waits)
		return ROLE_BAD;
	return session->age_s > (idle ? LONG_IDLE_S : LONG_S) ? ROLE_WARN : ROLE_TEXT;
}

static void cell(void *arg, size_t row, int column, struct table_cell *ret)
{
	const struct table_pane *view = arg;
	const struct postgres_session *session = session_at(arg, row);
	char age[CLOCK_TEXT];

	ret->role = pane_role(&view->app->sit.postgres.fresh, session_role(session));
	if (column == COL_PID)
		snprintf(ret->text, sizeof(ret->text), "%lld", (long long)session->pid);
	else if (column == COL_AGE && session->age_s >= 0)
		snprintf(ret->text, sizeof(ret->text), "%s",
			 clock_format_age(session->age_s * 1000, age));
	else if (column == COL_STATE && session->blocks > 0)
		snprintf(ret->text, sizeof(ret->text), "blocks %lld", (long long)session->blocks);
	else if (column == COL_STATE)
		snprintf(ret->text, sizeof(ret->text), "%s", session->waits ? "waits for a lock"
			 : !strncmp(session->state, "idle in", 7) ? "idle in tx" : session->state);
	else if (column == COL_WHO)
		snprintf(ret->text, sizeof(ret->text), "%s", session->application[0]
			 ? session->application : session->user);
	else if (column == COL_QUERY)
		snprintf(ret->text, sizeof(ret->text), "%s", session->query);
}

/* The first of them, where there is no room for a table. */
static void draw_session(const struct canvas *canvas, int y, const struct postgres_session *session,
			 const struct freshness *fresh)
{
	char age[CLOCK_TEXT];
	int x;

	if (session_role(session) == ROLE_TEXT)
		return;
	x = label(canvas, y, session->blocks > 0 ? "blocker" : "longest");
	draw_printf(canvas, y, x, canvas->width - x, pane_role(fresh, session_role(session)),
		    "%lld %s, %s for %s: %s", (long long)session->pid, session->application[0]
		    ? session->application : session->user, session->state,
		    clock_format_age(session->age_s * 1000, age), session->query);
}

static void open_pane(struct pane *pane)
{
	table_pane_open(pane, columns, sizeof(columns) / sizeof(columns[0]),
			&(struct table_source){.count = count, .cell = cell, .key = key});
}

static void name_it(const struct postgres *postgres, char *buf, size_t size)
{
	char fresh[240];

	if (!postgres->configured)
		snprintf(buf, size, "Postgres, none configured");
	else
		snprintf(buf, size, "%s%s%.30s%s", title_of(postgres), postgres->version[0] ? " "
			 : "", postgres->version,
			 pane_freshness(&postgres->fresh, fresh, sizeof(fresh)));
}

/* With the way that fails while the other one answers. */
static void heading(struct pane *pane, char *buf, size_t size)
{
	const struct postgres *postgres = model_of(pane);
	const struct postgres_way *direct = &postgres->direct, *pooler = &postgres->pooler;
	size_t used;

	name_it(postgres, buf, size);
	used = strlen(buf);
	if (direct->state == POSTGRES_OK && pooler->error[0])
		snprintf(buf + used, size - used, ", pooler: %s", looks[pooler->state].words);
	else if (pooler->state == POSTGRES_OK && direct->error[0])
		snprintf(buf + used, size - used, ", direct: %s", looks[direct->state].words);
}

static void draw(struct pane *pane, const struct canvas *canvas, bool focused)
{
	const struct postgres *postgres = model_of(pane);
	struct table_pane *view = pane->state;
	struct canvas below;
	int y = 0;

	draw_blank(canvas);
	if (postgres->direct.configured)
		draw_way(canvas, y++, "direct", &postgres->direct);
	if (postgres->pooler.configured)
		draw_way(canvas, y++, "pooler", &postgres->pooler);
	if (!postgres->configured)
		return;
	if (y < canvas->height)
		draw_connections(canvas, y++, postgres);
	if (y < canvas->height)
		draw_schema(canvas, y++, postgres);
	if (y < canvas->height)
		draw_cost(canvas, y++, postgres);
	if (!count(view))
		return;
	if (y + 1 == canvas->height)
		draw_session(canvas, y, session_at(view, 0), &postgres->fresh);
	if (y + 1 >= canvas->height)
		return;
	below = draw_inside(canvas, y, 0, canvas->height - y, canvas->width);
	table_draw(&view->table, &below, focused);
}

static void summary(struct pane *pane, const struct canvas *canvas)
{
	const struct postgres *postgres = model_of(pane);
	const struct postgres_way *list[] = {&postgres->direct, &postgres->pooler};
	static const char *const names[] = {"direct", "pooler"};
	char text[300], trip[16];
	int x, i;

	name_it(postgres, text, sizeof(text));
	x = draw_text(canvas, 0, 0, canvas->width, pane_role(&postgres->fresh, ROLE_TEXT), true,
		      text);
	for (i = 0; i < 2; i++) {
		if (!list[i]->configured)
			continue;
		x = draw_piece(canvas, 0, x, is_stale(list[i]) ? ROLE_STALE
			       : looks[list[i]->state].role, "  %s %s", names[i],
			       list[i]->state == POSTGRES_OK
			       ? duration(list[i]->step_us[POSTGRES_QUERY], trip, sizeof(trip))
			       : looks[list[i]->state].words);
	}
}

static bool target(struct pane *pane, struct act_target *ret)
{
	if (!model_of(pane)->configured)
		return false;
	memset(ret, 0, sizeof(*ret));
	snprintf(ret->kind, sizeof(ret->kind), "postgres");
	return true;
}

/* ---- the whole story ---- */

static void tell_way(struct buf *story, const char *name, const struct postgres_way *way)
{
	char text[160], trip[16], fresh[240];

	if (!way->configured)
		return;
	steps_text(way, text, sizeof(text));
	buf_printf(story, "%-9s %s, %s\n%10s", name, way->where, looks[way->state].words, "");
	if (way->error[0])
		buf_printf(story, "at %s: %s%s%s\n%10s", postgres_step_name(way->failed_step),
			   way->sqlstate, way->sqlstate[0] ? " " : "", way->error, "");
	buf_printf(story, "last look:%s", text);
	if (way->step_us[POSTGRES_QUERY] >= 0)
		buf_printf(story, "  SELECT 1 %s  %s%s",
			   duration(way->step_us[POSTGRES_QUERY], trip, sizeof(trip)), way->tls,
			   pane_freshness(&way->fresh, fresh, sizeof(fresh)));
	buf_append_str(story, "\n");
}

static void tell_sessions(struct buf *story, const char *title,
			  const struct postgres_session *list, int n)
{
	char age[CLOCK_TEXT];
	int i;

	if (n)
		buf_printf(story, "\n%s\n", title);
	for (i = 0; i < n; i++)
		buf_printf(story, "  %lld %s, %s, in its transaction for %s%s\n    %s\n",
			   (long long)list[i].pid, list[i].application[0] ? list[i].application
			   : list[i].user, list[i].state,
			   clock_format_age(list[i].age_s * 1000, age),
			   list[i].waits ? ", waits for a lock" : "", list[i].query);
}

static char *story(struct pane *pane, char *title, size_t size)
{
	const struct postgres *postgres = model_of(pane);
	struct buf text = BUF_INIT(STORY_MAX);
	char schema[120];
	int i;

	if (!postgres->configured)
		return NULL;
	snprintf(title, size, "%s %s", title_of(postgres),
		 postgres->database ? postgres->database : "");
	tell_way(&text, "direct", &postgres->direct);
	tell_way(&text, "pooler", &postgres->pooler);
	goose_text(postgres, schema, sizeof(schema));
	buf_printf(&text, "\n%-9s %s\n%-9s %s\n", "version", postgres->version[0]
		   ? postgres->version : "?", "schema", schema);
	for (i = 0; i < postgres->nindexes; i++)
		buf_printf(&text, "%-9s index %s on %s is %s\n", "", postgres->indexes[i].name,
			   postgres->indexes[i].table, postgres->indexes[i].building
			   ? "being built" : "invalid: its build was broken off");
	if (postgres->lock.held)
		buf_printf(&text, "%-9s the migrations' lock is held by %s (%lld), %lld wait\n", "",
			   postgres->lock.holder[0] ? postgres->lock.holder : "a session",
			   (long long)postgres->lock.pid, (long long)postgres->lock.waiting);
	tell_sessions(&text, "Who blocks others", postgres->blockers, postgres->nblockers);
	tell_sessions(&text, "Longest transactions", postgres->longest, postgres->nlongest);
	return buf_detach(&text);
}

static int wants(struct pane *pane, int width)
{
	(void)width;
	return (int)count(pane->state) + 6;
}

const struct pane_ops pane_postgres = {
	.id = "postgres",
	.open = open_pane,
	.close = table_pane_close,
	.update = table_pane_update,
	.heading = heading,
	.draw = draw,
	.summary = summary,
	.table = table_pane_table,
	.target = target,
	.story = story,
	.wants = wants,
};
