-- The rows, finished or not, of one Clockfile.
DELETE FROM clock.jobs
 WHERE clockfile = $1::text
