# Bad Clockfiles: tests/tables/bad-input/index.tsv says of each file whether it is refused, at
# which place and in which words.  A row holds when exit status, place and every word are there,
# nothing stands on standard output but the verdict of a good file, and no control byte gets out.

use strict;
use warnings;

use File::Spec;
use POSIX qw(mkfifo);
use Test::More;

use Cli;

my $folder = File::Spec->rel2abs('tests/tables/bad-input');

# What the commands run so far have computed, in seconds: others that do so at the same time are no
# fault of theirs.
sub computed {
    my (undef, undef, $user, $system) = times;
    return $user + $system;
}

sub judge {
    my ($file, $verdict, $at, $words) = @_;
    my $started = computed();
    my $result = clock('check', "$folder/$file");
    my $said = $result->{err};
    my @why;
    push @why, "signal $result->{signal}" if $result->{signal};
    push @why, 'over 2 s' if computed() - $started > 2;
    push @why, 'a control byte' if $said =~ /[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]/;
    push @why, 'over 8 KiB' if length $said > 8192;
    my $status = $verdict eq 'accept' ? 0 : 3;
    push @why, "exit status $result->{status}, not $status" if $result->{status} != $status;
    return @why if $verdict eq 'accept';
    push @why, 'something on standard output' if $result->{out} ne '';
    my $place = $at =~ s/\*\z//r;
    push @why, "not at $at" if $at !~ /^[-*]$/ && $said !~ /\Q$file:$place\E/;
    push @why, map { "lacks '$_'" } grep { $said !~ /\Q$_\E/i } $words eq '-' ? () : split /\|/, $words;
    return @why;
}

for my $line (split /\n/, slurp("$folder/index.tsv")) {
    next if $line =~ /^#/;
    my ($file, $kind, $verdict, $at, $words) = split /\t/, $line;
    next if $kind eq 'crontab' || $kind eq 'tzif';    # these have readers of their own
    my @why = judge($file, $verdict, $at, $words);
    is "@why", '', $file;
}

# ---- large and endless ones, and how long they may take ----

sub quick {
    my ($name, $text, $seconds, @words) = @_;
    my $path = spew("$name.yml", $text);
    my $started = computed();
    my $result = clock('check', $path);
    my $took = computed() - $started;
    is $result->{status}, @words ? 3 : 0, "$name: exit status";
    like $result->{err}, $_, "$name: says $_" for @words;
    cmp_ok $took, '<', $seconds, "$name: in good time";
    unlink $path;
    return $took;
}

quick('deep lists',    '[' x 100_000, 2, qr/:1:33: error: nested too deep/);
quick('deep mappings', '{' x 100_000, 2, qr/nested too deep/);
quick('one large text', qq(jobs:\n  a:\n    queue: ") . 'x' x 50_000_000 . qq("\n), 2, qr/16 MiB/);
quick('a comment without end', "jobs: {}\n" . "# filler\n" x 2_500_000, 2, qr/16 MiB/);
quick('one name for all', "jobs:\n" . qq(  same: {schedule: "\@daily"}\n) x 100_000, 5,
    qr/:3:3: error: duplicate key "same", first at line 2/, qr/and 99979 more/);
quick('many wrong zones',
    "jobs:\n" . join('', map { qq(  j$_: {schedule: "\@daily", timezone: Eu$_}\n) } 1 .. 20_000),
    10, qr/timezone/, qr/and 19980 more/);

sub jobs {
    my ($name) = @_;
    return "jobs:\n" . join '', map {
        sprintf qq(  $name: {schedule: "%d %d * * *"}\n), $_, $_ % 60, $_ % 24
    } 0 .. 99_999;
}
my $plain = quick('100 000 jobs', jobs('j%06d'), 10);
my $alike = quick('100 000 names of one hash in other tables', jobs('Aa%06dBB'), 10);
cmp_ok $alike, '<', 3 * $plain + 0.5, 'such names cost no more than others';

# ---- paths that are no files ----

my $work = work_dir();
mkfifo("$work/pipe", 0600) or die "cannot make a pipe: $!\n";
refused 'a pipe', clock('check', 'pipe'), 3, qr/pipe, not a regular file/;
symlink 'loop', "$work/loop" or die "cannot make a link: $!\n";
refused 'a circle of links', clock('check', 'loop'), 3, qr/symbolic links/;
refused 'a directory', clock('check', $work), 3, qr/directory, not a regular file/;
refused 'a name with control bytes', clock('check', "a\e[31m.yml"), 3, qr/\\x1b\[31m\.yml/;

mkdir "$work/open" or die "cannot make a folder: $!\n";
chmod 0777, "$work/open" or die "cannot open the folder to all: $!\n";
spew('open/f.yml', qq(jobs: {a: {schedule: "\@daily"}}\n));
my $open = clock('check', 'open/f.yml');
is $open->{status}, 0, 'a folder that all may write to is no error';
like $open->{err}, qr/warning: .*writable by every user/, 'but a warning';
is clock('check', '--strict', 'open/f.yml')->{status}, 3, 'and an error under --strict';

done_testing;
