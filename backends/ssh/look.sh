# shellcheck shell=sh
# backends/ssh/look.sh: what sitrep asks a machine: this text, on the standard input of
# `sh -s -- WAYS`, WAYS being "big" (look for big directories) or "-", then HOST:PORT to connect to.
# It reads, writes nothing, and each question has its own deadline.
LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL PATH
ask() { timeout 5 "$@" 2>/dev/null </dev/null; }
as_root() { if [ "$(id -u)" = 0 ]; then ask "$@"; else ask sudo -n "$@"; fi; }
say() { printf '@@%s\n' "$1"; }

say clock
date +%s.%N
say uptime
cat /proc/uptime 2>/dev/null
say load
cat /proc/loadavg 2>/dev/null
say cpus
ask getconf _NPROCESSORS_ONLN
say disks
ask df -Pk -x tmpfs -x devtmpfs -x overlay -x squashfs -x efivarfs || ask df -Pk
say inodes
ask df -Pi -x tmpfs -x devtmpfs -x overlay -x squashfs -x efivarfs || ask df -Pi
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
	timeout 20 nice -n 19 du -xk -d 2 / 2>/dev/null </dev/null | sort -rn | head -n 13
fi
shift
for target in "$@"; do
	say reach
	begun=$(date +%s%N)
	# shellcheck disable=SC2016
	if timeout 3 bash -c 'exec 3<>"/dev/tcp/$1/$2"' connect "${target%:*}" "${target##*:}" \
		2>/dev/null </dev/null; then
		echo "$target ok $((($(date +%s%N) - begun) / 1000000))"
	else
		echo "$target failed $((($(date +%s%N) - begun) / 1000000))"
	fi
done
say end
