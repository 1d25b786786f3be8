/* tui/ui_private.h: the dashboard's parts, shared by the files that make it up. */
#ifndef SITREP_TUI_UI_PRIVATE_H
#define SITREP_TUI_UI_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "tui/app.h"
#include "tui/commands.h"
#include "tui/layout.h"
#include "tui/panes/pane.h"
#include "tui/targets.h"
#include "tui/term.h"
#include "widgets/draw.h"
#include "widgets/prompt.h"

#define UI_MODALS_MAX 4

struct ui;
struct modal;
struct drill_screen;
struct clip;
struct linear;

/* Something over the panes: a text, a menu, a dialog. The topmost gets the keys. */
struct modal_ops {
	unsigned int where;        /* the commands that work in it; 0 = its own keys alone */
	const char *keys;          /* those, for the last line; NULL = it shows them itself */
	void (*draw)(struct modal *modal, const struct canvas *canvas);
	/* A key of its own; false = look it up in the command table. MAY be NULL. */
	bool (*key)(struct modal *modal, int key);
	bool (*command)(struct modal *modal, enum command_id command);   /* MAY be NULL */
	/* Whether a command of its place would do something in this one. NULL = all would. */
	bool (*offers)(const struct modal *modal, enum command_id command);
	void (*found)(struct modal *modal, const char *search);          /* MAY be NULL */
	char *(*text)(struct modal *modal);    /* all of it, caller frees; MAY be NULL */
	/* A line typed where there is no screen: true when it was an answer, false when it is a
	 * command and nothing is open any more. NULL = it asks nothing. */
	bool (*answer)(struct modal *modal, const char *line);
	void (*close)(struct modal *modal);                              /* frees state */
};

struct modal {
	const struct modal_ops *ops;
	struct ui *ui;
	void *state;
};

enum ask { ASK_NOTHING, ASK_FILTER, ASK_COMMAND, ASK_SEARCH };

struct ui {
	struct app *app;
	struct terminal *term;     /* NULL: line by line */
	struct linear *linear;     /* NULL: on a screen */
	struct theme theme;
	struct pane panes[PANES];
	enum pane_id focus;
	enum pane_id roomy_focus;  /* where the focus returns to when there is room for panes */
	bool cramped;              /* there is none: the verdict has the focus */
	bool focus_chosen;         /* by the person: it doesn't move by itself any more */
	bool zoomed;
	struct layout layout;
	struct modal modals[UI_MODALS_MAX];
	int nmodals;
	enum ask ask;              /* what the prompt in the last line asks for */
	struct prompt prompt;
	char before[PROMPT_MAX];   /* the filter before it was asked for */
	int completion;            /* which one Tab has given last; -1 = none */
	char stem[PROMPT_MAX];     /* what Tab completes */
	struct strlist history;    /* of the palette, oldest first */
	size_t recalled;           /* which of them the prompt shows; history.len = none */
	char argument[PROMPT_MAX]; /* what followed the command's name in the palette */
	bool mouse;
	struct clip *clip;         /* on its way to tmux; NULL = none */
	int body_y, body_x;        /* of the layout within the window */
	struct drill_screen *drill;
	unsigned int sections;     /* changed since the panes were updated */
	unsigned int stale_sections;   /* and since they were drawn; ~0u = draw everything */
	bool dirty, quitting, gone;
	int64_t frame_ms;          /* monotonic, of the last frame */
	int64_t paid_ms;           /* monotonic: up to when frames have been painted for */
	uint64_t frames, keys;
	bool marks_frames;
	bool told_trouble;         /* of a mode that was left out */
	char message[400];
	enum role message_role;
	int64_t message_until_ms;  /* monotonic */
	int64_t minute;            /* the head line's, when last drawn */
	int64_t quit_asked_ms;
	bool prepared;
	uv_prepare_t prepare;
	uv_timer_t frame_timer, tick, start_timer;
	uv_signal_t signals[3];
	struct err failure;
};

/* ui.c */
void ui_touch(struct ui *ui);                      /* draw again */
void ui_sync(struct ui *ui);                       /* panes know all changes so far */
void ui_say(struct ui *ui, enum role role, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void ui_focus(struct ui *ui, enum pane_id pane);
void ui_quit(struct ui *ui);
bool ui_read_only(const struct ui *ui);
struct modal *ui_open(struct ui *ui, const struct modal_ops *ops, void *state);
void ui_close(struct ui *ui);                      /* the topmost */
struct modal *ui_top(struct ui *ui);               /* NULL = panes alone */
unsigned int ui_where(struct ui *ui);              /* for the command table */

/* ui_draw.c */
/* Draws what shows these sections; ~0u = everything. */
void ui_draw(struct ui *ui, unsigned int sections);
unsigned int ui_hidden(const struct ui *ui);       /* panes of what isn't configured */
bool ui_restless(const struct ui *ui);             /* something on it changes by the second */

/* ui_keys.c */
void ui_key(struct ui *ui, int key);
void ui_command(struct ui *ui, const struct command *command);
/* Whether it would do something here and now. */
bool ui_works(struct ui *ui, const struct command *command);

/* ask.c: the prompt in the last line */
void ask_open(struct ui *ui, enum ask ask);
void ask_open_with(struct ui *ui, enum ask ask, const char *text);
void ask_key(struct ui *ui, int key);

/* As if text had been typed into the palette; and which command that would be. */
void ask_run(struct ui *ui, const char *text);
const struct command *ask_which(struct ui *ui, const char *text);
/* Whether a command works here and now. */
bool ask_offers(const struct ui *ui, const struct command *command, unsigned int where);
/* The nth completion of what stands in the palette; NULL = no more. */
const char *ask_candidate(struct ui *ui, const char *typed, size_t nth, char *buf, size_t size);

/* looks.c: themes, the clipboard, the mouse */
int ui_theme(struct ui *ui, const char *name, struct err *err);
void looks_theme(struct ui *ui);
void looks_copy(struct ui *ui);
void looks_mouse(struct ui *ui);
void looks_click(struct ui *ui);

/* linear.c: the same without a screen, line by line */
int linear_open(struct ui *ui, struct err *err);
void linear_close(struct ui *ui);
void linear_update(struct ui *ui);                 /* says what has changed */
void linear_say(struct ui *ui, const char *text);
bool linear_knows(const struct command *command);

/* clipboard.c */
void clipboard_copy(struct ui *ui, const char *text, size_t len, const char *what);
void clipboard_forget(struct ui *ui);              /* before ui goes */

/* views.c: bookmarks of views */
void views_keep(struct ui *ui);
void views_choose(struct ui *ui);
const char *views_name(struct ui *ui, size_t index, char *buf, size_t size);

/* detail.c: describe, YAML, events, logs, and the told story of a verdict */
void detail_open(struct ui *ui, const struct query_request *request);
void detail_story(struct ui *ui, const struct verdict *verdict);
void detail_help(struct ui *ui);
void detail_text(struct ui *ui, const char *title, const char *text);

/* host_key.c: a machine's unknown host key */
void host_key_open(struct ui *ui);
bool host_key_is_unknown(struct ui *ui);           /* of the selected machine */

/* menus.c */
void menu_namespaces(struct ui *ui);
const char *menu_namespace_name(struct ui *ui, size_t index, char *buf, size_t size);
void menu_actions(struct ui *ui);
bool menu_has_actions(struct ui *ui);              /* whether it would list any */
void menu_policies(struct ui *ui);
/* A list of names to choose one from; name(index) is NULL at the end. */
void menu_names(struct ui *ui, const char *title,
		const char *(*name)(struct ui *ui, size_t index, char *buf, size_t size),
		void (*chosen)(struct ui *ui, const char *name));

/* climbs.c: the dialog of an action */
void climb_start(struct ui *ui, const struct act_request *request,
		 const struct verdict *verdict);
void climb_show(struct ui *ui, uint64_t climb_id);

#endif
