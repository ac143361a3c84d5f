#!/usr/bin/env perl
# clock history, dead, retry and discard: what has ended, and what people do about it.

use strict;
use warnings;

use Cli;
use ClockTest;
use JSON::PP qw(decode_json);
use Test::More;

my $db = database();

sub asked {
    my (@args) = @_;
    return clock(@args, { env => { DATABASE_URL => $db->{url} } });
}

# A row of that job that has died, with its attempts in the history.
sub dead {
    my ($job, $error) = @_;
    my $id = one($db, q(INSERT INTO clock.jobs (clockfile, job, task, origin, scheduled_at, max_attempts,
            payload)
        VALUES ('test', ?, 'do.it', 'schedule', '2026-03-01T10:00Z'::timestamptz
            + (SELECT count(*) FROM clock.jobs) * interval '1 s', 1, '{"n": 12345678901234567890}')
        RETURNING id), $job);
    my $lease = one($db, q(SELECT lease_id FROM clock.claim('{default}', 1, 'w')));
    sql($db, q(SELECT clock.fail(?, ?, ?, output => ?, exit_status => 3)), $id, $lease, $error,
        "first\nsecond \e[31m\n");
    return $id;
}

subtest 'nothing yet' => sub {
    refused('history', asked('history'), 1, qr/nothing was run$/m);
    refused('history of a job', asked('history', 'report'), 1, qr/nothing was run of a job 'report'/);
    refused('dead', asked('dead'), 1, qr/no row is dead/);
    is asked('dead', '--json')->{out}, '';
    refused('retry', asked('retry', '--job', 'x'), 1, qr/no row of a job 'x' is dead/);
};

my @ids = map { dead('report', "no luck $_") } 1 .. 3;
my $other = dead("mail", "bounced \e[31m");

subtest 'dead' => sub {
    my $all = asked('dead');
    is $all->{status}, 0;
    my @lines = split /\n/, $all->{out};
    like $lines[0], qr/^ID +JOB +SCHEDULED +LAST STARTED +ATTEMPTS +ERROR$/;
    like $lines[1], qr/^$other +mail +2026-03-01T10:00:03Z +\S+Z +1 +bounced \\x1b\[31m$/, 'the latest first';
    is scalar(@lines), 5;
    is scalar(split /\n/, asked('dead', '--job', 'report', '-n', 2)->{out}), 3;
    my ($object) = map { decode_json($_) } split /\n/, asked('dead', '--json', '--job', 'report')->{out};
    is $object->{id}, $ids[2];
    is $object->{error}, 'no luck 3';
    is "$object->{payload}{n}", '12345678901234567890';
};

subtest 'history' => sub {
    my $all = asked('history');
    is $all->{status}, 0;
    my @lines = split /\n/, $all->{out};
    like $lines[0], qr/^ENDED +JOB +SCHEDULED +ATTEMPT +TOOK +OUTCOME$/;
    like $lines[4], qr/^\S+Z +mail +2026-03-01T10:00:03Z +1 +\d+\.\d{3}s +failed: bounced/, 'the latest last';
    is scalar(split /\n/, asked('history', 'report', '-n', 2)->{out}), 3;
    my $took = one($db, q(SELECT ended_at - started_at FROM clock.runs WHERE job = 'mail' ORDER BY id DESC LIMIT 1));
    for my $case ([ '9.999 s', '9.999s' ], [ '10 s', '10s' ], [ '599.9 s', '599s' ], [ '600 s', '0h10m' ], [ '26 h 5 min', '26h05m' ]) {
        my ($lasted, $shown) = @$case;
        sql($db, q(UPDATE clock.runs SET started_at = ended_at - ?::interval WHERE id = (SELECT max(id) FROM clock.runs WHERE job = 'mail')), $lasted);
        like asked('history', 'mail', '-n', 1)->{out}, qr/ \Q$shown\E +failed/, "$lasted are shown as $shown";
    }
    sql($db, q(UPDATE clock.runs SET started_at = ended_at - ?::interval WHERE id = (SELECT max(id) FROM clock.runs WHERE job = 'mail')), $took);
    my $long = asked('history', 'mail', '--output')->{out};
    like $long, qr/^    first\n    second \\x1b\[31m$/m, 'with the output, made safe';
    my ($object) = map { decode_json($_) } split /\n/, asked('history', 'mail', '--json')->{out};
    is $object->{output}, "first\nsecond \e[31m\n", 'exactly';
    is "$object->{outcome} $object->{exit_status} $object->{attempt}", 'failed 3 1';
    is $object->{signal}, undef;
};

subtest 'retry' => sub {
    is asked('retry', $ids[0])->{out}, "made ready 1 row\n";
    is one($db, 'SELECT state || attempt FROM clock.jobs WHERE id = ?', $ids[0]), 'ready0';
    my $some = asked('retry', $ids[0], $ids[1], 999999);
    is $some->{status}, 1;
    is $some->{out}, "made ready 1 row\n";
    like $some->{err}, qr/neither dead nor waiting: $ids[0], 999999/;
    is asked('retry', '--job', 'report')->{out}, "made ready 1 row\n";
    is one($db, q(SELECT count(*) FROM clock.jobs WHERE state = 'ready')), 3;
};

subtest 'discard' => sub {
    is asked('discard', '--job', 'mail')->{out}, "discarded 1 row\n";
    is asked('discard', @ids)->{out}, "discarded 3 rows\n";
    is one($db, 'SELECT count(*) FROM clock.jobs'), 0;
    refused('again', asked('discard', $ids[0]), 1, qr/not there, or running: $ids[0]/);
    like asked('history', '-n', 1)->{out}, qr/discarded/, 'history keeps that';
};

subtest 'many at once' => sub {
    sql($db, q(INSERT INTO clock.jobs (clockfile, job, task, origin, state, attempt)
        SELECT 'test', 'many', 't', 'manual', 'dead', 5 FROM generate_series(1, 2500)));
    is asked('retry', '--job', 'many')->{out}, "made ready 2500 rows\n";
};

refused('no rows named', asked('retry'), 2, qr/ids are wanted, or --job/, qr/clock dead/);
refused('ids and a job', asked('discard', '--job', 'a', '1'), 2, qr/ids are wanted, or --job/);
refused('no number', asked('retry', 'x1'), 2, qr/'x1' is not the id/);

done_testing;
