-- The first start of a Clockfile's name: its horizon begins now, or where a clock last knew it ($2).
-- No row back: another clock was first.
INSERT INTO clock.horizons (clockfile, fired_through, next_due, revision, version, started_at)
VALUES ($1::text,
        coalesce(to_timestamp($2::bigint), date_trunc('second', clock_timestamp())),
        'infinity',
        $3::text,
        gen_random_uuid(),
        'epoch'::timestamptz + $4::bigint * interval '1 microsecond')
    ON CONFLICT DO NOTHING
RETURNING extract(epoch FROM fired_through)::bigint
