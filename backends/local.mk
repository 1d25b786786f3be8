# backends/: one folder or file a system. They fill the model and know neither panes nor rules.
noinst_LIBRARIES += backends/libbackends.a
backends_libbackends_a_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS) $(JANSSON_CFLAGS) $(CURL_CFLAGS) \
	$(CRYPTO_CFLAGS) $(HIREDIS_CFLAGS) $(LIBPQ_CFLAGS) $(SSL_CFLAGS) $(YAML_CFLAGS) $(EXPAT_CFLAGS)
backends_libbackends_a_SOURCES = \
	backends/backend.h backends/backends.c \
	backends/doorway.c backends/doorway.h \
	backends/http.c backends/http.h \
	backends/kube/act.h \
	backends/kube/act_claim.c \
	backends/kube/act_rollout.c \
	backends/kube/actuator.c \
	backends/kube/base64.c backends/kube/base64.h \
	backends/kube/client.c backends/kube/client.h \
	backends/kube/decode.h \
	backends/kube/decode_control.c \
	backends/kube/decode_misc.c \
	backends/kube/decode_node.c \
	backends/kube/decode_pod.c \
	backends/kube/decode_storage.c \
	backends/kube/decode_workload.c \
	backends/kube/disks.c backends/kube/disks.h \
	backends/kube/describe.c backends/kube/describe.h \
	backends/kube/exec_plugin.c backends/kube/exec_plugin.h \
	backends/kube/forward.c \
	backends/kube/jsonx.c backends/kube/jsonx.h \
	backends/kube/kube.c backends/kube/kube.h \
	backends/kube/kubeconfig.c backends/kube/kubeconfig.h \
	backends/kube/logwatch.c backends/kube/logwatch.h \
	backends/kube/poll.c backends/kube/poll.h \
	backends/kube/proxied.c backends/kube/proxied.h \
	backends/kube/query.c backends/kube/query.h \
	backends/kube/query_logs.c \
	backends/kube/reach.c backends/kube/reach.h \
	backends/kube/reflector.c backends/kube/reflector.h \
	backends/kube/resources.c \
	backends/kube/scrape.c backends/kube/scrape.h \
	backends/kube/split.c backends/kube/split.h \
	backends/kube/yamlout.c backends/kube/yamlout.h \
	backends/metrics/backend.c \
	backends/probe/backend.c \
	backends/probe/dns.c \
	backends/probe/edge.c \
	backends/probe/kinds.c \
	backends/probe/obs.c \
	backends/probe/probe.h \
	backends/probe/registry.c \
	backends/probe/smtp.c \
	backends/probe/storage.c \
	backends/probe/tcp.c \
	backends/probe/web.c \
	backends/postgres/backend.c \
	backends/postgres/budget.c backends/postgres/budget.h \
	backends/postgres/bytes.c backends/postgres/bytes.h \
	backends/postgres/errors.c backends/postgres/errors.h \
	backends/postgres/probe.c backends/postgres/probe.h \
	backends/postgres/read.c backends/postgres/read.h \
	backends/postgres/roots.c backends/postgres/roots.h \
	backends/postgres/shape.c \
	backends/redis/actuator.c \
	backends/redis/asynq.c backends/redis/asynq.h \
	backends/redis/asynq_proto.c \
	backends/redis/backend.c \
	backends/redis/client.c backends/redis/client.h \
	backends/redis/keyname.c \
	backends/redis/query.c \
	backends/redis/redis.h \
	backends/redis/scan.c backends/redis/scan.h \
	backends/redis/scan_pace.c backends/redis/scan_pace.h \
	backends/redis/scan_tally.c backends/redis/scan_tally.h \
	backends/ssh/argv.c \
	backends/ssh/backend.c \
	backends/ssh/errors.c \
	backends/ssh/known.c \
	backends/ssh/parse.c \
	backends/ssh/run.c \
	backends/ssh/ssh.h \
	backends/ssh/way.c \
	backends/status/backend.c \
	backends/status/feed.c \
	backends/status/firehydrant.c \
	backends/status/formats.c \
	backends/status/incidentio.c \
	backends/status/instatus.c \
	backends/status/json.c \
	backends/status/merge.c backends/status/merge.h \
	backends/status/page.c \
	backends/status/status.h \
	backends/status/statusio.c \
	backends/status/statuspage.c \
	backends/stream.c backends/stream.h \
	backends/websocket.c backends/websocket.h
BACKENDS_LIBS = backends/libbackends.a $(CURL_LIBS) $(HIREDIS_LIBS) $(LIBPQ_LIBS) $(SSL_LIBS) $(CRYPTO_LIBS) \
	$(EXPAT_LIBS)
nodist_backends_libbackends_a_SOURCES = backends/ssh/look_data.c
backends/ssh/look_data.c: backends/ssh/look.sh core/embed.sh
	$(AM_V_GEN)$(MKDIR_P) backends/ssh && $(SHELL) $(top_srcdir)/core/embed.sh ssh_files \
		$(top_srcdir)/backends/ssh/look.sh > $@.tmp && mv $@.tmp $@
EXTRA_DIST += backends/ssh/look.sh
CLEANFILES += backends/ssh/look_data.c
