-- Compare and set: moves the horizon from $2 to $3 if it still stands where this clock believes,
-- under the same rules.  $7: not before the instant itself.  $8: the rules change with it.
UPDATE clock.horizons
   SET fired_through = to_timestamp($3::bigint),
       next_due = coalesce(to_timestamp($4::bigint), 'infinity'),
       version = CASE WHEN $8::boolean THEN gen_random_uuid() ELSE version END
 WHERE clockfile = $1::text
   AND fired_through = to_timestamp($2::bigint)
   AND revision = $5::text
   AND version = $6::uuid
   AND (NOT $7::boolean OR to_timestamp($3::bigint) <= clock_timestamp())
RETURNING (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
