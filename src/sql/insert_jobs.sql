-- Fires become rows.  One that is there already (a restored dump) is left as it is.
INSERT INTO clock.jobs (clockfile, job, scheduled_at, origin, task, queue, payload, priority,
                        run_at, max_attempts, backoff_s, backoff_max_s, solo, state)
SELECT $1::text,
       f.job,
       to_timestamp(f.due_s),
       'schedule',
       f.task,
       f.queue,
       f.payload::jsonb,
       f.priority,
       to_timestamp(f.run_at_s),
       f.max_attempts,
       f.backoff_s,
       f.backoff_max_s,
       false,
       CASE WHEN f.run_at_s > f.due_s AND to_timestamp(f.run_at_s) > clock_timestamp()
            THEN 'waiting' ELSE 'ready' END
  FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[],
              $8::smallint[], $9::smallint[], $10::int[], $11::int[])
       AS f (job, due_s, run_at_s, task, queue, payload, priority, max_attempts, backoff_s,
             backoff_max_s)
    ON CONFLICT DO NOTHING
