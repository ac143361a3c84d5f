-- Wakes the workers of these queues when the transaction commits; only a hint.
SELECT pg_notify('clock_jobs', q.queue)
  FROM (SELECT DISTINCT u.queue FROM unnest($1::text[]) AS u (queue)) AS q
