#!/bin/bash
# Rules are data: no C file outside tests names a failure mode, or a host or namespace of the team
# that the shipped example describes.
# shellcheck source=tests/lint/lib.sh
. "${srcdir:-.}/tests/lint/lib.sh"

# A failure mode's id is the name of its file; so is a drill's.
ids() {
	local file
	for file in "$srcdir"/catalogue/*.yaml "$srcdir"/drills/*.yaml; do
		[ -e "$file" ] || continue
		file=${file##*/}
		echo "${file%.yaml}"
	done
	echo node-down
}

failure_modes() {
	local id
	ids | sort -u | while IFS= read -r id; do
		product_files | xargs -r grep -nHwF -e "$id"
	done
}

team_names() {
	product_files | xargs -r grep -nHiE 'honeydue|88oakapps|hetzner|nbg1' || true
}

holds "no failure mode's id in C" failure_modes
holds "no host, namespace or vendor of the team in C" team_names
plant incident/x.c <<<'if (!strcmp(id, "node-down")) return;'
catches "a failure mode in C" failure_modes
plant tui/x.h <<<'#define NAMESPACE "honeydue"'
catches "a namespace in C" team_names
finish
