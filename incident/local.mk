# incident/: facts, the catalogue, verdicts, the ladder of an action, the audit chain, drills.
# core, libjq and libcrypto (SHA-256) only.
noinst_LIBRARIES += incident/libincident.a
incident_libincident_a_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS) $(JANSSON_CFLAGS) $(YAML_CFLAGS) \
	$(CRYPTO_CFLAGS)
incident_libincident_a_SOURCES = \
	incident/audit.c incident/audit.h \
	incident/audit_chain.c incident/audit_chain.h \
	incident/audit_verify.c \
	incident/catalogue.c incident/catalogue.h incident/catalogue_schema.h \
	incident/drill.h incident/drill_private.h \
	incident/drill_file.c incident/drill_player.c incident/drill_score.c incident/drill_solve.c \
	incident/ladder.c incident/ladder.h incident/ladder_private.h \
	incident/ladder_record.c incident/ladder_rungs.c incident/ladder_watch.c \
	incident/verbs/verbs.c incident/verbs/verbs.h \
	incident/verbs/cordon.c \
	incident/verbs/delete_pod.c \
	incident/verbs/redis_delete.c \
	incident/verbs/redis_set_policy.c \
	incident/verbs/rollout.c \
	incident/verbs/rollout_restart.c \
	incident/verbs/rollout_undo.c \
	incident/facts.c incident/facts.h incident/facts_kube.c incident/facts_parts.h \
	incident/facts_apps.c incident/facts_asynq.c incident/facts_changes.c \
	incident/facts_control.c incident/facts_hosts.c incident/facts_redis.c incident/facts_storage.c \
	incident/facts_link.c incident/facts_sums.c incident/facts_vendors.c \
	incident/facts_postgres.c incident/facts_probes.c \
	incident/facts_workloads.c \
	incident/judge.c incident/verdict.h \
	incident/judge_guard.c incident/judge_guard.h \
	incident/judge_jv.c incident/judge_jv.h \
	incident/judge_program.c incident/judge_program.h \
	incident/judge_rank.c \
	incident/judge_verdict.c incident/judge_verdict.h \
	incident/judge_watch.c incident/judge_watch.h \
	incident/judge_words.c incident/judge_words.h
nodist_incident_libincident_a_SOURCES = incident/prelude_data.c catalogue/catalogue_data.c \
	drills/drills_data.c
incident/prelude_data.c: incident/prelude.jq core/embed.sh
	$(AM_V_GEN)$(MKDIR_P) incident && \
		$(SHELL) $(top_srcdir)/core/embed.sh incident_prelude \
		$(top_srcdir)/incident/prelude.jq > $@.tmp && mv $@.tmp $@
EXTRA_DIST += core/embed.sh core/embed.h incident/prelude.jq
CLEANFILES += incident/prelude_data.c
INCIDENT_LIBS = incident/libincident.a $(CORE_LIBS) $(JQ_LIBS) $(CRYPTO_LIBS)
