# tests/drills/: the real kubectl and redis-cli, and the drills' own reference solutions.
EXTRA_DIST += tests/drills/lib.sh
dist_check_SCRIPTS += \
	tests/drills/curl.sh \
	tests/drills/headless.sh \
	tests/drills/kubectl.sh \
	tests/drills/process.sh \
	tests/drills/proxy.sh \
	tests/drills/psql.sh \
	tests/drills/rediscli.sh \
	tests/drills/scenarios.sh \
	tests/drills/signals.sh \
	tests/drills/solve.sh \
	tests/drills/ssh.sh
if WORLD
TESTS += \
	tests/drills/curl.sh \
	tests/drills/headless.sh \
	tests/drills/kubectl.sh \
	tests/drills/process.sh \
	tests/drills/proxy.sh \
	tests/drills/psql.sh \
	tests/drills/rediscli.sh \
	tests/drills/scenarios.sh \
	tests/drills/signals.sh \
	tests/drills/solve.sh \
	tests/drills/ssh.sh
endif
