-- Ends a lease. Answers 1, or 0 when it had ended already. The fencing token and the line stay.
-- KEYS[1]  as in lock_attempt.lua
-- ARGV     lock token
local lock = redis.call('HMGET', KEYS[1], 'holder', 'until')
if lock[1] ~= ARGV[1] then return 0 end
redis.call('HDEL', KEYS[1], 'holder', 'owner', 'until')
local time = redis.call('TIME')
return tonumber(lock[2]) > time[1] * 1000000 + time[2] and 1 or 0
