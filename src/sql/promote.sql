-- Waiting rows whose time has come become ready; their workers are woken.  The instant is asked
-- for once: an index is not searched for one that moves.
WITH due AS (
    SELECT j.id
      FROM clock.jobs j
     WHERE j.state = 'waiting'
       AND j.run_at <= (SELECT clock_timestamp())
     ORDER BY j.run_at
     LIMIT 1000
       FOR UPDATE SKIP LOCKED),
promoted AS (
    UPDATE clock.jobs j
       SET state = 'ready'
      FROM due
     WHERE j.id = due.id
    RETURNING j.queue)
SELECT p.queue, count(*), pg_notify('clock_jobs', p.queue)
  FROM promoted p
 GROUP BY p.queue
