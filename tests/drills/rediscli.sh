#!/bin/bash
# The real redis-cli on the simulated Redis.
. "$(dirname "$0")/lib.sh"
[ -n "$REDIS_CLI" ] || skip_all "there is no redis-cli"

world_start || not_ok "the world starts" "$(cat "$dir/err")"
check "PING" 'PONG' r ping
check "INFO" 'maxmemory_policy:allkeys-lru' r info
check "INFO of sections" 'db0:keys=[0-9]+,expires=[0-9]+' r info memory keyspace
check "only those" '^0$' sh -c "$REDIS_CLI -p $redis_port info keyspace | grep -c used_memory"
check "DBSIZE" '^[12][0-9]{3}$' r dbsize
size=$(r dbsize)
check "SCAN sees everything" '^ok$' sh -c \
	"n=\$($REDIS_CLI -p $redis_port --scan | sort -u | wc -l); \
	 [ \$n -gt $((size - 100)) ] && [ \$n -lt $((size + 100)) ] && echo ok || echo \$n of $size"
check "SCAN MATCH" '^residence_ids:user:[0-9]+$' r --scan --pattern 'residence_ids:*'
check "SCAN TYPE" 'asynq:queues' r scan 0 count 100000 type set
check "--bigkeys" 'Sampled [0-9]+ keys' r --bigkeys
check "--memkeys" 'Biggest string found' r --memkeys
check "--latency" '^[0-9.]+ [0-9.]+ [0-9.]+ [0-9]+' timeout 5 "$REDIS_CLI" -p "$redis_port" --latency
check "SET" 'OK' r set greeting hello ex 100
check "GET" 'hello' r get greeting
check "TTL" '^(100|99)$' r ttl greeting
check "TYPE" 'string' r type greeting
check "MEMORY USAGE" '^[0-9]+$' r memory usage greeting
check "OBJECT ENCODING" 'embstr' r object encoding greeting
check "UNLINK" '^1$' r unlink greeting nothing
check "GET nothing" '^$' r get greeting
check "lists" '^3$' r rpush queue a b c
check "LRANGE" '^b$' r lrange queue 1 1
check "wrong type" 'WRONGTYPE' r get queue
check "sets" 'critical' r smembers asynq:queues
check "hashes" '^2$' r hset h a 1 b 2
check "HGETALL" '^b$' r hgetall h
check "sorted sets" '^41$' r zcard 'asynq:{default}:archived'
check "a live server's heartbeat" '^1$' r zcount asynq:servers "$(date +%s)" +inf
check "ZRANGE" '^[0-9a-f]{36}$' r zrange 'asynq:{default}:retry' 0 0
check "CONFIG GET" '^268435456$' r config get maxmemory
check "CONFIG GET of a pattern" 'maxmemory-samples' r config get 'maxmemory*'
check "CONFIG SET" 'OK' r config set maxmemory-policy noeviction
check "it is set" 'maxmemory_policy:noeviction' r info memory
check "CONFIG SET of nonsense" 'ERR CONFIG SET failed' r config set maxmemory-policy never
check "CLIENT LIST" 'addr=10\.42\.[0-9.]+:' r client list
check "SLOWLOG" '^0$' r slowlog len
check "an unknown command" "ERR unknown command 'FROB'" r FROB
check "a wrong number of arguments" "ERR wrong number of arguments for 'get'" r get
check "SELECT" '^0$' r -n 3 dbsize

check "a small limit" 'OK' r config set maxmemory 1mb
check "writes are refused" "OOM command not allowed when used memory > 'maxmemory'" r set x y
check "reads are not" 'PONG' r ping
check "deleting is not" '^[01]$' r del x
eventually 5 "the application's writes are counted" 'errorstat_OOM:count=[1-9]' r info errorstats
check "volatile-lru evicts" 'OK' r config set maxmemory-policy volatile-lru
eventually 5 "evicted" 'evicted_keys:[1-9]' r info stats
check "monitor" 'setex|get' timeout 2 "$REDIS_CLI" -p "$redis_port" monitor
check "inline commands" 'PONG' bash -c \
	"exec 3<>/dev/tcp/127.0.0.1/$redis_port; printf 'PING\r\n' >&3; head -1 <&3"
check "writes were told" '"what":"config set maxmemory-policy noeviction"' cat "$dir/out"
done_testing
