# widgets/: draw values into a window by role. ncurses and core's utilities only.
noinst_LIBRARIES += widgets/libwidgets.a
widgets_libwidgets_a_CPPFLAGS = $(AM_CPPFLAGS) $(NCURSESW_CFLAGS)
widgets_libwidgets_a_SOURCES = \
	widgets/bars.c widgets/bars.h \
	widgets/draw.c widgets/draw.h \
	widgets/flow.c widgets/flow.h \
	widgets/menu.c widgets/menu.h \
	widgets/prompt.c widgets/prompt.h \
	widgets/table.c widgets/table.h \
	widgets/text.c widgets/text.h \
	widgets/theme.c widgets/theme.h
WIDGETS_LIBS = widgets/libwidgets.a $(CORE_LIBS) $(NCURSESW_LIBS)
