# Several clocks on one file, killed and cut off at random: every fire is one row all the same.

use strict;
use warnings;

use Test::More;
use Time::HiRes qw(time);

use ClockTest;
use Ledger;

my $seed = $ENV{CLOCK_SEED} // time % 1_000_000 | 0;
srand $seed;
diag "seed $seed (CLOCK_SEED)";

my $cluster = Cluster->new(settings => "track_commit_timestamp = on\n");
my %every = (one => 1, two => 2, three => 3);
my $file = clockfile(join '', "name: race\njobs:\n",
    map { "  $_: {schedule: \"\@every $every{$_}s\", missed: all, limit: 1000}\n" } sort keys %every);

sub race {
    my ($clocks, $seconds, $chaos, @wanted) = @_;
    my $db = database(cluster => $cluster);
    ledger_install($db);
    my @clocks = map { clock_start('run', $file, { db => $db }) } 1 .. $clocks;
    my $until = time + $seconds;
    my %done;
    poll_until(
        sub {
            $chaos->($db, \@clocks, \%done);
            $db->{dbh}->do('DELETE FROM clock.jobs WHERE random() < 0.5');    # a worker
            return time > $until && !grep { ($done{$_} // 0) <= 3 } @wanted;
        },
        $seconds + 120, 'the race to end');
    $_->kill('CONT') for @clocks;
    my $mark = one($db, 'SELECT clock_timestamp()');
    poll_until(sub { one($db, 'SELECT fired_through > ? FROM clock.horizons', $mark) }, 15, 'the horizon to pass');
    is $_->term, 0, 'a clock stops in order' for @clocks;
    ledger_check($db, \%every);
    cmp_ok one($db, 'SELECT count(*) FROM ledger.fires'), '>', $seconds, 'there was something to race for';
    return \%done;
}

subtest 'two clocks, undisturbed' => sub { race(2, 5, sub { }) };

subtest 'four clocks, kill -9 at random' => sub {
    my $done = race(4, 12, sub {
        my ($db, $clocks, $done) = @_;
        return if rand > 0.1;
        my $victim = int rand @$clocks;
        $clocks->[$victim]->kill('KILL');
        $clocks->[$victim]->wait;
        $clocks->[$victim] = clock_start('run', $file, { db => $db });
        $done->{kills}++;
    }, 'kills');
    cmp_ok $done->{kills} // 0, '>', 3, 'clocks were killed';
};

subtest 'three clocks, backends terminated and clocks stopped at random' => sub {
    my $done = race(3, 15, sub {
        my ($db, $clocks, $done) = @_;
        if (rand() < 0.05) {
            $done->{cut} += one($db, <<'END') // 0;
SELECT count(pg_terminate_backend(pid))
  FROM (SELECT pid FROM pg_stat_activity
         WHERE application_name = 'clock run' AND datname = current_database() ORDER BY random() LIMIT 1) AS one
END
        }
        $_->kill('CONT') for @$clocks;
        if (rand() < 0.05) {
            $clocks->[ int rand @$clocks ]->kill('STOP');
            $done->{stops}++;
            my $until = time + rand 0.8;
            poll_until(sub { time > $until }, 2, 'the end of a stop');
        }
    }, 'cut', 'stops');
    cmp_ok $done->{cut} // 0, '>', 3, 'backends were terminated';
    cmp_ok $done->{stops} // 0, '>', 3, 'clocks were stopped';
};

done_testing;
