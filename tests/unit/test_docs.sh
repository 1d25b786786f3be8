#!/bin/sh
# tests/unit/test_docs.sh: no document lies: generated parts are current, links lead somewhere.
src=${srcdir:-.}
out=$(mktemp)
trap 'rm -f "$out"' EXIT
count=0
failed=0

result() { # ok|"not ok" what
	count=$((count + 1))
	echo "$1 $count - $2"
	[ "$1" = ok ] || failed=1
}

for document in "$src"/docs/*.md "$src"/docs/*.1; do
	[ -f "$document" ] || continue
	if docs/reference "$document" > "$out" && cmp -s "$out" "$document"; then
		result ok "$(basename "$document") is what the tables say"
	else
		diff -u "$document" "$out" | head -n 20 | sed 's/^/# /'
		result "not ok" "$(basename "$document"): run make docs"
	fi
done

for document in "$src"/README.md "$src"/docs/*.md; do
	broken=
	for link in $(grep -o '](\([^)#]*\)[^)]*)' "$document" | sed 's/^](//; s/[#)].*$//'); do
		case $link in
		*:*) ;;
		*) [ -e "$(dirname "$document")/$link" ] || broken="$broken $link" ;;
		esac
	done
	if [ -z "$broken" ]; then
		result ok "links of $(basename "$document") lead somewhere"
	else
		result "not ok" "$(basename "$document") links to nothing:$broken"
	fi
done
echo "1..$count"
exit $failed
