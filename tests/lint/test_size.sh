#!/bin/bash
# Functions and files that a reader can hold in mind.
# shellcheck source=tests/lint/lib.sh
. "${srcdir:-.}/tests/lint/lib.sh"
need pmccabe
max_function=60
max_file=800

# pmccabe's columns: two complexities, statements, first line, lines, file(line): name
long_functions() {
	c_files | xargs -r pmccabe 2>/dev/null | awk -v max=$max_function '$5 > max { print $6, $7, $5 " lines" }'
}

long_files() {
	{
		c_files
		[ ! -d "$root/tests" ] || find "$root/tests" -name '*.sh' -type f
		find "$root" -maxdepth 1 -name dev
	} | while IFS= read -r file; do
		lines=$(wc -l <"$file")
		[ "$lines" -le $max_file ] || echo "$file: $lines lines"
	done
}

holds "no function has more than $max_function lines" long_functions
holds "no file has more than $max_file lines" long_files
{
	echo "int main(void)"
	echo "{"
	yes "	x();" | head -n $max_function
	echo "}"
} | plant tui/x.c
catches "a long function" long_functions
yes "int x;" | head -n $((max_file + 1)) | plant tui/x.h
catches "a long file" long_files
finish
