# themes/: roles and their colours; built into the program.
THEMES = \
	themes/colour-blind.yaml \
	themes/dark.yaml \
	themes/default.yaml \
	themes/high-contrast.yaml \
	themes/light.yaml \
	themes/mono.yaml
THEME_FILES = $(THEMES:%=$(top_srcdir)/%)
EXTRA_DIST += $(THEMES)
themes/themes_data.c: $(THEME_FILES) core/embed.sh
	$(AM_V_GEN)$(MKDIR_P) themes && \
		$(SHELL) $(top_srcdir)/core/embed.sh theme_files $(THEME_FILES) > $@.tmp && \
		mv $@.tmp $@
CLEANFILES += themes/themes_data.c
