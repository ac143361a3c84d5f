-- When the next waiting row becomes ready.
SELECT CASE WHEN isfinite(j.run_at) THEN (extract(epoch FROM j.run_at) * 1000000)::bigint END
  FROM clock.jobs j
 WHERE j.state = 'waiting'
 ORDER BY j.run_at
 LIMIT 1
