# clock fire: a row by hand, never twice, and never in the way of the schedule.

use strict;
use warnings;

use Test::More;

use Cli;
use ClockTest;
use Ledger;
use Operator;

my $file = clockfile(<<'END');
name: app
jobs:
  j: {schedule: "@every 1s", task: t.j, queue: q, payload: {a: 1}, priority: 7, max_attempts: 3}
  off: {schedule: "@yearly", enabled: false}
  alone: {schedule: "@yearly", overlap: skip}
END

subtest 'a row as the Clockfile says, beside a running clock' => sub {
    my $db = database();
    ledger_install($db);
    my $run = clock_start('run', $file, { db => $db });
    $run->says(qr/\bfired\b/);
    my $fired = on($db, 'fire', 'j', '-f', $file);
    is $fired->{status}, 0, 'fires' or diag $fired->{err};
    my ($id) = $fired->{out} =~ /^fired j: row (\d+), queue q, task t\.j$/;
    my ($row) = @{ sql($db, q(SELECT *, payload::text AS json, run_at <= clock_timestamp() AS due FROM clock.jobs WHERE id = ?), $id) };
    my @columns = qw(clockfile job origin task queue json priority max_attempts state due);
    is join(' ', @{$row}{@columns}), 'app j manual t.j q {"a": 1} 7 3 ready 1';
    is $row->{scheduled_at}, undef, 'no instant, so that it stands in the way of none';
    is on($db, 'fire', 'j', '-f', $file, '--payload', '{"b": [2]}', '-n', 3)->{status}, 0, 'three with another payload';
    is one($db, q(SELECT count(*) FROM clock.jobs WHERE payload = '{"b": [2]}')), 3, 'are three';
    is on($db, 'fire', 'off', '-f', $file)->{status}, 0, 'one that is not enabled';
    is $run->term, 0, 'stops';
    ledger_check($db, { j => 1 });
};

subtest 'workers that listen are woken' => sub {
    my $db = database();
    $db->{dbh}->do('LISTEN clock_jobs');
    is on($db, 'fire', 'j', '-f', $file)->{status}, 0, 'fires';
    my $note = poll_until(sub { $db->{dbh}->pg_notifies }, 10, 'the notice');
    is "$note->[0] $note->[2]", 'clock_jobs q', 'for its queue';
};

subtest 'overlap: skip holds for the hand too, unless told' => sub {
    my $db = database();
    is on($db, 'fire', 'alone', '-f', $file)->{status}, 0, 'the first';
    refused 'the second', on($db, 'fire', 'alone', '-f', $file), 1, qr/unfinished/, qr/--overlap/;
    refused 'several', on($db, 'fire', 'alone', '-f', $file, '-n', 2), 2, qr/--overlap/;
    is on($db, 'fire', 'alone', '-f', $file, '--overlap')->{status}, 0, 'told';
    $db->{dbh}->do(q(UPDATE clock.jobs SET state = 'dead'));
    is on($db, 'fire', 'alone', '-f', $file)->{status}, 0, 'beside dead ones';
};

subtest 'what is refused' => sub {
    my $db = database();
    refused 'no job', on($db, 'fire'), 2, qr/which job/;
    refused 'a typo', on($db, 'fire', 'aloen', '-f', $file), 2, qr/'aloen'/, qr/did you mean 'alone'/;
    refused 'not JSON', on($db, 'fire', 'j', '-f', $file, '--payload', '{a: 1}'), 2, qr/not JSON/, qr/for example/;
    refused 'no file', on($db, 'fire', 'j'), 3, qr/Clockfile\.yml/;
    refused 'no schema', on(database(empty => 1), 'fire', 'j', '-f', $file), 5, qr/clock migrate/;
    is one($db, 'SELECT count(*) FROM clock.jobs'), 0, 'no row of it';
};

subtest 'a session that ends in the middle is not tried again' => sub {
    my $db = database();
    $db->{dbh}->do(<<'END');
CREATE FUNCTION hang() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    PERFORM pg_terminate_backend(pg_backend_pid());
    RETURN NEW;
END $$;
CREATE TRIGGER hang BEFORE INSERT ON clock.jobs FOR EACH ROW EXECUTE FUNCTION hang();
END
    refused 'says so', on($db, 'fire', 'j', '-f', $file), 4, qr/it may have been done/, qr/clock\.jobs/;
};

done_testing;
