-- When the next waiting row becomes ready.
SELECT (extract(epoch FROM j.run_at) * 1000000)::bigint
  FROM clock.jobs j
 WHERE j.state = 'waiting'
 ORDER BY j.run_at
 LIMIT 1
