-- A change of the rules by hand: the horizon's lock first, a new version, and the moment of change,
-- read under the lock.
UPDATE clock.horizons
   SET version = gen_random_uuid()
 WHERE clockfile = $1::text
RETURNING extract(epoch FROM fired_through)::bigint,
          extract(epoch FROM greatest(fired_through, date_trunc('second', clock_timestamp())))::bigint
