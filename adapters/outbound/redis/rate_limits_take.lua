-- KEYS[1] the calls that count, newest first, each by its microsecond; ARGV[1] how many may count, ARGV[2] for how many
-- seconds one does, ARGV[3] how many want to. 1 if they count from now on, else 0.
-- The time is this server's: the clocks of those who ask may differ.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local limit, wanted = tonumber(ARGV[1]), tonumber(ARGV[3])
local in_the_way = redis.call('LINDEX', KEYS[1], limit - wanted)
if wanted > limit or (in_the_way and now < in_the_way + ARGV[2] * 1000000) then
  return 0
end
for _ = 1, wanted do
  redis.call('LPUSH', KEYS[1], string.format('%.0f', now))
end
redis.call('LTRIM', KEYS[1], 0, limit - 1)
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
