# backends/: one folder or file a system. They fill the model and know neither panes nor rules.
noinst_LIBRARIES += backends/libbackends.a
backends_libbackends_a_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS) $(JANSSON_CFLAGS) $(CURL_CFLAGS) \
	$(HIREDIS_CFLAGS) $(YAML_CFLAGS)
backends_libbackends_a_SOURCES = \
	backends/backend.h \
	backends/http.c backends/http.h \
	backends/kube/split.c backends/kube/split.h
BACKENDS_LIBS = backends/libbackends.a $(CURL_LIBS) $(HIREDIS_LIBS)
