-- KEYS[1] the lease, ARGV[1] who wants it, ARGV[2] for how many milliseconds. 1 if that one holds it now, else 0.
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
