-- Version 2: what a worker calls.  Each function runs with the rights of whoever calls it, finds
-- its tables whatever the search_path is, and is one statement to the client.
--
-- The planner is told to keep to indexes where a session may plan once and run for weeks: what
-- was a small table then may hold a million rows by now.

-- The wait before the next attempt: doubles with each one that has failed, up to the most; of
-- that, up to a quarter less, so that what has failed together does not come back together.
CREATE FUNCTION clock.backoff(attempt int, backoff_s int, backoff_max_s int)
RETURNS interval
LANGUAGE sql
VOLATILE
AS $$
    SELECT least(backoff_s * pg_catalog.power(2, least(greatest(attempt, 1), 40) - 1), backoff_max_s)
        * (1 - pg_catalog.random() / 4) * interval '1 second'
$$;

COMMENT ON FUNCTION clock.backoff(int, int, int) IS 'How long to wait after that many attempts have failed.';

-- Wakes whoever listens for rows of these queues; only a hint.
CREATE FUNCTION clock.wake(queues text[])
RETURNS void
LANGUAGE sql
AS $$
    SELECT pg_catalog.pg_notify('clock_jobs', pg_catalog.left(q.queue, 1000))
      FROM (SELECT DISTINCT u.queue FROM pg_catalog.unnest(queues) AS u (queue)) AS q
$$;

COMMENT ON FUNCTION clock.wake(text[]) IS 'Wakes the workers that wait for rows of these queues when the transaction commits.';

-- Ends an attempt in the history.  The row is given as it was while it ran.
CREATE FUNCTION clock.record(
    ended clock.jobs,
    outcome text,
    exit_status int DEFAULT NULL,
    signal int DEFAULT NULL,
    output text DEFAULT NULL,
    error text DEFAULT NULL)
RETURNS void
LANGUAGE sql
AS $$
    INSERT INTO clock.runs (row_id, clockfile, job, scheduled_at, origin, task, queue, attempt,
                            worker, created_at, started_at, ended_at, outcome, exit_status, signal,
                            output, error)
    VALUES (ended.id, ended.clockfile, ended.job, ended.scheduled_at, ended.origin, ended.task, ended.queue,
            ended.attempt, ended.worker, ended.created_at, ended.started_at, pg_catalog.clock_timestamp(),
            outcome, exit_status, signal, output, error)
$$;

COMMENT ON FUNCTION clock.record(clock.jobs, text, int, int, text, text) IS 'Writes the end of an attempt into clock.runs.';

CREATE FUNCTION clock.promote()
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $$
DECLARE
    promoted text[];
    instant timestamptz := clock_timestamp(); -- an index is not searched for a moving one
BEGIN
    WITH due AS (
        SELECT j.id
          FROM clock.jobs j
         WHERE j.state = 'waiting'
           AND j.run_at <= instant
         ORDER BY j.run_at
         LIMIT 1000
           FOR UPDATE SKIP LOCKED),
    ready AS (
        UPDATE clock.jobs j
           SET state = 'ready'
         WHERE j.id = ANY (ARRAY(SELECT due.id FROM due))
        RETURNING j.queue)
    SELECT array_agg(ready.queue) INTO promoted FROM ready;
    IF promoted IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM clock.wake(promoted);
    RETURN cardinality(promoted);
END
$$;

COMMENT ON FUNCTION clock.promote() IS 'Makes waiting rows ready whose time has come, a thousand at most; returns how many.';

-- A row whose worker is gone is ready again at once: its lease was wait enough.
CREATE FUNCTION clock.rescue()
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $$
DECLARE
    lost clock.jobs;
    rescued bigint := 0;
    queues text[] := '{}';
    instant timestamptz := clock_timestamp();
BEGIN
    FOR lost IN
        SELECT j.*
          FROM clock.jobs j
         WHERE j.state = 'running'
           AND j.lease_until < instant
         ORDER BY j.lease_until
         LIMIT 100
           FOR UPDATE SKIP LOCKED
    LOOP
        PERFORM clock.record(lost, 'lost', error => 'the lease ended without a report');
        UPDATE clock.jobs j
           SET state = CASE WHEN j.attempt >= j.max_attempts THEN 'dead' ELSE 'ready' END,
               worker = NULL,
               lease_id = NULL,
               lease_until = NULL,
               last_error = 'the lease ended without a report'
         WHERE j.id = lost.id;
        rescued := rescued + 1;
        IF lost.attempt < lost.max_attempts THEN
            queues := queues || lost.queue;
        END IF;
    END LOOP;
    IF queues <> '{}' THEN
        PERFORM clock.wake(queues);
    END IF;
    RETURN rescued;
END
$$;

COMMENT ON FUNCTION clock.rescue() IS 'Takes rows back whose lease has ended, a hundred at most; returns how many.';

-- Up to n rows of the queues, best first.  Each queue is read along its part of jobs_claim, so
-- that the cost is that of the rows taken, whatever else there is.
CREATE FUNCTION clock.take(queues text[], n int, worker text, lease interval, clockfile text, jobs text[])
RETURNS SETOF clock.jobs
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = off
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH best AS MATERIALIZED (
        SELECT r.id
          FROM (SELECT DISTINCT u.queue FROM unnest($1) AS u (queue)) AS q
         CROSS JOIN LATERAL (
               SELECT j.id, j.priority, j.run_at
                 FROM clock.jobs j
                WHERE j.state = 'ready'
                  AND j.queue = q.queue
                  AND j.run_at <= clock_timestamp()
                  AND ($5 IS NULL OR j.clockfile = $5)
                  AND ($6 IS NULL OR j.job = ANY ($6))
                ORDER BY j.priority, j.run_at, j.id
                LIMIT $2
                  FOR UPDATE SKIP LOCKED) AS r
         ORDER BY r.priority, r.run_at, r.id
         LIMIT $2),
    taken AS (
        UPDATE clock.jobs j
           SET state = 'running',
               attempt = j.attempt + 1,
               worker = $3,
               lease_id = gen_random_uuid(),
               lease_until = clock_timestamp() + $4,
               started_at = clock_timestamp()
         WHERE j.id = ANY (ARRAY(SELECT best.id FROM best))
        RETURNING j.*)
    SELECT t.* FROM taken t ORDER BY t.priority, t.run_at, t.id;
END
$$;

COMMENT ON FUNCTION clock.take(text[], int, text, interval, text, text[]) IS 'Takes up to n ready rows under a lease; clock.claim looks after waiting and lost ones too.';

-- When there is not enough to do, and now and then even so, it looks for rows that nobody works
-- any more.
CREATE FUNCTION clock.claim(
    queues text[] DEFAULT '{default}',
    n int DEFAULT 1,
    worker text DEFAULT NULL,
    lease interval DEFAULT '30 s',
    clockfile text DEFAULT NULL,
    jobs text[] DEFAULT NULL)
RETURNS SETOF clock.jobs
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    taken int;
BEGIN
    IF n < 1 OR n > 10000 THEN
        RAISE EXCEPTION 'cannot claim % rows: from 1 to 10000', n
            USING ERRCODE = '22023';
    END IF;
    IF lease < interval '1 s' OR lease > interval '1 day' THEN
        RAISE EXCEPTION 'a lease of % is not from 1 s to 1 day', lease
            USING ERRCODE = '22023';
    END IF;
    PERFORM clock.promote();
    RETURN QUERY SELECT * FROM clock.take(queues, n, worker, lease, clockfile, jobs);
    GET DIAGNOSTICS taken = ROW_COUNT;
    IF taken = n AND random() > 0.05 THEN
        RETURN;
    END IF;
    IF clock.rescue() > 0 AND taken < n THEN
        RETURN QUERY SELECT * FROM clock.take(queues, n - taken, worker, lease, clockfile, jobs);
    END IF;
END
$$;

COMMENT ON FUNCTION clock.claim(text[], int, text, interval, text, text[]) IS 'Takes up to n rows of these queues under a lease, best first; with clockfile and jobs only rows of those.';

CREATE FUNCTION clock.heartbeat(id bigint, lease_id uuid, lease interval DEFAULT '30 s')
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE clock.jobs j
       SET lease_until = clock_timestamp() + $3
     WHERE j.id = $1
       AND j.lease_id = $2
       AND j.state = 'running';
    RETURN FOUND;
END
$$;

COMMENT ON FUNCTION clock.heartbeat(bigint, uuid, interval) IS 'Lengthens a lease, counted from now; false: it is lost, stop working.';

CREATE FUNCTION clock.finish(
    id bigint,
    lease_id uuid,
    output text DEFAULT NULL,
    exit_status int DEFAULT NULL)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    done clock.jobs;
BEGIN
    DELETE FROM clock.jobs j
     WHERE j.id = $1
       AND j.lease_id = $2
       AND j.state = 'running'
    RETURNING j.* INTO done;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM clock.record(done, 'done', exit_status => $4, output => $3);
    RETURN true;
END
$$;

COMMENT ON FUNCTION clock.finish(bigint, uuid, text, int) IS 'Deletes a row that is done, and records the run; false: the lease is lost, and nothing has changed.';

CREATE FUNCTION clock.fail(
    id bigint,
    lease_id uuid,
    error text,
    retry boolean DEFAULT true,
    output text DEFAULT NULL,
    exit_status int DEFAULT NULL,
    signal int DEFAULT NULL)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    failed clock.jobs;
BEGIN
    SELECT j.* INTO failed
      FROM clock.jobs j
     WHERE j.id = $1
       AND j.lease_id = $2
       AND j.state = 'running'
       FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM clock.record(failed, 'failed', $6, $7, $5, $3);
    IF failed.attempt >= failed.max_attempts OR NOT retry THEN
        UPDATE clock.jobs j
           SET state = 'dead', worker = NULL, lease_id = NULL, lease_until = NULL, last_error = $3
         WHERE j.id = $1;
    ELSE
        UPDATE clock.jobs j
           SET state = 'waiting', worker = NULL, lease_id = NULL, lease_until = NULL, last_error = $3,
               run_at = clock_timestamp()
                   + clock.backoff(j.attempt, j.backoff_s, j.backoff_max_s)
         WHERE j.id = $1;
    END IF;
    RETURN true;
END
$$;

COMMENT ON FUNCTION clock.fail(bigint, uuid, text, boolean, text, int, int) IS 'Records a failure: the row waits for its next attempt, or is dead when they are spent or retry is false; false: the lease is lost.';

CREATE FUNCTION clock.release(id bigint, lease_id uuid, error text DEFAULT NULL)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    released clock.jobs;
BEGIN
    SELECT j.* INTO released
      FROM clock.jobs j
     WHERE j.id = $1
       AND j.lease_id = $2
       AND j.state = 'running'
       FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM clock.record(released, 'released', error => $3);
    UPDATE clock.jobs j
       SET state = 'ready', attempt = greatest(j.attempt - 1, 0),
           worker = NULL, lease_id = NULL, lease_until = NULL
     WHERE j.id = $1;
    PERFORM clock.wake(ARRAY[released.queue]);
    RETURN true;
END
$$;

COMMENT ON FUNCTION clock.release(bigint, uuid, text) IS 'Gives a row back unfinished: it is ready at once, and the attempt does not count; false: the lease is lost.';

CREATE FUNCTION clock.enqueue(
    task text,
    payload jsonb DEFAULT 'null',
    queue text DEFAULT 'default',
    run_at timestamptz DEFAULT NULL,
    priority int DEFAULT 0,
    max_attempts int DEFAULT 5)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    new_id bigint;
    later boolean := coalesce($4 > clock_timestamp(), false);
BEGIN
    INSERT INTO clock.jobs (task, payload, queue, run_at, priority, max_attempts, state)
    VALUES ($1, coalesce($2, 'null'), $3, coalesce($4, clock_timestamp()), $5, $6,
            CASE WHEN later THEN 'waiting' ELSE 'ready' END)
    RETURNING id INTO new_id;
    IF NOT later THEN
        PERFORM clock.wake(ARRAY[$3]);
    END IF;
    RETURN new_id;
END
$$;

COMMENT ON FUNCTION clock.enqueue(text, jsonb, text, timestamptz, int, int) IS 'Adds a row of an application''s own, in its transaction; returns its id.';

-- By hand: clock retry, clock discard.
CREATE FUNCTION clock.retry(id bigint)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    row_queue text;
BEGIN
    UPDATE clock.jobs j
       SET state = 'ready', attempt = CASE WHEN j.state = 'dead' THEN 0 ELSE j.attempt END,
           run_at = clock_timestamp()
     WHERE j.id = $1
       AND j.state IN ('dead', 'waiting')
    RETURNING j.queue INTO row_queue;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM clock.wake(ARRAY[row_queue]);
    RETURN true;
END
$$;

COMMENT ON FUNCTION clock.retry(bigint) IS 'Makes a dead row ready, with all attempts before it, or a waiting one at once; false: it is neither.';

CREATE FUNCTION clock.discard(id bigint)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    gone clock.jobs;
BEGIN
    DELETE FROM clock.jobs j
     WHERE j.id = $1
       AND j.state <> 'running'
    RETURNING j.* INTO gone;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM clock.record(gone, 'discarded', error => gone.last_error);
    RETURN true;
END
$$;

COMMENT ON FUNCTION clock.discard(bigint) IS 'Throws a row away that is not running, and records that; false: there is none.';

-- One page of what is older than its retention: of a Clockfile, and of applications.
CREATE FUNCTION clock.prune(clockfile text, retention interval, n int DEFAULT 1000)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    before timestamptz := clock_timestamp() - $2;
    runs bigint;
    missed bigint;
BEGIN
    DELETE FROM clock.runs
     WHERE id = ANY (ARRAY(
           SELECT r.id
             FROM clock.runs r
            WHERE r.ended_at < before
              AND r.clockfile IN ($1, '')
            ORDER BY r.ended_at
            LIMIT $3
              FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS runs = ROW_COUNT;
    DELETE FROM clock.missed
     WHERE id = ANY (ARRAY(
           SELECT m.id
             FROM clock.missed m
            WHERE m.at < before
              AND m.clockfile = $1
            ORDER BY m.at
            LIMIT $3
              FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS missed = ROW_COUNT;
    RETURN runs + missed;
END
$$;

COMMENT ON FUNCTION clock.prune(text, interval, int) IS 'Deletes history older than the retention, n rows of each kind at most; returns how many.';

-- The dead of a job, for clock dead and those who follow it.
CREATE INDEX jobs_dead ON clock.jobs (id)
    WHERE state = 'dead';

INSERT INTO clock.schema (version, serves)
VALUES (2, 1);
