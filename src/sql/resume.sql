-- Pauses whose time has come: from $2 on their jobs fire again.
UPDATE clock.schedules
   SET paused = false,
       since = to_timestamp($2::bigint),
       until = NULL,
       reason = NULL
 WHERE clockfile = $1::text
   AND job = ANY ($3::text[])
