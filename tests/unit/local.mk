# tests/unit/: cmocka tests of single rooms, no network beyond loopback.
# One object of a real API server (1.34) each.
EXTRA_DIST += tests/unit/data/kube/apiservice.json \
	tests/unit/data/kube/daemonset.json \
	tests/unit/data/kube/deployment.json \
	tests/unit/data/kube/event.json \
	tests/unit/data/kube/job.json \
	tests/unit/data/kube/lease.json \
	tests/unit/data/kube/node.json \
	tests/unit/data/kube/pdb.json \
	tests/unit/data/kube/pod-crashing.json \
	tests/unit/data/kube/pod-pending.json \
	tests/unit/data/kube/pod-running.json \
	tests/unit/data/kube/pv.json \
	tests/unit/data/kube/pvc.json \
	tests/unit/data/kube/replicaset.json \
	tests/unit/data/kube/statefulset.json

if HAVE_CMOCKA
UNIT_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
UNIT_TESTS =

UNIT_TESTS += tests/unit/test_buf
tests_unit_test_buf_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_buf_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_model
tests_unit_test_model_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_model_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_changes
tests_unit_test_changes_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_changes_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_config
tests_unit_test_config_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_config_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_kube_split
tests_unit_test_kube_split_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_kube_split_LDADD = $(BACKENDS_LIBS) $(CORE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_kubeconfig
tests_unit_test_kubeconfig_CPPFLAGS = $(UNIT_CPPFLAGS) $(UV_CFLAGS)
tests_unit_test_kubeconfig_LDADD = $(BACKENDS_LIBS) $(CORE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_kubeconfig_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=uv_timer_start

UNIT_TESTS += tests/unit/test_kube_decode
tests_unit_test_kube_decode_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_kube_decode_LDADD = $(BACKENDS_LIBS) $(CORE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_probes
tests_unit_test_probes_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_probes_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_status
tests_unit_test_status_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_status_LDADD = $(BACKENDS_LIBS) $(CORE_LIBS) $(CMOCKA_LIBS)

# The kube backend against a server that the test scripts.
KUBE_BED = tests/unit/httpd.c tests/unit/httpd.h tests/unit/kube_bed.c tests/unit/kube_bed.h
KUBE_WRAPS = $(AM_LDFLAGS) -Wl,--wrap=uv_timer_start -Wl,--wrap=clock_mono_ms

UNIT_TESTS += tests/unit/test_kube_reflector
tests_unit_test_kube_reflector_SOURCES = tests/unit/test_kube_reflector.c $(KUBE_BED)
tests_unit_test_kube_reflector_CPPFLAGS = $(UNIT_CPPFLAGS) $(UV_CFLAGS)
tests_unit_test_kube_reflector_LDADD = $(BACKENDS_LIBS) $(CORE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_kube_reflector_LDFLAGS = $(KUBE_WRAPS)

UNIT_TESTS += tests/unit/test_kube_client
tests_unit_test_kube_client_SOURCES = tests/unit/test_kube_client.c $(KUBE_BED)
tests_unit_test_kube_client_CPPFLAGS = $(UNIT_CPPFLAGS) $(UV_CFLAGS)
tests_unit_test_kube_client_LDADD = $(BACKENDS_LIBS) $(CORE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_kube_client_LDFLAGS = $(KUBE_WRAPS)

UNIT_TESTS += tests/unit/test_kube_reach
tests_unit_test_kube_reach_SOURCES = tests/unit/test_kube_reach.c $(KUBE_BED)
tests_unit_test_kube_reach_CPPFLAGS = $(UNIT_CPPFLAGS) $(UV_CFLAGS)
tests_unit_test_kube_reach_LDADD = $(BACKENDS_LIBS) $(CORE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_kube_reach_LDFLAGS = $(KUBE_WRAPS)

FACTS_BED = tests/unit/facts_bed.c tests/unit/facts_bed.h
UNIT_TESTS += tests/unit/test_facts_signals
tests_unit_test_facts_signals_SOURCES = tests/unit/test_facts_signals.c $(FACTS_BED)
tests_unit_test_facts_signals_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_facts_signals_LDADD = $(INCIDENT_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_facts
tests_unit_test_facts_SOURCES = tests/unit/test_facts.c $(FACTS_BED)
tests_unit_test_facts_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_facts_LDADD = $(INCIDENT_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_secret
tests_unit_test_secret_CPPFLAGS = $(UNIT_CPPFLAGS) $(UV_CFLAGS)
tests_unit_test_secret_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_audit
tests_unit_test_audit_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_audit_LDADD = $(INCIDENT_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_judge_words
tests_unit_test_judge_words_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_judge_words_LDADD = $(INCIDENT_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_judge
tests_unit_test_judge_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_judge_LDADD = $(INCIDENT_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_catalogue
tests_unit_test_catalogue_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_catalogue_LDADD = $(INCIDENT_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_ladder
tests_unit_test_ladder_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_ladder_LDADD = $(INCIDENT_LIBS) $(CMOCKA_LIBS)
tests_unit_test_ladder_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_mono_ms

UNIT_TESTS += tests/unit/test_verbs
tests_unit_test_verbs_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_verbs_LDADD = $(INCIDENT_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_drill
tests_unit_test_drill_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_drill_LDADD = $(INCIDENT_LIBS) $(CMOCKA_LIBS)
tests_unit_test_drill_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_mono_ms

UNIT_TESTS += tests/unit/test_once
tests_unit_test_once_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS) $(YAML_CFLAGS)
tests_unit_test_once_LDADD = $(PLAIN_LIBS) $(INCIDENT_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_howto
tests_unit_test_howto_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS) $(YAML_CFLAGS)
tests_unit_test_howto_LDADD = $(INCIDENT_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_layout
tests_unit_test_layout_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_layout_LDADD = tui/libtui.a $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_commands
tests_unit_test_commands_CPPFLAGS = $(UNIT_CPPFLAGS) $(UV_CFLAGS) $(JANSSON_CFLAGS) \
	$(NCURSESW_CFLAGS)
tests_unit_test_commands_LDADD = $(TUI_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_cost
tests_unit_test_cost_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_cost_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_filter
tests_unit_test_filter_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_filter_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_widgets
tests_unit_test_widgets_CPPFLAGS = $(UNIT_CPPFLAGS) $(NCURSESW_CFLAGS)
tests_unit_test_widgets_LDADD = $(WIDGETS_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif

dist_check_SCRIPTS += tests/unit/test_docs.sh tests/unit/test_signals.sh
TESTS += tests/unit/test_docs.sh tests/unit/test_signals.sh
