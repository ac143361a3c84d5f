-- Rows by hand, thrown away; back come those that there were.
SELECT r.id
  FROM unnest($1::bigint[]) AS r (id)
 WHERE clock.discard(r.id)
