-- How attempts have ended, a row each: true when the lease still held.
SELECT r.id,
       CASE r.how
            WHEN 'done' THEN clock.finish(r.id, r.lease_id, r.output, r.exit_status)
            WHEN 'failed' THEN clock.fail(r.id, r.lease_id, r.error, true, r.output,
                                          r.exit_status, r.signal)
            ELSE clock.release(r.id, r.lease_id, r.error)
       END
  FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::int[], $7::int[])
       AS r (id, lease_id, how, error, output, exit_status, signal)
