#!/bin/bash
# Machines over SSH, on a real sshd: keys, agent, jump, host keys that are unknown, hashed and changed,
# and everything that can be wrong with an answer. What the machine was asked stands in a log.
# shellcheck source=tests/services/lib.sh
. "$(dirname "$0")/lib.sh"
sshd=$(command -v sshd || echo /usr/sbin/sshd)
for needed in "$sshd" ssh ssh-keygen ssh-agent python3; do
	command -v "$needed" >/dev/null || { echo "1..0 # SKIP $needed is not installed"; exit 77; }
done
[ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
s=$work/ssh
mkdir -p "$s/bin"
chmod 700 "$s"
export HOME=$s
unset SSH_AUTH_SOCK
for kind in ed25519 ecdsa rsa; do
	ssh-keygen -q -t $kind -N '' -f "$s/$kind"
	ssh-keygen -q -t $kind -N '' -f "$s/host-$kind"
done
ssh-keygen -q -t ed25519 -N '' -f "$s/stranger"
cat "$s/ed25519.pub" "$s/ecdsa.pub" "$s/rsa.pub" >"$s/authorized"

# What a machine with k3s and ufw would say; each call is written down.
shim() {
	{ printf '#!/bin/sh\necho "%s $*" >>%s\n' "$1" "$s/asked"; cat; } >"$s/bin/$1"
	chmod +x "$s/bin/$1"
}
shim systemctl <<'X'
case $2 in
k3s) printf 'NRestarts=4\nId=k3s.service\nLoadState=loaded\nActiveState=active\nSubState=running\n' ;;
*) printf 'NRestarts=0\nId=%s.service\nLoadState=not-found\nActiveState=inactive\nSubState=dead\n' "$2" ;;
esac
X
shim ufw <<'X'
printf 'Status: active\n\n     To                         Action      From\n     --                         ------      ----\n'
printf '[ 1] 22/tcp                     ALLOW IN    Anywhere\n[ 2] 80/tcp                     DENY IN     Anywhere\n'
X
shim journalctl <<'X'
echo 'Archived and active journals take up 1.5G in the file system.'
X

free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
port=$(free_port)
cat >"$s/sshd_config" <<X
Port $port
ListenAddress 127.0.0.1
HostKey $s/host-ed25519
HostKey $s/host-ecdsa
AuthorizedKeysFile $s/authorized
PidFile $s/pid
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
LogLevel VERBOSE
MaxStartups 100
SetEnv PATH=$s/bin:/usr/local/bin:/usr/bin:/bin
X
sshd_up() {
	"$sshd" -D -e -f "$s/sshd_config" 2>>"$s/log" &
	sshd_pid=$!
	children+=("$sshd_pid")
	for _ in {1..100}; do
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return
		sleep 0.05
	done
	echo "Bail out! sshd does not start"
	exit 99
}
sshd_up
know() { printf '[127.0.0.1]:%s %s\n' "$port" "$(cut -d' ' -f1,2 "$1")"; }
know "$s/host-ed25519.pub" >"$s/known"
know "$s/stranger.pub" >"$s/changed"
cp "$s/known" "$s/hashed"
ssh-keygen -q -H -f "$s/hashed" >/dev/null 2>&1
: >"$s/empty"
cp "$s/known" "$s/offered"

# machine NAME KEY KNOWN [LINE]: an alias in the person's configuration of ssh
machine() {
	printf 'Host %s\n %s\n HostName 127.0.0.1\n Port %s\n User %s\n' "$1" "${4:-}" "$port" "$(id -un)"
	printf ' IdentitiesOnly yes\n IdentityFile %s\n UserKnownHostsFile %s\n' "$2" "$3"
	printf ' GlobalKnownHostsFile none\n'
}
silent_server
python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(8)
print(s.getsockname()[1], flush=True)
while True:
    c, _ = s.accept()
    c.sendall(b"\x1b[31mHTTP/1.1 400 what?\r\n" * 200)
    c.close()' >"$work/garbage" &
children+=($!)
until [ -s "$work/garbage" ]; do sleep 0.02; done
{
	machine ed25519 "$s/ed25519" "$s/known"
	machine ecdsa "$s/ecdsa" "$s/known"
	machine rsa "$s/rsa" "$s/known"
	machine hashed "$s/ed25519" "$s/hashed"
	machine unknown "$s/ed25519" "$s/empty"
	machine changed "$s/ed25519" "$s/changed"
	machine stranger "$s/stranger" "$s/known"
	machine jump "$s/ed25519" "$s/known" "ProxyJump ed25519"
	machine commands "$s/ed25519" "$s/known" "RemoteCommand tmux"
	machine offered "$s/ed25519" "$s/offered" "UpdateHostKeys yes"
	machine nobody "$s/ed25519" "$s/known" "Port 1"
	printf 'Host silent\n HostName 127.0.0.1\n Port %s\n' "$silent"
	printf 'Host garbage\n HostName 127.0.0.1\n Port %s\n' "$(cat "$work/garbage")"
	printf 'Host nowhere\n HostName nowhere.invalid\n'
} >"$s/config"

# hosts NAME...: a configuration with these machines; further lines of it on standard input
hosts() {
	local name
	{
		printf 'kube: {enabled: false}\nssh:\n  command: [ssh, -F, %s]\n  timeout: %s\n' "$s/config" "${timeout:-4s}"
		cat
		printf '  hosts:\n'
		for name in "$@"; do
			printf '    - {node: node-%s, host: %s}\n' "$name" "$name"
		done
	} >"$work/config.yaml"
}
host() { facts ".hosts.items[] | select(.node == \"node-$1\") | $2"; }

# Patiently: a busy machine is not what is tested here.
take_facts() { look facts --timeout 60 >"$work/facts" 2>"$work/errors"; }
timeout=30s hosts ed25519 ecdsa rsa hashed jump commands offered unknown changed stranger nobody silent garbage nowhere <<X
  reach: ["127.0.0.1:$port", "127.0.0.1:1"]
  firewall: ["22/tcp ALLOW IN Anywhere", "6443/tcp ALLOW IN Anywhere"]
X
take_facts
for name in ed25519 ecdsa rsa hashed jump commands offered; do
	check "$name: looked at" '"fresh"' host $name .freshness.state
done
check "its real disks" '^[1-9][0-9]*$' host ed25519 '.disks | length'
percent=$(df -Pk "$(host ed25519 '.disks[0].mount' | tr -d '"')" | awk 'NR == 2 { sub("%", "", $5); print $5 }')
check "as full as df says" "^\\($((percent - 1))\\|$percent\\|$((percent + 1))\\)\$" host ed25519 '.disks[0].percent'
check "its uptime, load and CPUs" '^true$' host ed25519 '.uptime_s > 0 and .load1 >= 0 and .cpus > 0'
check "its clock is ours" '^true$' host ed25519 '.skew_ms > -3000 and .skew_ms < 3000'
check "the service in systemd's words" '^\["k3s","active","running",4\]$' \
	host ed25519 '[.unit.name, .unit.active, .unit.sub, .unit.restarts]'
check "the journal's size" '^1610612736$' host ed25519 .journal_bytes
check "the firewall's rules" '^\["active",2\]$' host ed25519 '[.firewall.state, .firewall.rules]'
check "one that should not stand, by its number" '^{"number":2,"text":"80/tcp DENY IN Anywhere"}$' \
	host ed25519 '.firewall.unexpected[]'
check "one that is missing" '^\["6443/tcp ALLOW IN Anywhere"\]$' host ed25519 .firewall.missing
check "what can be reached from there" '^\[true,false\]$' host ed25519 '[.reach[].ok]'
check "an unknown host key is not accepted" '"its host key is not known here: .*run `ssh unknown` once' \
	host unknown .freshness.reason
check "and is refused, not stale" '"refused"' host unknown .freshness.state
check "nor learnt" '^0$' sh -c "wc -c <'$s/empty'"
check "nor are the keys that a known server offers" '^same$' \
	sh -c "cmp '$s/known' '$s/offered' && echo same"
check "a changed host key is told loudly" 'host key has CHANGED' host changed .freshness.reason
check "a wrong key" '"none of our keys opens it"' host stranger .freshness.reason
check "nobody listens" '"connection refused"' host nobody .freshness.reason
check "who accepts and says nothing" 'says nothing\|in time' host silent .freshness.reason
check "who says nonsense" '"unknown"' host garbage .freshness.state
check "and none of it reaches the terminal" '^0$' sh -c "grep -c '\\\\u001b' '$work/facts'"
check "a name that does not resolve" '"name does not resolve"' host nowhere .freshness.reason
check "is our link's fault" '"my link"' host nowhere .freshness.fault
check "the text says it too" 'node-ed25519 *open .*k3s active' look --once --timeout 30
check "the machine was asked what is in the table, and nothing else" '^journalctl --disk-usage systemctl show k3s -p Id -p LoadState -p ActiveState -p SubState -p NRestarts systemctl show k3s-agent -p Id -p LoadState -p ActiveState -p SubState -p NRestarts ufw status numbered $' \
	sh -c "sort -u '$s/asked' | tr '\n' ' '"
check "sshd saw one command a look" '^0$' sh -c "grep 'Starting session' '$s/log' | grep -vc 'command'"

timeout=30s hosts agent <<<''
{ machine agent none "$s/known" | sed '/IdentitiesOnly/d'; } >>"$s/config"
eval "$(ssh-agent -s)" >/dev/null
children+=("$SSH_AGENT_PID")
ssh-add -q "$s/ecdsa"
take_facts
check "a key that only the agent has" '"fresh"' host agent .freshness.state
kill -STOP "$SSH_AGENT_PID"
hosts agent <<<''
begun=$SECONDS
take_facts
check "a frozen agent costs its deadline and no more" '"it did not answer in time"' host agent .freshness.reason
check "which was four seconds" '^1$' sh -c "echo $((SECONDS - begun < 12))"
kill -CONT "$SSH_AGENT_PID"
unset SSH_AUTH_SOCK

shim df <<<'/bin/df "$@"; exit 1'
timeout=30s hosts ed25519 <<<''
take_facts
check "what df could not look at repeats no disk" '^true$' \
	host ed25519 '[.disks[].mount] | length > 0 and length == (unique | length)'
big=99999999999999999999
shim df <<<"echo Filesystem; echo '/dev/a $big $big $big 50% /a'; echo '/dev/b 100 88 9 91% /b'"
take_facts
check "sizes that can't be are no disk" '^\["/b",91\]$' \
	host ed25519 '.disks[] | [.mount, .percent]'
# Names with blanks, more disks than are kept with the fullest at the end, and lines without an end.
shim df <<'X'
case $1 in
-Pk) echo 'Filesystem 1024-blocks Used Available Capacity Mounted on'
	for i in 1 2 3 4 5 6 7 8 9; do echo "/dev/$i 100 1$i 8$i 15% /few/$i"; done
	echo '//nas/My 2 Shares 1000 950 50 95% /mnt/my files' ;;
*) echo '//nas/My 2 Shares 1000 990 10 99% /mnt/my files' ;;
esac
X
shim du <<<"printf '700\t/mnt/my files/log\n'; echo 'du: /root: Permission denied' >&2; exit 1"
shim journalctl <<<"printf 'Archived and active journals take up 1.5G in the file system.'"
shim systemctl <<'X'
case $2 in
k3s) printf 'Id=k3s.service\nLoadState=loaded\nActiveState=inactive\nSubState=dead' ;;
*) printf 'Id=k3s-agent.service\nLoadState=loaded\nActiveState=active\nSubState=running' ;;
esac
X
localedef -f UTF-8 -i de_DE "$work/de_DE.UTF-8" >/dev/null 2>&1
timeout=30s hosts ed25519 <<<''
# The first look finds that a disk is full, the second looks for what fills it.
sed -i 's/^ssh:/&\n  every: 5s/' "$work/config.yaml"
env LOCPATH="$work" LC_ALL=de_DE.UTF-8 "$sitrep" --config "$work/config.yaml" facts --every 2 \
	--timeout 60 >"$work/stream" 2>"$work/errors" &
stream=$!
children+=("$stream")
for _ in {1..200}; do
	tail -n 1 "$work/stream" | jq '.hosts.items[0].big_age != null' 2>/dev/null | grep -q true && break
	sleep 0.2
done
kill "$stream"
tail -n 1 "$work/stream" >"$work/facts"
sed 's/^/# /' "$work/errors"
check "the fullest of many disks, with blanks in its names" '^\["/mnt/my files",95,99\]$' \
	host ed25519 '[.disks[] | select(.percent == 95)][0] | [.mount, .percent, .inodes_percent]'
check "eight are kept" '^8$' host ed25519 '.disks | length'
check "what du could not read is said" '^\["/mnt/my files/log",716800,true\]$' \
	host ed25519 '[.big[0].path, .big[0].bytes, .big_partial]'
check "a line without an end hides no section" '^\[1610612736,"k3s-agent","active","running"\]$' \
	host ed25519 '[.journal_bytes, .unit.name, .unit.active, .unit.sub]'
check "and 0.5 is a number where people write 0,5" '^0$' sh -c "wc -c <'$work/errors'"
rm "$s/bin/df" "$s/bin/du"

shim ufw <<<'head -c 2000000 /dev/zero | tr "\0" x'
timeout=30s hosts ed25519 <<<''
take_facts
check "a machine that says too much is not believed" '"it said more than it was asked"' \
	host ed25519 .freshness.reason
shim ufw <<<'exit 1'
shim systemctl <<<'sleep 60'
timeout=30s hosts ed25519 <<<''
take_facts
check "what hangs there is given up, the rest is told" '"fresh"' host ed25519 .freshness.state
check "the service is unknown, not well" '^null$' host ed25519 .unit.active
check "so is the firewall" '^null$' host ed25519 .firewall.state
kill -STOP "$sshd_pid"
hosts ed25519 <<<''
take_facts
check "a frozen sshd" '"unknown"' host ed25519 .freshness.state
kill -CONT "$sshd_pid"

# One that takes passwords alone, and one that is restarted in between.
password_port=$(free_port)
sed "s/^Port .*/Port $password_port/; s/^PasswordAuthentication .*/PasswordAuthentication yes/; /^PidFile/d" \
	"$s/sshd_config" >"$s/password_config"
echo 'PubkeyAuthentication no' >>"$s/password_config"
"$sshd" -D -e -f "$s/password_config" 2>>"$s/log" &
children+=($!)
for _ in {1..100}; do
	(exec 3<>"/dev/tcp/127.0.0.1/$password_port") 2>/dev/null && break
	sleep 0.05
done
printf '[127.0.0.1]:%s %s\n' "$password_port" "$(cut -d' ' -f1,2 "$s/host-ed25519.pub")" >>"$s/known"
machine password "$s/ed25519" "$s/known" "Port $password_port" >>"$s/config"
timeout=30s hosts password <<<''
take_facts
check "one that takes passwords alone says so" \
	'\["refused","it takes passwords alone, and sitrep has none: let a key open it"\]' \
	host password '[.freshness.state, .freshness.reason]'
shim systemctl <<<'echo'
timeout=30s hosts ed25519 <<<'  every: 5s'
# Itself and no function around it, so that what is killed is sitrep.
"$sitrep" --config "$work/config.yaml" facts --every 2 --timeout 60 >"$work/stream" 2>/dev/null &
stream=$!
children+=("$stream")
latest() { tail -n 1 "$work/stream" | jq -c '.hosts.items[0].freshness.state'; }
becomes() {
	local tries
	for tries in {1..200}; do
		[ "$(latest)" = "\"$1\"" ] && break
		sleep 0.2
	done
	echo "$(latest) after $tries looks"
}
check "before sshd is restarted" '^"fresh"' becomes fresh
kill "$sshd_pid"
wait "$sshd_pid" 2>/dev/null
check "while it is away" '^"stale"' becomes stale
sshd_up
check "a restarted sshd is found again" '^"fresh"' becomes fresh
kill "$stream"

# A Redis that only the machine reaches.
"$top/tests/services/redis.sh" up "$work/redis" >/dev/null
children+=("$(sed -n 's/^pid=//p' "$work/redis/env" | head -1)")
url=$(grep -o 'redis://[^"'"'"' ]*' "$work/redis/env" | head -1)
hosts <<<''
sed -i '/^  hosts:/d' "$work/config.yaml"
printf 'redis:\n  url: %s\n  via: {ssh: {host: ed25519}}\n' "$url" >>"$work/config.yaml"
take_facts
check "a Redis through the machine" '"fresh"' facts .redis.freshness.state
sed -i 's/host: ed25519/host: stranger/' "$work/config.yaml"
take_facts
check "whose way is closed says why" 'none of our keys' facts .redis.freshness.reason
"$top/tests/services/redis.sh" down "$work/redis"

printf 'ssh: {hosts: [{node: a, host: "-oProxyCommand=touch x"}]}\n' >"$work/config.yaml"
check "an option is no machine" "config.yaml:1:31: ssh.hosts\[0\].host: expected a name" look facts
printf 'ssh: {hosts: [{node: a}], reach: ["$(reboot):1"]}\n' >"$work/config.yaml"
printf 'ssh: {hosts: [{node: a}], reach: ["a:1", "a:2", "a:3", "a:4", "a:5", "a:6", "a:7", "a:8", "a:9"]}\n' \
	>"$work/many.yaml"
check "nine addresses are one too many" "ssh.reach: expected at most 8" \
	"$sitrep" --config "$work/many.yaml" facts
check "a shell's words are no address" "ssh.reach\[0\]: expected ADDRESS:PORT" look facts
finish
