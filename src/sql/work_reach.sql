-- Takes the locks that work needs, and changes nothing.
WITH runs AS (
    UPDATE clock.runs
       SET job = job
     WHERE false)
UPDATE clock.jobs
   SET state = state
 WHERE false
