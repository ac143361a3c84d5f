-- Rows for this worker: of its queues, and of jobs of its Clockfile that have a command.
SELECT c.id,
       c.lease_id,
       c.job,
       c.attempt,
       c.max_attempts,
       c.payload,
       to_char(c.scheduled_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
  FROM clock.claim($1::text[], $2::int, $3::text, $4::bigint * interval '1 microsecond',
                   $5::text, $6::text[]) AS c
