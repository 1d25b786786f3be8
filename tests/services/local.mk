# tests/services/: real servers on loopback.
SERVICE_TESTS = tests/services/test_redis_setup.sh
dist_check_SCRIPTS += $(SERVICE_TESTS)
TESTS += $(SERVICE_TESTS)
EXTRA_DIST += tests/services/redis.sh
