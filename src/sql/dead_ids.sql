-- The first thousand dead rows of a job.
SELECT j.id
  FROM clock.jobs j
 WHERE j.state = 'dead'
   AND j.job = $1::text
 ORDER BY j.id
 LIMIT 1000
