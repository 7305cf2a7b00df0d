-- Append a batch of events to one stream of a topic: all of it or nothing. Checks come first, writes last.
-- KEYS  1 the stream, 2 the decision counter, 3 the epoch, 4.. the bucket of the id index of each event
-- ARGV  1 the expected decisions ('' for none), 2 how many decisions the batch holds, 3 the epoch of a new topic,
--       4.. id and JSON of each event in turn
-- Gives {outcome, decisions, positions}. Duplicates are looked for before the decisions are compared, so that a retry
-- gets its original positions although the counter has moved on.
local events = #KEYS - 3
local decisions = tonumber(redis.call('GET', KEYS[2]) or '0')
local positions, known = {}, 0
for i = 1, events do
  local position = redis.call('HGET', KEYS[i + 3], ARGV[2 * i + 2])
  positions[i] = position or ''
  if position then known = known + 1 end
end
if known == events then return {'duplicate', decisions, positions} end
if known > 0 then return {'partial', decisions, positions} end
if ARGV[1] ~= '' and tonumber(ARGV[1]) ~= decisions then return {'conflict', decisions, positions} end

redis.call('SET', KEYS[3], ARGV[3], 'NX')
for i = 1, events do
  positions[i] = redis.call('XADD', KEYS[1], '*', 'event', ARGV[2 * i + 3])
  redis.call('HSET', KEYS[i + 3], ARGV[2 * i + 2], positions[i])
end
if ARGV[2] ~= '0' then decisions = redis.call('INCRBY', KEYS[2], ARGV[2]) end
return {'appended', decisions, positions}
