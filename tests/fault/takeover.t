# kill -9 and SIGSTOP of a clock at one exact message: before COMMIT leaves, behind it, and when its
# answer has come.  Another clock goes on from there, at once or when the server's patience ends;
# every fire is one row.

use strict;
use warnings;

use Test::More;

use ClockTest;
use Fault;
use Ledger;

my $cluster = Cluster->new(settings => "track_commit_timestamp = on\n");
my $file = clockfile("jobs: {one: {schedule: \"\@every 1s\"}, two: {schedule: \"\@every 2s\"}}\n");
my %every = (one => 1, two => 2);

# The instant at hand: a COMMIT leaves a little before or behind it.
my $INSTANT = q(SELECT date_trunc('second', clock_timestamp() + interval '500 ms'));

sub hit_clock {
    my ($db, @fault) = @_;
    return clock_start('run', $file, { db => $db, env => fault(@fault)->{env} });
}

sub fired_on {
    my ($db, $seconds) = @_;
    my $mark = one($db, 'SELECT clock_timestamp()');
    return poll_until(sub {
        one($db, q(SELECT fired_through > ?::timestamptz + ?::int * interval '1 second' FROM clock.horizons), $mark, $seconds)
    }, 20, 'the horizon to pass');
}

# How late the fires of that instant were committed, in ms.
sub lateness {
    my ($db, $at) = @_;
    return one($db, <<'END', $at);
SELECT max(extract(epoch FROM pg_xact_commit_timestamp(xid::xid) - scheduled_at) * 1000)::float8
  FROM ledger.fires WHERE scheduled_at = ?
END
}

subtest 'kill -9 around the n-th COMMIT, with another clock beside' => sub {
    for my $what (qw(kill sent answered)) {
        my $db = database(cluster => $cluster);
        ledger_install($db);
        my $other = clock_start('run', $file, { db => $db });
        $other->says(qr/\bfired\b/);
        for my $which ('commit', 'armed', 'armed') {
            my $clock = hit_clock($db, $which, $what, 1);
            is $clock->wait(30), -9, "$what at COMMIT ($which)";
        }
        fired_on($db, 1);
        is $other->term, 0, 'the other goes on, and stops in order';
        ledger_check($db, \%every);
        is one($db, 'SELECT count(*) FROM clock.missed'), 0, 'nothing was missed';
    }
};

subtest 'kill -9 at each message of a clock that is alone' => sub {
    my $db = database(cluster => $cluster);
    ledger_install($db);
    my @all = map { 1 + fault_step(5) * $_ } 0 .. 24 / fault_step(5);    # through the second fire
    for my $n (@all) {
        for my $what (qw(kill sent)) {
            my $clock = hit_clock($db, 'send', $what, $n);
            is $clock->wait(30), -9, "$what at message $n";
        }
    }
    my $last = clock_start('run', $file, { db => $db });
    $last->says(qr/\bentered state=in-force/);
    fired_on($db, 1);
    is $last->term, 0, 'the next one goes on from there';
    ledger_check($db, \%every);
};

subtest 'when the one that holds the horizon is killed, the next one fires' => sub {
    my $db = database(cluster => $cluster);
    ledger_install($db);
    my $other = clock_start('run', $file, { db => $db });
    $other->says(qr/\bfired\b/);
    my @late;
    for (1 .. $ENV{CLOCK_TAKEOVERS} // 5) {
        my $clock = hit_clock($db, 'armed', 'kill', 1);
        is $clock->wait(30), -9, 'killed with the rows of an instant in hand';
        my $at = one($db, $INSTANT);
        poll_until(sub { one($db, 'SELECT fired_through >= ? FROM clock.horizons', $at) }, 20, 'the instant');
        push @late, lateness($db, $at);
    }
    @late = sort { $a <=> $b } @late;
    diag sprintf 'next fire after kill -9, ms late: best %.1f, median %.1f, worst %.1f', @late[ 0, @late / 2, -1 ];
    cmp_ok $late[0], '<', 400, 'far sooner than any timeout';
    is $other->term, 0, 'stops';
    ledger_check($db, \%every);
};

subtest 'when the one that holds the horizon is stopped, the server ends its transaction' => sub {
    my $db = database(cluster => $cluster);
    ledger_install($db);
    my $other = clock_start('run', $file, { db => $db });
    $other->says(qr/\bfired\b/);
    my @late;
    for (1 .. 2) {
        my $fault = fault('armed', 'stop', 1);
        my $clock = clock_start('run', $file, { db => $db, env => $fault->{env} });
        poll_until(sub { was_hit($fault) }, 30, 'the stop');
        my $at = one($db, $INSTANT);
        poll_until(sub { one($db, 'SELECT fired_through >= ? FROM clock.horizons', $at) }, 20, 'the instant');
        push @late, lateness($db, $at);
        $clock->kill('CONT');
        like $clock->says(qr/\blost\b/), qr/idle-in-transaction timeout/, 'the stopped one wakes and sees what happened';
        is $clock->term, 0, 'and stops in order';
    }
    @late = sort { $a <=> $b } @late;
    diag sprintf 'next fire after SIGSTOP, ms late: best %.0f, worst %.0f', @late[ 0, -1 ];
    # Lead 50 ms and 500 ms are the server's patience; the rest is for a busy machine.
    cmp_ok $late[0], '<', 4000, 'within the idle-in-transaction timeout';
    is $other->term, 0, 'stops';
    ledger_check($db, \%every);
    is one($db, 'SELECT count(*) FROM clock.missed'), 0, 'nothing was missed';
};

done_testing;
