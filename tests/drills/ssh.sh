#!/bin/bash
# The real ssh on the simulated machines: commands, a shell, ways through them; and what sitrep makes
# of machines that fill up, lose services, are changed, fall silent, refuse or lock us out.
. "$(dirname "$0")/lib.sh"
command -v ssh >/dev/null || skip_all "there is no ssh"
SITREP=${SITREP:-./sitrep}
one=ubuntu-8gb-nbg1-1 two=ubuntu-8gb-nbg1-2 three=ubuntu-8gb-nbg1-3

# world ARGUMENTS...
world() {
	world_start "$@" || not_ok "the world starts" "$(cat "$dir/err")"
	config=$(sed -n 's/.*"config":"\([^"]*\)".*/\1/p' "$dir/out" | head -1)
	files=$(dirname "$config")
}
s() { timeout 20 ssh -F "$files/ssh_config" -o ConnectTimeout=15 "$@" 2>&1 9>&-; }
status() {
	s "$@" >/dev/null
	echo $?
}
# ping TARGET NODE: a Redis behind a machine
ping() { printf 'PING\r\nQUIT\r\n' | s -W "$1" "$2"; }

world
check "a command" 'up 41 days.*load average: 0\.62' s $one uptime
check "each machine is itself" "^$two\$" s $two hostname
check "df -h" '^/dev/sda1 +75G +[0-9]+G +[0-9]+G +4[0-9]% /$' s $one df -h
check "free -m" '^Mem: +7751' s $one free -m
check "systemctl status" 'Active: active \(running\) since' s $one systemctl status k3s
check "journalctl" 'Started k3s.service' s $one sudo journalctl -u k3s -n 5
check "ufw" '^\[ 4\] 6443/tcp +ALLOW IN +10\.0\.0\.0/24$' s $one sudo -n ufw status numbered
check "du" '^843776	/var/log/journal$' s $one du -xk -d 1 /var/log
check "the rest is not found" '^rm: command not found$' s $one rm -rf /
check "and has a status" '^127$' status $one rm -rf /
check "a status of its own" '^1$' status $one nc -z 192.0.2.1 80
check "no shell's signs" "takes no shell's signs" s $one 'df -h; rm x'
check "no scripts" 'runs no scripts' sh -c \
	"echo 'rm -rf /' | ssh -F '$files/ssh_config' $one 'sh -s -- big' 2>&1 9>&-"
check "a shell, with a slip of the finger" 'load average' sh -c \
	"printf 'uptimx\\177e\\rexit\\r' | ssh -tt -F '$files/ssh_config' $one 2>&1 9>&-"
check "no copies" 'command not found' sh -c \
	"scp -O -F '$files/ssh_config' '$files/token' $one:/tmp/token 2>&1 9>&-"
check "no file transfer" 'subsystem request failed' sh -c \
	"sftp -F '$files/ssh_config' $one 2>&1 9>&- </dev/null"
ssh-keygen -q -t ed25519 -N '' -f "$dir/stranger" 9>&-
check "a stranger's key" 'Permission denied \(publickey\)' \
	s -o "IdentityFile=$dir/stranger" -o IdentitiesOnly=yes -F none -o "Port=$(sed -n \
	"/^Host $one\$/,/Port/s/.*Port //p" "$files/ssh_config")" \
	-o "UserKnownHostsFile=$files/known_hosts" 127.0.0.1 uptime
check "through it, to the service's Redis" '^\+PONG' ping 10.43.201.9:6379 $one
check "through it, to its own loopback" '^\+PONG' ping "127.0.0.1:$redis_port" $one
check "through it, to the next" "^$two\$" s -J $one root@10.0.0.3 hostname
check "not to what is this computer's" 'administratively prohibited' s -W 127.0.0.1:22 $one
seq 300000 | tr '\n' 'x' >"$dir/large"
check "a large value through it comes back whole" '^\$1988895$' sh -c \
	"{ printf '*3\r\n\$3\r\nSET\r\n\$5\r\nlarge\r\n\$%d\r\n' \$(wc -c <'$dir/large'); cat '$dir/large'; \
	printf '\r\nGET large\r\nQUIT\r\n'; } | timeout 20 ssh -F '$files/ssh_config' -W \
	10.43.201.9:6379 $one 2>&1 9>&- | tr -d '\r' | head -2"
check "the key is ours alone" '^600$' stat -c %a "$files/id_drill"
check "nothing of the person's own is made" '^$' sh -c "ls -d '$dir/.ssh' 2>/dev/null"
world_stop
check "nothing is left behind" '^$' sh -c "ls -d '$files' 2>/dev/null"

cat >"$dir/ill.yaml" <<X
id: ill
title: t
mode: m
story: s
timeline:
  - {at: 0.1, do: disk-fill, node: $one, path: /var/log/journal, to_percent: 97}
  - {at: 0.1, do: ufw-rule, node: $one, rule: 8080/tcp ALLOW IN Anywhere}
  - {at: 0.1, do: ufw-delete, node: $one, rule: 6443/tcp ALLOW IN 10.0.0.0/24}
  - {at: 0.1, do: k3s-stop, node: $two, lines: ["k3s[812]: level=fatal msg=no-space-left"]}
  - {at: 0.1, do: clock-skew, node: $three, seconds: 90}
  - {at: 0.1, do: load, node: $three, load: 31.5}
  - {at: 0.1, do: ufw-rule, node: $three, rule: 8472/udp DENY IN Anywhere}
healed:
  - {machine_well: $one}
X
world --scenario "$dir/ill.yaml"
eventually 5 "the disk is full" '97% /$' s $one df -h /
[ -z "$KUBECTL" ] || check "its kubelet feels it" '^True$' k get node $one \
	-o 'jsonpath={.status.conditions[?(@.type=="DiskPressure")].status}'
check "the service is down" 'Active: failed' s $two systemctl status k3s
check "and says it by its status" '^3$' status $two systemctl is-active k3s
check "and says why" 'no-space-left' s $two journalctl -u k3s
check "its clock" '^1$' sh -c \
	"echo \$((\$(ssh -F '$files/ssh_config' $three date +%s 9>&-) - \$(date +%s) > 80))"
command -v jq >/dev/null || SITREP=
facts() { timeout 60 "$SITREP" --config "$config" --timeout 25 facts 2>"$dir/facts.err" 9>&-; }
item() { jq -c ".hosts.items[] | select(.node == \"$1\") | $2" "$dir/facts"; }
if [ -x "$SITREP" ]; then
	facts >"$dir/facts"
	check "sitrep: the disk" '\["fresh",97\]' item $one '[.freshness.state, .fullest_percent]'
	check "sitrep: the rules" '\[\["8080/tcp ALLOW IN Anywhere"\],\["6443/tcp ALLOW IN 10.0.0.0/24"\]\]' \
		item $one '.firewall | [[.unexpected[].text], .missing]'
	check "sitrep: the service" '\["k3s","failed",5\]' item $two '.unit | [.name, .active, .restarts]'
	check "sitrep: the clock and the load" '^true$' item $three \
		'.skew_ms > 80000 and .skew_ms < 100000 and .load1 == 31.5'
	check "sitrep: the overlay" '\[true,true,false,false,true\]' item $three '[.reach[].ok]'
fi
world_stop

cat >"$dir/deaf.yaml" <<X
id: deaf
title: t
mode: m
story: s
timeline:
  - {at: 0.1, do: ssh-fault, node: $one, ssh: refuse}
  - {at: 0.1, do: ssh-fault, node: $two, ssh: lock}
  - {at: 0.1, do: stop-node, node: $three}
X
world --scenario "$dir/deaf.yaml"
eventually 5 "refused" 'Connection refused' s $one uptime
check "locked out" 'Permission denied' s $two uptime
check "silent" 'timed out' s -o ConnectTimeout=2 $three uptime
if [ -x "$SITREP" ]; then
	facts >"$dir/facts"
	check "sitrep: refused a connection" '\["unknown","connection refused"\]' \
		item $one '.freshness | [.state, .reason]'
	check "sitrep: locked out" '\["refused",".*none of our keys' item $two '.freshness | [.state, .reason]'
	check "sitrep: silent" '\["unknown",".*(says nothing|in time)' item $three '.freshness | [.state, .reason]'
fi
world_stop

cat >"$dir/back.yaml" <<X
id: back
title: t
mode: m
story: s
timeline:
  - {at: 0.1, do: ssh-fault, node: $one, ssh: refuse}
  - {at: 0.1, do: ssh-fault, node: $two, ssh: changed-key}
  - {at: 0.1, do: ssh-fault, node: $three, ssh: hang}
  - {at: 8, do: ssh-heal, node: $one}
  - {at: 8, do: ssh-heal, node: $two}
  - {at: 8, do: ssh-heal, node: $three}
healed:
  - {machine_well: $one}
  - {machine_well: $two}
  - {machine_well: $three}
X
world --scenario "$dir/back.yaml"
eventually 5 "a changed key" 'IDENTIFICATION HAS CHANGED' s $two uptime
eventually 20 "back: a refused port" 'load average' s $one uptime
eventually 20 "back: the key" 'load average' s $two uptime
eventually 20 "back: a silent one" 'load average' s -o ConnectTimeout=2 $three uptime
eventually 20 "and the drill is solved" '"event":"recovered"' cat "$dir/out"
world_stop

cat >"$dir/nonsense.yaml" <<X
id: ill
title: t
mode: m
story: s
timeline:
  - {at: 1, do: disk-fill, node: $one, to_percent: 970}
X
check "nonsense is named, with its place" 'nonsense.yaml:6: disk-fill needs node' \
	sh -c "'$WORLD' --scenario '$dir/nonsense.yaml' 2>&1 </dev/null 9>&- || true"
world
check "garbage ends the connection and nothing else" 'load average' bash -c \
	"exec 3<>/dev/tcp/127.0.0.1/\$(sed -n 's/.*Port //p' '$files/ssh_config' | head -1); \
	head -c 100000 /dev/urandom >&3 2>/dev/null; exec 3>&-; ssh -F '$files/ssh_config' $one uptime 9>&-"
for i in 1 2 3 4 5 6 7 8; do s $one hostname >"$dir/many.$i" & done
many() { cat "$dir"/many.* | grep -c "^$one\$"; }
eventually 20 "many at once" '^8$' many
done_testing
