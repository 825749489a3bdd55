-- Takes places in a sliding window, all or none.
-- KEYS[1]  a sorted set: "<cost>:<id>" per call that was allowed, scored by its moment in µs, and "total", scored by minus the
--          sum of the costs, so that it sorts before them
-- ARGV     limit, window in µs, cost, id of this call
-- Answers  {1, places left, 0} or {0, places left, µs until this call can succeed}
local key, entry = KEYS[1], ARGV[3] .. ':' .. ARGV[4]
local limit, window, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local function int(number) return string.format('%.0f', number) end
local function cost_of(member) return tonumber(string.match(member, '^%d+')) end

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local total = -tonumber(redis.call('ZSCORE', key, 'total') or 0)
if redis.call('ZSCORE', key, entry) then return { 1, math.max(limit - total, 0), 0 } end

-- A clock that was set back must not close the window until it catches up: what lies ahead counts as of now.
for _, ahead in ipairs(redis.call('ZRANGEBYSCORE', key, '(' .. int(now), '+inf')) do
  redis.call('ZADD', key, int(now), ahead)
end

local past = int(now - window)
local gone = redis.call('ZRANGEBYSCORE', key, '(0', past)
if #gone > 0 then
  for _, member in ipairs(gone) do total = total - cost_of(member) end
  redis.call('ZREMRANGEBYSCORE', key, '(0', past)
  redis.call('ZADD', key, int(-total), 'total')
end

if total + cost <= limit then
  total = total + cost
  redis.call('ZADD', key, int(now), entry, int(-total), 'total')
  redis.call('PEXPIRE', key, int(math.ceil(window / 1000) + 1))
  return { 1, limit - total, 0 }
end

local missing, free_at = total + cost - limit, now
local oldest = redis.call('ZRANGEBYSCORE', key, '(0', '+inf', 'WITHSCORES', 'LIMIT', 0, missing)
for i = 1, #oldest, 2 do
  missing, free_at = missing - cost_of(oldest[i]), tonumber(oldest[i + 1])
  if missing <= 0 then break end
end
return { 0, math.max(limit - total, 0), free_at + window - now }
