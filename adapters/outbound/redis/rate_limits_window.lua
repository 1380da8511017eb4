-- KEYS[1] the calls that count, newest first, each by its microsecond, and perhaps some that do not any more.
-- How many there are, and how many microseconds ago the oldest was.
local oldest = redis.call('LINDEX', KEYS[1], -1)
if not oldest then
  return {0, 0}
end
local time = redis.call('TIME')
return {redis.call('LLEN', KEYS[1]), time[1] * 1000000 + time[2] - oldest}
