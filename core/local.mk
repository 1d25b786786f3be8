# core/: the model and what everything else stands on. libc, libuv, jansson, libyaml only.
noinst_LIBRARIES += core/libcore.a
core_libcore_a_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS) $(JANSSON_CFLAGS) $(YAML_CFLAGS)
core_libcore_a_SOURCES = \
	core/actuator.c core/actuator.h \
	core/alloc.c core/alloc.h \
	core/app_reader.c core/app_reader.h \
	core/buf.c core/buf.h \
	core/clock.c core/clock.h \
	core/config.c core/config.h core/config_schema.c \
	core/config_check.c core/config_check.h \
	core/cost.c core/cost.h \
	core/err.c core/err.h \
	core/filter.c core/filter.h \
	core/fresh.c core/fresh.h \
	core/hash.c core/hash.h \
	core/intern.c core/intern.h \
	core/model/events.c core/model/events.h \
	core/model/apps.c core/model/apps.h \
	core/model/baseline.c core/model/baseline.h \
	core/model/changes.c core/model/changes.h \
	core/model/control.c core/model/control.h \
	core/model/configs.c core/model/configs.h \
	core/model/hosts.c core/model/hosts.h \
	core/model/logsigns.c core/model/logsigns.h \
	core/model/nodes.c core/model/nodes.h \
	core/model/pdbs.c core/model/pdbs.h \
	core/model/pods.c core/model/pods.h \
	core/model/probes.c core/model/probes.h \
	core/model/postgres.c core/model/postgres.h \
	core/model/redis.c core/model/redis.h \
	core/model/asynq.c core/model/asynq.h \
	core/model/sorted.c core/model/sorted.h \
	core/model/storage.c core/model/storage.h \
	core/model/vendors.c core/model/vendors.h \
	core/model/workloads.c core/model/workloads.h \
	core/quantity.c core/quantity.h \
	core/printable.c core/printable.h \
	core/promtext.c core/promtext.h \
	core/query.h \
	core/trust.h \
	core/schema.c core/schema.h \
	core/secret.c core/secret.h \
	core/situation.c core/situation.h \
	core/strlist.c core/strlist.h \
	core/yaml.c core/yaml.h
CORE_LIBS = core/libcore.a $(YAML_LIBS) $(JANSSON_LIBS) $(UV_LIBS) -lm
