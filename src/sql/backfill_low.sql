-- Up to where a job is decided, under the horizon's lock: later is the clock's.
SELECT extract(epoch FROM CASE WHEN s.paused THEN s.since
                               ELSE greatest(h.fired_through, s.since) END)::bigint
  FROM clock.horizons h
  LEFT JOIN clock.schedules s
    ON s.clockfile = h.clockfile
   AND s.job = $2::text
 WHERE h.clockfile = $1::text
