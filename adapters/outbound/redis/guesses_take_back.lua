-- KEYS[1] the guesses at one secret. Counts one less, and nobody waits then: a guess begins when every earlier wait is
-- over, so the only one left is its own.
local count = tonumber(redis.call('HGET', KEYS[1], 'count') or 0)
if count > 1 then
  redis.call('HSET', KEYS[1], 'count', count - 1, 'next', 0)
else
  redis.call('DEL', KEYS[1])
end
