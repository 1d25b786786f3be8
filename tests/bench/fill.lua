-- A million keys of many kinds and sizes, in steps that don't stop the server: ARGV from, to.
local pad = string.rep('x', 400)
for i = tonumber(ARGV[1]), tonumber(ARGV[2]) do
	local kind = i % 20
	local key = 'app:' .. (i % 37) .. ':' .. i
	if kind < 13 then
		redis.call('SET', key, string.sub(pad, 1, 20 + i * 7 % 380))
	elseif kind < 16 then
		redis.call('HSET', key, 'name', i, 'state', 'open', 'text', string.sub(pad, 1, i % 90))
	elseif kind < 18 then
		redis.call('RPUSH', key, i, i + 1, i + 2)
	elseif kind < 19 then
		redis.call('SADD', key, i, 'a', 'b')
	else
		redis.call('ZADD', key, i, 'a', i + 1, 'b')
	end
	if i % 3 == 0 then redis.call('EXPIRE', key, 86400) end
end
