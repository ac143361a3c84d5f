-- Everything that the migrations made, by name and without CASCADE: what others have built on
-- it, or put beside it, makes this fail instead of going too.
DROP VIEW IF EXISTS clock.late, clock.queues, clock.status;
DROP FUNCTION IF EXISTS clock.claim(text[], int, text, interval, text, text[]),
    clock.take(text[], int, text, interval, text, text[]),
    clock.heartbeat(bigint, uuid, interval),
    clock.finish(bigint, uuid, text, int),
    clock.finish_all(bigint[], uuid[]),
    clock.fail(bigint, uuid, text, boolean, text, int, int),
    clock.release(bigint, uuid, text),
    clock.enqueue(text, jsonb, text, timestamptz, int, int),
    clock.retry(bigint),
    clock.discard(bigint),
    clock.prune(text, interval, int),
    clock.rescue(),
    clock.promote(),
    clock.wake(text[]),
    clock.backoff(int, int, int),
    clock.not_before(timestamptz);
-- Named apart: what to call its argument's type would be in the way once the table is gone.
DO $$
BEGIN
    IF to_regclass('clock.jobs') IS NOT NULL THEN
        DROP FUNCTION IF EXISTS clock.record(clock.jobs, text, int, int, text, text);
    END IF;
END
$$;
DROP TABLE IF EXISTS clock.runs, clock.jobs, clock.missed, clock.schedules, clock.horizons, clock.schema;
DROP SCHEMA clock;
