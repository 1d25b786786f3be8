# incident/: facts, the catalogue, verdicts, the ladder of an action, the audit chain, drills.
# core, libjq and libcrypto (SHA-256) only.
noinst_LIBRARIES += incident/libincident.a
incident_libincident_a_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS) $(JANSSON_CFLAGS) $(CRYPTO_CFLAGS)
incident_libincident_a_SOURCES = \
	incident/audit.c incident/audit.h \
	incident/audit_chain.c incident/audit_chain.h \
	incident/audit_verify.c
INCIDENT_LIBS = incident/libincident.a $(CORE_LIBS) $(JQ_LIBS) $(CRYPTO_LIBS)
