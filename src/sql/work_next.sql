-- How far away the next waiting row is, in microseconds.
SELECT CASE WHEN isfinite(j.run_at)
            THEN (extract(epoch FROM j.run_at - clock_timestamp()) * 1000000)::bigint END
  FROM clock.jobs j
 WHERE j.state = 'waiting'
 ORDER BY j.run_at
 LIMIT 1
