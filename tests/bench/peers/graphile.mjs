// graphile-worker, as its users have it.
//
//   graphile.mjs cron JOBS                 that many crontab items, all due at the next minute
//   graphile.mjs idle JOBS                 none due; runs until it is killed
//   graphile.mjs work MODE CONCURRENCY N   N no-op jobs; MODE single, or batch (local queue)
//   graphile.mjs wake                      prints CLOCK_MONOTONIC (ns) when a task starts
import { createRequire } from 'module';
const require = createRequire(process.env.BENCH_MODULES + '/');
const { run, parseCronItems, makeWorkerUtils, Logger } = require('graphile-worker');
const { Pool } = require('pg');

const [what, ...args] = process.argv.slice(2);
const logger = new Logger(() => (level, message) => { if (level === 'error') console.error(message); });
const pool = new Pool({ max: 30 });
const common = { pgPool: pool, noHandleSignals: true, logger };

const utils = await makeWorkerUtils({ pgPool: pool, logger });
await utils.migrate();

if (what === 'cron' || what === 'idle') {
  const match = what === 'idle' ? '0 0 1 1 *' : '* * * * *';
  const items = Array.from({ length: +args[0] }, (_, i) => ({
    task: 'tick', match, identifier: `job_${i}`,
    payload: { account: i, region: 'eu-west', v: 1 }, options: { backfillPeriod: 0 },
  }));
  const runner = await run({ ...common, concurrency: 1, taskList: { other: async () => {} },
    parsedCronItems: parseCronItems(items) });
  console.log('ready');
  if (what === 'cron')
    runner.events.on('cron:scheduled', async () => { await runner.stop(); process.exit(0); });
} else if (what === 'work') {
  const [mode, concurrency, n] = [args[0], +args[1], +args[2]];
  await pool.query('TRUNCATE graphile_worker._private_jobs');
  await pool.query(`SELECT graphile_worker.add_jobs(array(SELECT json_populate_record(
    null::graphile_worker.job_spec, '{"identifier": "noop"}') FROM generate_series(1, $1)))`, [n]);
  await pool.query('VACUUM ANALYZE graphile_worker._private_jobs');
  const batch = mode === 'batch' ? { preset: { worker: { localQueue: { size: 500 },
    completeJobBatchDelay: 0, failJobBatchDelay: 0 } } } : {};
  let done = 0, began = 0, end;
  const all = new Promise(resolve => { end = resolve; });
  await run({ ...common, concurrency, pollInterval: 1000, ...batch, taskList: {
    noop: async () => { began ||= performance.now(); if (++done === n) end(); } } });
  await all;
  console.log((1000 * n / (performance.now() - began)).toFixed(0));
  process.exit(0);
} else {
  await run({ ...common, concurrency: 1, taskList: {
    noop: async () => { console.log(process.hrtime.bigint().toString()); } } });
  console.error('ready');
}
