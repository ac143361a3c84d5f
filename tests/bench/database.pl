#!/usr/bin/env perl
# make bench-db: what a fire costs, beside bare libpq and beside others.  See database.md.

use strict;
use warnings;

use lib 'tests/lib', 'tests/bench';

use Bench;
use ClockTest;
use Plot qw(plot);
use POSIX qw(ceil floor strftime);
use Time::HiRes qw(sleep time);

my @SIZES = split ' ', $ENV{SIZES} // '1 100 1000 10000';
my %PEER  = map { $_ => 1 } split ' ', $ENV{PEERS} // 'graphile pg_cron pgboss aps';
my $FIRES  = $ENV{FIRES}  // 20;    # armed, of each size
my $ROUNDS = $ENV{ROUNDS} // 5;     # plain

my $hurried = hurried();
my $server = server("shared_preload_libraries = 'pg_cron'\n");
my $db = database(cluster => $server);
my (%line, @targets);

sub fresh { sql($db, 'TRUNCATE clock.jobs, clock.horizons, clock.schedules, clock.missed') }

sub jobs {
    my ($n, $schedule) = @_;
    return clockfile("name: clock\ndefaults: {queue: clock}\njobs:\n" . join '', map {
        sprintf qq(  job-%06d: {schedule: %s, payload: {account: %d, region: eu-west, v: 1}}\n), $_,
            $schedule, $_
    } 0 .. $n - 1);
}

sub clock_in_force {
    my ($file) = @_;
    my $run = clock_start('run', $file, { db => $db });
    $run->says(qr/state=in-force/, 60);
    return $run;
}

# --- armed ---

# clock and bare have every other instant of the same seconds.
sub armed {
    my ($n) = @_;
    my ($period, $half) = $n >= 10000 ? (4, 2) : (2, 1);
    fresh();
    my $run = clock_in_force(jobs($n, "{every: ${period}s}"));
    my $listener = bare($db, 'bare', 'listen', $FIRES * $period + 2);
    my $bare = bare($db, 'bare', 'arm', $n, $FIRES, $period, $half);
    my %late;
    for my $word (ended($listener, 300)) {
        my ($us, $who) = @$word;
        my $due_s = floor(($us / 1e6 + 0.5) / $half) * $half;    # half a second early is seen, too
        push @{ $late{$who} }, $us / 1e3 - $due_s * 1e3;
    }
    ended($bare);
    $run->term;
    shift @{ $late{clock} };    # it has just been started: that one may not have been armed in time
    my $early = one($db, 'SELECT count(*) FROM clock.jobs WHERE pg_xact_commit_timestamp(xmin) < scheduled_at');
    my %p = map { $_ => [ figures(@{ $late{$_} }) ] } qw(clock bare);
    push @{ $line{clock} }, [ $n, $p{clock}[0] ];
    push @{ $line{'bare libpq'} }, [ $n, $p{bare}[0] ];
    push @targets, target("armed, $n jobs: lateness p50 / bare", $p{clock}[0] / $p{bare}[0], 'at most', 1.5),
        target("armed, $n jobs: rows before their instant", $early, 'at most', 0);
    return [ $n, scalar @{ $late{clock} }, @{ $p{clock} }, @{ $p{bare} }, $p{clock}[0] / $p{bare}[0] ];
}

# --- plain ---

# Rows a second from the first COMMIT to the last, and the processor time of the two ends of the
# connection for each, microseconds.
sub pace {
    my $slices = sql($db, q(SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin)) AS at, count(*) AS n
        FROM clock.jobs GROUP BY 1 ORDER BY 1));
    my $rows = 0;
    $rows += $_->{n} for @$slices[ 1 .. $#$slices ];
    return $rows / ($slices->[-1]{at} - $slices->[0]{at});
}

# A clock comes back after 44 s: eleven instants of 10 000 jobs are behind it.
sub backlog {
    my ($file) = @_;
    fresh();
    my $run = clock_in_force($file);
    $run->kill('KILL');
    $run->wait;
    sql($db, q(UPDATE clock.horizons SET fired_through = date_trunc('second', now()) - interval '44 s'));
    sql($db, q(UPDATE clock.schedules SET since = date_trunc('second', now()) - interval '44 s'));
    $run = clock_start('run', $file, { db => $db });
    poll_until(sub { sleep 0.2; one($db, 'SELECT count(*) >= 110000 FROM clock.jobs') }, 60, 'the backlog');
    $run->kill('KILL');
    $run->wait;
    return pace();
}

sub plain {
    my $file = jobs(10000, '{every: 4s}');
    my %pace;
    for (1 .. $ROUNDS) {
        push @{ $pace{clock} }, backlog($file);
        fresh();
        ended(bare($db, 'bare', 'insert', 10000, 11));
        push @{ $pace{bare} }, pace();
    }
    my $ratio = median(map { $pace{clock}[$_] / $pace{bare}[$_] } 0 .. $ROUNDS - 1);
    push @targets, target('plain: rows a second / bare', $ratio, 'at least', 0.9);
    note(table([ 'rows a second', 'median', 'best' ],
        map { [ $_, median(@{ $pace{$_} }), percentile(100, @{ $pace{$_} }) ] } qw(clock bare)));
    note(sprintf "Median of the rounds' ratios: %.2f.\n\n", $ratio);
}

# --- peers ---

# The next minute that is at least so many seconds away.
sub next_minute { return ceil((time + $_[0]) / 60) * 60 }

# When the first row of each name was committed, milliseconds behind the instant, in order; pg-boss
# fires the minute that is passing when it is started.
sub committed {
    my ($due_s, $name, $from) = @_;
    return map { $_->{ms} } @{ sql($db, "SELECT 1000 * (extract(epoch FROM at) - $due_s) AS ms FROM (
        SELECT min(pg_xact_commit_timestamp(xmin)) AS at FROM $from
         WHERE pg_xact_commit_timestamp(xmin) >= to_timestamp($due_s - 1) GROUP BY $name) AS first
         ORDER BY 1") };
}

# Its row of the table, when all the rows are there or the time is over.
sub peer {
    my ($peer, $n, $due_s, $name, $from, $seconds) = @_;
    my @ms;
    eval { poll_until(sub { sleep 0.5; @ms = committed($due_s, $name, $from); @ms >= $n },
        $due_s - time + $seconds, 'rows') };
    my $all = @ms >= $n;
    push @{ $line{$peer} }, [ $n, $ms[-1] ] if $all;
    return [ $peer, $n, scalar @ms, @ms ? figures(@ms) : (undef) x 3,
        @ms > 1 ? 1000 * @ms / $ms[-1] : undef ];
}

sub graphile {
    my ($n) = @_;
    sql($db, 'DROP SCHEMA IF EXISTS graphile_worker CASCADE');
    sleep(61 - time % 60) if time % 60 > 40;
    my $due_s = next_minute(5);
    my $run = node($db, 'graphile', 'cron', $n);
    return peer('graphile-worker', $n, $due_s, 'id', 'graphile_worker._private_jobs', 55);
}

sub pg_boss {
    my ($n, $name, $monitor_s, $worker_s) = @_;
    sql($db, 'DROP SCHEMA IF EXISTS pgboss CASCADE');
    my $run = node($db, 'pgboss', 'cron', $n, $monitor_s, $worker_s, '* * * * *');
    poll_until(sub { $run->out =~ /ready/ }, 200, 'pg-boss to be ready');
    return peer($name, $n, next_minute(0), 'name', q((SELECT xmin, name FROM pgboss.job WHERE name LIKE 'tick%') AS j),
        100);
}

sub pg_cron {
    my ($n) = @_;
    my $cron = $server->dbh('postgres');
    fresh();
    my $due_s = next_minute(8);
    $cron->do('CREATE EXTENSION IF NOT EXISTS pg_cron');
    $cron->do(q(INSERT INTO cron.job (schedule, command, nodename, nodeport, database, username, jobname)
        SELECT ?, format('INSERT INTO clock.jobs (clockfile, job, scheduled_at, origin, task, queue, payload) '
            'VALUES (''cron'', ''job-%s'', to_timestamp(%s), ''schedule'', ''job'', ''cron'', ''{"account": %s}'')',
            i, ?::bigint, i), ?, ?, ?, 'postgres', 'job-' || i
          FROM generate_series(1, ?) AS i),
        undef, strftime('%M %H * * *', gmtime $due_s), $due_s, $server->{sock}, $server->port, $db->{name}, $n);
    my $row = peer('pg_cron', $n, $due_s, 'job', 'clock.jobs', 50);
    $cron->do('DELETE FROM cron.job');
    return $row;
}

sub aps {
    my ($n, $grace) = @_;
    fresh();
    my $due_s = floor(time) + 5 + int($n / 1000);
    my $run = start('/usr/bin/python3', $db, 'tests/bench/peers/aps.py', 'fire', $n, $due_s, $grace);
    return peer($grace ? 'APScheduler' : 'APScheduler, no grace', $n, $due_s, 'job', 'clock.jobs', $grace ? 8 : 50);
}

sub bursts {
    my @rows;
    for my $n (@SIZES) {
        push @rows, aps($n, 1), aps($n, 0) if $PEER{aps};
        push @rows, graphile($n) if $PEER{graphile};
        push @rows, pg_cron($n) if $PEER{pg_cron} && $n <= 1000;
        push @rows, pg_boss($n, 'pg-boss, 1 s', 1, 1) if $PEER{pgboss} && $n <= 1000;
        push @rows, pg_boss($n, 'pg-boss', 30, 5) if $PEER{pgboss} && $n <= 100;
    }
    note(table([ 'peer', 'jobs', 'rows seen', 'p50 ms', 'p99 ms', 'last ms', 'rows/s' ],
        sort { $a->[0] cmp $b->[0] || $a->[1] <=> $b->[1] } @rows));
}

# --- idle ---

# Processor milliseconds, voluntary switches and resident MB of processes.
sub usage {
    my ($ms, $switches, $mb) = (0, 0, 0);
    for my $task (map { glob "/proc/$_/task/*" } @_) {
        open my $stat, '<', "$task/schedstat" or next;
        $ms += (split ' ', <$stat>)[0] / 1e6;
        open my $status, '<', "$task/status" or next;
        $switches += (join('', <$status>) =~ /^voluntary\w+:\s+(\d+)/m)[0];
    }
    for my $process (@_) {
        open my $status, '<', "/proc/$process/status" or next;
        $mb += (join('', <$status>) =~ /^VmRSS:\s+(\d+)/m)[0] / 1024;
    }
    return ($ms, $switches, $mb);
}

# A minute with 100 jobs of which none is due, all side by side, a database each.
sub idle {
    my $yearly = clockfile("name: idle\njobs:\n" . join '', map { qq(  j$_: {schedule: "0 0 1 1 *"}\n) } 1 .. 100);
    my %of = ('clock' => sub { clock_start('run', $yearly, { db => $_[0] }) },
        'bare libpq, listening' => sub { bare($_[0], 'bare', 'listen', 300) });
    $of{'graphile-worker'} = sub { node($_[0], 'graphile', 'idle', 100) } if $PEER{graphile};
    $of{'pg-boss (10 jobs)'} = sub { node($_[0], 'pgboss', 'idle', 10, 30, 5) } if $PEER{pgboss};
    $of{'pg-boss, 1 s (10 jobs)'} = sub { node($_[0], 'pgboss', 'idle', 10, 1, 1) } if $PEER{pgboss};
    $of{'APScheduler'} = sub { start('/usr/bin/python3', $_[0], 'tests/bench/peers/aps.py', 'idle', 100) }
        if $PEER{aps};
    my %db = map { $_ => database(cluster => $server) } keys %of;
    my %run = map { $_ => $of{$_}->($db{$_}) } sort keys %of;
    sleep 20;    # until all have settled
    my (%before, %rows);
    my $backends = sub {
        return map { $_->{pid} } @{ sql($db, 'SELECT pid FROM pg_stat_activity WHERE datname = ? AND pid NOT IN (?, ?)',
            $db{ $_[0] }{name}, $db{ $_[0] }{dbh}{pg_pid}, 0) };
    };
    $before{$_} = [ usage($run{$_}->pid), usage($backends->($_)) ] for keys %run;
    my $launcher = one($db, q(SELECT pid FROM pg_stat_activity WHERE backend_type = 'pg_cron launcher'));
    my @launcher = usage($launcher // 0);
    sleep 60;
    for my $who (sort keys %run) {
        my @now = (usage($run{$who}->pid), usage($backends->($who)));
        $rows{$who} = [ $who, $now[0] - $before{$who}[0], $now[1] - $before{$who}[1], $now[2],
            $now[3] - $before{$who}[3], $now[4] - $before{$who}[4] ];
    }
    if ($launcher && $PEER{pg_cron}) {
        my @now = usage($launcher);
        $rows{pg_cron} = [ 'pg_cron (its launcher)', $now[0] - $launcher[0], $now[1] - $launcher[1], $now[2] ];
    }
    push @targets, target('idle: wake-ups a minute (four a look)', $rows{clock}[2], 'at most', 40),
        target('idle: memory / bare', $rows{clock}[3] / $rows{'bare libpq, listening'}[3], 'at most', 1.25);
    note(table([ 'a minute idle', 'CPU ms', 'wake-ups', 'MB', 'server CPU ms', 'server wake-ups' ],
        map { $rows{$_} } sort keys %rows));
}

# --- the run ---

note(sprintf "%s, %d processors, PostgreSQL %s%s.\n\n", strftime('%Y-%m-%d', gmtime), POSIX::sysconf(84),
    one($db, 'SHOW server_version') =~ s/ .*//r, $hurried ? ', all under SCHED_RR' : '');
note("### Armed: from the instant until the last row is visible, ms\n\n");
note(table([ 'jobs', 'fires', 'clock p50', 'p99', 'max', 'bare p50', 'p99', 'max', 'p50 ratio' ], map { armed($_) } @SIZES));
note("### Plain: a backlog of 110 000 rows, 10 000 a transaction\n\n");
plain();
if (%PEER) {
    note("### Peers: the same number of jobs due at one instant\n\n");
    bursts();
}
note("### Idle\n\n");
idle();
note("### Targets\n\n");
note(table([ 'target', 'measured', 'wanted', '' ], @targets));
write_plot('tests/bench/database.svg', plot('From the instant until the last row is visible', 'jobs due at once', 'ms',
    map { $_ => $line{$_} } sort { $line{$a}[-1][1] <=> $line{$b}[-1][1] } keys %line));
write_page('tests/bench/database.md');
exit missed(@targets);
