# tests/: what proves it. Every test prints TAP, so that single points are counted.
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
AM_TESTS_ENVIRONMENT = CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT;
EXTRA_DIST += dev .ci/run tests/run.sh tests/valgrind.supp

include tests/unit/local.mk
include tests/screen/local.mk
include tests/drills/local.mk
include tests/services/local.mk
include tests/cluster/local.mk
include tests/fuzz/local.mk
include tests/lint/local.mk
include tests/bench/local.mk
