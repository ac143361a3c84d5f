# Our instants against those of croniter, a well-known library: see diff/oracle.py.

use strict;
use warnings;

use File::Basename qw(dirname);

my $program = ($ENV{CLOCK_BUILD} // 'build/rel') . '/tests/diff/cron';
my ($python) = grep { system("$_ -c 'import croniter' 2>/dev/null") == 0 } 'python3', '/usr/bin/python3';
unless (defined $python) {
    print "1..0 # SKIP python3-croniter is not installed\n";
    exit 0;
}
exec $python, dirname(__FILE__) . '/diff/oracle.py', $program or die "cannot run $python: $!\n";
