-- What there is of schema clock, and what the role may do about it.
SELECT current_setting('server_version_num')::int,
       quote_ident(current_database()),
       quote_ident(current_user),
       has_database_privilege(current_database(), 'CREATE'),
       n.oid IS NOT NULL,
       quote_ident(pg_get_userbyid(n.nspowner)),
       has_schema_privilege(n.oid, 'USAGE'),
       has_schema_privilege(n.oid, 'CREATE'),
       c.oid IS NOT NULL
  FROM (SELECT 1) AS always
  LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = 'clock'
  LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = 'schema'
