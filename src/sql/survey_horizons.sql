-- How far each Clockfile is decided, and by which rules; one ($1) or all (null).
SELECT h.clockfile,
       extract(epoch FROM h.fired_through)::bigint,
       CASE WHEN isfinite(h.next_due) THEN extract(epoch FROM h.next_due)::bigint END,
       h.revision,
       CASE WHEN isfinite(h.started_at) THEN (extract(epoch FROM h.started_at) * 1000000)::bigint END,
       (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
  FROM clock.horizons h
 WHERE $1::text IS NULL
    OR h.clockfile = $1::text
 ORDER BY h.clockfile COLLATE "C"
