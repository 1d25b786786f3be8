# tests/bench/: what it costs, beside its peers. ./dev bench builds the tools and runs it.
EXTRA_PROGRAMS += tests/bench/cordon tests/bench/cost tests/bench/ping
tests_bench_cordon_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS)
tests_bench_cordon_LDADD = $(CURL_LIBS)
tests_bench_ping_CPPFLAGS = $(AM_CPPFLAGS) $(HIREDIS_CFLAGS)
tests_bench_ping_LDADD = $(HIREDIS_LIBS)
EXTRA_DIST += tests/bench/bench.sh tests/bench/fill.lua \
	tests/bench/hanging.yaml tests/bench/sources.sh

BENCH_TOOLS = tests/bench/cordon$(EXEEXT) tests/bench/cost$(EXEEXT) tests/bench/ping$(EXEEXT)
if HAVE_VTERM
BENCH_TOOLS += tests/screen/vtmeasure$(EXEEXT)
endif
bench-tools: $(BENCH_TOOLS)
.PHONY: bench-tools
