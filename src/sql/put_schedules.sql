-- Added or changed jobs: their rule is in force from $2 on, and never over a stretch that is
-- settled already (the database's clock may have been set back).  A pause survives.
INSERT INTO clock.schedules (clockfile, job, spec, spec_hash, since)
SELECT $1::text, s.job, s.spec, s.spec_hash, to_timestamp($2::bigint)
  FROM unnest($3::text[], $4::text[], $5::text[]) AS s (job, spec, spec_hash)
    ON CONFLICT (clockfile, job) DO UPDATE
   SET spec = excluded.spec,
       spec_hash = excluded.spec_hash,
       since = greatest(schedules.since, excluded.since)
