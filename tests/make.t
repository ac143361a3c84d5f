#!/usr/bin/env perl
# The Makefile: what it installs, and that no stale object survives a change of flags.

use strict;
use warnings;

use File::Find qw(find);
use File::Temp qw(tempdir);
use Test::More;

my $build = $ENV{CLOCK_BUILD} // 'build/rel';
my $dir = tempdir(CLEANUP => 1);

# make, with the flavour of the make that runs us but not its jobs.
delete $ENV{MAKELEVEL};
$ENV{MAKEFLAGS} =~ s/ *-j\d*| *--jobserver\S*//g if defined $ENV{MAKEFLAGS};
sub make {
    my (@arguments) = @_;
    my $command = join ' ', map { "'$_'" } 'make', '--no-print-directory', @arguments;
    my $said = `$command 2>&1`;
    is($?, 0, "make @arguments") or diag($said);
    return $said;
}

sub files_below {
    my ($folder) = @_;
    my @files;
    find(sub { push @files, $File::Find::name =~ s/^\Q$folder\E//r if -f }, $folder) if -d $folder;
    return sort @files;
}

my @pages = sort map { m{^man/(.+\.(\d))$} ? "/usr/share/man/man$2/$1" : () } glob 'man/*.[1-9]';
make("B=$build", "DESTDIR=$dir/root", 'PREFIX=/usr', 'install');
is_deeply(
    [ files_below("$dir/root") ],
    [   '/usr/bin/clock', '/usr/bin/clock-dev', '/usr/share/doc/clock/README.md',
        '/usr/share/doc/clock/clockfile.yml.example', @pages
    ],
    'install puts programs, pages and documents in their places'
);
ok(-x "$dir/root/usr/bin/$_", "$_ may be run") for qw(clock clock-dev);
make("B=$build", "DESTDIR=$dir/root", 'PREFIX=/usr', 'uninstall');
is_deeply([ files_below("$dir/root") ], [], 'uninstall leaves nothing');

my @object = ('V=1', "B=$dir/build", "$dir/build/base/error.o");
like(make(@object), qr/-c -o \S+error\.o/, 'an object is made');
unlike(make(@object), qr/error\.o src/, 'and not made again');
like(make('VERSION=9.9', @object), qr/-c -o \S+error\.o/, 'but for another version');
like(make('VERSION=9.9', 'CFLAGS=-O1', @object), qr/-c -o \S+error\.o/, 'but for other flags');
unlike(make('VERSION=9.9', 'CFLAGS=-O1', @object), qr/-c -o \S+error\.o/, 'and then not again');

my ($version) = `cat Makefile` =~ /^VERSION\s*:=\s*(\S+)$/m;
like($version, qr/^\d+\.\d+\.\d+$/, 'the Makefile has the version');
my @elsewhere = grep { $_ ne 'Makefile' } split /\n/,
    `grep -rlwF --exclude-dir=build --exclude-dir=.git --exclude=clock '$version' . | sed 's,^[.]/,,'`;
is_deeply(\@elsewhere, [], 'and no other file has');

done_testing;
