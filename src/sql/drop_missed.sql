-- The missed fires of one Clockfile.
DELETE FROM clock.missed
 WHERE clockfile = $1::text
