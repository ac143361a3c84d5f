# One clock against a real database: what it fires, says, reloads, and how it stops.

use strict;
use warnings;

use JSON::PP;
use Test::More;
use Time::HiRes qw(time);

use ClockTest;
use Ledger;

my $db = database();
ledger_install($db);

my $yaml = <<'END';
name: billing
jobs:
  every-second:
    schedule: "@every 1s"
    task: tick
    payload: {currency: EUR, amount: 12345678901234567890, no: "no"}
    queue: fast
    priority: -5
    max_attempts: 7
    backoff: 3s
  every-minute:
    schedule: "* * * * *"
  off:
    schedule: "@every 1s"
    enabled: false
END
my $file = clockfile($yaml);
my $run = clock_start('run', $file, { db => $db });

subtest 'it says what it read and where it fires' => sub {
    like $run->says(qr/\bread\b/), qr/clockfile=billing jobs=2 disabled=1/, 'the file';
    like $run->says(qr/\bconnected\b/), qr/database=".*$db->{name}/, 'the database';
    is scalar(grep { /\bplanned\b/ } $run->log), 5, 'the next five fires';
    $run->says(qr/\bentered state=in-force/);
    pass 'its place';
};

subtest 'a row is all that a worker needs' => sub {
    poll_until(sub { one($db, 'SELECT count(*) FROM clock.jobs') >= 3 }, 10, 'three rows');
    my $row = sql($db, <<'END')->[0];
SELECT *, payload ->> 'amount' AS amount, payload ->> 'no' AS word, run_at = scheduled_at AS at_once
  FROM clock.jobs WHERE job = 'every-second' ORDER BY id LIMIT 1
END
    my %want = (clockfile => 'billing', origin => 'schedule', task => 'tick', queue => 'fast',
        priority => -5, max_attempts => 7, backoff_s => 3, attempt => 0, state => 'ready', at_once => 1,
        amount => '12345678901234567890', word => 'no');
    is $row->{$_}, $want{$_}, $_ for sort keys %want;
    is one($db, q(SELECT count(*) FROM clock.jobs WHERE job = 'off')), 0, 'a disabled job does not fire';
};

subtest 'workers are told, a NOTIFY a queue' => sub {
    my $listener = $db->{cluster}->dbh($db->{name});
    $listener->do('LISTEN clock_jobs');
    my %heard;    # at the turn of a minute another queue is told as well
    poll_until(sub { my $note = $listener->pg_notifies; $heard{ $note->[2] }++ if $note; $heard{fast} }, 10, 'a notification');
    delete @heard{qw(fast default)};
    is_deeply [ keys %heard ], [], 'the payload is the queue';
};

subtest 'a reload is all or nothing' => sub {
    my $good = $yaml =~ s/every-minute:\n    schedule: "\* \* \* \* \*"/added:\n    schedule: "\@every 2s"/r;
    write_file($file, "jobs:\n  x: {schedule: \"61 * * * *\"}\n");
    $run->kill('HUP');
    like $run->says(qr/\bkept\b/), qr/the old set runs on/, 'a wrong file is refused';
    like $run->says(qr/\brefused\b/), qr/line=2 .*61/, 'with its place and cause';
    my $before = one($db, 'SELECT max(scheduled_at) FROM clock.jobs');
    poll_until(sub { one($db, 'SELECT max(scheduled_at) > ? FROM clock.jobs', $before) }, 10, 'the old set');
    pass 'and the old set runs on';
    write_file($file, '');
    $run->kill('HUP');
    poll_until(sub { 2 <= grep { /\bkept\b/ } $run->log }, 10, 'the refusal of an empty file');
    unlink $file;
    $run->kill('HUP');
    poll_until(sub { 3 <= grep { /\bkept\b/ } $run->log }, 10, 'the refusal of a missing file');
    write_file($file, $good =~ s/^name: billing$/name: other/mr);
    $run->kill('HUP');
    like $run->says(qr/\bkept .*name/), qr/name is 'other' now, and this clock runs 'billing'.* hint="restart/, 'another name takes a restart';
    write_file($file, $good);
    $run->kill('HUP');
    like $run->says(qr/\bput_in_force\b/), qr/added=added removed=every-minute/, 'a good one is put in force';
    poll_until(sub { one($db, q(SELECT count(*) FROM clock.jobs WHERE job = 'added')) }, 10, 'the added job');
    $run->kill('HUP');
    $run->says(qr/\breloaded .*unchanged/);
    pass 'the same file again is no change';
};

my $begun = time;
is $run->term, 0, 'SIGTERM ends it with 0';
cmp_ok time - $begun, '<', STOP_S, 'within two seconds';
like $run->log, qr/\bstopped clockfile=billing$/m, 'and it says so';
ledger_check($db, { 'every-second' => 1, added => 2 });

subtest 'what next prints is what run fires' => sub {
    my $other = database();
    my $path = clockfile(<<'END');
timezone: Asia/Kathmandu
jobs:
  a: {schedule: "@every 1s"}
  b: {schedule: {every: 3s, phase: 1s}}
  c: {schedule: ["@every 2s", {every: 5s}]}
END
    my $clock = clock_start('run', $path, { db => $other });
    poll_until(sub { one($other, 'SELECT count(*) FROM clock.jobs') >= 15 }, 20, 'fifteen rows');
    is $clock->term, 0, 'stops';
    my ($since, $through) = @{ sql($other, <<'END')->[0] }{qw(since through)};
SELECT to_char(min(s.since) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since,
       to_char(min(h.fired_through) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS through
  FROM clock.schedules s, clock.horizons h
END
    my $clock_path = clock_binary();
    my @lines = qx('$clock_path' next '$path' --from $since --until $through -n 100000 --json);
    my @printed = sort map { my $o = decode_json($_); "$o->{job} " . epoch($o->{scheduled_at}) } @lines;
    my @fired = sort map { "$_->{job} $_->{at}" }
        @{ sql($other, 'SELECT job, extract(epoch FROM scheduled_at)::bigint AS at FROM clock.jobs') };
    cmp_ok scalar @fired, '>=', 15, 'there is something to compare';
    is_deeply \@printed, \@fired, 'instant by instant';
};

subtest 'an armed fire is guarded by its own transaction' => sub {
    my $db = database();
    ledger_install($db);
    $db->{dbh}->do($_) for 'CREATE TABLE ledger.guards (instant timestamptz, xid xid8)', <<'END';
CREATE OR REPLACE FUNCTION clock.not_before(instant timestamptz) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF instant > 'epoch' THEN
        INSERT INTO ledger.guards VALUES (instant, pg_current_xact_id());
    END IF;
END $$
END
    my $clock = clock_start('run', clockfile("jobs: {j: {schedule: \"\@every 1s\"}}\n"), { db => $db });
    poll_until(sub { one($db, 'SELECT count(*) >= 2 FROM ledger.guards') }, 30, 'two armed fires');
    is $clock->term, 0, 'stops';
    is one($db, <<'END'), 0, 'what guards an instant is committed with its rows';
SELECT count(*)
  FROM ledger.guards g
 WHERE NOT EXISTS (SELECT FROM ledger.fires f WHERE f.scheduled_at = g.instant AND f.xid = g.xid)
END
};

subtest 'the log as JSON' => sub {
    my $clock = clock_start('run', clockfile("jobs: {j: {schedule: \"\@every 1s\"}}\n"),
        '--log-format', 'json', { db => database() });
    my $line = decode_json($clock->says(qr/"fired"/));
    is $line->{job}, 'j', 'the job';
    like $line->{time}, qr/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/, 'the time';
    is $clock->kill('INT') && $clock->wait, 0, 'SIGINT ends it too';
};

sub epoch {
    my ($text) = @_;
    return one($db, 'SELECT extract(epoch FROM ?::timestamptz)::bigint', $text);
}

done_testing;
