#!/bin/sh
# A machine whose host key is not known, on a real sshd: it is shown, and kept after a yes alone.
. "${srcdir:-.}/tests/screen/lib.sh"
sitrep_home
sshd=$(command -v sshd || echo /usr/sbin/sshd)
for needed in "$sshd" ssh ssh-keygen python3; do
	command -v "$needed" >/dev/null || skip_all "$needed is not installed"
done
[ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
for name in client host other; do
	ssh-keygen -q -t ed25519 -N '' -f "$work/$name"
done
port=$(python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

# sshd_up KEY: lib.sh ends it
sshd_up() {
	cat >"$work/sshd" <<Y
Port $port
ListenAddress 127.0.0.1
HostKey $1
AuthorizedKeysFile $work/client.pub
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
Y
	"$sshd" -D -e -f "$work/sshd" 2>>"$work/log" &
	world_pid=$!
	tries=0
	until python3 -c "import socket; socket.create_connection(('127.0.0.1', $port))" 2>/dev/null; do
		tries=$((tries + 1))
		[ "$tries" -lt 100 ] || { cat "$work/log"; echo "Bail out! sshd does not start"; exit 99; }
		sleep 0.1
	done
}

# machine NAME KNOWN_HOSTS [LINE]
machine() {
	printf 'Host %s\n %s\n HostName 127.0.0.1\n Port %s\n User %s\n' "$1" "${3:-}" "$port" "$(id -un)"
	printf ' IdentitiesOnly yes\n IdentityFile %s\n UserKnownHostsFile %s\n' "$work/client" "$2"
	printf ' GlobalKnownHostsFile none\n HashKnownHosts no\n'
}
know() { printf '[127.0.0.1]:%s %s\n' "$port" "$(cut -d' ' -f1,2 "$1")"; }
know "$work/host.pub" >"$work/known"
know "$work/other.pub" >"$work/changed"
printf '# mine, without an end' >"$work/mine"
# A machine that shows one key, and another when it is asked again.
cat >"$work/turns" <<Y
#!/bin/sh
echo >>$work/asked
[ "\$(wc -l <$work/asked)" -lt 3 ] || exec "$sshd" -i -f $work/sshd -h $work/other
exec "$sshd" -i -f $work/sshd
Y
chmod +x "$work/turns"
{
	machine fresh "$work/new/known_hosts"
	machine moved "$work/mine"
	machine jumped "$work/jumped" 'ProxyJump knows'
	machine knows "$work/known"
	machine changed "$work/changed"
	machine turns "$work/turned" "ProxyCommand $work/turns"
	machine nowhere /dev/null
} >"$work/ssh"
# configure NAME
configure() {
	printf 'kube: {enabled: false}\nssh:\n  command: [ssh, -F, %s]\n  every: %s\n' "$work/ssh" "${2:-5s}"
	printf '  hosts: [{node: box, host: %s}]\n' "$1"
} >"$work/config.yaml"
print=$(ssh-keygen -lf "$work/host.pub" | cut -d' ' -f2 | sed 's/[+.]/[&]/g')
same() { grep -qxF "$(know "$work/host.pub")" "$1"; }

sshd_up "$work/host"
for size in 80x24 200x50; do
	configure fresh
	rm -rf "$work/new"
	passes "read-only it only shows, $size" -s $size -- ./sitrep --config "$work/config.yaml" --read-only <<X
timeout 20000
key 0
wait Machines 0/1
wait its host key is not known here: t shows it
key t
wait ED25519 +$print
wait read-only: sitrep writes nothing, not even
key y
key Esc
key q
exit 0
X
	passes "a no, $size" -s $size -- ./sitrep --config "$work/config.yaml" <<X
timeout 20000
key 0
wait Machines 0/1
wait t host key
key t
wait ED25519 +$print
wait type yes and Enter
key y
key Enter
wait stays unknown; nothing was written
key t
wait type yes and Enter
key Esc
wait t host key
absent type yes
key q
exit 0
X
	[ ! -e "$work/new" ]
	point "nothing was written" $?
	passes "a yes, $size" -s $size -- ./sitrep --config "$work/config.yaml" <<X
timeout 20000
key 0
wait Machines 0/1
wait t host key
key t
wait type yes and Enter
key y e s
key Enter
wait is kept in
key Esc
wait Machines 1/1
wait open
key ^L
quiet 300
absent t host key
key q
exit 0
X
	same "$work/new/known_hosts"
	point "the key, as ssh would write it" $?
	[ "$(stat -c %a "$work/new" "$work/new/known_hosts" | tr '\n' ' ')" = "700 600 " ]
	point "the person's alone" $?
done

for name in moved jumped; do
	configure $name
	passes "$name" -s 80x24 -- ./sitrep --config "$work/config.yaml" <<X
timeout 20000
key 0
wait Machines 0/1
wait t host key
key t
wait ED25519 +$print
key y e s
key Enter
wait is kept in
key Esc
wait Machines 1/1
key q
exit 0
X
done
same "$work/mine" && [ "$(wc -l <"$work/mine")" = 2 ]
point "a file that ended in the middle of a line" $?
same "$work/jumped"
point "through a jump" $?

configure turns 10m
passes "who shows another key when asked again" -s 80x24 -- ./sitrep --config "$work/config.yaml" <<X
timeout 20000
key 0
wait Machines 0/1
wait t host key
key t
wait ED25519 +$print
key y e s
key Enter
wait it has shown ANOTHER key now: nothing was kept
key Esc
key q
exit 0
X
[ ! -e "$work/turned" ]
point "is not kept" $?
configure changed
passes "a changed key is not offered" -s 80x24 -- ./sitrep --config "$work/config.yaml" <<X
timeout 20000
key 0
wait Machines 0/1
wait its host key has CHANGED
key ^L
quiet 300
absent t host key
key t
wait is not an unknown one
key q
exit 0
X
configure nowhere
passes "nor a key where none is kept" -s 80x24 -- ./sitrep --config "$work/config.yaml" <<X
timeout 20000
key 0
wait Machines 0/1
wait t host key
key t
wait names no file of known hosts
key Esc
key q
exit 0
X
finish
