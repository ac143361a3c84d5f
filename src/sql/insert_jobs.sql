-- Fires become rows.  One that is there already (a restored dump) is left as it is.  An array
-- that holds one value for all is not filled up: NULL is what its first element says, and a task
-- of NULL is the job's name.  The payload that all have comes by itself: to mention a long array
-- twice costs a tenth of the statement, for the planner copies it.
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
       false,
       CASE WHEN f.run_at_s > f.due_s AND to_timestamp(f.run_at_s) > clock_timestamp()
            THEN 'waiting' ELSE 'ready' END
  FROM (SELECT u.job,
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
                     backoff_max_s)) AS f
    ON CONFLICT DO NOTHING
