#!/usr/bin/perl
# clockfile.pl [--sorted] [JOBS]: a Clockfile of so many jobs (100000: 13.6 MB) on stdout, the
# same each time.  About 2000 different schedules, as in real crontabs; names in order or in none.
use strict;
use warnings;

my $sorted = @ARGV && $ARGV[0] eq '--sorted' && shift;
my $n = shift // 100_000;
my $state = 7;

# A generator of our own: perl's differs from version to version.
sub pick {
    $state = ($state * 1103515245 + 12345) % 2**31;
    return ($state >> 8) % $_[0];
}

my @queues  = qw(default mail reports billing);
my @kinds   = qw(sync digest purge);
my @regions = qw(eu-west us-east ap-south);

sub schedule {
    my $kind = pick(10);
    return '@daily'                                    if $kind == 0;
    return '*/' . (5, 10, 15, 20, 30)[ pick(5) ] . ' * * * *' if $kind < 4;
    return sprintf '%d %d * * MON-FRI', pick(4) * 15, pick(24) if $kind < 6;
    return sprintf '%d %d * * *', pick(60), pick(24);
}

print "name: bench\ntimezone: Europe/Berlin\njobs:\n";
for my $i (0 .. $n - 1) {
    printf "  job-%06d:\n    schedule: \"%s\"\n    queue: %s\n    payload:\n"
      . "      account: %d\n      kind: %s\n      region: %s\n",
      $sorted ? $i : ($i * 7919) % $n, schedule(), $queues[ pick(4) ], pick(1_000_000), $kinds[ pick(3) ],
      $regions[ pick(3) ];
}
