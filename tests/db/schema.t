#!/usr/bin/env perl
# What the tables of schema clock hold by themselves, whoever writes to them.

use strict;
use warnings;

use ClockTest;
use Cluster;
use Test::More;

my $db = database();

# Runs a statement that must be refused; gives SQLSTATE and, if any, the constraint.
sub refusal {
    my ($statement, @bind) = @_;
    return 'accepted' if eval { sql($db, $statement, @bind); 1 };
    my $state = $db->{dbh}->state;
    my ($constraint) = $@ =~ /constraint "(\w+)"/;
    return $constraint // $state;
}

sub fire {
    my ($job, $at, $origin) = @_;
    return refusal(q(INSERT INTO clock.jobs (clockfile, job, task, scheduled_at, origin)
        VALUES ('default', ?, 't', ?, ?)), $job, $at, $origin);
}

subtest 'one row for a job and an instant' => sub {
    is fire('a', '2026-03-01T10:00Z', 'schedule'), 'accepted';
    is fire('a', '2026-03-01T10:00Z', 'schedule'), 'jobs_once';
    is fire('a', '2026-03-01T11:00+01', 'backfill'), 'jobs_once', 'the instant, not its spelling';
    is fire('b', '2026-03-01T10:00Z', 'schedule'), 'accepted', 'another job';
    is fire('a', '2026-03-01T10:01Z', 'schedule'), 'accepted', 'another instant';
};

subtest 'only a schedule has instants, so that no other row can stand in its way' => sub {
    is fire('a', undef, 'manual'), 'accepted';
    is fire('a', undef, 'manual'), 'accepted', 'as often as one likes';
    is fire('a', '2026-03-01T12:00Z', 'manual'), 'jobs_origins';
    is fire('a', '2026-03-01T12:00Z', 'app'), 'jobs_origins';
    is fire('a', undef, 'schedule'), 'jobs_origins';
    is fire('a', undef, 'nobody'), 'jobs_origins';
};

subtest "an application's row needs a task only, and is due at once" => sub {
    sql($db, q(INSERT INTO clock.jobs (task) VALUES ('send-mail')));
    my ($row) = @{ sql($db, q(SELECT *, run_at <= clock_timestamp() AS due, payload::text AS json
        FROM clock.jobs WHERE task = 'send-mail')) };
    my @columns = qw(clockfile job origin queue state priority attempt max_attempts due json);
    is join(' ', @{$row}{@columns}), '  app default ready 0 0 5 1 null';
};

subtest 'attempts and leases stay within bounds' => sub {
    my $set = 'UPDATE clock.jobs SET';
    my $where = q(WHERE task = 'send-mail');
    is refusal("$set attempt = 6 $where"), 'jobs_attempts';
    is refusal("$set max_attempts = 0 $where"), 'jobs_attempts';
    is refusal("$set state = 'running' $where"), 'jobs_running', 'running is under a lease';
    is refusal("$set state = 'done' $where"), 'jobs_states';
    is refusal("$set state = 'running', lease_id = gen_random_uuid(), lease_until = now() $where"),
        'accepted';
};

subtest 'bounds are whole seconds' => sub {
    my $horizon = q(INSERT INTO clock.horizons
        (clockfile, fired_through, next_due, revision, started_at) VALUES (?, ?, ?, 'r', now()));
    is refusal($horizon, 'x', '2026-03-01T10:00:00.5Z', 'infinity'), 'horizons_whole_seconds';
    is refusal($horizon, 'x', '2026-03-01T10:00Z', '2026-03-01T10:00:00.5Z'),
        'horizons_whole_seconds';
    is refusal($horizon, 'x', 'infinity', 'infinity'), 'horizons_finite';
    is refusal($horizon, '', '2026-03-01T10:00Z', 'infinity'), 'horizons_named';
    is refusal($horizon, 'x', '2026-03-01T10:00Z', 'infinity'), 'accepted';
    my $schedule = q(INSERT INTO clock.schedules (clockfile, job, spec, spec_hash, since, paused,
        reason) VALUES ('x', ?, 's', 'h', ?, ?, ?));
    is refusal($schedule, 'a', '2026-03-01T10:00:00.5Z', 0, undef), 'schedules_whole_seconds';
    is refusal($schedule, 'a', '2026-03-01T10:00Z', 0, 'why'), 'schedules_pause';
    is refusal($schedule, 'a', '2026-03-01T10:00Z', 1, 'why'), 'accepted';
};

subtest 'no fire is early: the guard undoes what stands before it' => sub {
    is refusal(q(SELECT clock.not_before(clock_timestamp() - interval '1 ms'))), 'accepted';
    is refusal(q(SELECT clock.not_before(clock_timestamp()))), 'accepted';
    is refusal(qq(SELECT clock.not_before(clock_timestamp() + interval '$_'))), 'TE001', "$_ before" for '20 ms', '1 s', '1 hour';
    is refusal(q(BEGIN; INSERT INTO clock.jobs (task) VALUES ('early');
        SELECT clock.not_before('infinity'); COMMIT)), 'TE001';
    sql($db, 'ROLLBACK');
    is one($db, q(SELECT count(*) FROM clock.jobs WHERE task = 'early')), 0;
};

subtest 'a horizon that moves each second stays small without a vacuum' => sub {
    # alone on its server: a transaction of another test, even in another database, would keep
    # the old versions
    my $alone = database(cluster => Cluster->new(settings => "autovacuum = off\n"));
    sql($alone, q(INSERT INTO clock.horizons
        (clockfile, fired_through, next_due, revision, started_at)
        VALUES ('x', '2026-03-01T10:00Z', 'infinity', 'r', now())));
    my $move = $alone->{dbh}->prepare(q(UPDATE clock.horizons SET
        fired_through = fired_through + interval '1 s', version = gen_random_uuid()
        WHERE clockfile = 'x'));
    $move->execute for 1 .. 1000;
    cmp_ok one($alone, q(SELECT pg_relation_size('clock.horizons'))), '<=', 2 * 8192;
};

subtest 'the queue is claimed, woken and rescued by index, however long the rest' => sub {
    sql($db, q(INSERT INTO clock.jobs (task, state, run_at, attempt)
        SELECT 't', 'dead', now(), 5 FROM generate_series(1, 5000)));
    sql($db, 'ANALYZE clock.jobs');
    my %statement = (
        jobs_claim => q(SELECT id FROM clock.jobs WHERE state = 'ready' AND queue = 'default'
            AND run_at <= now() ORDER BY priority, run_at, id LIMIT 10 FOR UPDATE SKIP LOCKED),
        jobs_waiting => q(SELECT id FROM clock.jobs WHERE state = 'waiting' AND run_at <= now()
            ORDER BY run_at LIMIT 10),
        jobs_lease => q(SELECT id FROM clock.jobs WHERE state = 'running' AND lease_until < now()
            ORDER BY lease_until LIMIT 10),
        jobs_solo => q(SELECT id FROM clock.jobs WHERE clockfile = 'x' AND job = 'a' AND solo
            AND state <> 'dead'),
    );
    for my $index (sort keys %statement) {
        my $lines = sql($db, "EXPLAIN $statement{$index}");
        my $plan = join "\n", map { $_->{'QUERY PLAN'} } @$lines;
        like $plan, qr/\b$index\b/, $index;
        unlike $plan, qr/Sort|Seq Scan/, "$index gives the order too";
    }
};

subtest 'views tell how each job and queue stands, and what is late' => sub {
    my $new = database();
    sql($new, q(INSERT INTO clock.horizons
            (clockfile, fired_through, next_due, revision, started_at)
        VALUES ('late', '2026-01-01Z', '2026-01-01T00:01Z', 'r', now()),
               ('well', '2026-01-01Z', 'infinity', 'r', now())));
    sql($new, q(INSERT INTO clock.schedules (clockfile, job, spec, spec_hash, since)
        VALUES ('late', 'a', 's', 'h', '2026-01-01Z'), ('well', 'b', 's', 'h', '2026-01-01Z')));
    sql($new, q(INSERT INTO clock.missed (clockfile, job, first_at, last_at, count, reason)
        VALUES ('late', 'a', now(), now(), 3, 'policy'),
               ('late', 'a', now(), now(), NULL, 'edited')));
    sql($new, q(INSERT INTO clock.jobs
            (clockfile, job, task, queue, state, run_at, attempt, lease_id, lease_until)
        VALUES ('late', 'a', 't', 'mail', 'ready', now() - interval '1 h', 0, NULL, NULL),
               ('late', 'a', 't', 'mail', 'ready', now(), 0, NULL, NULL),
               ('late', 'a', 't', 'mail', 'waiting', now() + interval '1 h', 1, NULL, NULL),
               ('late', 'a', 't', 'mail', 'running', now(), 1, gen_random_uuid(),
                now() - interval '1 s'),
               ('late', 'a', 't', 'mail', 'dead', now(), 5, NULL, NULL)));
    sql($new, q(INSERT INTO clock.runs (row_id, clockfile, job, scheduled_at, origin, task, queue,
            attempt, created_at, outcome)
        VALUES (1, 'late', 'a', '2026-01-01T00:00:07Z', 'schedule', 't', 'mail', 1, now(), 'done'),
               (2, 'late', 'a', '2026-01-01T00:00:05Z', 'schedule', 't', 'print', 1, now(),
                'failed')));
    my %status = map { $_->{job} => $_ } @{ sql($new, 'SELECT * FROM clock.status') };
    is join(' ', @{ $status{a} }{qw(ready waiting running dead missed last_scheduled_at)}),
        '2 1 1 1 3 2026-01-01 00:00:07+00';
    is join(' ', @{ $status{b} }{qw(ready waiting running dead missed)}), '0 0 0 0 0';
    my %queue = map { $_->{queue} => $_ } @{ sql($new, 'SELECT * FROM clock.queues') };
    is join(' ', @{ $queue{mail} }{qw(ready waiting running dead done_last_minute)}), '2 1 1 1 1';
    like $queue{mail}{oldest_ready_age}, qr/^01:0/;
    is join(' ', @{ $queue{print} }{qw(ready done_last_minute failed_last_minute)}), '0 0 1';
    is_deeply [ map { "$_->{what} $_->{clockfile} " . ($_->{rows} // '-') }
            @{ sql($new, 'SELECT * FROM clock.late ORDER BY what') } ],
        [ 'unclaimed late 1', 'unfired late -', 'unreported late 1' ];
};

subtest 'everything is explained in the database itself' => sub {
    is_deeply sql($db, q(SELECT c.relname FROM pg_class c
        WHERE c.relnamespace = 'clock'::regnamespace AND c.relkind IN ('r', 'v')
            AND obj_description(c.oid, 'pg_class') IS NULL)), [];
    is_deeply sql($db, q(SELECT proname FROM pg_proc
        WHERE pronamespace = 'clock'::regnamespace
            AND obj_description(oid, 'pg_proc') IS NULL)), [];
};

done_testing;
