-- A stand-by puts its revision in force: only if the row is as it was when it was found overdue,
-- and has been overdue for the whole grace ($7, seconds).
UPDATE clock.horizons
   SET revision = $2::text,
       version = gen_random_uuid(),
       started_at = 'epoch'::timestamptz + $3::bigint * interval '1 microsecond'
 WHERE clockfile = $1::text
   AND version = $4::uuid
   AND fired_through = to_timestamp($5::bigint)
   AND next_due = to_timestamp($6::bigint)
   AND next_due < clock_timestamp() - $7::bigint * interval '1 second'
RETURNING extract(epoch FROM fired_through)::bigint,
          extract(epoch FROM greatest(fired_through, date_trunc('second', clock_timestamp())))::bigint
