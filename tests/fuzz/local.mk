# tests/fuzz/: readers of foreign bytes against bytes that nobody meant. `make fuzz-libfuzzer` with
# CC=clang builds tests/fuzz/libfuzzer, which goes on for as long as one likes.
FUZZ_CORPUS = \
	tests/fuzz/corpus/json/list tests/fuzz/corpus/json/stream \
	tests/fuzz/corpus/kubeconfig/aliases tests/fuzz/corpus/kubeconfig/all \
	tests/fuzz/corpus/metrics/vmagent \
	tests/fuzz/corpus/resp/info tests/fuzz/corpus/resp/mixed tests/fuzz/corpus/resp/scan \
	tests/fuzz/corpus/status/feed tests/fuzz/corpus/status/statusio \
	tests/fuzz/corpus/status/statuspage \
	tests/fuzz/corpus/text/quantity tests/fuzz/corpus/text/time tests/fuzz/corpus/text/words
EXTRA_DIST += $(FUZZ_CORPUS)
FUZZ_TARGETS = tests/fuzz/target.h tests/fuzz/targets.c tests/fuzz/resp.c
FUZZ_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS) $(JANSSON_CFLAGS) $(NCURSESW_CFLAGS)
FUZZ_LIBS = $(BACKENDS_LIBS) $(INCIDENT_LIBS) $(WIDGETS_LIBS)

check_PROGRAMS += tests/fuzz/fuzz
tests_fuzz_fuzz_SOURCES = tests/fuzz/driver.c $(FUZZ_TARGETS)
tests_fuzz_fuzz_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_fuzz_LDADD = $(FUZZ_LIBS)

EXTRA_PROGRAMS += tests/fuzz/libfuzzer
tests_fuzz_libfuzzer_SOURCES = tests/fuzz/libfuzzer.c $(FUZZ_TARGETS)
tests_fuzz_libfuzzer_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_libfuzzer_LDADD = $(FUZZ_LIBS)
tests_fuzz_libfuzzer_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
.PHONY: fuzz-libfuzzer
fuzz-libfuzzer: tests/fuzz/libfuzzer

dist_check_SCRIPTS += tests/fuzz/test_fuzz.sh
TESTS += tests/fuzz/test_fuzz.sh
