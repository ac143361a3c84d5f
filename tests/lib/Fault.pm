package Fault;

# Hits a clock at one exact place of its life, by the shim of tests/fault/shim.c, and sweeps that
# place from the first to beyond the last.
#
# CLOCK_FAULT_STEP  1: every place (`make fault`); the default is a stride for each sweep.

use strict;
use warnings;

use Exporter qw(import);
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use ClockTest;

our @EXPORT = qw(fault fault_step once places was_hit);

my $shim = build_path('tests/fault/shim.so');
my $notes = 0;

plan skip_all => "no $shim: a program with sanitizers or counters cannot be hit" if !-e $shim;

# LD_PRELOAD is a list that blanks divide, and the folder of the build may have one in its name.
my $preload = temp_dir() . '/shim.so';
symlink $shim, $preload or die "cannot link '$preload': $!\n";

# The environment of a program that is hit there: {env => ..., note => PATH}.
sub fault {
    my ($where, $what, $n) = @_;
    my $note = sprintf '%s/note%d', temp_dir(), ++$notes;
    return { note => $note, env => { LD_PRELOAD => $preload, CLOCK_FAULT => "$where:$what:$n",
        CLOCK_FAULT_NOTE => $note } };
}

# What was hit ("malloc fail realloc"), or nothing: the program ended before.
sub was_hit {
    my ($fault) = @_;
    open my $in, '<', $fault->{note} or return;
    chomp(my $line = <$in> // '');
    return $line;
}

sub fault_step { return $ENV{CLOCK_FAULT_STEP} || $_[0] }

# Runs a command to its end: {status, signal, out, err, hit}; a hang counts as SIGKILL.
sub once {
    my ($fault, $url, @args) = @_;
    my %env = %{ $fault ? $fault->{env} : {} };
    $env{DATABASE_URL} = $url if $url;
    my $clock = clock_start(@args, { env => \%env });
    my $status = eval { $clock->wait(20) };
    if (!defined $status) {
        $clock->kill('KILL');
        $clock->wait;
        $status = -9;
    }
    return { status => $status < 0 ? undef : $status, signal => $status < 0 ? -$status : 0,
        out => $clock->out, err => scalar $clock->log, hit => scalar($fault && was_hit($fault)) };
}

# Calls $try->(N, ...) with so many places at a time, a step apart, until one of them was beyond
# the end; it gives a list of [HIT, COMPLAINT or nothing].  One test: nobody complains.
sub places {
    my ($promise, $step, $at_a_time, $try) = @_;
    my ($n, $hits, @complaints) = (1, 0);
    for (my $more = 1; $more && @complaints < 10;) {
        my @ns = map { $n + $_ * $step } 0 .. $at_a_time - 1;
        my @results = $try->(@ns);
        for my $i (0 .. $#ns) {
            my ($hit, $complaint) = @{ $results[$i] };
            $hit ? $hits++ : ($more = 0);
            push @complaints, "$ns[$i] ($hit): $complaint" if $complaint;
        }
        $n += $at_a_time * $step;
    }
    ok !@complaints && $hits, "$promise ($hits places)" or diag join "\n", $hits ? () : 'no place was hit', @complaints;
    return $hits;
}

1;
