-- A standby, or a server or role that is read-only by its settings.
SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean
