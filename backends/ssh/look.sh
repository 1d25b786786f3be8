# shellcheck shell=sh
# backends/ssh/look.sh: what sitrep asks a machine: this text, on the standard input of
# `sh -s -- WAYS`, WAYS being "big" (look for big directories) or "-", then HOST:PORT to connect to.
# It reads, writes nothing, and each question has its own deadline.
LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL PATH
ask() { timeout 5 "$@" 2>/dev/null </dev/null; }
as_root() { if [ "$(id -u)" = 0 ]; then ask "$@"; else ask sudo -n "$@"; fi; }
# Local ones alone: a dead NFS server would hang df. df tells of all and still fails where one file system can't be looked at: what it said counts.
disks() {
	real=$(ask df "$1" -l -x tmpfs -x devtmpfs -x overlay -x squashfs -x efivarfs)
	[ -n "$real" ] || real=$(ask df "$1")
	printf '%s\n' "$real"
}
fullest() {
	disks -Pk | awk 'NR > 1 && $5 + 0 > most { rest = $0; most = $5 + 0
		sub(/^[^ ]+ +[^ ]+ +[^ ]+ +[^ ]+ +[^ ]+ +/, "", rest); mount = rest }
		END { print mount }'
}
# Nanoseconds; 0 where date doesn't count them.
now() {
	at=$(date +%s%N)
	case $at in *[!0-9]*) echo 0 ;; *) echo "$at" ;; esac
}
# shellcheck disable=SC2016
if command -v bash >/dev/null; then
	connects() { timeout 3 bash -c 'exec 3<>"/dev/tcp/$1/$2"' connect "$1" "$2"; }
elif command -v nc >/dev/null; then
	connects() { timeout 3 nc -z "$1" "$2"; }
else
	set -- "$1"
fi
# On a line of its own, whatever a login's files or a command have left behind.
say() { printf '\n@@%s\n' "$1"; }

say clock
date +%s.%N
say uptime
cat /proc/uptime 2>/dev/null
say load
cat /proc/loadavg 2>/dev/null
say cpus
ask getconf _NPROCESSORS_ONLN
say disks
disks -Pk
say inodes
disks -Pi
say journal
ask journalctl --disk-usage
for unit in k3s k3s-agent; do
	say unit
	ask systemctl show "$unit" -p Id -p LoadState -p ActiveState -p SubState -p NRestarts
done
say firewall
as_root ufw status numbered
if [ "$1" = big ]; then
	say big
	top=$(fullest)
	found=$(timeout 20 nice -n 19 du -xk -d 2 "${top:-/}" 2>/dev/null </dev/null)
	whole=$?
	printf '%s\n' "$found" | sort -rn | head -n 13
	[ "$whole" = 0 ] || say partial
fi
shift
for target in "$@"; do
	say reach
	begun=$(now)
	word=failed
	connects "${target%:*}" "${target##*:}" 2>/dev/null </dev/null && word=ok
	echo "$target $word $((($(now) - begun) / 1000000))"
done
say end
