# clock backfill and clock prune: what is fired after all is off record, in one transaction.

use strict;
use warnings;

use Test::More;

use Cli;
use ClockTest;
use Ledger;
use Operator;
use Terminal;

my $file = clockfile(<<'END');
name: app
retention: 2d
jobs:
  j: {schedule: "*/10 * * * *", task: t.j, queue: q, payload: {a: 1}}
  alone: {schedule: "*/10 * * * *", overlap: skip}
END
subtest 'at a terminal a bar shows how much of the span is done' => sub {
    my $terminal = terminal() // plan skip_all => NO_TERMINAL;
    my $db = with_records('j', [ '2026-01-01T00:00Z', '2026-01-20T00:00Z', 19 * 144 + 1 ]);
    my $slave = $terminal->slave;
    my $done = on($db, 'backfill', 'j', '-f', $file, '--from', '2026-01-01T00:00:00Z', '--until', '2026-01-20T00:00:00Z',
        { before => sub { open STDERR, '>&', $slave } });
    is $done->{status}, 0, 'done';
    my $shown = '';
    $terminal->blocking(0);
    1 while sysread $terminal, $shown, 65536, length $shown;
    my @bars = $shown =~ /\r\[(#* *)\] \d+ rows, up to \S+Z\e\[K/g;
    is_deeply [ map { length } @bars ], [ (24) x 3 ], 'a bar for each transaction';
    my @cells = map { tr/#// } @bars;
    is_deeply \@cells, [ sort { $a <=> $b } @cells ], 'that grows';
    is $cells[-1], 24, 'until it is full';
    like $shown, qr/\r\e\[K\z/, 'and is gone at the end';
};

my @day = ('-f', $file, '--from', '2026-01-01T00:00:00Z', '--until', '2026-01-02T00:00:00Z');

# A database that a clock has begun in 2026, with these records of j: [FIRST, LAST, COUNT].
sub with_records {
    my ($job, @records) = @_;
    my $db = database();
    $db->{dbh}->do(<<'END');
INSERT INTO clock.horizons (clockfile, fired_through, next_due, revision, started_at)
VALUES ('app', '2026-02-01T00:00:00Z', 'infinity', '00', now())
END
    for my $record (@records) {
        sql($db, q(INSERT INTO clock.missed (clockfile, job, first_at, last_at, count, reason, at)
            VALUES ('app', ?, ?, ?, ?, 'paused', '2026-01-05T00:00:00Z')), $job, @$record);
    }
    return $db;
}

sub account {
    my ($db) = @_;
    return one($db, q(SELECT string_agg(concat_ws(' ', to_char(first_at AT TIME ZONE 'UTC', 'HH24:MI'),
        to_char(last_at AT TIME ZONE 'UTC', 'HH24:MI'), count, extract(day FROM at AT TIME ZONE 'UTC')), ', ' ORDER BY first_at) FROM clock.missed)) // '';
}

sub made {
    my ($db) = @_;
    return one($db, q(SELECT string_agg(to_char(scheduled_at AT TIME ZONE 'UTC', 'HH24:MI'), ' ' ORDER BY scheduled_at)
        FROM clock.jobs WHERE origin = 'backfill')) // '';
}

subtest 'what is on record is fired and goes off record' => sub {
    my $db = with_records('j', [ '2026-01-01T01:00Z', '2026-01-01T01:30Z', 4 ], [ '2026-01-01T05:00Z', '2026-01-01T05:00Z', 1 ]);
    my $dry = on($db, 'backfill', 'j', @day, '--dry-run');
    is $dry->{status}, 0, 'a dry run' or diag $dry->{err};
    is scalar(() = $dry->{out} =~ /^would fire 2026-01-01T0[15]:\d0:00Z  j$/mg), 5, 'shows the instants';
    is made($db) . account($db), '01:00 01:30 4 5, 05:00 05:00 1 5', 'and changes nothing';
    my $fired = on($db, 'backfill', 'j', @day);
    is $fired->{out}, "backfilled j: 5 rows, 2026-01-01T01:00:00Z to 2026-01-01T05:00:00Z\n", 'fires' or diag $fired->{err};
    is made($db), '01:00 01:10 01:20 01:30 05:00', 'exactly those';
    is account($db), '', 'nothing is on record any more';
    my ($row) = @{ sql($db, 'SELECT *, payload::text AS json FROM clock.jobs LIMIT 1') };
    is join(' ', @{$row}{qw(task queue json state origin)}), 't.j q {"a": 1} ready backfill', 'as the Clockfile says';
    refused 'again', on($db, 'backfill', 'j', @day), 1, qr/nothing of 'j' is on record/;
};

subtest 'a span or a limit takes a part, and the rest stays on record' => sub {
    my $db = with_records('j', [ '2026-01-01T01:00Z', '2026-01-01T02:00Z', 7 ]);
    my @part = ('-f', $file, '--from', '2026-01-01T01:10:00Z', '--until', '2026-01-01T01:40:00Z');
    is on($db, 'backfill', 'j', @part)->{status}, 0, 'fires';
    is made($db), '01:20 01:30 01:40', 'after --from, up to --until';
    is account($db), '01:00 01:10 2 5, 01:50 02:00 2 5', 'what lies before and after';
    is on($db, 'backfill', 'j', @day, '--limit', 3)->{status}, 0, 'three more';
    is made($db), '01:00 01:10 01:20 01:30 01:40 01:50', 'the oldest';
    is account($db), '02:00 02:00 1 5', 'one is left';
};

subtest 'more than a transaction takes' => sub {
    my $db = with_records('j', [ '2026-01-01T00:00Z', '2026-01-20T00:00Z', 19 * 144 + 1 ]);
    my $fired = on($db, 'backfill', 'j', '-f', $file, '--from', '2025-01-01T00:00:00Z', '--until', '2026-02-01T00:00:00Z');
    like $fired->{out}, qr/^backfilled j: 2737 rows/, 'all of it' or diag $fired->{err};
    is one($db, 'SELECT count(DISTINCT scheduled_at) FROM clock.jobs'), 2737, 'each once';
    is account($db), '', 'nothing is left';
};

subtest 'a record of another schedule stays' => sub {
    my $db = with_records('j', [ '2026-01-01T01:00Z', '2026-01-01T01:30Z', 3 ],
        [ '2026-01-01T03:05Z', '2026-01-01T03:07Z', 2 ], [ '2026-01-01T04:00Z', '2026-01-01T05:00Z', undef ]);
    my $fired = on($db, 'backfill', 'j', @day);
    like $fired->{err}, qr/2 records do not tell their instants/, 'is said';
    is made($db), '03:05 03:07', 'two instants need no schedule';
    is account($db), '01:00 01:30 3 5, 04:00 05:00 5', 'nothing else is touched';
};

subtest '--all fires every instant up to the horizon' => sub {
    my $db = with_records('j', [ '2026-01-01T01:00Z', '2026-01-01T01:30Z', 4 ], [ '2026-01-01T01:05Z', '2026-01-01T01:05Z', 1 ]);
    my @hour = ('-f', $file, '--from', '2026-01-01T00:30:00Z', '--until', '2026-01-01T01:20:00Z', '--all');
    is on($db, 'backfill', 'j', @hour)->{status}, 0, 'fires';
    is made($db), '00:40 00:50 01:00 01:05 01:10 01:20', 'those of the schedule, and what is on record beside it';
    is account($db), '01:30 01:30 1 5', 'which goes off record';
    like on($db, 'backfill', 'j', @hour)->{err}, qr/^5 have a row already/m, 'rows that are there stay';
    $db->{dbh}->do('DELETE FROM clock.jobs');
    is on($db, 'backfill', 'j', @hour)->{status}, 0, 'but what is done';
    is made($db), '00:40 00:50 01:00 01:10 01:20', 'is done once more';
    my $beyond = on($db, 'backfill', 'j', '-f', $file, '--all', '--from', '2026-01-31T23:45:00Z', '--until', '2026-02-02T00:00:00Z');
    like $beyond->{err}, qr/due after 2026-02-01T00:00:00Z is still the clock's/, 'beyond the horizon is told';
    is one($db, q(SELECT count(*) FROM clock.jobs WHERE scheduled_at > '2026-01-30')), 2, 'and left';
};

subtest 'overlap: skip' => sub {
    my $db = with_records('alone', [ '2026-01-01T01:00Z', '2026-01-01T01:30Z', 4 ]);
    like on($db, 'backfill', 'alone', @day)->{err}, qr/one row at a time/, 'is said';
    is made($db), '01:00', 'one row';
    is account($db), '01:10 01:30 3 5', 'the rest stays';
    refused 'beside an unfinished one', on($db, 'backfill', 'alone', @day), 1, qr/unfinished/, qr/again/;
    is account($db), '01:10 01:30 3 5', 'takes nothing off record';
};

subtest 'a refusal of the database undoes all of it' => sub {
    my $db = with_records('j', [ '2026-01-01T01:00Z', '2026-01-01T01:30Z', 4 ]);
    $db->{dbh}->do('CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN RAISE EXCEPTION \'not here\'; END $$');
    $db->{dbh}->do('CREATE TRIGGER no BEFORE INSERT ON clock.jobs FOR EACH ROW EXECUTE FUNCTION no()');
    refused 'refused', on($db, 'backfill', 'j', @day), 5, qr/not here/;
    is account($db), '01:00 01:30 4 5', 'the record stands';
};

subtest 'what is mistyped' => sub {
    my $db = with_records('j');
    refused 'no span', on($db, 'backfill', 'j', '-f', $file), 2, qr/--from/;
    refused 'no end', on($db, 'backfill', 'j', '-f', $file, '--from', '2026-01-01T00:00:00Z'), 2, qr/--until/;
    refused 'backwards', on($db, 'backfill', 'j', '-f', $file, '--until', '2026-01-01T00:00:00Z', '--from', '2026-01-02T00:00:00Z'), 2, qr/after --from/;
    refused 'no job', on($db, 'backfill', '-f', $file), 2, qr/which job/;
    refused 'no clock', on(database(), 'backfill', 'j', @day), 1, qr/no clock has run/;
};

subtest 'beside a running clock nothing is doubled' => sub {
    my $db = database();
    ledger_install($db);
    my $path = clockfile("name: app\njobs: {k: {schedule: \"\@every 1s\"}}\n");
    my $run = clock_start('run', $path, { db => $db });
    $run->says(qr/\bfired\b/);
    is on($db, 'pause', 'k', '--reason', 'r')->{status}, 0, 'a pause';
    poll_until(sub { one($db, q(SELECT clock_timestamp() > since + interval '3 seconds' FROM clock.schedules)) }, 10, 'some of it');
    is on($db, 'resume', 'k')->{status}, 0, 'its end';
    my ($from, $until) = (at_in_db($db, -60), at_in_db($db, 60));
    my $fired = on($db, 'backfill', 'k', '-f', $path, '--from', $from, '--until', $until);
    is $fired->{status}, 0, 'fires what it left out' or diag $fired->{err};
    is one($db, 'SELECT count(*) FROM clock.missed'), 0, 'all of it';
    my $since = one($db, 'SELECT since FROM clock.schedules');
    poll_until(sub { one($db, 'SELECT count(*) > 0 FROM ledger.fires WHERE scheduled_at > ?', $since) }, 30, 'the clock again');
    is $run->term, 0, 'stops';
    is one($db, q(SELECT max(scheduled_at) - min(scheduled_at) = (count(*) - 1) * interval '1 second' FROM clock.jobs)), 1,
        'every instant has one row';
    ledger_check($db, {});
};

subtest 'prune' => sub {
    my $db = with_records('j', [ '2026-01-01T01:00Z', '2026-01-01T01:30Z', 4 ]);
    sql($db, q(INSERT INTO clock.missed (clockfile, job, first_at, last_at, count, reason, at)
        SELECT c, 'j', now(), now(), 1, 'paused', now() - d * interval '1 day'
          FROM unnest('{app,other}'::text[]) AS c, generate_series(0, 4) AS d));
    sql($db, q(INSERT INTO clock.runs (row_id, clockfile, job, origin, task, queue, attempt, created_at, ended_at, outcome)
        SELECT n, 'app', 'j', 'schedule', 't', 'q', 1, now(), now() - interval '3 days', 'done' FROM generate_series(1, 2500) AS n));
    my $pruned = on($db, 'prune', '-f', $file);
    like $pruned->{out}, qr/^pruned 250[34] rows of history older than 2d$/, 'by the retention, page by page' or diag $pruned->{err};
    is one($db, q(SELECT count(*) FROM clock.missed WHERE clockfile = 'other')), 5, 'of this Clockfile only';
    is one($db, 'SELECT count(*) FROM clock.horizons'), 1, 'and never the horizon';
    is on($db, 'prune', '-f', $file, '--keep', '0s')->{status}, 0, 'all';
    is one($db, q(SELECT count(*) FROM clock.missed WHERE clockfile = 'app')), 0, 'of it';
    refused 'no length', on($db, 'prune', '-f', $file, '--keep', '7'), 2, qr/--keep/;
};

done_testing;
