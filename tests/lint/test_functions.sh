#!/bin/bash
# C functions that cannot be used safely, or that answer "0" when they mean "I don't know".
# shellcheck source=tests/lint/lib.sh
. "${srcdir:-.}/tests/lint/lib.sh"
banned='strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|alloca|mktemp|tmpnam'

# Comments and strings don't count.
banned_functions() {
	product_files | while IFS= read -r file; do
		sed -E -e 's/"([^"\\]|\\.)*"/""/g' -e 's,//.*,,; s,/\*.*\*/,,' \
			-e 's/^[[:space:]]*\*.*//' "$file" |
			grep -nE "(^|[^A-Za-z0-9_>.])($banned)[[:space:]]*\(" | sed "s|^|$file:|"
	done
}

typedefs() { product_files | xargs -r grep -nHE '^typedef[[:space:]]+struct' || true; }

holds "no unsafe C function" banned_functions
holds "no typedef'd struct" typedefs
for name in strcpy sprintf strtok atoi; do
	plant core/x.c <<<"	n = $name(a, b);"
	catches "$name" banned_functions
done
plant core/x.h <<<'typedef struct x { int y; } x;'
catches "a typedef'd struct" typedefs
plant core/x.c <<'X'
	fputs("atoi(x)", out);
	snprintf(a, b, c);
X
root=$work
[ -z "$(banned_functions)" ]
point "a name inside a string or a longer name is no offence" $?
finish
