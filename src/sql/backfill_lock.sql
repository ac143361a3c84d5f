-- No clock fires while rows of the past are made: the horizon's lock, and nothing changed by it.  The
-- moment is read when the row is held: beside FOR UPDATE it would be as old as the wait was long.
WITH held AS MATERIALIZED (
    SELECT h.fired_through
      FROM clock.horizons h
     WHERE h.clockfile = $1::text
       FOR UPDATE)
SELECT extract(epoch FROM held.fired_through)::bigint,
       extract(epoch FROM greatest(held.fired_through, date_trunc('second', clock_timestamp())))::bigint
  FROM held
