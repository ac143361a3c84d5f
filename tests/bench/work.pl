#!/usr/bin/env perl
# make bench-work: what a worker costs, beside bare libpq and beside others.  See work.md.

use strict;
use warnings;

use lib 'tests/lib', 'tests/bench';

use Bench;
use ClockTest;
use Plot qw(plot);
use POSIX qw(strftime);
use Time::HiRes qw(sleep time);

my %PEER   = map { $_ => 1 } split ' ', $ENV{PEERS} // 'graphile pgboss';
my $ROUNDS = $ENV{ROUNDS} // 7;
my $MANY   = $ENV{MANY} // 1_000_000;    # rows of history, of ready rows, of future rows
our $WAKES = $ENV{WAKES} // 300;

my $hurried = hurried();
my $server = server();
my $db = database(cluster => $server);
my (@targets, %line);

sub add {
    my ($ready) = @_;
    sql($db, q(INSERT INTO clock.jobs (task, queue, payload)
        SELECT 'noop', 'bench', '{"n": 1}' FROM generate_series(1, ?::int)), $ready);
}

sub fresh {
    my ($ready) = @_;
    sql($db, 'TRUNCATE clock.jobs, clock.runs');
    add($ready);
    sql($db, 'VACUUM ANALYZE clock.jobs');
}

# --- no-op jobs a second ---

# [jobs a second, claim p50, claim p99] of each slice.
sub looped {
    my ($how, $workers, $batch, $seconds, $depth, @slice) = @_;
    return ended(bare($db, 'loop', $how, $workers, $batch, $seconds, $depth, @slice));
}

sub best {
    my (@runs) = @_;
    return (sort { $b->[0] <=> $a->[0] } @runs)[0];
}

sub throughput {
    my @rows;
    for my $workers (1, 4, 8) {
        for my $batch (1, 10, 100) {
            my %runs;
            for (1 .. $ROUNDS) {
                for my $how ('contract', 'plain') {
                    fresh(5000);
                    push @{ $runs{$how} }, looped($how, $workers, $batch, 1, 5000);
                }
            }
            my $ratio = median(map { $runs{contract}[$_][0] / $runs{plain}[$_][0] } 0 .. $ROUNDS - 1);
            my ($ours, $bare) = map { best(@{ $runs{$_} }) } 'contract', 'plain';
            push @rows, [ $workers, $batch, $ours->[0], $ours->[1] / 1e3, $ours->[2] / 1e3, $bare->[0],
                $bare->[1] / 1e3, $bare->[2] / 1e3, $ratio ];
            push @targets, target("$workers workers, batches of $batch: jobs a second / bare", $ratio, 'at least', 0.9);
            push @{ $line{"clock, $workers workers"} }, [ $batch, $ours->[0] ];
        }
    }
    note(table([ 'workers', 'batch', 'clock jobs/s', 'claim p50 ms', 'p99', 'bare jobs/s', 'claim p50 ms', 'p99',
        'ratio' ], @rows));
}

# The two patterns in large batches.
sub patterns {
    my (%most, @rows);
    for my $batch (100, 500) {
        for my $workers (1, 2, 4) {
            my %runs;
            for (1 .. $ROUNDS) {
                for my $how ('contract', 'held') {
                    fresh(20000);
                    push @{ $runs{$how} }, looped($how, $workers, $batch, 1, 20000);
                }
            }
            my %pace = map { $_ => best(@{ $runs{$_} })->[0] } keys %runs;
            push @rows, [ $workers, $batch, @pace{ 'contract', 'held' } ];
            $most{$_} = percentile(100, $most{$_} // 0, $pace{$_}) for keys %pace;
        }
    }
    note(table([ 'workers', 'batch', 'leases, jobs/s', 'held transaction, jobs/s' ], @rows));
    return percentile(100, values %most);
}

# What peers do in the same time.
sub peers {
    my ($ours) = @_;
    my (@rows, $graphile);
    my @modes = (
        $PEER{graphile} ? (
            (map { [ "graphile-worker, concurrency $_", 'graphile', 'work', 'single', $_, 4000 ] } 1, 4, 24),
            [ 'graphile-worker, local queue of 500, concurrency 24', 'graphile', 'work', 'batch', 24, 20000 ]) : (),
        $PEER{pgboss} ? (map { [ "pg-boss, four loops, batches of $_", 'pgboss', 'work', $_, 1000 + 200 * $_, 5 ] }
            1, 10, 100) : (),
    );
    my %pace;
    for (1 .. $ROUNDS) {
        for my $mode (@modes) {
            my ($name, @args) = @$mode;
            sql($db, 'DROP SCHEMA IF EXISTS pgboss CASCADE');
            push @{ $pace{$name} }, (ended(node($db, @args), 120))[0][0];
        }
    }
    for my $mode (@modes) {
        my $name = $mode->[0];
        push @rows, [ $name, percentile(100, @{ $pace{$name} }), median(@{ $pace{$name} }) ];
        push @{ $line{'pg-boss'} }, [ $mode->[3], $rows[-1][1] ] if $name =~ /pg-boss/;
        $graphile = $rows[-1][1] if $name =~ /graphile/ && $rows[-1][1] > ($graphile // 0);
    }
    note(table([ 'peer, one process', 'jobs/s, best', 'median' ], @rows));
    push @targets, target("jobs a second, best / graphile-worker's best", $ours / $graphile, 'at least', 1)
        if $graphile;
}

# --- from COMMIT to start ---

# Adds jobs one at a time by this statement, and gives how long each was committed before a worker
# had it, milliseconds.  The worker prints when: CLOCK_MONOTONIC, ns.
sub woken {
    my ($worker, $statement, $seen) = @_;
    my (@committed, @ms);
    my $add = $db->{dbh}->prepare($statement);
    for my $n (1 .. $WAKES) {
        $add->execute;
        push @committed, 1e9 * Time::HiRes::clock_gettime(Time::HiRes::CLOCK_MONOTONIC());
        my @started = @{ poll_until(sub { my $s = $seen->(); @$s >= $n && $s }, 20, 'a start') };
        push @ms, ($started[ $n - 1 ] - $committed[-1]) / 1e6;
    }
    return \@ms;
}

sub printed {
    my ($worker) = @_;
    return sub { [ split /\n/, $worker->out ] };
}

sub wakes {
    my @rows;
    fresh(0);
    my $add = q(SELECT clock.enqueue('noop', 'null', 'bench'));
    my $bare = bare($db, 'loop', 'wake');
    $bare->says(qr/ready/);
    my $ms = woken($bare, $add, printed($bare));
    push @rows, [ 'clock.claim by libpq, LISTEN', figures(@$ms) ];
    push @targets, target('from COMMIT to the claimed row, p50 ms', median(@$ms), 'at most', 1);
    kill 'KILL', $bare->pid;
    my $stamp = build_path('tests/bench/stamp');
    my $file = clockfile("name: bench\njobs:\n  stamp:\n    schedule: \"\@yearly\"\n    queue: bench\n"
        . "    command: [$stamp]\n");
    my $work = clock_start('work', $file, '--allow-root', { db => $db });
    $work->says(qr/connected/);
    $ms = woken($work, q(WITH j AS (INSERT INTO clock.jobs (clockfile, job, origin, task, queue)
        VALUES ('bench', 'stamp', 'manual', 'stamp', 'bench')) SELECT clock.wake('{bench}')),
        sub { [ map { $_->{output} } @{ sql($db, q(SELECT output FROM clock.runs
            WHERE job = 'stamp' ORDER BY row_id)) } ] });
    $work->term;
    push @rows, [ 'clock work, in the command', figures(@$ms) ];
    for my $peer (grep { $PEER{$_} } 'graphile', 'pgboss') {
        my $worker = node($db, $peer, 'wake');
        $worker->says(qr/ready/);
        local $WAKES = $peer eq 'pgboss' ? 20 : $WAKES;
        my $statement = $peer eq 'pgboss' ? q(INSERT INTO pgboss.job (name) VALUES ('noop'))
            : q(SELECT graphile_worker.add_job('noop'));
        push @rows, [ $peer eq 'pgboss' ? 'pg-boss, polls every 0.5 s' : 'graphile-worker',
            figures(@{ woken($worker, $statement, printed($worker)) }) ];
    }
    note(table([ 'from COMMIT to start, ms', 'p50', 'p99', 'max' ], @rows));
}

# --- commands a second ---

sub commands {
    my $n = 5000;
    fresh(0);
    my $file = clockfile(qq(name: bench\njobs:\n  true: {schedule: "\@yearly", queue: bench, command: [/bin/true]}\n));
    sql($db, q(INSERT INTO clock.jobs (clockfile, job, origin, task, queue)
        SELECT 'bench', 'true', 'manual', 'true', 'bench' FROM generate_series(1, ?::int)), $n);
    my $work = clock_start('work', $file, '--allow-root', '--concurrency', 8, { db => $db });
    poll_until(sub { sleep 0.1; !one($db, 'SELECT count(*) FROM clock.jobs') }, 60, 'all rows');
    $work->term;
    my $pace = one($db, q(SELECT count(*) / extract(epoch FROM max(started_at) - min(started_at)) FROM clock.runs));
    my ($bare) = map { $_->[0] } ended(bare($db, 'spawn', $n, 8, '/bin/true'));
    push @targets, target('clock work, concurrency 8: commands a second / posix_spawn alone',
        $pace / $bare, 'at least', 0.33);
    note(sprintf "%d x /bin/true by one `clock work --concurrency 8`: %.0f a second; by posix_spawn alone,\n"
        . "eight at once: %.0f.\n\n", $n, $pace, $bare);
}

# --- flat under load ---

sub flat {
    my @rows;
    my $measure = sub {
        my ($what, $depth) = @_;
        for my $batch (1, 10) {
            my @runs;
            for (1 .. $ROUNDS) {
                sql($db, q(DELETE FROM clock.jobs WHERE state = 'running'));
                add($depth - one($db, q(SELECT count(*) FROM clock.jobs WHERE state = 'ready'))) if $depth;
                sql($db, 'VACUUM ANALYZE clock.jobs');
                push @runs, looped('contract', 1, $batch, 1, $depth);
            }
            my $run = best(@runs);
            push @rows, [ $what, $batch, $run->[0], $run->[1] / 1e3, $run->[2] / 1e3 ];
            next if @rows <= 2;
            push @targets, target("$what, batches of $batch: claim p50 / that of the small table",
                $run->[1] / $rows[ $batch == 1 ? 0 : 1 ][3] / 1e3, 'at most', 1.5);
        }
    };
    fresh(5000);
    $measure->('5 000 ready rows, no history', 5000);
    sql($db, q(INSERT INTO clock.runs (row_id, clockfile, job, scheduled_at, origin, task, queue, attempt,
            created_at, started_at, ended_at, outcome)
        SELECT i, 'bench', 'job-' || i % 1000, now() - i * interval '1 s', 'schedule', 'noop', 'bench', 1,
            now() - i * interval '1 s', now() - i * interval '1 s', now() - i * interval '1 s', 'done'
          FROM generate_series(1, ?::int) AS i), $MANY);
    $measure->("and $MANY runs of history", 5000);
    sql($db, q(INSERT INTO clock.jobs (task, queue, run_at, state)
        SELECT 'noop', 'bench', now() + interval '1 d' + i * interval '1 ms', 'waiting'
          FROM generate_series(1, ?::int) AS i), $MANY);
    $measure->("and $MANY rows of the future", 5000);
    add($MANY);
    $measure->("and $MANY ready rows", 0);
    note(table([ 'one worker', 'batch', 'jobs/s', 'claim p50 ms', 'p99' ], @rows));
}

# Somebody holds a snapshot: no dead row can go, and each claim steps over them all.
sub held {
    my $seconds = 25;
    my $holder = $server->dbh($db->{name});
    $holder->do(q(SET application_name = 'a long report'));
    my (%slices, $doctor);
    for my $how ('free', 'held') {
        fresh(2000);
        if ($how eq 'held') {
            $holder->do('BEGIN ISOLATION LEVEL REPEATABLE READ');
            $holder->do('SELECT count(*) FROM clock.runs');
        }
        $slices{$how} = [ looped('contract', 2, 10, $seconds, 2000, 5) ];
    }
    my $doctor_run = clock_start('doctor', '--db', $db->{url}, { db => $db });
    $doctor_run->wait;
    ($doctor) = $doctor_run->out =~ /^(\S+ +snapshot .*)$/m;
    $holder->disconnect;
    note(table([ 'two workers, batches of 10', map { sprintf '%d-%d s', 5 * $_, 5 * $_ + 5 } 0 .. $seconds / 5 - 1 ],
        map { my $how = $_;
            [ $how eq 'free' ? 'jobs/s' : 'jobs/s, an old snapshot held', map { $_->[0] } @{ $slices{$how} } ],
            [ $how eq 'free' ? 'claim p99 ms' : 'claim p99 ms, held', map { $_->[2] / 1e3 } @{ $slices{$how} } ]
        } 'free', 'held'));
    note("`clock doctor` says then:\n\n    $doctor\n\n");
}

# --- the run ---

note(sprintf "%s, %d processors, PostgreSQL %s%s.\n\n", strftime('%Y-%m-%d', gmtime), POSIX::sysconf(84),
    one($db, 'SHOW server_version') =~ s/ .*//r, $hurried ? ', all under SCHED_RR' : '');
note("### No-op jobs, 5 000 rows kept ready\n\n");
throughput();
my $most = patterns();
peers($most) if %PEER;
note("### Woken\n\n");
wakes();
note("### Commands\n\n");
commands();
note("### Flat under load\n\n");
flat();
held();
note("### Targets\n\n");
note(table([ 'target', 'measured', 'wanted', '' ], @targets));
write_plot('tests/bench/work.svg', plot('No-op jobs a second', 'batch', 'jobs a second', map { $_ => $line{$_} } sort keys %line));
write_page('tests/bench/work.md');
exit missed(@targets);
