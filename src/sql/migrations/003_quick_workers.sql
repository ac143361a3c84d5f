-- Version 3: the same calls for less.  A function that calls a function pays for the second one
-- too: its settings, its tuples a second time, and statements that are planned again in every
-- transaction.  So what each call of a worker does stands in one statement, planned once in a
-- session; and rows that nobody works any more are looked after only when there are some.
--
-- The plan is a generic one by order: it is an index's in any case, and to weigh it against
-- others at each call costs as much as to claim a row.
--
-- A report names its row.  Its state is asked for in words that no index knows: while nothing
-- runs, the one of the running rows looks the shortest, and it is read whole when many do.

CREATE OR REPLACE FUNCTION clock.claim(
    queues text[] DEFAULT '{default}',
    n int DEFAULT 1,
    worker text DEFAULT NULL,
    lease interval DEFAULT '30 s',
    clockfile text DEFAULT NULL,
    jobs text[] DEFAULT NULL)
RETURNS SETOF clock.jobs
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    taken int;
    instant timestamptz := clock_timestamp(); -- an index is not searched for a moving one
BEGIN
    IF $2 < 1 OR $2 > 10000 THEN
        RAISE EXCEPTION 'cannot claim % rows: from 1 to 10000', $2
            USING ERRCODE = '22023';
    END IF;
    IF $4 < interval '1 s' OR $4 > interval '1 day' THEN
        RAISE EXCEPTION 'a lease of % is not from 1 s to 1 day', $4
            USING ERRCODE = '22023';
    END IF;
    IF EXISTS (SELECT FROM clock.jobs j WHERE j.state = 'waiting' AND j.run_at <= instant) THEN
        PERFORM clock.promote();
    END IF;
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
    GET DIAGNOSTICS taken = ROW_COUNT;
    IF taken = $2 AND random() > 0.05 THEN
        RETURN;
    END IF;
    IF NOT EXISTS (SELECT FROM clock.jobs j WHERE j.state = 'running' AND j.lease_until < instant) THEN
        RETURN;
    END IF;
    IF clock.rescue() > 0 AND taken < $2 THEN
        RETURN QUERY SELECT t.* FROM clock.take($1, $2 - taken, $3, $4, $5, $6) AS t;
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION clock.finish(
    id bigint,
    lease_id uuid,
    output text DEFAULT NULL,
    exit_status int DEFAULT NULL)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
    WITH done AS (
        DELETE FROM clock.jobs j
         WHERE j.id = $1
           AND j.lease_id = $2
           AND CASE j.state WHEN 'running' THEN true END
        RETURNING j.*)
    INSERT INTO clock.runs (row_id, clockfile, job, scheduled_at, origin, task, queue, attempt,
                            worker, created_at, started_at, ended_at, outcome, exit_status, output)
    SELECT d.id, d.clockfile, d.job, d.scheduled_at, d.origin, d.task, d.queue, d.attempt,
           d.worker, d.created_at, d.started_at, clock_timestamp(), 'done', $4, $3
      FROM done d;
    RETURN FOUND;
END
$$;

-- Many at once.  Without a result of their own to keep, rows cost a third of what each costs alone.
CREATE FUNCTION clock.finish_all(ids bigint[], lease_ids uuid[])
RETURNS SETOF bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    RETURN QUERY
    WITH done AS (
        DELETE FROM clock.jobs j
         WHERE j.id = ANY ($1)
           AND j.lease_id = ANY ($2)
           AND CASE j.state WHEN 'running' THEN true END
        RETURNING j.*)
    INSERT INTO clock.runs (row_id, clockfile, job, scheduled_at, origin, task, queue, attempt,
                            worker, created_at, started_at, ended_at, outcome)
    SELECT d.id, d.clockfile, d.job, d.scheduled_at, d.origin, d.task, d.queue, d.attempt,
           d.worker, d.created_at, d.started_at, clock_timestamp(), 'done'
      FROM done d
    RETURNING row_id;
END
$$;

COMMENT ON FUNCTION clock.finish_all(bigint[], uuid[]) IS 'Deletes rows that are done, and records the runs; gives the ids of those whose lease held.';

CREATE OR REPLACE FUNCTION clock.heartbeat(id bigint, lease_id uuid, lease interval DEFAULT '30 s')
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    UPDATE clock.jobs j
       SET lease_until = clock_timestamp() + $3
     WHERE j.id = $1
       AND j.lease_id = $2
       AND CASE j.state WHEN 'running' THEN true END;
    RETURN FOUND;
END
$$;

CREATE OR REPLACE FUNCTION clock.fail(
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
SET enable_seqscan = off
AS $$
DECLARE
    failed clock.jobs;
BEGIN
    SELECT j.* INTO failed
      FROM clock.jobs j
     WHERE j.id = $1
       AND j.lease_id = $2
       AND CASE j.state WHEN 'running' THEN true END
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

CREATE OR REPLACE FUNCTION clock.release(id bigint, lease_id uuid, error text DEFAULT NULL)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $$
DECLARE
    released clock.jobs;
BEGIN
    SELECT j.* INTO released
      FROM clock.jobs j
     WHERE j.id = $1
       AND j.lease_id = $2
       AND CASE j.state WHEN 'running' THEN true END
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

INSERT INTO clock.schema (version, serves)
VALUES (3, 1);
