-- Takes a lock if it is free and nobody alive stands before the caller, else keeps or takes a place in line.
-- KEYS[1]  a hash, times in µs since 1970:
--            token            the last fencing token; outlives the lease
--            holder owner until   the lease: its lock token, who asked, its end
--            head tail        the first and last ticket in line; head above tail when nobody waits
--            w:<ticket>       "<lock token> <until>": a waiter and how long its place is kept
-- ARGV     lock token, owner, lease in µs, floor, ticket (-1 no place wanted, 0 the last place), place in µs, memory in ms
-- Answers  {1, fencing token, end of lease} or {0, ticket, places ahead, µs until the present lease ends}
local key, mine = KEYS[1], ARGV[1]
local function int(number) return string.format('%.0f', number) end

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local lock = redis.call('HMGET', key, 'token', 'holder', 'until', 'head', 'tail')
local token, holder, ends = tonumber(lock[1] or 0), lock[2], tonumber(lock[3] or 0)
local head, tail = tonumber(lock[4] or 1), tonumber(lock[5] or 0)

if holder == mine and ends > now then return { 1, token, ends } end

-- Who stands first? Skip places that were left or not kept.
local first
while head <= tail do
  local place = redis.call('HGET', key, 'w:' .. int(head))
  if place then
    local who, kept = string.match(place, '^(%S+) (%d+)$')
    if who == mine or tonumber(kept) > now then first = who break end
    redis.call('HDEL', key, 'w:' .. int(head))
  end
  head = head + 1
end

local free = not holder or ends <= now
if free and (not first or first == mine) then
  if first then
    redis.call('HDEL', key, 'w:' .. int(head))
    head = head + 1
  end
  token = math.max(token, tonumber(ARGV[4])) + 1
  ends = now + tonumber(ARGV[3])
  redis.call('HSET', key, 'token', int(token), 'holder', mine, 'owner', ARGV[2], 'until', int(ends),
    'head', int(head), 'tail', int(tail))
  redis.call('PEXPIRE', key, int(ARGV[7] + ARGV[3] / 1000))
  return { 1, token, ends }
end

local ticket = tonumber(ARGV[5])
if ticket >= 0 then
  local place = ticket > 0 and redis.call('HGET', key, 'w:' .. int(ticket))
  if not place or string.match(place, '^%S+') ~= mine then
    tail = tail + 1
    ticket = tail
  end
  redis.call('HSET', key, 'w:' .. int(ticket), mine .. ' ' .. int(now + ARGV[6]), 'head', int(head), 'tail', int(tail))
  if redis.call('PTTL', key) < tonumber(ARGV[7]) then redis.call('PEXPIRE', key, ARGV[7]) end
end
return { 0, math.max(ticket, 0), math.max(ticket - head, 0), free and 0 or ends - now }
