#!/bin/bash
# Every shell script is clean under shellcheck.
# shellcheck source=tests/lint/lib.sh
. "${srcdir:-.}/tests/lint/lib.sh"
need shellcheck

# Relative to the top, where the scripts' own source= comments start from.
scripts() {
	local file room
	{
		for file in dev .ci/run; do
			[ ! -e "$file" ] || echo "$file"
		done
		for room in $rooms catalogue drills themes tests docs; do
			[ ! -d "$room" ] || find "$room" -name '*.sh' -type f
		done
	} | sort
}

# Variables that a sourced file sets or reads look unset or unused to it.
shellchecked() { (cd "$root" && scripts | xargs -r shellcheck -x -S warning -e SC2034,SC2154 2>&1); }

executable() {
	cd "$root" || return
	scripts | while IFS= read -r file; do
		[ ! -x "$file" ] || head -n 1 "$file" | grep -qE '^#!/bin/(ba)?sh$' || echo "$file: first line"
		case $file in
		*/test_*.sh) [ -x "$file" ] || echo "$file: not executable" ;;
		esac
	done
}

holds "shellcheck finds nothing" shellchecked
holds "scripts that are run say by which shell" executable
plant tests/x.sh <<'X'
#!/bin/sh
cd $1
rm -rf $unset/*
X
catches "an unsafe script" shellchecked
plant tests/test_x.sh <<<'echo'
catches "a test that cannot be run" executable
finish
