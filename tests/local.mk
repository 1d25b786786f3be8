# tests/: what proves it
include tests/unit/local.mk
