-- Fires of the past become rows.  Those that are there stay as they are; a job that must not
-- overlap gets none while it has an unfinished row.
WITH fired AS (
    INSERT INTO clock.jobs (clockfile, job, scheduled_at, origin, task, queue, payload, priority,
                            run_at, max_attempts, backoff_s, backoff_max_s, solo)
    SELECT $1::text,
           $2::text,
           to_timestamp(f.due_s),
           'backfill',
           $3::text,
           $4::text,
           $5::jsonb,
           $6::smallint,
           clock_timestamp(),
           $7::smallint,
           $8::int,
           $9::int,
           $10::boolean
      FROM unnest($11::bigint[]) AS f (due_s)
     WHERE NOT $10::boolean
        OR NOT EXISTS (
           SELECT 1
             FROM clock.jobs j
            WHERE j.clockfile = $1::text
              AND j.job = $2::text
              AND j.solo
              AND j.state <> 'dead')
        ON CONFLICT DO NOTHING
    RETURNING 1),
counted AS (
    SELECT count(*) AS n FROM fired)
SELECT c.n, (SELECT pg_notify('clock_jobs', $4::text)::text WHERE c.n > 0)
  FROM counted c
