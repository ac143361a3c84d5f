-- Puts a revision in force if the rules are still the ones that were looked at.  The moment of
-- change is read under the lock: a wait for it must not make it older than the horizon.
UPDATE clock.horizons
   SET revision = $2::text,
       version = gen_random_uuid(),
       started_at = 'epoch'::timestamptz + $3::bigint * interval '1 microsecond'
 WHERE clockfile = $1::text
   AND version = $4::uuid
RETURNING extract(epoch FROM fired_through)::bigint,
          extract(epoch FROM greatest(fired_through, date_trunc('second', clock_timestamp())))::bigint
