-- Put a batch of entries at the end of one stream of a topic, at the positions that they had: all of it or nothing.
-- KEYS  1 the stream, 2 the decision counter, 3 the epoch, 4.. the bucket of the id index of each entry
-- ARGV  1 the position of the stream's last entry before ('0-0' for none), 2 how many decisions the batch holds,
--       3 the epoch, 4.. of each entry in turn: position, id ('' for none), how many names and values, those
-- Gives 'imported', 'duplicate' (a retry: the stream ends with this batch already) or 'conflict' (it is another log).
local at, entries = 4, {}
while at <= #ARGV do
  local size = tonumber(ARGV[at + 2])
  entries[#entries + 1] = {position = ARGV[at], id = ARGV[at + 1], from = at + 3, to = at + 2 + size}
  at = at + 3 + size
end
local epoch = redis.call('GET', KEYS[3])
if epoch and epoch ~= ARGV[3] then return 'conflict' end
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
local last = newest[1] and newest[1][1] or '0-0'
if last == entries[#entries].position then return 'duplicate' end
if last ~= ARGV[1] then return 'conflict' end

redis.call('SET', KEYS[3], ARGV[3])
for i, entry in ipairs(entries) do
  redis.call('XADD', KEYS[1], entry.position, unpack(ARGV, entry.from, entry.to))
  if entry.id ~= '' then redis.call('HSETNX', KEYS[i + 3], entry.id, entry.position) end
end
if ARGV[2] ~= '0' then redis.call('INCRBY', KEYS[2], ARGV[2]) end
return 'imported'
