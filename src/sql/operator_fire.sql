-- Rows that no schedule asked for.  A job that must not overlap gets none while it has an
-- unfinished one, unless told ($12).
WITH fired AS (
    INSERT INTO clock.jobs (clockfile, job, origin, task, queue, payload, priority, run_at,
                            max_attempts, backoff_s, backoff_max_s, solo)
    SELECT $1::text,
           $2::text,
           'manual',
           $3::text,
           $4::text,
           $5::jsonb,
           $6::smallint,
           clock_timestamp(),
           $7::smallint,
           $8::int,
           $9::int,
           $10::boolean
      FROM generate_series(1, $11::int)
     WHERE NOT $10::boolean
        OR $12::boolean
        OR NOT EXISTS (
           SELECT 1
             FROM clock.jobs j
            WHERE j.clockfile = $1::text
              AND j.job = $2::text
              AND j.solo
              AND j.state <> 'dead')
    RETURNING id)
SELECT f.id, pg_notify('clock_jobs', $4::text)
  FROM fired f
 ORDER BY f.id
