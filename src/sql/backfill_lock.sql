-- No clock fires while rows of the past are made: the horizon's lock, and nothing changed by it.
SELECT extract(epoch FROM fired_through)::bigint,
       extract(epoch FROM greatest(fired_through, date_trunc('second', clock_timestamp())))::bigint
  FROM clock.horizons
 WHERE clockfile = $1::text
   FOR UPDATE
