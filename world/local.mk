# world/: the simulated systems that drills run on.
EXTRA_DIST += world/cluster.yaml world/profile.yaml
if WORLD
bin_PROGRAMS += sitrep-world
sitrep_world_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS) $(JANSSON_CFLAGS) $(YAML_CFLAGS) \
	$(MICROHTTPD_CFLAGS) $(SSH_CFLAGS)
sitrep_world_LDADD = $(CORE_LIBS) $(MICROHTTPD_LIBS) $(SSH_LIBS) -lm
sitrep_world_SOURCES = \
	world/main.c \
	world/machines/answer.h \
	world/machines/commands.c \
	world/machines/disk.c \
	world/machines/look.c \
	world/machines/machines.c world/machines/machines.h \
	world/machines/reach.c \
	world/machines/ssh_lane.c \
	world/machines/ssh_files.c \
	world/machines/ssh_forward.c \
	world/machines/ssh_private.h \
	world/machines/ssh_server.c world/machines/ssh_server.h \
	world/machines/unit.c \
	world/world.c world/world.h \
	world/exporter.c world/exporter.h \
	world/jx.c world/jx.h \
	world/kube_api.c world/kube_api.h \
	world/kube_discovery.c \
	world/kube_health.c \
	world/kube_http.c world/kube_http.h \
	world/kube_logs.c \
	world/kube_metrics.c \
	world/kube_patch.c world/kube_patch.h \
	world/kube_proxy.c \
	world/kube_read.c \
	world/kube_review.c \
	world/kube_select.c world/kube_select.h \
	world/kube_status.c \
	world/kube_table.c world/kube_table.h \
	world/kube_watch.c world/watchers.h \
	world/kube_write.c \
	world/kubelet_stats.c world/kubelet_stats.h \
	world/logbook.c world/logbook.h \
	world/outside.c world/outside.h world/outside_private.h \
	world/outside_http.c \
	world/outside_pages.c \
	world/outside_smtp.c \
	world/phrase.c world/phrase.h \
	world/postgres.h world/postgres_private.h \
	world/postgres_server.c world/postgres_sql.c \
	world/profile.c world/profile.h \
	world/redis.h world/redis_server.c \
	world/redis_commands.c world/redis_commands.h \
	world/redis_info.c \
	world/redis_keys.c world/redis_keys.h \
	world/redis_tasks.c \
	world/redis_traffic.c \
	world/redis_values.c \
	world/role.c world/role.h \
	world/resources.c world/resources.h \
	world/scenario.c world/scenario.h world/scenario_private.h \
	world/scenario_cluster.c \
	world/scenario_machines.c \
	world/scenario_file.c world/scenario_file.h \
	world/seed.c world/seed.h \
	world/store.c world/store.h \
	world/talk.c world/talk.h \
	world/when.c world/when.h \
	world/written.c world/written.h \
	world/yaml_json.c world/yaml_json.h \
	world/controllers/apis.c \
	world/controllers/budgets.c \
	world/controllers/daemonsets.c \
	world/controllers/deployments.c \
	world/controllers/events.c world/controllers/events.h \
	world/controllers/kubelet.c world/controllers/kubelet.h \
	world/controllers/nodes.c world/controllers/nodes.h \
	world/controllers/pod_status.c world/controllers/pod_status.h \
	world/controllers/replicasets.c \
	world/controllers/scheduler.c world/controllers/scheduler.h \
	world/controllers/services.c \
	world/controllers/workloads.c world/controllers/workloads.h
nodist_sitrep_world_SOURCES = world/files.c
CLEANFILES += world/files.c

world/files.c: world/cluster.yaml world/profile.yaml core/embed.sh
	$(AM_V_GEN)$(MKDIR_P) world && sh $(srcdir)/core/embed.sh world_files \
		$(srcdir)/world/cluster.yaml $(srcdir)/world/profile.yaml > $@.new && mv $@.new $@
endif
