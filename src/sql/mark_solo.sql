-- Unfinished rows of jobs that must not overlap from now on: rows made before that was asked for
-- are found by the look for unfinished ones too.
UPDATE clock.jobs
   SET solo = true
 WHERE clockfile = $1::text
   AND job = ANY ($2::text[])
   AND state <> 'dead'
   AND NOT solo
