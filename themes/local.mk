# themes/: roles and their colours; built into the program.
THEME_FILES = $(top_srcdir)/themes/default.theme $(top_srcdir)/themes/mono.theme
EXTRA_DIST += themes/default.theme themes/mono.theme
themes/themes_data.c: $(THEME_FILES) core/embed.sh
	$(AM_V_GEN)$(MKDIR_P) themes && \
		$(SHELL) $(top_srcdir)/core/embed.sh theme_files $(THEME_FILES) > $@.tmp && \
		mv $@.tmp $@
CLEANFILES += themes/themes_data.c
