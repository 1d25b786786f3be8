# tui/: main, the terminal, the screen, the panes.

# The situation without a screen: no ncurses.
noinst_LIBRARIES += tui/libplain.a
tui_libplain_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
tui_libplain_a_SOURCES = \
	tui/check.c tui/check.h \
	tui/once/once.c tui/once/once.h tui/once/parts.c tui/once/parts.h \
	tui/once/cluster.c tui/once/json.c tui/once/outside.c tui/once/postgres.c tui/once/redis.c \
	tui/plain.c tui/plain.h
PLAIN_LIBS = tui/libplain.a

# All but main(), so that tests can link it.
noinst_LIBRARIES += tui/libtui.a
TUI_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS) $(JANSSON_CFLAGS) $(NCURSESW_CFLAGS)
tui_libtui_a_CPPFLAGS = $(TUI_CPPFLAGS)
tui_libtui_a_SOURCES = \
	tui/app.c tui/app.h \
	tui/ask.c \
	tui/climbs.c \
	tui/clipboard.c \
	tui/commands.c tui/commands.h \
	tui/dashboard.c tui/dashboard.h \
	tui/detail.c \
	tui/drill_screen.c tui/drill_screen.h \
	tui/format.c tui/format.h \
	tui/headless.c tui/headless.h \
	tui/host_key.c \
	tui/keys.c tui/keys.h \
	tui/layout.c tui/layout.h \
	tui/menus.c \
	tui/options.c tui/options.h \
	tui/outlet.c tui/outlet.h \
	tui/panes/pane.h tui/panes/panes.c \
	tui/panes/actions.c \
	tui/panes/cost.c \
	tui/panes/hosts.c \
	tui/panes/incidents.c \
	tui/panes/nodes.c \
	tui/panes/pods.c \
	tui/panes/metrics.c \
	tui/panes/probes.c \
	tui/panes/postgres.c \
	tui/panes/redis.c \
	tui/panes/queues.c \
	tui/panes/vendors.c \
	tui/panes/changes.c \
	tui/panes/volumes.c \
	tui/solve.c tui/solve.h \
	tui/state_file.c tui/state_file.h \
	tui/targets.c tui/targets.h \
	tui/term.c tui/term.h \
	tui/themes.c tui/themes.h \
	tui/linear.c \
	tui/looks.c \
	tui/views.c \
	tui/ui.c tui/ui.h tui/ui_private.h \
	tui/ui_draw.c \
	tui/ui_keys.c \
	tui/world.c tui/world.h
nodist_tui_libtui_a_SOURCES = themes/themes_data.c
TUI_LIBS = tui/libtui.a $(PLAIN_LIBS) $(BACKENDS_LIBS) $(INCIDENT_LIBS) $(WIDGETS_LIBS)

bin_PROGRAMS += sitrep
sitrep_CPPFLAGS = $(TUI_CPPFLAGS)
sitrep_SOURCES = tui/main.c
sitrep_LDADD = $(TUI_LIBS)
sitrep_LDFLAGS = $(AM_LDFLAGS) -Wl,--export-dynamic-symbol=_gnutls_global_init_skip
