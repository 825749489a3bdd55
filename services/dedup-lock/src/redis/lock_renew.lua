-- Lets a lease end later. Answers its new end in µs, or 0 when it has ended.
-- KEYS[1]  as in lock_attempt.lua
-- ARGV     lock token, lease in µs, memory in ms
local lock = redis.call('HMGET', KEYS[1], 'holder', 'until')
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
if lock[1] ~= ARGV[1] or tonumber(lock[2]) <= now then return 0 end
local ends = now + tonumber(ARGV[2])
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', ends))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', ARGV[3] + ARGV[2] / 1000))
return ends
