-- The horizon of one Clockfile.  Its lock keeps every clock from firing while the rest goes.
DELETE FROM clock.horizons
 WHERE clockfile = $1::text
