#!/usr/bin/env perl
# The Makefile: what it installs, and that no stale object survives a change of flags.

use strict;
use warnings;

use File::Find qw(find);
use File::Temp qw(tempdir);
use Test::More;

use Make;

my $dir = tempdir(CLEANUP => 1);

sub files_below {
    my ($folder) = @_;
    my @files;
    find(sub { push @files, $File::Find::name =~ s/^\Q$folder\E//r if -f }, $folder) if -d $folder;
    return sort @files;
}

my @pages = sort map { m{^man/(.+\.(\d))$} ? "/usr/share/man/man$2/$1" : () } glob 'man/*.[1-9]';
make("DESTDIR=$dir/root", 'PREFIX=/usr', 'install');
my @dist = sort map { -f && m{^src/(dist/.+)$} ? "/usr/share/doc/clock/$1" : () } glob 'src/dist/*';
cmp_ok(scalar @dist, '>=', 8, 'there is something for those who run it');
my %completion = (bash => '/usr/share/bash-completion/completions/clock',
    fish => '/usr/share/fish/vendor_completions.d/clock.fish', zsh => '/usr/share/zsh/site-functions/_clock');
is_deeply(
    [ files_below("$dir/root") ],
    [   sort '/usr/bin/clock', '/usr/bin/clock-dev', '/usr/share/doc/clock/README.md',
        '/usr/share/doc/clock/clockfile.yml.example', @pages, @dist, values %completion
    ],
    'install puts programs, pages, completions and documents in their places'
);
for my $shell (sort keys %completion) {
    is(`cat '$dir/root$completion{$shell}'`, `'$dir/root/usr/bin/clock' completion $shell`, "what $shell needs is whole");
}
ok(-x "$dir/root/usr/bin/$_", "$_ may be run") for qw(clock clock-dev);
# mandoc's, by Debian's name for it too; its index goes with the folder.
my $man = "$dir/root/usr/share/man";
{
    local $ENV{PATH} = "$ENV{PATH}:/usr/sbin";
    is(`makewhatis '$man' 2>&1`, '', 'the pages have an index');
    my $apropos = system('command -v mapropos >/dev/null') == 0 ? 'mapropos' : 'apropos';
    my $found = `$apropos -M '$man' crontab 2>&1`;
    like($found, qr/^\Q$_\E - ./m, "apropos crontab finds $_") for 'clock(1)', 'clockfile, Clockfile(5)';
    like(`$apropos -M '$man' worker 2>&1`, qr/^clock-worker\(7\) - ./m, 'apropos worker finds clock-worker(7)');
}
unlink "$man/mandoc.db";
SKIP: {
    skip 'no lexgrog here', scalar @pages if system('command -v lexgrog >/dev/null') != 0;
    like(`lexgrog '$dir/root$_' 2>&1`, qr/: "[\w-]+ - \w/, "man-db reads what $_ is") for @pages;
}
make("DESTDIR=$dir/root", 'PREFIX=/usr', 'uninstall');
is_deeply([ files_below("$dir/root") ], [], 'uninstall leaves nothing');

my @object = ('V=1', "B=$dir/build", "$dir/build/base/error.o");
like(make(@object), qr/-c -o \S+error\.o/, 'an object is made');
unlike(make(@object), qr/error\.o src/, 'and not made again');
like(make('VERSION=9.9', @object), qr/-c -o \S+error\.o/, 'but for another version');
like(make('VERSION=9.9', 'CFLAGS=-O1', @object), qr/-c -o \S+error\.o/, 'but for other flags');
unlike(make('VERSION=9.9', 'CFLAGS=-O1', @object), qr/-c -o \S+error\.o/, 'and then not again');

for my $folder ('one', 'another place') {
    is(system("mkdir '$dir/$folder' && cp -R src Makefile .ci '$dir/$folder'"), 0, "the sources in folder $folder");
    make('-C', "$dir/$folder", 'B=build/rel', 'CFLAGS=-O2 -g', 'build/rel/base/error.o');
}
is(system("cmp '$dir/one/build/rel/base/error.o' '$dir/another place/build/rel/base/error.o'"), 0,
    'the same sources give the same object in any folder');

like(make('-n', 'run-tests', 'T=tests/layers.t'), qr{^(?:CLOCK\w*=(?:'[^']+'|\S+) +)+\S*prove .*tests/layers\.t$}m, 'tests are given to prove');

my ($version) = `cat Makefile` =~ /^VERSION\s*:=\s*(\S+)$/m;
like($version, qr/^\d+\.\d+\.\d+$/, 'the Makefile has the version');
my @elsewhere = grep { $_ ne 'Makefile' } split /\n/,
    `grep -rlwF --exclude-dir=build --exclude-dir=.git --exclude=clock '$version' . | sed 's,^[.]/,,'`;
is_deeply(\@elsewhere, [], 'and no other file has');

done_testing;
