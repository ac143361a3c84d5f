-- One snapshot: the horizon, the server's clock and when the next waiting row becomes ready in
-- one row, whether there is a horizon or not, then the job rows, unless the version is the one
-- already known ($2).
WITH horizon AS MATERIALIZED (
    SELECT h.version, h.revision, h.fired_through, h.next_due, h.started_at
      FROM clock.horizons h
     WHERE h.clockfile = $1::text)
SELECT NULL::text AS job,
       h.version::text AS text,
       extract(epoch FROM h.fired_through)::bigint AS from_s,
       CASE WHEN isfinite(h.next_due) THEN extract(epoch FROM h.next_due)::bigint END AS until_s,
       false AS paused,
       CASE WHEN h.revision ~ '^[0-9a-f]{16}$'
            THEN ('x' || h.revision)::bit(64)::bigint END AS revision,
       CASE WHEN isfinite(h.started_at)
            THEN (extract(epoch FROM h.started_at) * 1000000)::bigint END AS started_at_us,
       (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now_us,
       (SELECT (extract(epoch FROM least(greatest(j.run_at, 'epoch'), '9999-12-31 UTC')) * 1000000)::bigint
          FROM clock.jobs j
         WHERE j.state = 'waiting'
         ORDER BY j.run_at
         LIMIT 1) AS waiting_us
  FROM (SELECT 1) AS always
  LEFT JOIN horizon h ON true
 UNION ALL
SELECT s.job,
       s.spec,
       CASE WHEN isfinite(s.since) THEN extract(epoch FROM s.since)::bigint END,
       CASE WHEN isfinite(s.until) THEN extract(epoch FROM s.until)::bigint END,
       s.paused,
       NULL, NULL, NULL, NULL
  FROM clock.schedules s, horizon h
 WHERE s.clockfile = $1::text
   AND h.version::text <> $2::text
