-- Let the oldest entries of a stream go, which are in a segment now, and say so: all of it or nothing.
-- KEYS  1 the stream, 2 the epoch, 3 the list of archived segments
-- ARGV  1 the epoch, 2 the last archived position so far ('' for none), 3 the segment that holds the entries,
--       4 the first position that stays possible, 5.. the positions of the entries
-- Gives 'trimmed', 'moved' (another archiver was faster) or 'other' (these are not the oldest entries of this log).
local archived = redis.call('LINDEX', KEYS[3], -1)
if (archived and cjson.decode(archived).last or '') ~= ARGV[2] then return 'moved' end
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 'other' end
local count = #ARGV - 4
local entries = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', count)
if #entries ~= count then return 'other' end
for i, entry in ipairs(entries) do
  if entry[1] ~= ARGV[i + 4] then return 'other' end
end

redis.call('RPUSH', KEYS[3], ARGV[3])
redis.call('XTRIM', KEYS[1], 'MINID', '=', ARGV[4])
return 'trimmed'
