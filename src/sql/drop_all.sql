-- Everything that the migrations made, by name and without CASCADE: what others have built on
-- it, or put beside it, makes this fail instead of going too.
DROP VIEW IF EXISTS clock.late, clock.queues, clock.status;
DROP FUNCTION IF EXISTS clock.not_before(timestamptz);
DROP TABLE IF EXISTS clock.runs, clock.jobs, clock.missed, clock.schedules, clock.horizons, clock.schema;
DROP SCHEMA clock;
