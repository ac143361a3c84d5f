-- What the database is asked about itself, in one row; null where this role may not look.
SELECT current_setting('server_version'),
       pg_backend_pid(),
       oldest.age_s,
       oldest.holder,
       (SELECT s.n_live_tup FROM pg_catalog.pg_stat_user_tables s
         WHERE s.relid = to_regclass('clock.jobs')),
       (SELECT s.n_dead_tup FROM pg_catalog.pg_stat_user_tables s
         WHERE s.relid = to_regclass('clock.jobs')),
       (SELECT count(*) FROM clock.jobs j WHERE j.state = 'dead'),
       (SELECT count(*) FROM clock.jobs j
         WHERE j.state = 'ready'
           AND j.run_at < clock_timestamp() - interval '1 minute'),
       (SELECT count(*) FROM pg_catalog.pg_prepared_xacts p
         WHERE p.database = current_database()),
       has_table_privilege('clock.horizons', 'UPDATE')
           AND has_table_privilege('clock.schedules', 'INSERT')
           AND has_table_privilege('clock.schedules', 'UPDATE')
           AND has_table_privilege('clock.schedules', 'DELETE')
           AND has_table_privilege('clock.jobs', 'INSERT')
           AND has_table_privilege('clock.jobs', 'UPDATE')
           AND has_table_privilege('clock.missed', 'INSERT'),
       current_setting('autovacuum'),
       (SELECT count(*) FROM pg_catalog.pg_stat_activity a
         WHERE a.datname = current_database()
           AND a.backend_xmin IS NOT NULL
           AND a.xact_start IS NULL)
  FROM (SELECT 1) AS always
  LEFT JOIN LATERAL (
       SELECT floor(extract(epoch FROM clock_timestamp() - a.xact_start))::bigint AS age_s,
              concat_ws(' ', a.usename, 'in process', a.pid, '(' || nullif(a.application_name, '') || ')')
                  AS holder
         FROM pg_catalog.pg_stat_activity a
        WHERE a.datname = current_database()
          AND a.backend_xmin IS NOT NULL
          AND a.xact_start IS NOT NULL
          AND a.pid <> pg_backend_pid()
        ORDER BY a.xact_start
        LIMIT 1) AS oldest ON true
