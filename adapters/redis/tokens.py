"""Token buckets as scripts that run inside Redis, each in one step and by the server's own clock.

A bucket is a hash of `left` (tokens), `at` and `held` (microseconds since 1970); one that is missing is full, so
keys may expire as soon as they would be full again."""

from collections.abc import Iterable

from threadwork.workflows.domain.tokens import TOLERANCE, capacity, needed, refill
from threadwork.workflows.sinks import Bucket

MICRO = 1_000_000  # microseconds in a second

# Arguments: for each key its tokens a microsecond, its capacity and the tokens it needs.
# Returns 0, or the microseconds until it is worth asking again.
TAKE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local wait, left = 0, {}
for i, key in ipairs(KEYS) do
  local refill, capacity, needed = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
  local row = redis.call('HMGET', key, 'left', 'at', 'held')
  left[i] = capacity
  if row[1] then
    left[i] = math.min(capacity, row[1] + math.max(0, now - row[2]) * refill)
  end
  if left[i] < needed then
    wait = math.max(wait, (needed - left[i]) / refill)
  end
  wait = math.max(wait, (row[3] or 0) - now)
end
if wait > 0 then
  return math.ceil(wait)
end
for i, key in ipairs(KEYS) do
  local refill, capacity = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1])
  local missing = capacity - left[i] + 1
  redis.call('HSET', key, 'left', string.format('%.9f', left[i] - 1), 'at', string.format('%.0f', now))
  redis.call('PEXPIRE', key, string.format('%.0f', math.ceil(missing / refill / 1000) + 1000))
end
return 0
"""

# Argument: microseconds.
HOLD = """
local clock = redis.call('TIME')
local till = clock[1] * 1000000 + clock[2] + ARGV[1]
local held = redis.call('HGET', KEYS[1], 'held')
redis.call('HSET', KEYS[1], 'held', string.format('%.0f', math.max(till, held or 0)))
local lasts = math.ceil(ARGV[1] / 1000) + 1000
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.max(lasts, redis.call('PTTL', KEYS[1]))))
return 0
"""


def name(key: str) -> str:
    """The braces keep all buckets in one place of a cluster: a script may not touch two."""
    return f"threadwork:{{rates}}:{key}"


def arguments(buckets: Iterable[Bucket], urgent: bool) -> list[float]:
    """What `TAKE` needs to know of each bucket."""
    return [
        number
        for bucket in buckets
        for number in (refill(bucket) / MICRO, capacity(bucket), needed(bucket, urgent) - TOLERANCE)
    ]
