-- What is on record as missed of a job in ($3, $4], the oldest first.
SELECT m.id,
       extract(epoch FROM m.first_at)::bigint,
       extract(epoch FROM m.last_at)::bigint,
       m.count
  FROM clock.missed m
 WHERE m.clockfile = $1::text
   AND m.job = $2::text
   AND m.last_at > to_timestamp($3::bigint)
   AND m.first_at <= to_timestamp($4::bigint)
 ORDER BY m.first_at, m.id
 LIMIT $5::bigint
