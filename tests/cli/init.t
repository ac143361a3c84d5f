# clock init: a starter that every other command takes as it is, and nothing overwritten.

use strict;
use warnings;

use Test::More;

use Cli;

my $path = work_dir() . '/Clockfile.yml';

my $made = clock('init');
is $made->{status}, 0, 'exit status 0';
like $made->{out}, qr/^wrote Clockfile\.yml; clock next/, 'it says what it wrote and what comes next';
is $made->{err}, '', 'nothing on standard error';
is clock('check', '--strict')->{status}, 0, 'the starter has no fault and earns no warning';
my $next = clock('next', '-n', 1);
is $next->{status}, 0, 'it is the file that the others look for';
like $next->{out}, qr/\bheartbeat\b/, 'and it has what fires soon';

my $own = "jobs: {mine: {schedule: \"0 0 * * *\"}}\n";
spew('Clockfile.yml', $own);
refused 'a file that is there', clock('init'), 1, qr/'Clockfile\.yml' exists already and stays as it is/, qr/^hint: type clock check/m;
is slurp($path), $own, 'it stays as it is';
refused 'also by its name', clock('init', 'Clockfile.yml'), 1, qr/exists already/, qr/^hint: /m;
is slurp($path), $own, 'it stays as it is';

is clock('init', 'other.yml')->{status}, 0, 'another name may be given';
is clock('check', '--strict', 'other.yml')->{status}, 0, 'and has the same';
symlink 'nowhere', work_dir() . '/link.yml' or die "cannot link: $!\n";
refused 'a link to nowhere', clock('init', 'link.yml'), 1, qr/exists already/, qr/^hint: /m;
ok !-e work_dir() . '/nowhere', 'is not followed';
is clock('init', 'no/such/folder.yml')->{status}, 74, 'where nothing can be made: exit status 74';

# A second file beside clockfile.yml would make every command ask which.
unlink $path;
spew('clockfile.yml', $own);
refused 'a clockfile.yml', clock('init'), 1, qr/'clockfile\.yml' exists already/, qr/^hint: type clock check clockfile\.yml/m;
ok !-e $path, 'gets no other beside it';
unlink work_dir() . '/clockfile.yml';

my $clock = clock_path();
chdir work_dir() or die "cannot enter the folder: $!\n";
my $said = qx(trap '' XFSZ; ulimit -f 0; exec '$clock' init 2>&1);
is $? >> 8, 74, 'no room for it: exit status 74';
like $said, qr/cannot write 'Clockfile\.yml'.*large/, 'and the reason';
ok !-e $path, 'and nothing of it is left';
chdir '/';

done_testing;
