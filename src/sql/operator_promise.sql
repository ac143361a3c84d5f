-- An instant at which the clock in force must commit, if it has not promised an earlier one.
UPDATE clock.horizons
   SET next_due = least(next_due, to_timestamp($2::bigint))
 WHERE clockfile = $1::text
