-- KEYS[1] the bell, ARGV[1] for how many seconds a ring that nobody hears is kept.
-- However often it rings, one is kept: whoever hears it looks for all that is due.
if redis.call('LLEN', KEYS[1]) == 0 then
  redis.call('RPUSH', KEYS[1], 1)
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
