/* tui/ui_keys.c: from a key to what it does */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "tui/drill_screen.h"
#include "tui/ui_private.h"

#define QUIT_AGAIN_MS 3000

static struct pane *focused(struct ui *ui)
{
	return &ui->panes[ui->focus];
}

static struct table *table_of(struct ui *ui)
{
	struct pane *pane = focused(ui);

	return pane->ops->table ? pane->ops->table(pane) : NULL;
}

static bool selection(struct ui *ui, struct act_target *target)
{
	struct pane *pane = focused(ui);

	return pane->ops->target && pane->ops->target(pane, target);
}

/* ---- moving ---- */

static void move_rows(struct ui *ui, long rows)
{
	struct table *table = table_of(ui);

	if (table)
		table_move(table, rows);
}

static void do_down(struct ui *ui)
{
	move_rows(ui, 1);
}

static void do_up(struct ui *ui)
{
	move_rows(ui, -1);
}

static long page_of(struct ui *ui)
{
	struct table *table = table_of(ui);

	return table && table->page > 1 ? table->page - 1 : 1;
}

static void do_page_down(struct ui *ui)
{
	move_rows(ui, page_of(ui));
}

static void do_page_up(struct ui *ui)
{
	move_rows(ui, -page_of(ui));
}

static void do_top(struct ui *ui)
{
	struct table *table = table_of(ui);

	if (table)
		table_top(table);
}

static void do_bottom(struct ui *ui)
{
	struct table *table = table_of(ui);

	if (table)
		table_bottom(table);
}

static void turn(struct ui *ui, unsigned int step)
{
	unsigned int pane = ui->focus;

	do
		pane = (pane + step) % PANES;
	while (ui_hidden(ui) & IN(pane));
	ui_focus(ui, (enum pane_id)pane);
}

static void do_next_pane(struct ui *ui)
{
	turn(ui, 1);
}

static void do_previous_pane(struct ui *ui)
{
	turn(ui, PANES - 1);
}

static void do_go_incidents(struct ui *ui)
{
	ui_focus(ui, PANE_INCIDENTS);
}

static void do_go_nodes(struct ui *ui)
{
	ui_focus(ui, PANE_NODES);
}

static void do_go_pods(struct ui *ui)
{
	ui_focus(ui, PANE_PODS);
}

static void do_go_redis(struct ui *ui)
{
	ui_focus(ui, PANE_REDIS);
}

static void do_go_postgres(struct ui *ui)
{
	ui_focus(ui, PANE_POSTGRES);
}

static void do_go_queues(struct ui *ui)
{
	ui_focus(ui, PANE_QUEUES);
}

static void do_go_vendors(struct ui *ui)
{
	ui_focus(ui, PANE_VENDORS);
}

static void do_go_probes(struct ui *ui)
{
	ui_focus(ui, PANE_PROBES);
}

static void do_go_actions(struct ui *ui)
{
	ui_focus(ui, PANE_ACTIONS);
}

static void do_go_hosts(struct ui *ui)
{
	ui_focus(ui, PANE_HOSTS);
}

static void do_go_volumes(struct ui *ui)
{
	ui_focus(ui, PANE_VOLUMES);
}

static void do_go_changes(struct ui *ui)
{
	ui_focus(ui, PANE_CHANGES);
}

static void do_go_cost(struct ui *ui)
{
	ui_focus(ui, PANE_COST);
}

static void do_go_metrics(struct ui *ui)
{
	ui_focus(ui, PANE_METRICS);
}

static void do_zoom(struct ui *ui)
{
	ui->zoomed = !ui->zoomed;
	ui->focus_chosen = true;
}

/* ---- looking ---- */

static void ask_about(struct ui *ui, enum query_kind kind)
{
	struct query_request request = {.kind = kind, .follow = kind == QUERY_LOGS};

	if (selection(ui, &request.target))
		detail_open(ui, &request);
}

static void do_describe(struct ui *ui)
{
	struct query_request request = {.kind = QUERY_KEY};
	const char *param, *value;

	if (ui->focus != PANE_REDIS) {
		ask_about(ui, QUERY_DESCRIBE);
		return;
	}
	if (!redis_selected(focused(ui), &param, &value) || strcmp(param, "key")) {
		ui_say(ui, ROLE_WARN, "choose a key: a prefix is many keys");
		return;
	}
	target_set(&request.target, "redis", "", value);
	detail_open(ui, &request);
}

static void do_yaml(struct ui *ui)
{
	ask_about(ui, QUERY_YAML);
}

static void do_events(struct ui *ui)
{
	ask_about(ui, QUERY_EVENTS);
}

static void do_logs(struct ui *ui)
{
	ask_about(ui, QUERY_LOGS);
}

static void do_logs_previous(struct ui *ui)
{
	ask_about(ui, QUERY_LOGS_PREVIOUS);
}

/* The workload behind what is selected: a pod's owner, or what a verdict is about. */
static bool workload_selected(struct ui *ui, struct act_target *target)
{
	const struct verdict *verdict;
	size_t i;

	if (ui->focus != PANE_INCIDENTS)
		return selection(ui, target) && target_owner(ui->app, target, target);
	verdict = incidents_selected(focused(ui));
	if (!verdict)
		return false;
	if (selection(ui, target) && target_owner(ui->app, target, target))
		return true;
	for (i = 0; i < verdict->nactions; i++) {
		*target = verdict->actions[i].request.target;
		if (target_owner(ui->app, target, target))
			return true;
	}
	return false;
}

static void do_changed(struct ui *ui)
{
	struct query_request request = {.kind = QUERY_DIFF};

	if (workload_selected(ui, &request.target) && !strcmp(request.target.kind, "deployment"))
		detail_open(ui, &request);
	else
		ui_say(ui, ROLE_WARN, "no deployment stands behind this");
}

static void tell_story(struct ui *ui)
{
	struct pane *pane = focused(ui);
	char title[300], *text = pane->ops->story(pane, title, sizeof(title));

	if (text)
		detail_text(ui, title, text);
	free(text);
}

static void do_open(struct ui *ui)
{
	const struct verdict *verdict;
	const struct climb *climb;

	if (ui->focus == PANE_INCIDENTS) {
		verdict = incidents_selected(focused(ui));
		if (verdict)
			detail_story(ui, verdict);
	} else if (ui->focus == PANE_ACTIONS) {
		climb = actions_selected(focused(ui));
		if (climb)
			climb_show(ui, climb->id);
	} else if (focused(ui)->ops->story) {
		tell_story(ui);
	} else {
		do_describe(ui);
	}
}

static void do_back(struct ui *ui)
{
	struct pane *pane = focused(ui);
	size_t size;
	char *filter = pane_filter(pane, &size);

	ui->message[0] = '\0';
	if (filter && filter[0]) {
		filter[0] = '\0';
		pane->ops->update(pane, ~0u);
	} else {
		ui->zoomed = false;
	}
}

static void do_filter(struct ui *ui)
{
	size_t size;

	if (pane_filter(focused(ui), &size))
		ask_open(ui, ASK_FILTER);
	else
		ui_say(ui, ROLE_WARN, "this pane has no filter");
}

static void do_palette(struct ui *ui)
{
	ask_open(ui, ASK_COMMAND);
}

static void do_sort(struct ui *ui)
{
	if (focused(ui)->ops->sort)
		focused(ui)->ops->sort(focused(ui));
}

static void do_problems(struct ui *ui)
{
	if (focused(ui)->ops->only_problems)
		focused(ui)->ops->only_problems(focused(ui));
}

static void do_refresh(struct ui *ui)
{
	app_refresh(ui->app);
	ui_say(ui, ROLE_TEXT, "asking every source again");
}

static void do_redraw(struct ui *ui)
{
	term_redraw(ui->term);
}

static void do_hint(struct ui *ui)
{
	if (!drill_screen_hint(ui->drill))
		ui_say(ui, ROLE_WARN, "no hint is left");
}

static void do_quit(struct ui *ui)
{
	const struct climb *climb = ui->app->ladder ? ladder_at(ui->app->ladder, 0) : NULL;
	int64_t now = clock_mono_ms();

	if (climb && climb->rung == RUNG_ACTING && now - ui->quit_asked_ms > QUIT_AGAIN_MS) {
		ui->quit_asked_ms = now;
		ui_say(ui, ROLE_WARN, "an action is under way; q again ends sitrep all the same");
		return;
	}
	ui_quit(ui);
}

/* ---- acting ---- */

static void act_on(struct ui *ui, const struct act_target *target, const char *verb)
{
	struct act_request request = {.target = *target};

	snprintf(request.verb, sizeof(request.verb), "%s", verb);
	climb_start(ui, &request, NULL);
}

static void do_fix(struct ui *ui)
{
	const struct verdict *verdict = incidents_selected(&ui->panes[PANE_INCIDENTS]);

	if (!verdict)
		ui_say(ui, ROLE_TEXT, "no verdict: nothing asks to be fixed");
	else if (!verdict->nactions)
		ui_say(ui, ROLE_WARN, "nothing sitrep can do helps now; Enter tells the runbook");
	else
		climb_start(ui, &verdict->actions[0].request, verdict);
}

/* On a pod's row its node is meant. */
static void act_on_node(struct ui *ui, const char *verb)
{
	struct act_target target;

	if (!selection(ui, &target))
		return;
	if (!strcmp(target.kind, "pod") && !target_node(ui->app, &target, &target))
		ui_say(ui, ROLE_WARN, "this pod has no node");
	else
		act_on(ui, &target, verb);
}

static void do_cordon(struct ui *ui)
{
	act_on_node(ui, "cordon");
}

static void do_uncordon(struct ui *ui)
{
	act_on_node(ui, "uncordon");
}

static void act_on_owner(struct ui *ui, const char *verb)
{
	struct act_target target;

	if (workload_selected(ui, &target))
		act_on(ui, &target, verb);
	else
		ui_say(ui, ROLE_WARN, "no workload owns this pod");
}

static void do_rollout_restart(struct ui *ui)
{
	act_on_owner(ui, "rollout-restart");
}

static void do_rollout_undo(struct ui *ui)
{
	act_on_owner(ui, "rollout-undo");
}

static void do_delete_pod(struct ui *ui)
{
	struct act_target target;

	if (selection(ui, &target))
		act_on(ui, &target, "delete-pod");
}

static void delete_redis(struct ui *ui, const char *wanted, const char *verb)
{
	struct act_request request = {.nparams = 0};
	const char *param, *value;

	if (!redis_selected(focused(ui), &param, &value) || strcmp(param, wanted)) {
		ui_say(ui, ROLE_WARN, "choose a %s first", wanted);
		return;
	}
	snprintf(request.verb, sizeof(request.verb), "%s", verb);
	target_set(&request.target, "redis", "", "");
	if (act_param_set(&request, param, value))
		ui_say(ui, ROLE_WARN, "this name is too long to act on");
	else
		climb_start(ui, &request, NULL);
}

static void do_delete_key(struct ui *ui)
{
	delete_redis(ui, "key", "redis-delete-key");
}

static void do_delete_prefix(struct ui *ui)
{
	delete_redis(ui, "prefix", "redis-delete-prefix");
}

static void do_undo(struct ui *ui)
{
	const struct climb *climb = actions_selected(focused(ui));

	if (!climb || !climb->undo.verb[0])
		ui_say(ui, ROLE_WARN, "this cannot be undone");
	else
		climb_start(ui, &climb->undo, NULL);
}

static void do_cancel(struct ui *ui)
{
	const struct climb *climb = actions_selected(focused(ui));

	if (climb)
		ladder_cancel(ui->app->ladder, climb->id);
}

/* ---- the table ---- */

/* What only texts understand has no row here: detail.c handles it. */
static void (*const handlers[COMMANDS])(struct ui *ui) = {
	[CMD_HELP] = detail_help, [CMD_PALETTE] = do_palette, [CMD_FILTER] = do_filter,
	[CMD_OPEN] = do_open, [CMD_BACK] = do_back, [CMD_DOWN] = do_down, [CMD_UP] = do_up,
	[CMD_PAGE_DOWN] = do_page_down, [CMD_PAGE_UP] = do_page_up, [CMD_TOP] = do_top,
	[CMD_BOTTOM] = do_bottom, [CMD_NEXT_PANE] = do_next_pane,
	[CMD_PREVIOUS_PANE] = do_previous_pane, [CMD_GO_INCIDENTS] = do_go_incidents,
	[CMD_GO_NODES] = do_go_nodes, [CMD_GO_PODS] = do_go_pods, [CMD_GO_REDIS] = do_go_redis,
	[CMD_GO_POSTGRES] = do_go_postgres, [CMD_GO_QUEUES] = do_go_queues,
	[CMD_GO_VENDORS] = do_go_vendors, [CMD_GO_PROBES] = do_go_probes,
	[CMD_GO_VOLUMES] = do_go_volumes, [CMD_GO_HOSTS] = do_go_hosts, [CMD_GO_CHANGES] = do_go_changes,
	[CMD_GO_COST] = do_go_cost, [CMD_GO_METRICS] = do_go_metrics,
	[CMD_GO_ACTIONS] = do_go_actions,
	[CMD_ZOOM] = do_zoom, [CMD_DESCRIBE] = do_describe,
	[CMD_YAML] = do_yaml, [CMD_EVENTS] = do_events, [CMD_LOGS] = do_logs,
	[CMD_LOGS_PREVIOUS] = do_logs_previous, [CMD_CHANGED] = do_changed,
	[CMD_NAMESPACE] = menu_namespaces, [CMD_SORT] = do_sort, [CMD_PROBLEMS] = do_problems,
	[CMD_FIX] = do_fix, [CMD_ACTIONS] = menu_actions, [CMD_CORDON] = do_cordon,
	[CMD_UNCORDON] = do_uncordon, [CMD_ROLLOUT_RESTART] = do_rollout_restart,
	[CMD_ROLLOUT_UNDO] = do_rollout_undo, [CMD_DELETE_POD] = do_delete_pod,
	[CMD_SET_POLICY] = menu_policies, [CMD_DELETE_KEY] = do_delete_key,
	[CMD_DELETE_PREFIX] = do_delete_prefix, [CMD_UNDO] = do_undo, [CMD_CANCEL] = do_cancel,
	[CMD_TRUST_KEY] = host_key_open, [CMD_HINT] = do_hint, [CMD_COPY] = looks_copy,
	[CMD_BOOKMARK] = views_keep,
	[CMD_VIEW] = views_choose, [CMD_THEME] = looks_theme, [CMD_MOUSE] = looks_mouse,
	[CMD_REFRESH] = do_refresh, [CMD_REDRAW] = do_redraw,
	[CMD_QUIT] = do_quit,
};

/* What a command of the focused pane would act on is there. */
static bool has_object(struct ui *ui, const struct command *command)
{
	const struct verdict *verdict = incidents_selected(&ui->panes[PANE_INCIDENTS]);
	const char *param, *value;
	struct act_target target;

	if (command->id == CMD_FIX)
		return verdict && verdict->nactions;
	if (command->id == CMD_ACTIONS)
		return menu_has_actions(ui);
	if (command->id == CMD_TRUST_KEY)
		return host_key_is_unknown(ui);
	if (command->id == CMD_CHANGED)
		return workload_selected(ui, &target) && !strcmp(target.kind, "deployment");
	if (!(command->flags & COMMAND_SELECTION))
		return true;
	if (ui->focus == PANE_REDIS)
		return redis_selected(focused(ui), &param, &value) && !strcmp(param, "key");
	return ui->focus == PANE_INCIDENTS ? verdict != NULL : selection(ui, &target);
}

bool ui_works(struct ui *ui, const struct command *command)
{
	struct modal *modal = ui_top(ui);

	if (!ask_offers(ui, command, ui_where(ui)))
		return false;
	if (modal)
		return !modal->ops->offers || modal->ops->offers(modal, command->id);
	return has_object(ui, command);
}

void ui_command(struct ui *ui, const struct command *command)
{
	struct modal *modal = ui_top(ui);
	struct act_target target;

	if ((command->flags & COMMAND_MUTATES) && ui_read_only(ui)) {
		ui_say(ui, ROLE_WARN, "read-only: this screen changes nothing");
		return;
	}
	if (modal && modal->ops->command && modal->ops->command(modal, command->id))
		return;
	if (!modal && (command->flags & COMMAND_SELECTION) && ui->focus != PANE_INCIDENTS &&
	    !selection(ui, &target)) {
		ui_say(ui, ROLE_TEXT, "nothing is selected");
		return;
	}
	/* What one looks at or acts on stays selected, whatever comes in front of it. */
	if (!modal && (command->flags & COMMAND_SELECTION))
		move_rows(ui, 0);
	if (handlers[command->id])
		handlers[command->id](ui);
}

void ui_key(struct ui *ui, int key)
{
	struct modal *modal = ui_top(ui);
	const struct command *command;

	if (key == KEY_MOUSE) {
		looks_click(ui);
		return;
	}
	if (ui->ask != ASK_NOTHING) {
		ask_key(ui, key);
		return;
	}
	if (modal && modal->ops->key && modal->ops->key(modal, key))
		return;
	command = command_for_key(key, ui_where(ui));
	if (!command)
		return;
	ui->message[0] = '\0';
	ui_command(ui, command);
}
