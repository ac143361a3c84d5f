-- What the database holds of one Clockfile ($1), or of all and of applications (null).
SELECT (SELECT count(*) FROM clock.horizons h WHERE $1::text IS NULL OR h.clockfile = $1::text),
       (SELECT count(*) FROM clock.schedules s WHERE $1::text IS NULL OR s.clockfile = $1::text),
       (SELECT count(*) FROM clock.jobs j WHERE $1::text IS NULL OR j.clockfile = $1::text),
       (SELECT count(*) FROM clock.runs r WHERE $1::text IS NULL OR r.clockfile = $1::text),
       (SELECT count(*) FROM clock.missed m WHERE $1::text IS NULL OR m.clockfile = $1::text),
       (SELECT string_agg(h.clockfile, ', ' ORDER BY h.clockfile) FROM clock.horizons h)
