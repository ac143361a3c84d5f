-- The history of one Clockfile.
DELETE FROM clock.runs
 WHERE clockfile = $1::text
