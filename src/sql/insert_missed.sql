-- Records of instants that were due and will have no row; a NULL count cannot be told.
INSERT INTO clock.missed (clockfile, job, first_at, last_at, count, reason, sqlstate)
SELECT $1::text,
       m.job,
       to_timestamp(m.first_s),
       to_timestamp(m.last_s),
       m.count,
       m.reason,
       m.sqlstate
  FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[])
       AS m (job, first_s, last_s, count, reason, sqlstate)
