# The primary dies or stops, its standby is promoted, and clocks under load move over by themselves. The
# server that lives on has every fire exactly once; with synchronous replication nothing that a clock
# told of is lost, without it what was lost is fired there again.
#
# CLOCK_FAILOVERS=N: so many rounds of each kind (default 1; long: `make fault`).

use strict;
use warnings;

use Test::More;

use ClockTest;
use Ledger;
use Pair;

use constant JOBS => 20;
use constant LATE_S => 3;    # on a busy machine; deadlines of statements alone take 5 s

my $rounds = $ENV{CLOCK_FAILOVERS} // 1;
my %every = map { ("j$_" => 1) } 1 .. JOBS;
my $file = clockfile(join '', "jobs:\n", map { "  $_: {schedule: \"\@every 1s\"}\n" } sort keys %every);

# A database whose string names both, the standby first.
sub database_of {
    my ($pair) = @_;
    my $db = database(cluster => $pair->primary);
    ledger_install($db);
    $db->{url} = sprintf 'postgresql://postgres@127.0.0.1:%d,127.0.0.1:%d/%s', $pair->standby->port,
        $pair->primary->port, $db->{name};
    return $db;
}

# The instants that a clock has told of.
sub told {
    my ($log) = @_;
    return map { /\bfired rows=@{[JOBS]} scheduled_at=(\S+)/ ? $1 : () } split /\n/, $log;
}

sub moves_over {
    my ($how, $synchronous) = @_;
    my $pair = Pair->new(synchronous => $synchronous);
    my $db = database_of($pair);
    my @clocks = map { clock_start('run', $file, { db => $db }) } 1 .. 2;
    $_->says(qr/\bstate=in-force/) for @clocks;
    poll_until(sub { one($db, 'SELECT count(*) FROM ledger.fires') >= 3 * JOBS }, 30, 'fires');
    $db->{dbh}->disconnect;

    $how->($pair->primary);
    my $told = join '', map { scalar $_->log } @clocks;
    my $at = $pair->promote;
    $db->{dbh} = $pair->primary->dbh($db->{name});
    poll_until(sub { one($db, "SELECT count(*) > 2 FROM ledger.horizons WHERE now > ?::timestamptz + interval '1 s'", $at) },
        30, 'fires on the other server');
    my $late = one($db, <<'END', $at, $at);
SELECT max(extract(epoch FROM pg_xact_commit_timestamp(xid::xid) - greatest(scheduled_at, ?::timestamptz)))::float8
  FROM ledger.fires
 WHERE pg_xact_commit_timestamp(xid::xid) > ?::timestamptz
END
    diag sprintf 'the latest row came %.0f ms after both its instant and the promotion', 1000 * $late;
    cmp_ok $late, '<', LATE_S, 'and they are on time again';
    if ($synchronous) {
        my @told = told($told);
        my @gone = grep { one($db, 'SELECT count(*) FROM ledger.fires WHERE scheduled_at = ?', $_) != JOBS } @told;
        cmp_ok scalar @told, '>', 0, 'the clocks told of fires';
        is "@gone", '', 'and these are there';
    }
    is $_->term, 0, 'a clock stops in order' for @clocks;
    ledger_check($db, \%every);
    is one($db, 'SELECT count(*) FROM clock.missed'), 0, 'nothing was late enough to be missed';
}

for my $round (1 .. $rounds) {
    subtest "killed, asynchronous replication ($round)" => sub {
        moves_over(sub { $_[0]->stop('kill') }, 0);
    };
    subtest "stopped, synchronous replication ($round)" => sub {
        moves_over(sub { $_[0]->pause }, 1);
    };
    next if $rounds == 1;
    subtest "stopped, asynchronous replication ($round)" => sub {
        moves_over(sub { $_[0]->pause }, 0);
    };
    subtest "killed, synchronous replication ($round)" => sub {
        moves_over(sub { $_[0]->stop('kill') }, 1);
    };
}

done_testing;
