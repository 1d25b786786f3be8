# tui/: main, the terminal, the screen, the panes.

# The situation without a screen: no ncurses.
noinst_LIBRARIES += tui/libplain.a
tui_libplain_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
tui_libplain_a_SOURCES = \
	tui/check.c tui/check.h \
	tui/once.c tui/once_json.c tui/once.h \
	tui/plain.c tui/plain.h
PLAIN_LIBS = tui/libplain.a

bin_PROGRAMS += sitrep
sitrep_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS) $(JANSSON_CFLAGS) $(NCURSESW_CFLAGS)
sitrep_SOURCES = \
	tui/app.c tui/app.h \
	tui/headless.c tui/headless.h \
	tui/layout.c tui/layout.h \
	tui/main.c \
	tui/options.c tui/options.h \
	tui/term.c tui/term.h \
	tui/world.c tui/world.h
nodist_sitrep_SOURCES = themes/themes_data.c
sitrep_LDADD = $(PLAIN_LIBS) $(BACKENDS_LIBS) $(INCIDENT_LIBS) $(WIDGETS_LIBS)
