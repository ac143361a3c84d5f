# clock check: every problem of a Clockfile in one run, each with its place.

use strict;
use warnings;

use JSON::PP qw(decode_json);
use Test::More;

use Cli;

spew('good.yml', <<'END');
jobs:
  a: {schedule: "0 0 * * *"}
  b: {schedule: "0 0 * * *"}
  c: {schedule: "@every 5m"}
END
spew('bad.yml', <<'END');
timezone: Europe/Berln
jobs:
  a: {schedule: "0 25 * * *", querue: x}
  b: {task: t}
END
spew('odd.yml', <<'END');
jobs:
  friday: {schedule: "0 0 13 * 5"}
END

golden 'a good file',               clock('check', 'good.yml');
golden 'every problem of a bad one', clock('check', 'bad.yml');
golden 'the same for programs',     clock('check', '--json', 'bad.yml');
golden 'a warning',                 clock('check', 'odd.yml');
golden 'a warning under --strict',  clock('check', '--strict', 'odd.yml');
golden 'a warning for programs',    clock('check', '--json', 'odd.yml');
golden 'no file here',              clock('check');

is clock('check', '--json', 'good.yml')->{out}, '', 'a good file has no problems for programs';
for my $line (split /\n/, clock('check', '--json', 'bad.yml')->{out}) {
    my $problem = eval { decode_json($line) };
    is ref $problem, 'HASH', 'a line is an object';
    like $problem->{level}, qr/^(?:error|warning)$/, 'with a level';
}

my $good = slurp(work_dir() . '/good.yml');
is clock('check', '-', { stdin => $good })->{status}, 0, '- is standard input';
is clock('check', '/dev/stdin', { stdin => $good })->{status}, 0, 'and so is /dev/stdin';
is clock('check', '-', { stdin => '' })->{status}, 3, 'nothing is no Clockfile';

spew('Clockfile.yml', $good);
is clock('check')->{out}, "Clockfile.yml: 3 jobs, 2 schedules, no problems\n", 'Clockfile.yml is found';
spew('clockfile.yml', $good);
refused 'two of them', clock('check'), 3, qr/Clockfile\.yml/, qr/clockfile\.yml/;
unlink work_dir() . '/clockfile.yml';

# The host's words for things change nothing.
for my $locale ('tr_TR.UTF-8', 'de_DE.UTF-8', 'C') {
    my $result = clock('check', 'good.yml', { env => { LANG => $locale, LC_ALL => $locale } });
    is $result->{out}, "good.yml: 3 jobs, 2 schedules, no problems\n", "under $locale";
}
is clock('next', 'good.yml', { env => { TZ => '../../etc/passwd' } })->{status}, 0, 'TZ is not looked at';

# ---- what today's date adds ----

# The warnings of a file with these jobs, in a zone whose clocks change; each line must match its pattern.
sub advised {
    my ($name, $jobs, @words) = @_;
    spew('now.yml', "timezone: Europe/Paris\njobs:\n$jobs");
    my $result = clock('check', 'now.yml');
    is $result->{status}, 0, "$name: a warning is no error";
    my @lines = split /\n/, $result->{err};
    is @lines, @words, "$name: so many warnings" or diag $result->{err};
    like $lines[$_], $words[$_], "$name: says what and where" for 0 .. $#words;
    is clock('check', '--strict', 'now.yml')->{status}, @words ? 3 : 0, "$name: under --strict";
}

advised 'a time in gap and fold', qq(  a: {schedule: "30 2 * * *"}\n  b: {schedule: "30 2 * * *"}\n),
    (qr/^now\.yml:3:3: warning: job "a" and 1 more: \d{4}-(?:03|10)-\d\dT02:30:00 (?:does not exist|comes twice) in Europe\/Paris/) x 2;
advised 'a choice', join '', map { qq(  $_: {schedule: {cron: "30 2 * * *", dst: $_}}\n) } qw(skip all utc);
advised 'times that change nothing', qq(  a: {schedule: "*/15 * * * *"}\n  b: {schedule: "30 4 * * *"}\n);
advised 'an instant that is past', qq(  a: {schedule: "\@at 2020-01-01T00:00:00"}\n),
    qr/^now\.yml:3:3: warning: job "a" never fires again: the last instant was 2020-01-01T00:00:00\+01:00; .*"at"/;
advised 'an end that is past', qq(  a: {schedule: "\@daily", ends: 2021-01-01}\n),
    qr/job "a" never fires again: the last instant was 2020-12-31T00:00:00\+01:00/;
{
    my $named = qq(  a: {schedule: eve, starts: 2027-01-01, ends: 2027-06-01}\n  b: {schedule: eve}\n);
    my $told = clock('check', '-', { stdin => "schedules: {eve: '0 0 31 12 *'}\njobs:\n$named" });
    like $told->{err}, qr/^-:3:17: warning: "eve" never fires within the starts, ends and exclude of this job; correct them/m,
        'a schedule with a name that only this job never lets fire';
    like $told->{out}, qr/ 1 warning$/, 'once';
}
advised 'one that is not enabled', qq(  a: {schedule: "\@daily", ends: 2021-01-01, enabled: false}\n);
advised 'twice a minute', qq(  a: {schedule: "\@every 30s"}\n  b: {schedule: "\@every 1m"}\n),
    qr/^now\.yml:3:3: warning: job "a" fires more than once a minute: at \S+ and 30 s later/;

sub crowd { my ($n, $more) = @_; return join '', map { qq(  j$_: {schedule: "0 12 * * *"$more}\n) } 1 .. $n }
advised 'a hundred at noon', crowd(100, '');
advised 'one more', crowd(101, ''),
    qr/^now\.yml:3:3: warning: 101 jobs fall due at one instant, \S+T12:00:00\S+, job "j1" among them; .*\bH\b.*jitter/;
advised 'spread by jitter', crowd(101, ', jitter: 10m');

# ---- what is too much in all ----

sub shared {
    my ($jobs) = @_;
    my @days = map { my $year = $_; map { my $month = $_; map { sprintf '%d-%02d-%02d', $year, $month, $_ } 1 .. 28 } 1 .. 12 } 2027 .. 2029;
    return spew("shared.yml", "schedules:\n  s: {cron: '\@daily', exclude: [" . join(', ', @days[ 0 .. 999 ]) . "]}\njobs:\n"
            . join '', map { "  j$_: {schedule: s, starts: 2027-01-0" . (1 + $_ % 9) . ", jitter: 1m}\n" } 1 .. $jobs);
}
is clock('check', shared(3996))->{status}, 0, 'a thousand exclusions in 3 996 jobs: just under four million';
my $beyond = clock('check', shared(4100));
refused 'and in a hundred more', $beyond, 3, qr/come to more than 4000000 rules and exclusions/, qr/share schedules by name/;
is scalar(() = $beyond->{err} =~ /: error: /g), 1, 'said once';

my $many = clock('check', spew('many.yml', "jobs:\n  a:\n    schedule: '\@daily'\n    payload: {" . join(', ', map { "k$_: yes" } 1 .. 32) . "}\n"));
is $many->{status}, 0, 'warnings alone are no fault';
is scalar(() = $many->{err} =~ /yes is text here/g), 20, 'twenty of them are told';
like $many->{err}, qr/and 12 more$/m, 'and how many more there are';

# ---- files that are none ----

refused 'a folder', clock('check', '.'), 3, qr/./;
refused 'no such file', clock('check', 'none.yml'), 3, qr/none\.yml/, qr/[Nn]o such file/;
refused 'a name with control bytes', clock('check', "a\e[31m.yml"), 3, qr/\\x1b/;
symlink 'loop', work_dir() . '/loop' or die "cannot link: $!\n";
refused 'a link to itself', clock('check', 'loop'), 3, qr/symbolic|symlink|Too many/i;
system('mkfifo', work_dir() . '/pipe') == 0 or die "cannot make a pipe\n";
refused 'a pipe with nobody behind it', clock('check', 'pipe'), 3, qr/regular file/;
truncate spew('big.yml', ''), 17 << 20 or die "cannot grow a file: $!\n";
refused 'more than 16 MiB', clock('check', 'big.yml'), 3, qr/16 MiB/;
refused '/dev/zero', clock('check', '/dev/zero'), 3, qr/regular file|16 MiB/;
refused 'what is not there', clock($_, 'nowhere.yml'), 3, qr/cannot read 'nowhere.yml'/, qr/^hint: type clock init nowhere\.yml/m for qw(check run next);

done_testing;
