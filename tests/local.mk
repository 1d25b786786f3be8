# tests/: what proves it
include tests/unit/local.mk
include tests/screen/local.mk
include tests/drills/local.mk
