-- Fires of jobs that may not overlap: a row if the job has no unfinished one (a dead one is
-- finished), else a record.  At most one fire a job comes in one statement.  Arrays as in
-- insert_jobs.sql; $13: unfinished rows may be unmarked, so that every row is looked at.
WITH fire AS (
    SELECT u.job,
           coalesce(u.due_s, ($3::bigint[])[1]) AS due_s,
           coalesce(u.run_at_s, ($4::bigint[])[1]) AS run_at_s,
           coalesce(u.task, u.job) AS task,
           coalesce(u.queue, ($6::text[])[1]) AS queue,
           coalesce(u.payload::jsonb, $12::jsonb) AS payload,
           coalesce(u.priority, ($8::smallint[])[1]) AS priority,
           coalesce(u.max_attempts, ($9::smallint[])[1]) AS max_attempts,
           coalesce(u.backoff_s, ($10::int[])[1]) AS backoff_s,
           coalesce(u.backoff_max_s, ($11::int[])[1]) AS backoff_max_s
      FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[],
                  $8::smallint[], $9::smallint[], $10::int[], $11::int[])
           AS u (job, due_s, run_at_s, task, queue, payload, priority, max_attempts, backoff_s,
                 backoff_max_s)),
free AS (
    SELECT f.*
      FROM fire f
     WHERE NOT EXISTS (
           SELECT 1
             FROM clock.jobs j
            WHERE j.clockfile = $1::text
              AND j.job = f.job
              AND (j.solo OR $13::boolean)
              AND j.state <> 'dead')),
inserted AS (
    INSERT INTO clock.jobs (clockfile, job, scheduled_at, origin, task, queue, payload, priority,
                            run_at, max_attempts, backoff_s, backoff_max_s, solo, state)
    SELECT $1::text,
           f.job,
           to_timestamp(f.due_s),
           'schedule',
           f.task,
           f.queue,
           f.payload,
           f.priority,
           to_timestamp(f.run_at_s),
           f.max_attempts,
           f.backoff_s,
           f.backoff_max_s,
           true,
           CASE WHEN f.run_at_s > f.due_s AND to_timestamp(f.run_at_s) > clock_timestamp()
                THEN 'waiting' ELSE 'ready' END
      FROM free f
        ON CONFLICT DO NOTHING
    RETURNING job),
recorded AS (
    INSERT INTO clock.missed (clockfile, job, first_at, last_at, count, reason)
    SELECT $1::text, f.job, to_timestamp(f.due_s), to_timestamp(f.due_s), 1, 'overlap'
      FROM fire f
     WHERE f.job NOT IN (SELECT free.job FROM free)
    RETURNING 1)
SELECT (SELECT count(*) FROM inserted), (SELECT count(*) FROM recorded)
