-- How many rows each queue holds of a Clockfile ($1) or of all (null), and since when the oldest
-- that is ready waits.
SELECT j.clockfile,
       j.queue,
       count(*) FILTER (WHERE j.state = 'ready'),
       count(*) FILTER (WHERE j.state = 'waiting'),
       count(*) FILTER (WHERE j.state = 'running'),
       count(*) FILTER (WHERE j.state = 'dead'),
       (extract(epoch FROM clock_timestamp()
            - min(j.run_at) FILTER (WHERE j.state = 'ready')) * 1000000)::bigint
  FROM clock.jobs j
 WHERE $1::text IS NULL
    OR j.clockfile = $1::text
 GROUP BY j.clockfile, j.queue
 ORDER BY j.clockfile COLLATE "C", j.queue COLLATE "C"
