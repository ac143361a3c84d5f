-- Records whose fires become rows in this transaction.
DELETE FROM clock.missed
 WHERE id = ANY ($1::bigint[])
