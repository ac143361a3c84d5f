package Make;

# make, for tests: with the flavour of the make that runs us but not its jobs, and one at a time,
# since two in one folder would write the same files.

use strict;
use warnings;

use Exporter qw(import);
use Fcntl qw(:flock);
use Test::More;

our @EXPORT = qw(make);

my $build = $ENV{CLOCK_BUILD} // 'build/rel';

# Runs it in our own flavour, unless another B= is among the arguments; gives what it said.
sub make {
    my (@arguments) = @_;
    local %ENV = %ENV;
    delete $ENV{MAKELEVEL};
    $ENV{MAKEFLAGS} =~ s/ *-j\d*| *--jobserver\S*//g if defined $ENV{MAKEFLAGS};
    open my $lock, '>>', "$build/make.lock" or die "cannot lock '$build': $!\n";
    flock $lock, LOCK_EX or die "cannot lock '$build': $!\n";
    my $command = join ' ', map { "'$_'" } 'make', '--no-print-directory', "B=$build", @arguments;
    my $said = `$command 2>&1`;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    is($?, 0, "make @arguments") or diag($said);
    return $said;
}

1;
