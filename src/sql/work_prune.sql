-- One page of history beyond its retention goes.
SELECT clock.prune($1::text, $2::bigint * interval '1 second', $3::int)
