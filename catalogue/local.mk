# catalogue/: one failure mode a file; built into the program, and installed to be read.
CATALOGUE_NAMES = api-panic coredns-down node-down redis-maxmemory
CATALOGUE_FILES = $(CATALOGUE_NAMES:%=$(top_srcdir)/catalogue/%.yaml)
cataloguedir = $(pkgdatadir)/catalogue
dist_catalogue_DATA = \
	catalogue/api-panic.yaml \
	catalogue/coredns-down.yaml \
	catalogue/node-down.yaml \
	catalogue/redis-maxmemory.yaml
catalogue/catalogue_data.c: $(CATALOGUE_FILES) core/embed.sh
	$(AM_V_GEN)$(MKDIR_P) catalogue && \
		$(SHELL) $(top_srcdir)/core/embed.sh catalogue_files $(CATALOGUE_FILES) > $@.tmp && \
		mv $@.tmp $@
CLEANFILES += catalogue/catalogue_data.c
