-- What was run, the latest first; $1: of that job only.
SELECT r.row_id,
       r.clockfile,
       r.job,
       r.task,
       r.queue,
       to_char(r.scheduled_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(r.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(r.ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       (extract(epoch FROM r.ended_at - r.started_at) * 1000)::bigint,
       r.attempt,
       r.worker,
       r.outcome,
       r.exit_status,
       r.signal,
       r.error,
       r.output
  FROM clock.runs r
 WHERE $1::text IS NULL
    OR r.job = $1::text
 ORDER BY r.ended_at DESC, r.id DESC
 LIMIT $2::bigint
