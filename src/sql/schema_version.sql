-- The version of the schema, and the oldest clock that it serves.
SELECT version, serves
  FROM clock.schema
 ORDER BY version DESC
 LIMIT 1
