-- The next instant at which the clock in force will commit; NULL: never.
UPDATE clock.horizons
   SET next_due = to_timestamp($2::bigint)
 WHERE clockfile = $1::text
