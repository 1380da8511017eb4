-- KEYS[1] the guesses at one secret: `count` of them, when the `first` was made, when the `next` may be (microseconds of
-- this server's clock: the clocks of those who ask may differ). ARGV: a GrowingDelay, in the order of its fields.
-- 0 if a guess may be made, which counts from now on; else in how many microseconds one may.
local free, within, first_wait, longest_wait, remembered =
  tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local made = redis.call('HMGET', KEYS[1], 'count', 'first', 'next')
local count, first, next_at = tonumber(made[1] or 0), tonumber(made[2] or now), tonumber(made[3] or 0)

if now < next_at then
  return next_at - now
end
if count < free and first + within * 1000000 <= now then
  count, first = 0, now
end
count = count + 1

local wait, kept = 0, within
if count >= free then
  wait, kept = math.min(first_wait * 2 ^ math.min(count - free, 30), longest_wait), remembered
end
redis.call('HSET', KEYS[1], 'count', count, 'first', string.format('%.0f', first),
  'next', string.format('%.0f', now + wait * 1000000))
redis.call('PEXPIRE', KEYS[1], math.ceil(math.max(kept, wait) * 1000))
return 0
