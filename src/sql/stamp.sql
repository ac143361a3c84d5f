-- The server's clock, in microseconds; and the guard of the COMMIT is called once, so that the
-- session has loaded it by the instant.
SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, clock.not_before('epoch')
