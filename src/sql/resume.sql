-- Pauses whose time has come: from $2 on their jobs fire again, or from the later instant up to
-- which an edit has settled them.
UPDATE clock.schedules
   SET paused = false,
       since = greatest(since, to_timestamp($2::bigint)),
       until = NULL,
       reason = NULL
 WHERE clockfile = $1::text
   AND job = ANY ($3::text[])
