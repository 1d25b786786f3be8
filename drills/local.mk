# drills/: scenarios, one file each; the timeline is for sitrep-world, the story for sitrep.
drillsdir = $(pkgdatadir)/drills
dist_drills_DATA = \
	drills/api-panic.yaml \
	drills/coredns-down.yaml \
	drills/node-down.yaml \
	drills/redis-maxmemory.yaml
