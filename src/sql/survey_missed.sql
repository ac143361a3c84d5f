-- Records of missed fires, the latest first: of one Clockfile ($1), of one job ($2), $3 at most.
SELECT m.clockfile,
       m.job,
       extract(epoch FROM m.first_at)::bigint,
       extract(epoch FROM m.last_at)::bigint,
       m.count,
       m.reason,
       m.sqlstate,
       floor(extract(epoch FROM m.at))::bigint
  FROM clock.missed m
 WHERE ($1::text IS NULL OR m.clockfile = $1::text)
   AND ($2::text IS NULL OR m.job = $2::text)
 ORDER BY m.at DESC, m.id DESC
 LIMIT $3::bigint
