-- Jobs fire no more: what the horizon ($3) has passed is decided, the rest is owed to the resume.
UPDATE clock.schedules
   SET since = CASE WHEN paused THEN since ELSE greatest(since, to_timestamp($3::bigint)) END,
       paused = true,
       until = to_timestamp($4::bigint),
       reason = $5::text
 WHERE clockfile = $1::text
   AND job = ANY ($2::text[])
