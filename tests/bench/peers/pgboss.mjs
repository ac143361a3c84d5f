// pg-boss, as its users have it, and with the shortest intervals that it allows.
//
//   pgboss.mjs cron JOBS MONITOR_S WORKER_S CRON   that many queues with a schedule each
//   pgboss.mjs idle JOBS MONITOR_S WORKER_S        none due; runs until it is killed
//   pgboss.mjs work BATCH N SECONDS                four loops of fetch and complete
//   pgboss.mjs wake                                prints CLOCK_MONOTONIC (ns) when a job starts
import { createRequire } from 'module';
const require = createRequire(process.env.BENCH_MODULES + '/');
const PgBoss = require('pg-boss');

const [what, ...args] = process.argv.slice(2);
const where = { host: process.env.PGHOST, port: +process.env.PGPORT, user: process.env.PGUSER,
  database: process.env.PGDATABASE, max: 10 };

async function start(options) {
  const boss = new PgBoss({ ...where, ...options });
  boss.on('error', error => console.error(error.message));
  await boss.start();
  return boss;
}

if (what === 'cron' || what === 'idle') {
  const [n, monitor, worker] = args.slice(0, 3).map(Number);
  const cron = what === 'idle' ? '0 0 1 1 *' : args[3];
  const setup = await start({ schedule: false, supervise: false });
  for (let i = 0; i < n; i++) {
    await setup.createQueue(`tick${i}`);
    await setup.schedule(`tick${i}`, cron, { account: i, region: 'eu-west', v: 1 });
  }
  await setup.stop({ graceful: false, wait: true });
  await start({ cronMonitorIntervalSeconds: monitor, cronWorkerIntervalSeconds: worker });
  console.log('ready');
} else if (what === 'work') {
  const [batchSize, n, seconds] = args.map(Number);
  const boss = await start({ schedule: false });
  await boss.createQueue('noop');
  for (let i = 0; i < n; i += 1000)
    await boss.insert(Array.from({ length: Math.min(1000, n - i) }, () => ({ name: 'noop', data: {} })));
  const began = performance.now();
  let done = 0;
  const loop = async () => {
    while (performance.now() - began < 1000 * seconds) {
      const jobs = await boss.fetch('noop', { batchSize });
      if (jobs.length === 0) return;
      await boss.complete('noop', jobs.map(job => job.id));
      done += jobs.length;
    }
  };
  await Promise.all([loop(), loop(), loop(), loop()]);
  console.log((1000 * done / (performance.now() - began)).toFixed(0));
  process.exit(0);
} else {
  const boss = await start({ schedule: false });
  await boss.createQueue('noop');
  await boss.work('noop', { pollingIntervalSeconds: 0.5 }, async () => {
    console.log(process.hrtime.bigint().toString());
  });
  console.error('ready');
}
