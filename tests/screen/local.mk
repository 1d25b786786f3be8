# tests/screen/: programs on a real pseudo-terminal, read back through libvterm.
if HAVE_VTERM
SCREEN_CPPFLAGS = $(AM_CPPFLAGS) $(VTERM_CFLAGS)
SCREEN_LIBS = core/libcore.a $(VTERM_LIBS) -lutil
SCREEN_TERM = \
	tests/screen/proc.c tests/screen/proc.h \
	tests/screen/term.c tests/screen/term.h tests/screen/term_parts.h \
	tests/screen/term_keys.c \
	tests/screen/term_start.c \
	tests/screen/term_text.c

check_PROGRAMS += tests/screen/vtdrive
tests_screen_vtdrive_CPPFLAGS = $(SCREEN_CPPFLAGS)
tests_screen_vtdrive_LDADD = $(SCREEN_LIBS)
tests_screen_vtdrive_SOURCES = $(SCREEN_TERM) \
	tests/screen/golden.c \
	tests/screen/script.c tests/screen/script.h \
	tests/screen/script_verbs.c tests/screen/script_verbs.h \
	tests/screen/vtdrive.c

check_PROGRAMS += tests/screen/vtmeasure
tests_screen_vtmeasure_CPPFLAGS = $(SCREEN_CPPFLAGS) $(JANSSON_CFLAGS)
tests_screen_vtmeasure_LDADD = $(SCREEN_LIBS) $(JANSSON_LIBS)
tests_screen_vtmeasure_SOURCES = $(SCREEN_TERM) tests/screen/vtmeasure.c

check_PROGRAMS += tests/screen/tiny
tests_screen_tiny_CPPFLAGS = $(AM_CPPFLAGS) $(NCURSESW_CFLAGS)
tests_screen_tiny_LDADD = $(NCURSESW_LIBS)

SCREEN_TESTS = \
	tests/screen/test_drills.sh \
	tests/screen/test_outside.sh \
	tests/screen/test_panes.sh \
	tests/screen/test_golden.sh \
	tests/screen/test_host_key.sh \
	tests/screen/test_linear.sh \
	tests/screen/test_looks.sh \
	tests/screen/test_role.sh \
	tests/screen/test_terminal.sh \
	tests/screen/test_vtdrive.sh
dist_check_SCRIPTS += $(SCREEN_TESTS)
TESTS += $(SCREEN_TESTS)
EXTRA_DIST += tests/screen/lib.sh tests/screen/masks.vt $(GOLDEN_SCREENS)
GOLDEN_SCREENS = \
	tests/screen/golden/healthy-100x30.txt \
	tests/screen/golden/healthy-120x35.txt \
	tests/screen/golden/healthy-200x50.txt \
	tests/screen/golden/healthy-40x10.txt \
	tests/screen/golden/healthy-80x24.txt \
	tests/screen/golden/healthy-ascii-100x30.txt \
	tests/screen/golden/healthy-ascii-120x35.txt \
	tests/screen/golden/healthy-ascii-200x50.txt \
	tests/screen/golden/healthy-ascii-40x10.txt \
	tests/screen/golden/healthy-ascii-80x24.txt \
	tests/screen/golden/redis-full-100x30.txt \
	tests/screen/golden/redis-full-120x35.txt \
	tests/screen/golden/redis-full-200x50.txt \
	tests/screen/golden/redis-full-40x10.txt \
	tests/screen/golden/redis-full-80x24.txt \
	tests/screen/golden/redis-full-ascii-100x30.txt \
	tests/screen/golden/redis-full-ascii-120x35.txt \
	tests/screen/golden/redis-full-ascii-200x50.txt \
	tests/screen/golden/redis-full-ascii-40x10.txt \
	tests/screen/golden/redis-full-ascii-80x24.txt
endif
