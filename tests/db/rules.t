# What a job's own keys do to its rows: overlap, jitter, a pause; and a row that the server refuses.

use strict;
use warnings;

use Test::More;

use ClockTest;
use Ledger;

subtest 'overlap: skip waits for the row before' => sub {
    my $db = database();
    ledger_install($db);
    my $path = clockfile("jobs:\n  alone: {schedule: \"\@every 1s\", overlap: skip}\n  beside: {schedule: \"\@every 1s\"}\n");
    my $clock = clock_start('run', $path, { db => $db });
    poll_until(sub { one($db, q(SELECT sum(count) >= 3 FROM clock.missed WHERE job = 'alone')) }, 15, 'three skips');
    is one($db, q(SELECT count(*) FROM clock.jobs WHERE job = 'alone')), 1, 'one unfinished row';
    is one($db, q(SELECT string_agg(DISTINCT reason, ',') FROM clock.missed)), 'overlap', 'each skip is on record';
    $db->{dbh}->do(q(UPDATE clock.jobs SET state = 'running', lease_id = gen_random_uuid(), lease_until = now() WHERE job = 'alone'));
    my $missed = one($db, q(SELECT count(*) FROM clock.missed));
    poll_until(sub { one($db, q(SELECT count(*) > ? FROM clock.missed), $missed) }, 10, 'a skip beside a running row');
    $db->{dbh}->do(q(UPDATE clock.jobs SET state = 'dead' WHERE job = 'alone'));
    poll_until(sub { one($db, q(SELECT count(*) = 2 FROM clock.jobs WHERE job = 'alone')) }, 10, 'a row beside a dead one');
    pass 'a dead row is finished';

    write_file($path, "jobs:\n  alone: {schedule: \"\@every 1s\", overlap: skip}\n  beside: {schedule: \"\@every 1s\", overlap: skip}\n");
    my $rows = one($db, q(SELECT count(*) FROM clock.jobs WHERE job = 'beside'));
    cmp_ok $rows, '>', 1, 'the other job has several rows';
    $clock->kill('HUP');
    $clock->says(qr/\bput_in_force\b/);
    poll_until(sub { one($db, q(SELECT count(*) FROM clock.missed WHERE job = 'beside')) }, 10, 'its first skip');
    pass 'rows made before overlap was forbidden count too';
    is $clock->term, 0, 'stops';
    is one($db, <<'END'), 0, 'every instant is a row or a record';
SELECT count(*)
  FROM clock.schedules s, clock.horizons h,
       generate_series(s.since + interval '1 second', h.fired_through, interval '1 second') AS due
 WHERE s.job = 'alone'
   AND NOT EXISTS (SELECT FROM ledger.fires f WHERE f.job = s.job AND f.scheduled_at = due)
   AND NOT EXISTS (SELECT FROM clock.missed m WHERE m.job = s.job AND due BETWEEN m.first_at AND m.last_at)
END
    ledger_check($db, {});
};

subtest 'overlap: skip sees what other rules have left unfinished' => sub {
    my $db = database();
    my $yaml = "jobs: {j: {schedule: \"\@every 1s\"}}\n";
    my $path = clockfile($yaml);
    my $clock = clock_start('run', $path, { db => $db });
    my $id = poll_until(sub { one($db, 'SELECT min(id) FROM clock.jobs') }, 10, 'a row');
    my $worker = $db->{cluster}->dbh($db->{name});
    $worker->begin_work;
    $worker->do("SELECT FROM clock.jobs WHERE id = $id FOR UPDATE");
    write_file($path, $yaml =~ s/1s"/1s", overlap: skip/r);
    $clock->kill('HUP');
    $clock->says(qr/\bput_in_force\b/, 20);
    pass 'a row in the hands of a worker holds up no new rules';
    $db->{dbh}->do("DELETE FROM clock.jobs WHERE id <> $id");
    my $skips = sub {
        my $from = one($db, 'SELECT clock_timestamp()');
        poll_until(sub { one($db, q(SELECT count(*) > 1 FROM clock.missed WHERE reason = 'overlap' AND at > ?), $from) }, 10, 'two skips');
        return one($db, 'SELECT count(*) FROM clock.jobs');
    };
    is $skips->(), 1, 'but its next fire';
    $worker->rollback;
    is $skips->(), 1, 'and that of a row which he has let go of';
    ok one($db, 'SELECT solo FROM clock.jobs'), 'which is marked now';

    $clock->kill('KILL');
    $clock->wait;
    $db->{dbh}->do('UPDATE clock.jobs SET solo = false');    # of a clock that died right after its put
    $clock = clock_start('run', $path, { db => $db });
    is $skips->(), 1, 'so is what a clock did not come to mark';
    $db->{dbh}->do('DELETE FROM clock.jobs');
    poll_until(sub { one($db, 'SELECT count(*) FROM clock.jobs') }, 10, 'a row when there is none');
    is $clock->term, 0, 'stops';
};

subtest 'a mark that takes too long holds up no fire' => sub {
    my $db = database();
    $db->{dbh}->do($_) for q(INSERT INTO clock.jobs (clockfile, job, task) VALUES ('default', 'j', 'j')),
        q(CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(60); RETURN NEW; END'),
        'CREATE TRIGGER slow BEFORE UPDATE OF solo ON clock.jobs FOR EACH ROW EXECUTE FUNCTION slow()';
    my $clock = clock_start('run', clockfile("jobs: {j: {schedule: \"\@every 1s\", overlap: skip}}\n"), { db => $db });
    poll_until(sub { one($db, 'SELECT count(*) FROM clock.jobs WHERE solo') }, 30, 'a row beside the one without a mark');
    like $clock->log, qr/statement timeout/, 'it is said why';
    is $clock->term, 0, 'stops';
};

subtest 'jitter moves when a row may be taken, never what it is' => sub {
    my $db = database();
    my $clock = clock_start('run', clockfile("jobs: {j: {schedule: \"\@every 1s\", jitter: 3s}}\n"), { db => $db });
    poll_until(sub { one($db, q(SELECT count(DISTINCT run_at - scheduled_at) >= 2 FROM clock.jobs)) }, 20, 'different delays');
    is one($db, q(SELECT count(*) FROM clock.jobs WHERE run_at NOT BETWEEN scheduled_at AND scheduled_at + interval '3 seconds')),
        0, 'within the jitter';
    my $id = poll_until(sub { one($db, q(SELECT id FROM clock.jobs WHERE state = 'waiting' ORDER BY run_at DESC LIMIT 1)) },
        20, 'a waiting row');
    my $late = poll_until(
        sub { one($db, q(SELECT 1000 * extract(epoch FROM clock_timestamp() - run_at) FROM clock.jobs WHERE id = ? AND state = 'ready'), $id) },
        20, 'it to be ready');
    cmp_ok $late, '>=', 0, 'not before its time';
    is $clock->term, 0, 'stops';
};

subtest 'a look finds what waits, whatever its run_at was made by hand' => sub {
    my $db = database();
    my $clock = clock_start('run', clockfile("jobs: {j: {schedule: \"\@yearly\"}}\n"), { db => $db });
    $clock->says(qr/state=in-force/);
    sql($db, q(INSERT INTO clock.jobs (task, queue, state, run_at) VALUES ('long-ago', 'q', 'waiting', '-infinity'),
        ('due', 'q', 'waiting', now()), ('far', 'q', 'waiting', '294276-12-31'), ('never', 'q', 'waiting', 'infinity')));
    poll_until(sub { one($db, q(SELECT count(*) = 2 FROM clock.jobs WHERE state = 'ready')) }, 20, 'the rows to be ready');
    is one($db, q(SELECT string_agg(task, ' ' ORDER BY task) FROM clock.jobs WHERE state = 'waiting')), 'far never';
    is $clock->term, 0, 'stops';
    unlike scalar $clock->log, qr/error=/, 'nothing to complain of';
};

subtest 'a pause, and one that ends by itself' => sub {
    my $db = database();
    ledger_install($db);
    my $clock = clock_start('run', clockfile(join '', "jobs:\n", map { "  $_: {schedule: \"\@every 1s\"}\n" } 'j', 'jj', 'k'), { db => $db });
    $clock->says(qr/\bfired\b/);
    # As an operator's pause does it: the horizon first, a new version, the rule bounded by what is decided.
    $db->{dbh}->do(<<'END');
WITH h AS (UPDATE clock.horizons SET version = gen_random_uuid() RETURNING clockfile, fired_through)
UPDATE clock.schedules s
   SET paused = true, since = greatest(s.since, h.fired_through), reason = 'a test',
       until = date_trunc('second', clock_timestamp()) + interval '16 seconds'
  FROM h
 WHERE s.clockfile = h.clockfile AND s.job <> 'k'
END
    my ($since, $until) = @{ sql($db, q(SELECT since, until FROM clock.schedules WHERE job = 'j'))->[0] }{qw(since until)};
    for my $job ('j', 'jj') {
        poll_until(sub { one($db, q(SELECT NOT paused FROM clock.schedules WHERE job = ?), $job) }, 40, 'the end of the pause');
        poll_until(sub { one($db, q(SELECT count(*) FROM ledger.fires WHERE job = ? AND scheduled_at > ?), $job, $until) }, 10, 'the job again');
        is one($db, q(SELECT count(*) FROM ledger.fires WHERE job = ? AND scheduled_at > ? AND scheduled_at <= ?), $job, $since, $until), 0,
            'no row while paused';
        is one($db, q(SELECT sum(count) FROM clock.missed WHERE job = ? AND reason = 'paused'), $job),
            one($db, q(SELECT extract(epoch FROM ?::timestamptz - ?::timestamptz)::bigint), $until, $since), 'what fell due meanwhile is on record';
    }
    is one($db, q(SELECT count(*) FROM clock.missed WHERE job = 'k')), 0, 'the other job is not concerned';
    is $clock->term, 0, 'stops';
    ledger_check($db, { k => 1 });
};

subtest 'a row that the server refuses stops no other' => sub {
    my $db = database();
    ledger_install($db);
    $db->{dbh}->do(<<'END');
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF NEW.job = 'poison' THEN RAISE EXCEPTION 'no such thing here'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse BEFORE INSERT ON clock.jobs FOR EACH ROW EXECUTE FUNCTION refuse();
END
    my $clock = clock_start('run', clockfile("jobs:\n  good: {schedule: \"\@every 1s\"}\n  poison: {schedule: \"\@every 2s\"}\n"), { db => $db });
    poll_until(sub { one($db, q(SELECT sum(count) >= 2 FROM clock.missed WHERE job = 'poison')) }, 20, 'two refusals');
    is one($db, q(SELECT string_agg(DISTINCT reason || ' ' || sqlstate, ',') FROM clock.missed)), 'refused P0001', 'on record, with the cause';
    like $clock->log, qr/no such thing here/, 'and in the log';
    is $clock->term, 0, 'stops';
    ledger_check($db, { good => 1 });
};

subtest 'a horizon row that is gone is made again where it stood' => sub {
    my $db = database();
    ledger_install($db);
    my $clock = clock_start('run', clockfile("jobs: {j: {schedule: \"\@every 1s\"}}\n"), { db => $db });
    $clock->says(qr/\bfired\b/);
    my $through = one($db, 'DELETE FROM clock.horizons RETURNING fired_through');
    like $clock->says(qr/\bbegan level=warning/), qr/the horizon was gone/, 'with a warning';
    poll_until(sub { one($db, q(SELECT count(*) FROM ledger.fires WHERE scheduled_at > ?::timestamptz + interval '2 seconds'), $through) }, 10, 'its fires');
    is $clock->term, 0, 'stops';
    is one($db, 'SELECT count(*) - count(DISTINCT scheduled_at) FROM ledger.fires'), 0, 'nothing is doubled';
    is one($db, <<'END'), 0, 'nothing is lost';
SELECT count(*)
  FROM (SELECT min(scheduled_at) AS a, max(scheduled_at) AS b FROM ledger.fires) AS span,
       generate_series(a, b, interval '1 second') AS at
 WHERE NOT EXISTS (SELECT FROM ledger.fires WHERE scheduled_at = at)
END
};

done_testing;
