-- Gives up a claim that is not completed. Answers 1, or 0 when the token does not hold it.
-- KEYS[1]  as in claim.lua
-- ARGV     token
local held = redis.call('GET', KEYS[1])
if not held then return 0 end
local state, token = string.match(held, '^(%S+) %S+ (%S+)$')
if state ~= 'in_progress' or token ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
