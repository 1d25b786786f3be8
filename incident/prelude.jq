# incident/prelude.jq: what every rule may use. null means "unknown" and goes through: a rule
# that compares what nobody could read gives null, never true and never false.

# Comparisons.
def eq(a; b): a as $a | b as $b | if $a == null or $b == null then null else $a == $b end;
def ne(a; b): a as $a | b as $b | if $a == null or $b == null then null else $a != $b end;
def lt(a; b): a as $a | b as $b | if $a == null or $b == null then null else $a < $b end;
def le(a; b): a as $a | b as $b | if $a == null or $b == null then null else $a <= $b end;
def gt(a; b): a as $a | b as $b | if $a == null or $b == null then null else $a > $b end;
def ge(a; b): a as $a | b as $b | if $a == null or $b == null then null else $a >= $b end;
def oneof(a; list): a as $a | list as $l
	| if $a == null or $l == null then null else ($l | index([$a])) != null end;
def like(a; regex): a as $a | if $a == null then null else $a | test(regex) end;

# Three-valued logic. One false decides and3, one true decides or3.
def and3(a; b): a as $a | if $a == false then false
	else b as $b | if $b == false then false
	elif $a == null or $b == null then null else true end end;
def or3(a; b): a as $a | if $a == true then true
	else b as $b | if $b == true then true
	elif $a == null or $b == null then null else false end end;
def not3(a): a as $a | if $a == null then null else $a | not end;
# Over a list, f of each. An unknown list stays unknown; an empty one has no member that fits.
def any3(list; f): list as $l | if $l == null then null
	else reduce $l[] as $x (false; or3(.; $x | f)) end;
def all3(list; f): list as $l | if $l == null then null
	else reduce $l[] as $x (true; and3(.; $x | f)) end;
def count3(list; f): list as $l | if $l == null then null
	else [$l[] | select(f == true)] | length end;

# Names and thresholds: the configuration's, else the failure mode's own.
def name($key): $profile.names[$key];
def threshold($key): $profile.thresholds[$key];
def target_parts: if . == null then null else split("/")
	| {kind: .[0], ns: (if length > 2 then .[1] else null end), name: .[-1]} end;

# Seconds between a time (epoch seconds) and now.
def age(t): t as $t | if $t == null then null else $now - $t end;
def within(t; seconds): le(age(t); seconds);

# For people. Unknown is said, never guessed.
def _round1: . * 10 + 0.5 | floor / 10;
def _units: if . < 1024 then "\(floor)B"
	elif . < 1048576 then "\(. / 1024 | _round1)K"
	elif . < 1073741824 then "\(. / 1048576 | _round1)M"
	else "\(. / 1073741824 | _round1)G" end;
def bytes: if type == "number" then _units else "?" end;
def percent: if type == "number" then "\(. * 100 + 0.5 | floor)%" else "?" end;
def ratio(a; b): a as $a | b as $b
	| if $a == null or $b == null or $b == 0 then null else $a / $b end;
def duration: if type != "number" then "?"
	else (if . < 0 then 0 else floor end)
	| if . < 120 then "\(.)s"
	elif . < 600 then "\(. / 60 | floor)m\(. % 60)s"
	elif . < 7200 then "\(. / 60 | floor)m"
	elif . < 36000 then "\(. / 3600 | floor)h\(. % 3600 / 60 | floor)m"
	elif . < 172800 then "\(. / 3600 | floor)h"
	else "\(. / 86400 | floor)d" end end;
def since(t): age(t) | duration;
def count(n; one; many): n as $n | if $n == null then "an unknown number of \(many)"
	elif $n == 1 then "1 \(one)" else "\($n) \(many)" end;
def known: if . == null then "unknown" else . end;
def rounded: if type == "number" then . + 0.5 | floor else known end;
