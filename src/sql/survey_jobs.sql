-- The jobs in force of one Clockfile ($1) or all (null): rule, pause, rows, missed fires.
SELECT s.clockfile,
       s.job,
       s.schedule,
       CASE WHEN isfinite(s.since) THEN extract(epoch FROM s.since)::bigint END,
       s.paused,
       CASE WHEN isfinite(s.until) THEN extract(epoch FROM s.until)::bigint END,
       s.reason,
       extract(epoch FROM s.last_scheduled_at)::bigint,
       s.ready,
       s.waiting,
       s.running,
       s.dead,
       s.missed
  FROM clock.status s
 WHERE $1::text IS NULL
    OR s.clockfile = $1::text
 ORDER BY s.clockfile COLLATE "C", s.job COLLATE "C"
