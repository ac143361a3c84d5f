-- When the next waiting row becomes ready.
SELECT (extract(epoch FROM least(greatest(j.run_at, 'epoch'), '9999-12-31 UTC')) * 1000000)::bigint
  FROM clock.jobs j
 WHERE j.state = 'waiting'
 ORDER BY j.run_at
 LIMIT 1
