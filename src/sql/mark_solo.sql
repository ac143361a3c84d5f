-- Unfinished rows of jobs that must not overlap from now on: rows made before that was asked for
-- are found by the look for unfinished ones too.  What a worker holds in its transaction is not
-- waited for.  The answer: are rows left unmarked?
WITH unmarked AS (
    SELECT id
      FROM clock.jobs
     WHERE clockfile = $1::text
       AND job = ANY ($2::text[])
       AND state <> 'dead'
       AND NOT solo
       FOR NO KEY UPDATE SKIP LOCKED),
marked AS (
    UPDATE clock.jobs j
       SET solo = true
      FROM unmarked u
     WHERE j.id = u.id)
SELECT count(*) > (SELECT count(*) FROM unmarked)
  FROM clock.jobs
 WHERE clockfile = $1::text
   AND job = ANY ($2::text[])
   AND state <> 'dead'
   AND NOT solo
