-- What is left of records of which a part is fired.
INSERT INTO clock.missed (clockfile, job, first_at, last_at, count, reason, sqlstate, at)
SELECT m.clockfile,
       m.job,
       to_timestamp(k.first_s),
       to_timestamp(k.last_s),
       k.count,
       m.reason,
       m.sqlstate,
       m.at
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])
       AS k (id, first_s, last_s, count)
  JOIN clock.missed m ON m.id = k.id
