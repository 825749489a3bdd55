-- Marks a claim as completed for the rest of its life. Answers 1, or 0 when the token does not hold it.
-- KEYS[1]  as in claim.lua
-- ARGV     token
local held = redis.call('GET', KEYS[1])
if not held then return 0 end
local state, token = string.match(held, '^(%S+) %S+ (%S+)$')
if token ~= ARGV[1] then return 0 end
if state == 'completed' then return 1 end
local time = redis.call('TIME')
local value = string.format('completed %s.%06d %s', time[1], time[2], token)
redis.call('SET', KEYS[1], value, 'KEEPTTL')
return 1
