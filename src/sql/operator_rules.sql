-- The rules of these jobs, under the horizon's lock.
SELECT s.job,
       s.spec,
       CASE WHEN isfinite(s.since) THEN extract(epoch FROM s.since)::bigint END,
       CASE WHEN isfinite(s.until) THEN extract(epoch FROM s.until)::bigint END,
       s.paused
  FROM clock.schedules s
 WHERE s.clockfile = $1::text
   AND s.job = ANY ($2::text[])
 ORDER BY s.job COLLATE "C"
