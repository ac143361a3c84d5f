-- Migrations wait for one another, within a transaction because a pooler may give each its own
-- session.  Afterwards they wait for no one's lock for long: behind them wait all clocks.
BEGIN ISOLATION LEVEL READ COMMITTED;
SET LOCAL search_path = pg_catalog;
SET LOCAL statement_timeout = 0;
SET LOCAL idle_in_transaction_session_timeout = 0;
SET LOCAL lock_timeout = '60s';
SELECT pg_advisory_xact_lock(427021001579); -- "clock" in ASCII
SET LOCAL lock_timeout = '3s';
