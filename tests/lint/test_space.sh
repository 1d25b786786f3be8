#!/bin/bash
# White space and line width.
# shellcheck source=tests/lint/lib.sh
. "${srcdir:-.}/tests/lint/lib.sh"
max=110

text_files() {
	local room
	c_files
	for room in $rooms catalogue drills themes tests docs; do
		[ ! -d "$root/$room" ] || find "$root/$room" -type f \
			\( -name '*.sh' -o -name '*.mk' -o -name '*.yaml' -o -name '*.jq' -o -name '*.theme' \)
	done
	find "$root" -maxdepth 1 -type f \( -name dev -o -name Makefile.am -o -name configure.ac \)
}

trailing() { text_files | xargs -r grep -nHE '[[:space:]]+$' || true; }

# Whole indentation steps are tabs; blanks only line things up after them.
blank_indent() { c_files | xargs -r grep -nHE '^ {2,}[^ *]' || true; }

wide() { c_files | xargs -r wc -L | awk -v max=$max '$1 > max && $2 != "total"'; }

last_newline() {
	text_files | while IFS= read -r file; do
		[ ! -s "$file" ] || [ -z "$(tail -c 1 "$file")" ] || echo "$file: no newline at the end"
	done
}

holds "no white space at the end of a line" trailing
holds "C is indented with tabs" blank_indent
holds "no line of C is wider than $max columns" wide
holds "each file ends with a newline" last_newline
plant core/x.c <<<'int x; '
catches "white space at the end" trailing
plant core/x.c <<<'    int x;'
catches "indentation with blanks" blank_indent
printf '%0200d\n' 0 | plant core/x.c
catches "a wide line" wide
printf 'int x;' | plant core/x.c
catches "no newline at the end" last_newline
finish
