-- KEYS[1] the calls that count, newest first, each by its microsecond; ARGV[1] for how many seconds one counts.
-- How many count, and how many microseconds ago the oldest of them was.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local count, age = 0, 0
for _, call in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  if call + ARGV[1] * 1000000 <= now then
    break
  end
  count, age = count + 1, now - call
end
return {count, age}
