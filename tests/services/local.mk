# tests/services/: real servers on loopback.
SERVICE_TESTS = tests/services/test_freshness.sh \
	tests/services/test_kube_tls.sh \
	tests/services/test_probes.sh \
	tests/services/test_redis_setup.sh \
	tests/services/test_ssh.sh \
	tests/services/test_status.sh \
	tests/services/test_status_pages.sh
dist_check_SCRIPTS += $(SERVICE_TESTS)
TESTS += $(SERVICE_TESTS)
EXTRA_DIST += tests/services/redis.sh tests/services/postgres.sh tests/services/nginx.sh \
	tests/services/lib.sh

if HAVE_CMOCKA
REDIS_TESTS = tests/services/test_redis_read tests/services/test_redis_act \
	tests/services/test_redis_hurt tests/services/test_redis_asynq
BED = tests/services/bed.c tests/services/bed.h
REDIS_BED = $(BED) tests/services/redis_bed.c tests/services/redis_bed.h
SERVICE_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) $(UV_CFLAGS) $(HIREDIS_CFLAGS)
SERVICE_LIBS = $(BACKENDS_LIBS) $(CORE_LIBS) $(CMOCKA_LIBS)
tests_services_test_redis_read_CPPFLAGS = $(SERVICE_CPPFLAGS)
tests_services_test_redis_read_SOURCES = tests/services/test_redis_read.c $(REDIS_BED)
tests_services_test_redis_read_LDADD = $(SERVICE_LIBS)
tests_services_test_redis_act_CPPFLAGS = $(SERVICE_CPPFLAGS)
tests_services_test_redis_act_SOURCES = tests/services/test_redis_act.c $(REDIS_BED)
tests_services_test_redis_act_LDADD = $(SERVICE_LIBS)
tests_services_test_redis_hurt_CPPFLAGS = $(SERVICE_CPPFLAGS)
tests_services_test_redis_hurt_SOURCES = tests/services/test_redis_hurt.c $(REDIS_BED)
tests_services_test_redis_hurt_LDADD = $(SERVICE_LIBS)
POSTGRES_TESTS = tests/services/test_postgres_real tests/services/test_postgres_told \
	tests/services/test_postgres_hours
POSTGRES_BED = $(BED) tests/services/postgres_bed.c tests/services/postgres_bed.h
tests_services_test_postgres_real_CPPFLAGS = $(SERVICE_CPPFLAGS) $(LIBPQ_CFLAGS)
tests_services_test_postgres_real_SOURCES = tests/services/test_postgres_real.c $(POSTGRES_BED)
tests_services_test_postgres_real_LDADD = $(SERVICE_LIBS)
tests_services_test_postgres_told_CPPFLAGS = $(SERVICE_CPPFLAGS) $(LIBPQ_CFLAGS)
tests_services_test_postgres_told_SOURCES = tests/services/test_postgres_told.c $(POSTGRES_BED)
tests_services_test_postgres_told_LDADD = $(SERVICE_LIBS)
tests_services_test_postgres_hours_CPPFLAGS = $(SERVICE_CPPFLAGS) $(LIBPQ_CFLAGS)
tests_services_test_postgres_hours_SOURCES = tests/services/test_postgres_hours.c $(POSTGRES_BED)
tests_services_test_postgres_hours_LDADD = $(SERVICE_LIBS)
OUTSIDE_TESTS = tests/services/test_slow_names
tests_services_test_slow_names_CPPFLAGS = $(SERVICE_CPPFLAGS)
tests_services_test_slow_names_LDADD = $(SERVICE_LIBS)
check_PROGRAMS += $(OUTSIDE_TESTS)
TESTS += $(OUTSIDE_TESTS)
check_PROGRAMS += $(POSTGRES_TESTS)
TESTS += $(POSTGRES_TESTS)
tests_services_test_websocket_CPPFLAGS = $(SERVICE_CPPFLAGS) $(CRYPTO_CFLAGS)
tests_services_test_websocket_LDADD = $(SERVICE_LIBS)
check_PROGRAMS += tests/services/test_websocket
TESTS += tests/services/test_websocket
tests_services_test_redis_asynq_CPPFLAGS = $(SERVICE_CPPFLAGS)
tests_services_test_redis_asynq_SOURCES = tests/services/test_redis_asynq.c $(REDIS_BED)
tests_services_test_redis_asynq_LDADD = $(SERVICE_LIBS)
check_PROGRAMS += $(REDIS_TESTS)
TESTS += $(REDIS_TESTS)
endif
