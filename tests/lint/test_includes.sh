#!/bin/bash
# Who may know whom: each room includes only what the table allows.
# shellcheck source=tests/lint/lib.sh
. "${srcdir:-.}/tests/lint/lib.sh"

# room; the rooms it may include; the libraries it must never include
table='core|core|curses term curl hiredis libpq libssh microhttpd jq
widgets|core widgets|curl hiredis libpq libssh microhttpd jq uv jansson
incident|core incident|curses term curl hiredis libpq libssh microhttpd uv
backends|core backends|curses term microhttpd jq
tui|core widgets incident backends tui|curl hiredis libpq libssh microhttpd
world|core world|curses term curl jq'

# The situation is for panes: widgets draw values that they are given.
model='core/(situation|actuator|config|fresh)\.h|core/model/'
include='^[[:space:]]*#[[:space:]]*include[[:space:]]+'

room_includes() {
	local room rooms_ok libs
	while IFS='|' read -r room rooms_ok libs; do
		list_files "$room" | while IFS= read -r file; do
			grep -nHE "$include\"" "$file" |
				grep -vE "include[[:space:]]+\"(${rooms_ok// /|})/"
			grep -nHE "$include<(${libs// /|})[a-z0-9_]*(/|\.h>|-)" "$file"
		done
	done <<<"$table"
}

widgets_and_model() { list_files widgets | xargs -r grep -nHE "$include\"($model)" || true; }

# A backend may use what lies in backends/ itself, never another backend's folder.
between_backends() {
	local file own
	list_files backends | while IFS= read -r file; do
		own=${file#"$root"/backends/}
		case $own in
		*/*) own=${own%%/*} ;;
		backends.c) continue ;;
		*) own=- ;;
		esac
		grep -nHE "$include\"backends/[a-z0-9_]+/" "$file" | grep -v "\"backends/$own/"
	done
}

private_headers() {
	list_files "core widgets backends tui world" |
		xargs -r grep -nHE "$include\"incident/[a-z_/]*(_private|_parts)\.h" || true
}

holds "each room includes only the rooms and libraries it may" room_includes
holds "widgets know nothing of the model" widgets_and_model
holds "no backend includes another" between_backends
holds "nobody outside includes incident's private headers" private_headers
plant core/x.c <<<'#include "tui/app.h"'
catches "core includes tui" room_includes
plant core/x.c <<<'#include <curses.h>'
catches "core includes ncurses" room_includes
plant core/x.c <<<'#include <curl/curl.h>'
catches "core includes a protocol" room_includes
plant incident/x.c <<<'# include "backends/backend.h"'
catches "incident includes backends" room_includes
plant backends/x.c <<<'#include "incident/ladder.h"'
catches "backends include incident" room_includes
plant world/x.c <<<'#include "tui/app.h"'
catches "the world includes tui" room_includes
plant core/x.c <<<'#include "err.h"'
catches "an include that isn't from the top" room_includes
plant widgets/x.c <<<'#include "core/model/pods.h"'
catches "a widget includes the model" widgets_and_model
plant backends/redis/x.c <<<'#include "backends/kube/kube.h"'
catches "one backend includes another" between_backends
plant tui/x.c <<<'#include "incident/ladder_private.h"'
catches "a private header of incident" private_headers
finish
