-- What there is of schema clock and what is missing, and what the role may do about it.
SELECT current_setting('server_version_num')::int,
       quote_ident(current_database()),
       quote_ident(current_user),
       has_database_privilege(current_database(), 'CREATE'),
       n.oid IS NOT NULL,
       quote_ident(pg_get_userbyid(n.nspowner)),
       has_schema_privilege(n.oid, 'USAGE'),
       has_schema_privilege(n.oid, 'CREATE'),
       c.oid IS NOT NULL,
       (SELECT string_agg('clock.' || w.name, ', ')
          FROM unnest('{horizons,schedules,jobs,missed,runs,status,queues,late}'::text[]) AS w (name)
         WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_class t
                            WHERE t.relnamespace = n.oid AND t.relname = w.name)),
       EXISTS (SELECT FROM pg_catalog.pg_class t
                WHERE t.relnamespace = n.oid AND t.relname = 'horizons')
  FROM (SELECT 1) AS always
  LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = 'clock'
  LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = 'schema'
