-- Lengthens leases; back come those that are lost.
SELECT l.id
  FROM unnest($1::bigint[], $2::uuid[]) AS l (id, lease_id)
 WHERE NOT clock.heartbeat(l.id, l.lease_id, $3::bigint * interval '1 microsecond')
