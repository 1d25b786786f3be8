# tests/lint/: checks of the source itself; each proves first that it can fail.
LINT_TESTS = \
	tests/lint/test_functions.sh \
	tests/lint/test_includes.sh \
	tests/lint/test_names.sh \
	tests/lint/test_scripts.sh \
	tests/lint/test_size.sh \
	tests/lint/test_space.sh
dist_check_SCRIPTS += $(LINT_TESTS)
TESTS += $(LINT_TESTS)
EXTRA_DIST += tests/lint/lib.sh
