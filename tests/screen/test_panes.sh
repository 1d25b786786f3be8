#!/bin/sh
# Every pane at 80x24 and 200x50, in colours and without, in UTF-8 and the C locale: the titles of its
# columns stand there whole, its rows say what they should, and so does the story of one.
. "${srcdir:-.}/tests/screen/lib.sh"
sitrep_home
[ -x ./sitrep-world ] || skip_all "sitrep-world was not built (--disable-world)"

# Key, then what must stand there at 80x24 and at 200x50; ~ is the right edge. A row that begins with
# a blank belongs to the pane above it.
panes() {
	cat <<'X'
1@no incident@no incident
2@NAME +STATUS +CPU +MEM +DISK REACHED +PODS~@NAME +STATUS +CPU +MEM +DISK REACHED +PODS~
 @-nbg1-1 +. Ready +[0-9]+% +[0-9]+% \[.*\]@-nbg1-1 +. Ready +[0-9]+% +[0-9]+% \[.*\]
3@NAMESPACE +NAME. +READY STATUS +RESTARTS +AGE~@NAME. +READY STATUS +RESTARTS +CPU +MEM NODE +AGE~
 @honeydue +api-[0-9a-f]+-[a-z0-9]+ +1/1 +. Running@redis-[0-9a-f]+-[a-z0-9]+ +1/1 +. Running
4@BIGGEST KEYS, PREFIXES +TYPE +SIZE +KEYS +TTL~@BIGGEST KEYS, PREFIXES +TYPE +SIZE +KEYS +TTL~
 @memory +[0-9.]+M of 256M \([0-9]+%\) \[ *\]@asynq:.* (hash|zset) +[0-9.]+K +no TTL~
5@AGO ACTION +TARGET +STATE +RESULT~@AGO ACTION +TARGET +STATE +RESULT~
6@PID +IN TX STATE +WHO +QUERY~@sessions [0-9]+ of 97
 @direct +. ok +[<0-9.]+m?s .+ dns .* tcp .* auth@direct +. ok +[<0-9.]+m?s .+ dns
7@VENDOR +STATE +WHAT +SINCE POP~@VENDOR +STATE +WHAT~
 @Cloudflare +. ok +FRA~@Cloudflare +. ok~
8@PROBE +RESULT +MEDIAN TREND +CERT ANSWER~@PROBE +RESULT +MEDIAN~
 @registry +. ok +[<0-9.]+ m?s .+ 401 registry@api\.myhoney.*edge +. ok +[<0-9.]+ m?s
9@QUEUE +STATE +WAIT OLDEST BACKLOG +ACTIVE +RETRY ARCHIVED~@QUEUE +STATE +WAIT OLDEST~
 @worker-[^ ]+ +. live +[0-9]+/10@default +. ok +[0-9]+
0@MACHINE +SSH +FULLEST DISK +SERVICE +REACHES +LOAD~@FIREWALL +REACHES +LOAD OF ITS CPUS +CLOCK~
 @-nbg1-1 +. open +[0-9]+% / +\[.*\] k3s active@-nbg1-1 +. open +[0-9]+% / +\[.*\] k3s active
m@APP +METRIC +NOW +GROWS +AGE~@APP +METRIC +NOW~
 @vmagent +vmagent_remotewrite_pending_data_bytes +0B@vmagent +vmagent_re.*_data_bytes +0B~
V@CLAIM OR VOLUME +STATE +PROBLEM, OR BOUND TO +ON NODE +SIZE~@PROBLEM, OR BOUND TO +ON NODE +SIZE CLASS +AGE~
 @honeydue/redis-data +. Bound@honeydue/redis-data +. Bound +pvc-.* local-path
W@AGO KIND +ABOUT +WHAT~@AGO KIND +ABOUT +WHAT~
C@REQUESTS/MIN +IN/MIN +OUT/MIN CONNECTS/MIN +REQUESTS +BYTES~@CONNECTS/MIN +REQUESTS +BYTES~
 @kube +[1-9][0-9]* +[0-9.]+[KM]@redis +[1-9][0-9]* +[0-9.]+[KM]
X
}

# script FIELD EDGE CHECK...: each pane, and what is told of its first row, with every check
script() {
	field=$1
	edge=$2
	shift 2
	panes | cut -d@ -f"1,$field" | sed "s/~\$/$edge/" | while IFS=@ read -r key row; do
		[ "$key" = ' ' ] || echo "key $key"
		printf 'wait %s\nsync\n' "$row"
		printf '%s\n' "$@"
		case $key in
		[02346789Vm])
			printf 'key Enter\nsync\nwait close\n'
			printf '%s\n' "$@"
			echo 'key Esc'
			;;
		esac
	done
}

# looked NAME LOCALE THEME CHECK...
looked() {
	name=$1
	locale=$2
	theme=$3
	shift 3
	{
		printf 'timeout 20000\nwait no incident\nkey 0\nwait Machines 3/3\nkey 4\nwait scan +done\n'
		script 2 ' *$' "$@"
		printf 'key 3\nresize 200x50\nwait Vendors 6/6\n'
		script 3 ' *[│|]' "$@"
		printf 'key q\nexit 0\nrestored\n'
	} >"$work/panes.vt"
	passes "$name" -m -s 80x24 -f "$work/panes.vt" -e LC_ALL="$locale" -- \
		./sitrep --theme "$theme" --world
}

looked "in colours" C.UTF-8 default 'colours some'
looked "without colours" C.UTF-8 mono 'colours none'
looked "in the C locale, without colours" C mono ascii 'colours none'
looked "in the C locale, high contrast" C high-contrast ascii
finish
