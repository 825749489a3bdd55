-- Takes an attempt back: leaves the line, and gives up the lease in case it was granted.
-- KEYS[1]  as in lock_attempt.lua
-- ARGV     lock token, ticket
local place = redis.call('HGET', KEYS[1], 'w:' .. ARGV[2])
if place and string.match(place, '^%S+') == ARGV[1] then redis.call('HDEL', KEYS[1], 'w:' .. ARGV[2]) end
if redis.call('HGET', KEYS[1], 'holder') == ARGV[1] then redis.call('HDEL', KEYS[1], 'holder', 'owner', 'until') end
return 1
