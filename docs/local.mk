# docs/: for people. Parts of them are written from the program's own tables: `make docs`.
DOCUMENTS = \
	docs/config.md \
	docs/extending.md \
	docs/facts.md \
	docs/failure-modes.md \
	docs/keys.md \
	docs/map.md \
	docs/operating.md \
	docs/signals.md \
	docs/themes.md
EXTRA_DIST += README.md $(DOCUMENTS) docs/picture.sh docs/screen.svg
dist_man_MANS = docs/sitrep.1
RBAC = docs/rbac-readonly.yaml docs/rbac-acting.yaml docs/rbac-forward.yaml
dist_doc_DATA = $(RBAC)

check_PROGRAMS += docs/reference
docs_reference_CPPFLAGS = $(AM_CPPFLAGS) $(YAML_CFLAGS) $(JANSSON_CFLAGS) $(NCURSESW_CFLAGS)
docs_reference_SOURCES = docs/reference.c tui/commands.c tui/keys.c tui/options.c
docs_reference_LDADD = $(WIDGETS_LIBS) $(INCIDENT_LIBS) $(NCURSESW_LIBS)

.PHONY: docs
docs: docs/reference$(EXEEXT)
	$(AM_V_GEN)for document in $(DOCUMENTS) $(dist_man_MANS); do \
		docs/reference$(EXEEXT) $(srcdir)/$$document > docs/new.md && \
		{ cmp -s docs/new.md $(srcdir)/$$document || \
		  cp docs/new.md $(srcdir)/$$document; } || exit 1; \
	done; rm -f docs/new.md

# The README's picture, taken anew.
.PHONY: picture
picture: sitrep$(EXEEXT) sitrep-world$(EXEEXT) tests/screen/vtdrive$(EXEEXT)
	$(srcdir)/docs/picture.sh $(abs_srcdir)/docs/screen.svg

# examples/: configurations to start from.
examplesdir = $(pkgdatadir)/examples
dist_examples_DATA = examples/honeydue.yaml examples/minimal.yaml
