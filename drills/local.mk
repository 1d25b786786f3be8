# drills/: scenarios, one file each: the timeline is for sitrep-world, the story for sitrep. Built
# into sitrep, which hands them to the world, and installed to be read.
DRILL_NAMES = api-panic coredns-down node-down redis-maxmemory
DRILL_FILES = $(DRILL_NAMES:%=$(top_srcdir)/drills/%.yaml)
drillsdir = $(pkgdatadir)/drills
dist_drills_DATA = \
	drills/api-panic.yaml \
	drills/coredns-down.yaml \
	drills/node-down.yaml \
	drills/redis-maxmemory.yaml
drills/drills_data.c: $(DRILL_FILES) core/embed.sh
	$(AM_V_GEN)$(MKDIR_P) drills && \
		$(SHELL) $(top_srcdir)/core/embed.sh drill_files $(DRILL_FILES) > $@.tmp && \
		mv $@.tmp $@
CLEANFILES += drills/drills_data.c
