# Many jobs at once, many clocks, and nothing to do: an instant is never split, nothing is lost or
# doubled, the server is not worn out by those who only wait, and an idle clock sleeps.
#
# CLOCK_SCALE_SECONDS  how long a thousand jobs are due every second (15; `make fault`: 600)

use strict;
use warnings;

use Test::More;
use Time::HiRes qw(time);

use ClockTest;

my $sanitized = build_path('') =~ /\bsan\b/;
my $cluster = Cluster->new(settings => "track_commit_timestamp = on\nmax_wal_size = 4GB\n");

sub file_of {
    my ($name, $n, $every) = @_;
    return clockfile(join '', "name: $name\njobs:\n",
        map { "  job-$_: {schedule: \"\@every ${every}s\", missed: all, limit: 100000}\n" } 1 .. $n);
}

# A number of /proc/PID/status: kB, or a count.
sub status_of {
    my ($pid, $what) = @_;
    open my $in, '<', "/proc/$pid/status" or die "no process $pid\n";
    for (<$in>) { return $1 if /^$what:\s*(\d+)/ }
    die "no $what\n";
}

# CPU time of a process in ms, as the kernel counts it.
sub cpu_ms {
    my ($pid) = @_;
    open my $in, '<', "/proc/$pid/stat" or return 0;
    my @field = split ' ', <$in> =~ s/.*\)//sr;
    return ($field[11] + $field[12]) * 10;
}

# What there is of each instant but the first, which may have been caught up with: {at, rows,
# transactions, late (ms)}, oldest first.
sub instants {
    my ($db) = @_;
    my @all = @{ sql($db, <<'END') };
SELECT extract(epoch FROM scheduled_at)::bigint AS at, count(*) AS rows, count(DISTINCT xmin::text) AS transactions,
       (extract(epoch FROM pg_xact_commit_timestamp(max(xmin::text)::xid) - scheduled_at) * 1000)::float8 AS late
  FROM clock.jobs GROUP BY scheduled_at ORDER BY scheduled_at
END
    shift @all;
    return @all;
}

sub figures {
    my ($what, @all) = @_;
    my @late = sort { $a <=> $b } map { $_->{late} } @all;
    diag sprintf '%s: %d instants, ms late: p50 %.1f, p99 %.1f, worst %.1f', $what, scalar @late,
        @late[ $#late / 2, $#late * 0.99, $#late ];
}

# One that has nothing to do, watched while the others work.
my $idle_db = database(cluster => $cluster);
my $idle = clock_start('run', clockfile("jobs: {rare: {schedule: \"\@yearly\"}}\n"), { db => $idle_db });
$idle->says(qr/\bentered state=in-force/);
my ($idle_since, $idle_switches) = (time, status_of($idle->pid, 'voluntary_ctxt_switches'));

subtest 'a hundred thousand jobs are due at one instant' => sub {
    my $n = $sanitized ? 10000 : 100000;
    my $db = database(cluster => $cluster);
    my $file = file_of('many', $n, 10);
    my @clocks = map { clock_start('run', $file, { db => $db }) } 1 .. 2;
    my $next = one($db, q(SELECT extract(epoch FROM clock_timestamp())::bigint / 10 * 10 + 20));
    poll_until(sub { one($db, 'SELECT fired_through >= to_timestamp(?) FROM clock.horizons', $next) }, 300, 'two instants');
    my ($most) = sort { $b <=> $a } map { status_of($_->pid, 'VmHWM') } @clocks;
    is $_->term(30), 0, 'stops' for @clocks;
    my @all = instants($db);
    figures("$n jobs", @all);
    cmp_ok scalar @all, '>=', 1, 'instants have passed';
    is_deeply [ grep { $_->{rows} != $n } @all ], [], 'each has all of its rows';
    is_deeply [ grep { $_->{transactions} != 1 } @all ], [], 'from one transaction';
    is one($db, 'SELECT count(*) FROM clock.missed'), 0, 'nothing was missed';
    diag sprintf 'memory at its highest: %.1f MiB', $most / 1024;
    cmp_ok $most * 1024, '<', 32 * 1024 * 1024 + $n * 1000, 'memory is bounded' unless $sanitized;
};

subtest 'a thousand jobs are due every second, with eight clocks' => sub {
    my $seconds = $ENV{CLOCK_SCALE_SECONDS} // 15;
    my ($n, $db) = (1000, database(cluster => $cluster));
    my $file = file_of('busy', $n, 1);
    my @clocks = map { clock_start('run', $file, { db => $db }) } 1 .. 8;
    $_->says(qr/\bentered state=in-force/) for @clocks;
    my @backends = map { $_->{pid} } @{ sql($db, <<'END') };
SELECT pid FROM pg_stat_activity WHERE application_name = 'clock run' AND datname = current_database()
END
    my ($begun, $cpu) = (time, 0);
    $cpu -= cpu_ms($_) for @backends;
    my $from = one($db, 'SELECT fired_through FROM clock.horizons');
    my ($first_kb) = sort { $b <=> $a } map { status_of($_->pid, 'VmRSS') } @clocks;
    poll_until(sub {
        one($db, q(SELECT fired_through >= ?::timestamptz + ?::int * interval '1 second' FROM clock.horizons), $from, $seconds)
    }, $seconds + 200, 'the end of a busy time');
    $cpu += cpu_ms($_) for @backends;
    my ($last_kb) = sort { $b <=> $a } map { status_of($_->pid, 'VmHWM') } @clocks;
    my $took = time - $begun;
    is $_->term, 0, 'stops' for @clocks;
    my @all = instants($db);
    figures("$n jobs a second", @all);
    is_deeply [ grep { $_->{rows} != $n } @all ], [], 'every instant has all of its rows';
    is_deeply [ grep { $_->{transactions} != 1 } @all ], [], 'from one transaction';
    is_deeply [ grep { $all[$_]{at} != $all[0]{at} + $_ } 0 .. $#all ], [], 'and no instant is left out';
    is one($db, 'SELECT count(*) FROM clock.missed'), 0, 'nothing was missed';
    diag sprintf "server CPU of 8 clocks' sessions: %.1f ms a tick; memory: %.1f MiB at first, %.1f at its highest",
        $cpu / $took, $first_kb / 1024, $last_kb / 1024;
    cmp_ok $cpu / $took, '<', 400, 'those who wait cost the server little';
    cmp_ok $last_kb, '<', $first_kb + 16 * 1024, 'memory is bounded' unless $sanitized;
};

subtest 'a clock that has nothing to do' => sub {
    poll_until(sub { time > $idle_since + 25 }, 30, 'some idle time');
    my $seconds = time - $idle_since;
    my $switches = status_of($idle->pid, 'voluntary_ctxt_switches') - $idle_switches;
    diag sprintf 'idle: %.1f waits in 10 s, %.1f MiB', 10 * $switches / $seconds, status_of($idle->pid, 'VmRSS') / 1024;
    cmp_ok $switches, '<=', 20 + 3 * $seconds, 'sleeps: a look every 10 s, and no poll';
    cmp_ok status_of($idle->pid, 'VmRSS'), '<', 24 * 1024, 'in little memory' unless $sanitized;
    is $idle->term, 0, 'stops';
};

done_testing;
