# clock pause and clock resume beside running clocks: no fire while paused, and every instant is a
# row or a record.

use strict;
use warnings;

use Test::More;

use Cli;
use ClockTest;
use Ledger;
use Operator;

my $jobs = "name: app\njobs:\n  j: {schedule: \"\@every 1s\", tags: [a]}\n  k: {schedule: \"\@every 1s\"}\n";

# The instants of '@every 1s' in (since, horizon] that are neither a row nor on record.
my $LOST = <<'END';
SELECT count(*)
  FROM (SELECT min(scheduled_at) AS first FROM ledger.fires WHERE job = 'k') f, clock.horizons h,
       generate_series(f.first, h.fired_through, interval '1 second') AS due
 WHERE NOT EXISTS (SELECT FROM ledger.fires WHERE job = 'j' AND scheduled_at = due)
   AND NOT EXISTS (SELECT FROM clock.missed m WHERE m.job = 'j' AND due BETWEEN m.first_at AND m.last_at)
END

subtest 'a pause and its end, beside two running clocks' => sub {
    my $db = database();
    ledger_install($db);
    my $file = clockfile($jobs);
    my @clocks = map { clock_start('run', $file, { db => $db }) } 1 .. 2;
    poll_until(sub { one($db, q(SELECT count(*) > 1 FROM clock.jobs WHERE job = 'j')) }, 15, 'fires');
    my $version = one($db, 'SELECT version FROM clock.horizons');
    my $paused = on($db, 'pause', 'j', '--reason', 'the bank is down');
    is $paused->{status}, 0, 'pauses' or diag $paused->{err};
    like $paused->{out}, qr/^paused j\n.*within 10 s/s, 'and says what to expect';
    isnt one($db, 'SELECT version FROM clock.horizons'), $version, 'under a new version';
    my $since = one($db, q(SELECT since FROM clock.schedules WHERE job = 'j' AND paused AND reason = 'the bank is down'));
    ok $since, 'the reason is kept';
    poll_until(sub { one($db, q(SELECT fired_through > ?::timestamptz + interval '3 seconds' FROM clock.horizons), $since) },
        30, 'the horizon to pass');
    is one($db, q(SELECT count(*) FROM ledger.fires WHERE job = 'j' AND scheduled_at > ?), $since), 0, 'no row while paused';

    is on($db, 'pause', 'j', '--reason', 'still')->{status}, 0, 'pauses again';
    is one($db, q(SELECT since FROM clock.schedules WHERE job = 'j')), $since, 'which moves nothing that is owed';

    my $resumed = on($db, 'resume', 'j');
    is $resumed->{status}, 0, 'resumes' or diag $resumed->{err};
    my ($count) = $resumed->{out} =~ /^resumed j, missed meanwhile: (\d+)/;
    cmp_ok $count // 0, '>=', 3, 'and says what fell due';
    is one($db, q(SELECT sum(count) FROM clock.missed WHERE job = 'j' AND reason = 'paused')), $count, 'all of it on record';
    my $back = one($db, q(SELECT since FROM clock.schedules WHERE job = 'j' AND NOT paused AND reason IS NULL));
    is one($db, 'SELECT extract(epoch FROM ?::timestamptz - ?::timestamptz)::int', $back, $since), $count, 'from the pause to its end';
    poll_until(sub { one($db, q(SELECT count(*) > 0 FROM ledger.fires WHERE job = 'j' AND scheduled_at > ?), $back) }, 30, 'the job again');
    is $_->term, 0, 'stops' for @clocks;
    is one($db, $LOST), 0, 'every instant is a row or a record';
    ledger_check($db, { k => 1 });
};

subtest 'a pause until an instant ends by itself' => sub {
    my $db = database();
    ledger_install($db);
    my $run = clock_start('run', clockfile($jobs), { db => $db });
    $run->says(qr/\bfired\b/);
    my $until = at_in_db($db, 6);
    is on($db, 'pause', 'j', '--until', $until, '--reason', 'a while')->{status}, 0, 'pauses';
    poll_until(sub { one($db, q(SELECT NOT paused FROM clock.schedules WHERE job = 'j')) }, 40, 'the end of the pause');
    poll_until(sub { one($db, q(SELECT count(*) > 0 FROM ledger.fires WHERE job = 'j' AND scheduled_at > ?), $until) }, 20, 'the job again');
    is $run->term, 0, 'stops';
    is one($db, $LOST), 0, 'every instant is a row or a record';
    ledger_check($db, { k => 1 });
};

subtest 'no clock runs: the horizon stands, and is not jumped over' => sub {
    my $db = database();
    my $run = clock_start('run', clockfile($jobs), { db => $db });
    $run->says(qr/\bfired\b/);
    is $run->term, 0, 'the clock stops';
    my $through = one($db, 'SELECT fired_through FROM clock.horizons');
    poll_until(sub { one($db, q(SELECT clock_timestamp() > ?::timestamptz + interval '2 seconds'), $through) }, 10, 'a gap');
    is on($db, 'pause', 'j', '--reason', 'r')->{status}, 0, 'pauses';
    is one($db, q(SELECT since FROM clock.schedules WHERE job = 'j')), $through, 'from the horizon on';
    poll_until(sub { one($db, q(SELECT clock_timestamp() > ?::timestamptz + interval '4 seconds'), $through) }, 10, 'more of it');
    is on($db, 'resume', 'j')->{status}, 0, 'resumes';
    my ($miss) = @{ sql($db, q(SELECT *, last_at = (SELECT since FROM clock.schedules WHERE job = 'j') AS whole FROM clock.missed)) };
    cmp_ok $miss->{count}, '>=', 3, 'the gap is on record';
    ok $miss->{whole}, 'up to the end of the pause';
    is one($db, 'SELECT fired_through FROM clock.horizons'), $through, 'the horizon stands';
};

subtest 'a pause that was to end in a gap leaves the rest of it to the clock' => sub {
    my $db = database();
    my $run = clock_start('run', clockfile($jobs), { db => $db });
    $run->says(qr/\bfired\b/);
    is $run->term, 0, 'the clock stops';
    my $until = at_in_db($db, 5);
    is on($db, 'pause', 'j', '--until', $until, '--reason', 'r')->{status}, 0, 'pauses';
    ok one($db, q(SELECT next_due <= ?::timestamptz FROM clock.horizons), $until), 'a clock is promised by then';
    poll_until(sub { one($db, q(SELECT clock_timestamp() > ?::timestamptz + interval '2 seconds'), $until) }, 30, 'its end');
    is on($db, 'resume', 'j')->{status}, 0, 'resumes';
    is one($db, q(SELECT since = ?::timestamptz FROM clock.schedules WHERE job = 'j'), $until), 1, 'as of the instant it was to end';
    is one($db, q(SELECT max(last_at) = ?::timestamptz FROM clock.missed), $until), 1, 'the record ends there too';
};

subtest 'by tag, by name, and what is refused' => sub {
    my $db = database();
    my $file = clockfile($jobs);
    my $run = clock_start('run', $file, { db => $db });
    $run->says(qr/\bfired\b/);
    is on($db, 'pause', '--tag', 'a', '-f', $file, '--reason', 'r')->{out} =~ /^paused j$/m, 1, 'those with the tag';
    is one($db, 'SELECT count(*) FROM clock.schedules WHERE paused'), 1, 'and no other';
    refused 'two answers to which', on($db, 'pause', 'j', '--tag', 'a', '--reason', 'r'), 2, qr/exclude/;
    refused 'none', on($db, 'pause', '--reason', 'r'), 2, qr/which job/, qr/--tag NAME/;
    refused 'no reason', on($db, 'pause', 'k'), 2, qr/--reason/;
    refused 'a past end', on($db, 'pause', 'k', '--reason', 'r', '--until', '2020-01-01T00:00:00Z'), 2, qr/past/;
    refused 'no such job', on($db, 'pause', 'k', 'kk', '--reason', 'r'), 1, qr/'kk'/, qr/clock list/;
    is one($db, q(SELECT paused FROM clock.schedules WHERE job = 'k')), 0, 'then none is paused';
    refused 'no such Clockfile', on($db, 'pause', 'k', '--name', 'other', '--reason', 'r'), 1, qr/'other'/, qr/clock status/;
    refused 'not paused', on($db, 'resume', 'k'), 1, qr/'k' is not paused/;
    is on($db, 'resume', '--name', 'app', 'j')->{status}, 0, 'resumes by the name';
    $db->{dbh}->do(q(INSERT INTO clock.horizons SELECT 'zweite', fired_through, next_due, revision, version, started_at FROM clock.horizons));
    refused 'which Clockfile', on($db, 'pause', 'k', '--reason', 'r'), 2, qr/2 Clockfiles/, qr/app, zweite/;
    is $run->term, 0, 'stops';
    refused 'nothing has run', on(database(), 'pause', 'k', '--reason', 'r'), 1, qr/no clock has run/, qr/clock run/;
};

subtest 'a rule that this clock cannot read is on record all the same' => sub {
    my $db = database();
    my $run = clock_start('run', clockfile($jobs), { db => $db });
    $run->says(qr/\bfired\b/);
    is $run->term, 0, 'the clock stops';
    is on($db, 'pause', 'j', '--reason', 'r')->{status}, 0, 'pauses';
    $db->{dbh}->do(q(UPDATE clock.schedules SET spec = 'of a later clock' WHERE job = 'j'));
    poll_until(sub { one($db, q(SELECT clock_timestamp() > since + interval '2 seconds' FROM clock.schedules WHERE job = 'j')) }, 10, 'a while');
    like on($db, 'resume', 'j')->{out}, qr/more than can be told/, 'resumes';
    is one($db, q(SELECT count(*) FROM clock.missed WHERE count IS NULL AND reason = 'paused')), 1, 'without a count';
};

done_testing;
