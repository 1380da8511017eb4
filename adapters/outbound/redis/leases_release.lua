-- KEYS[1] the lease, ARGV[1] who gives it back. 1 if that one held it, else 0.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
