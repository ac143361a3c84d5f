-- The rules of one Clockfile.
DELETE FROM clock.schedules
 WHERE clockfile = $1::text
