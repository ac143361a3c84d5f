-- The next instant at which the clock in force will commit; NULL ($2): never.
UPDATE clock.horizons
   SET next_due = coalesce(to_timestamp($2::bigint), 'infinity')
 WHERE clockfile = $1::text
