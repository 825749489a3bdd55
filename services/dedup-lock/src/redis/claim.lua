-- Claims a key unless it is claimed or completed.
-- KEYS[1]  a string "<state> <seconds.micros of the last change> <token>", state in_progress or completed
-- ARGV     token, time to live in ms
local held = redis.call('GET', KEYS[1])
if held then
  local state, token = string.match(held, '^(%S+) %S+ (%S+)$')
  if state == 'completed' then return 'completed' end
  if token == ARGV[1] then return 'claimed' end
  return 'in_progress'
end
local time = redis.call('TIME')
local value = string.format('in_progress %s.%06d %s', time[1], time[2], ARGV[1])
redis.call('SET', KEYS[1], value, 'PX', ARGV[2])
return 'claimed'
