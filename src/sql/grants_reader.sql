-- What status, list, missed, health and dashboards need: look, and nothing else.
GRANT USAGE ON SCHEMA clock TO CURRENT_USER;
GRANT SELECT ON ALL TABLES IN SCHEMA clock TO CURRENT_USER;
