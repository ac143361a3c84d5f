# Memory and system calls fail at every place in turn, once or from there on: a command does its
# work or says why not, by its exit status too, and never crashes, hangs, or leaves half of it.

use strict;
use warnings;

use Test::More;

use Cli qw(timeless);
use ClockTest;
use Fault;

my %ALLOWED = (
    malloc => { map { $_ => 1 } 0, 4, 71 },
    call => { map { $_ => 1 } 0, 3, 4, 5, 70, 74 },
);

# What is wrong with that end, or nothing.  What worked must have worked wholly; who did not must
# have said so, when there was a way to.
sub complaint {
    my ($where, $what, $result, $clean) = @_;
    my $status = $result->{status};
    return "signal $result->{signal}" if $result->{signal};
    return "exit status $status: $result->{err}" unless $ALLOWED{$where}{$status};
    return "interrupted: exit status $status: $result->{err}" if $what eq 'interrupt' && $status != 0;
    return "another output: $result->{out}" if $status == 0 && defined $clean && timeless($result->{out}) ne $clean;
    my $mute = $what eq 'keep' || ($result->{hit} // '') =~ / (?:write|fcntl)$/;
    return "a silent exit status $status" if $status != 0 && !$mute && $result->{err} eq '';
    return;
}

# Each place by turns of the stride; a server that seems to be silent costs its deadline.
sub sweep {
    my ($promise, $stride, $clean, $try) = @_;
    for my $way ([ 'malloc', 'fail' ], [ 'malloc', 'keep' ], [ 'call', 'fail' ], [ 'call', 'keep' ],
        [ 'call', 'interrupt' ]) {
        my ($where, $what) = @$way;
        my $few = $where eq 'call' && ($what ne 'keep' || defined $clean);
        places("$promise: $where $what", fault_step($few ? 1 : $what eq 'keep' ? 3 * $stride : $stride), 1, sub {
            my ($n) = @_;
            my $result = $try->(fault($where, $what, $n));
            return [ $result->{hit}, $result->{complaint} // complaint($where, $what, $result, $clean) ];
        });
    }
}

my $file = clockfile(<<'END');
timezone: Europe/Paris
schedules: {office: {cron: "*/15 9-17 * * MON-FRI", exclude: [2026-12-25]}}
jobs:
  nightly: {schedule: "30 2 * * *", payload: {currency: EUR, list: [1, two, "3"]}, missed: all}
  desk: {schedule: office, description: "text that goes
    on in the next line"}
  tokyo: {schedule: ["0 9 * * MON", {cron: "30 8 L * *", timezone: Asia/Tokyo}]}
END

for my $args ([ 'check', $file ], [ 'next', '-n', '20', '--from', '2026-11-22T00:00:00Z', $file ]) {
    my $clean = once(undef, undef, @$args);
    is $clean->{status}, 0, "$args->[0] works";
    sweep($args->[0], 29, timeless($clean->{out}), sub { once($_[0], undef, @$args) });
}

subtest 'migrate leaves whole versions only' => sub {
    my $db = database(empty => 1);
    $db->{dbh}->do('SET client_min_messages = error');
    my $things = sub {
        return one($db, <<'END');
SELECT (SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace('clock')) || ' relations, '
    || (SELECT count(*) FROM pg_proc WHERE pronamespace = to_regnamespace('clock')) || ' functions'
END
    };
    my %whole = ($things->() => 'nothing');
    my @versions = split /(?<=^COMMIT;\n)/m, once(undef, undef, 'migrate', '--print')->{out};
    my $newest;
    for my $version (@versions) {
        $db->{dbh}->do($version);
        $whole{ $newest = $things->() } = 'a version';
    }
    cmp_ok scalar keys %whole, '>=', 3, 'there are several versions';
    sweep('migrate', 7, undef, sub {
        my ($fault) = @_;
        $db->{dbh}->do('DROP SCHEMA IF EXISTS clock CASCADE');
        my $result = once($fault, $db->{url}, 'migrate');
        my $made = $things->();
        my $again = once(undef, $db->{url}, 'migrate');
        $result->{complaint} =
              !$whole{$made} ? "half a schema: $made"
            : defined $result->{status} && $result->{status} == 0 && $made ne $newest ? "it said that it worked: $made"
            : $again->{status} != 0 || $things->() ne $newest ? "the next one failed: $again->{err}"
            : undef;
        return $result;
    });
};

done_testing;
