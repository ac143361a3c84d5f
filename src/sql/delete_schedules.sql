-- Removed jobs.
DELETE FROM clock.schedules
 WHERE clockfile = $1::text
   AND job = ANY ($2::text[])
