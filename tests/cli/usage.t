# The command line: what is asked for is done, and what is mistyped is told apart and named.

use strict;
use warnings;

use File::Basename qw(dirname);
use Test::More;

use Cli;

golden 'help',               clock('--help');
golden 'help of next',       clock('next', '--help');
golden 'nothing typed',      clock();
golden 'an unknown command', clock('nxt', 'Clockfile.yml');
golden 'an unknown option',  clock('next', '--cout', '5', 'Clockfile.yml');

my $version = clock('version');
like $version->{out}, qr/^clock \d+\.\d+\.\d+\n\z/, 'clock version says which';
is clock($_)->{out}, $version->{out}, "clock $_ says the same" for '--version', '-V';
is clock('help')->{out}, clock('--help')->{out}, 'clock help is clock --help';
is clock('-h')->{out},   clock('--help')->{out}, 'clock -h is clock --help';
is clock($_, '-h')->{status}, 0, "clock $_ -h ends with 0" for qw(run next check migrate dev help version);

refused 'far from every command', clock('frobnicate'), 2, qr/unknown command 'frobnicate'/, qr/clock --help/;
refused 'a file as command', clock('../Clockfile.yml'), 2, qr/unknown command/;
refused 'control bytes in a command', clock("a\e[31m"), 2, qr/\\x1b\[31m/;
refused 'an unknown letter', clock('next', '-x'), 2, qr/unknown option '-x'/;
refused 'a value that is missing', clock('next', '--count'), 2, qr/--count wants a value/, qr/--count N/;
refused 'a value too many', clock('next', '--utc=3'), 2, qr/--utc takes no value/;
refused 'an option cut short', clock('next', '--cou', '3'), 2, qr/--count/;
refused 'an unknown option before the command', clock('--verion'), 2, qr/'--verion'/, qr/--version/;
refused 'an operand too many', clock('check', 'a', 'b'), 2, qr/'b'/, qr/usage: clock check/;
refused 'a schedule without quotes', clock('next', split ' ', '30 2 1 * mon'), 2, qr/quotes/;
refused 'no such topic', clock('help', 'nxt'), 2, qr/clock help next/;
refused 'a page that is mistyped', clock('help', 'clockfil'), 2, qr/clock help clockfile/;
refused '--db where none is used', clock('--db', 'host=h', 'next'), 2, qr/--db/;

# ---- a command line that is wrong, and a database that is away ----

spew('Clockfile.yml', "jobs:\n  a: {schedule: '\@hourly'}\n  b: {schedule: '\@hourly', overlap: skip}\n");
my %away = (env => { DATABASE_URL => 'postgres://127.0.0.1:1/none' });
my @span = qw(--from 2026-11-20T00:00:00Z --until 2026-11-21T00:00:00Z);
for my $wrong (
    [ [qw(pause)],                           qr/which job\?/ ],
    [ [qw(pause a)],                         qr/--reason is wanted/ ],
    [ [qw(pause a --tag t --reason why)],    qr/JOB and --tag exclude/ ],
    [ [qw(pause a --reason why --until x)],  qr/--until: 'x'/, qr/2026-12-31T23:59:00Z/ ],
    [ [qw(resume)],                          qr/which job\?/ ],
    [ [qw(resume a --name n -f Clockfile.yml)], qr/--name and --file exclude/ ],
    [ [qw(fire)],                            qr/which job\?/ ],
    [ [qw(fire c)],                          qr/no job 'c'/ ],
    [ [qw(fire a -n 0)],                     qr/--count '0'/ ],
    [ [qw(fire b -n 2)],                     qr/overlap: skip/ ],
    [ [qw(backfill a)],                      qr/--from is wanted/ ],
    [ [qw(backfill), @span],                 qr/which job\?/ ],
    [ [ qw(backfill c), @span ],             qr/no job 'c'/ ],
    [ [qw(retry)],                           qr/ids are wanted/ ],
    [ [qw(retry 1 x)],                       qr/'x' is not the id/ ],
    [ [qw(discard 1 --job a)],               qr/ids are wanted/ ],
    [ [qw(prune --keep 5)],                  qr/--keep: .* has no unit/ ],
    [ [qw(status --json --metrics)],         qr/two forms/ ],
    [ [qw(missed -n x)],                     qr/--count 'x'/ ],
    [ [qw(history -n x)],                    qr/--count 'x'/ ],
    [ [qw(dead -n x)],                       qr/--count 'x'/ ],
    [ [qw(health --max-late x)],             qr/--max-late: 'x'/ ],
    [ [qw(migrate --print --status)],        qr/exclude each other/ ],
    [ [qw(run --log-format xml)],            qr/'xml' is not a format/, qr/logfmt or --log-format json/ ],
    [ [qw(run --wait x)],                    qr/--wait: 'x'/, qr/type 90s/ ],
    [ [ 'run', '--metrics-file', '' ],       qr/wants a path/ ],
    [ [qw(work --log-format xml)],           qr/'xml' is not a format/, qr/logfmt or --log-format json/ ],
    [ [qw(work --lease 0s)],                 qr/--lease: .*'0s'/, qr/type 1s/ ],
    [ [ 'work', '--queues', 'a,,b' ],              qr/--queues has a name of 0 bytes/, qr/mail,reports/ ],
    [ [qw(list Clockfile.yml --name x)],     qr/--name and a FILE exclude/ ],
    [ [qw(export Clockfile.yml)],            qr/as what/, qr/--crontab/ ],
    [ [ 'pause', 'a', '--reason', 'x' x 2000 ], qr/--reason is longer than \d+ bytes/ ],
    )
{
    my ($line, @words) = @$wrong;
    refused "clock @$line: refused, the database not waited for", clock(@$line, \%away), 2, @words;
}
refused 'the Clockfile is missed before the database', clock(qw(prune -f none.yml), \%away), 3, qr/none\.yml/;
refused 'a file that can be read only once', clock('run', '-', { %away, stdin => "jobs: {a: {schedule: '\@daily'}}\n" }), 2,
    qr/'-' cannot be run/, qr/write it to a file/;
refused 'a server that is away', clock(qw(health), \%away), 4, qr/127\.0\.0\.1:1/, qr/hint: see that its server runs/;

# ---- what takes a Clockfile takes it as operand and by -f ----

for my $command (qw(check next simulate export list)) {
    my @rest = $command eq 'next' ? ('--from', '2026-11-20T00:00:00Z') : ();
    my ($operand, $option) = map { clock($command, @rest, @$_) } ['Clockfile.yml'], [qw(-f Clockfile.yml)];
    is timeless($option->{out}), timeless($operand->{out}), "clock $command -f FILE is clock $command FILE";
    isnt clock($command, 'Clockfile.yml', '-f', 'Clockfile.yml')->{status}, 0, 'and not both';
}

# ---- programs beside the binary ----

my $bin = work_dir() . '/bin';
mkdir $bin or die "cannot make '$bin': $!\n";
spew('bin/clock-echo', "#!/bin/sh\necho \"\$@\"\nexit 7\n");
chmod 0755, "$bin/clock-echo" or die "cannot change '$bin/clock-echo': $!\n";
my $echo = clock('echo', '--count', 'a b', '-x', { env => { PATH => "$bin:$ENV{PATH}" } });
is $echo->{out}, "--count a b -x\n", 'clock echo runs clock-echo from PATH with the rest of the line';
is $echo->{status}, 7, 'and ends as it does';

spew('bin/clock-check', "#!/bin/sh\necho other\n");
chmod 0755, "$bin/clock-check" or die "cannot change '$bin/clock-check': $!\n";
unlike clock('check', '--help', { env => { PATH => "$bin:$ENV{PATH}" } })->{out}, qr/other/,
    'a command of our own is not overridden';

spew('bin/clock-dev', "#!/bin/sh\necho \"\$@\"\n");
chmod 0755, "$bin/clock-dev" or die "cannot change '$bin/clock-dev': $!\n";
is clock('dev', '-f', 'Clockfile.yml', { env => { PATH => "$bin:$ENV{PATH}" } })->{out}, "-f Clockfile.yml\n",
    'clock dev takes the options of clock-dev' unless -e dirname(clock_path()) . '/clock-dev';

spew('bin/clock-deaf', "#!/bin/sh\n");
is clock('deaf', { env => { PATH => "$bin" } })->{status}, 2, 'a program that may not be run is a usage error';

# ---- the man page ----

spew('bin/man', "#!/bin/sh\necho \"\$@\"\n");
chmod 0755, "$bin/man" or die "cannot change '$bin/man': $!\n";
my $page = clock('help', 'clockfile', { env => { PATH => "$bin:$ENV{PATH}" } });
like $page->{out}, qr/clockfile/, 'clock help clockfile opens the page by man';
my $none = clock('help', 'clockfile', { env => { PATH => '/nonexistent' } });
is $none->{status}, 1, 'without man it ends with 1';
like $none->{err}, qr/hint: /, 'and says what to do';

done_testing;
