-- Jobs fire again, each from its moment on.
UPDATE clock.schedules s
   SET paused = false,
       since = greatest(s.since, to_timestamp(r.since_s)),
       until = NULL,
       reason = NULL
  FROM unnest($2::text[], $3::bigint[]) AS r (job, since_s)
 WHERE s.clockfile = $1::text
   AND s.job = r.job
