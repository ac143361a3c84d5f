-- The server's wall clock in zones ($1) at instants ($2), as seconds; none for a zone it lacks.
SELECT u.zone,
       u.at_s,
       extract(epoch FROM to_timestamp(u.at_s) AT TIME ZONE z.name)::bigint
  FROM unnest($1::text[], $2::bigint[]) AS u (zone, at_s)
  LEFT JOIN pg_catalog.pg_timezone_names z ON z.name = u.zone
