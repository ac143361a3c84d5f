-- The same without what has to be counted.
SELECT s.clockfile,
       s.job,
       s.spec,
       CASE WHEN isfinite(s.since) THEN extract(epoch FROM s.since)::bigint END,
       s.paused,
       CASE WHEN isfinite(s.until) THEN extract(epoch FROM s.until)::bigint END,
       s.reason,
       NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint
  FROM clock.schedules s
 WHERE $1::text IS NULL
    OR s.clockfile = $1::text
 ORDER BY s.clockfile COLLATE "C", s.job COLLATE "C"
