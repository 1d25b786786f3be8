# tui/

# The situation without a screen: no ncurses.
noinst_LIBRARIES += tui/libplain.a
tui_libplain_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
tui_libplain_a_SOURCES = \
	tui/check.c tui/check.h \
	tui/once.c tui/once_json.c tui/once.h \
	tui/plain.c tui/plain.h
PLAIN_LIBS = tui/libplain.a
