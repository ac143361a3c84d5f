-- Rows by hand, one more time; back come those that there were.
SELECT r.id
  FROM unnest($1::bigint[]) AS r (id)
 WHERE clock.retry(r.id)
