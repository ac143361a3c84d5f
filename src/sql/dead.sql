-- Rows whose attempts are spent, the latest first; $1: of that job only.
SELECT j.id,
       j.clockfile,
       j.job,
       j.task,
       j.queue,
       to_char(j.scheduled_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(j.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       j.attempt,
       j.last_error,
       j.payload
  FROM clock.jobs j
 WHERE j.state = 'dead'
   AND ($1::text IS NULL OR j.job = $1::text)
 ORDER BY j.id DESC
 LIMIT $2::bigint
