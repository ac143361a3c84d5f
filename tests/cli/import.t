# clock import: crontabs of many kinds become Clockfiles that check takes, every line is accounted
# for, a crontab is previewed as its import would fire, and cron's log is held against it.

use strict;
use warnings;

use File::Spec;
use JSON::PP qw(decode_json);
use Test::More;

use Cli;
use Crontabs;

my @tz = ('--tz', 'Europe/Prague');
my $bad_input = File::Spec->rel2abs('tests/tables/bad-input');
my @names = crontabs();
cmp_ok scalar @names, '>=', 10, 'there are crontabs';

# ---- what is said and written -------------------------------------------------------------------

golden 'a crontab of Debian',        clock('import', @tz, 'debian-user.crontab');
golden '/etc/crontab of Debian',     clock('import', '--system', @tz, 'etc-crontab.crontab');
golden 'the packages of /etc/cron.d', clock('import', '--system', @tz, 'cron.d.crontab');
golden 'the crontab of SUSE',        clock('import', '--system', @tz, 'suse.crontab');
golden 'what only cronie reads',     clock('import', @tz, 'cronie.crontab');
golden 'the same under cronie',      clock('import', '--cron', 'cronie', @tz, 'cronie.crontab');
golden 'lines of other programs',    clock('import', @tz, 'managed.crontab');
golden 'awkward lines',              clock('import', @tz, 'awkward.crontab');
golden 'lines that end in CR LF',    clock('import', @tz, 'crlf.crontab');
golden 'no line break at the end',   clock('import', @tz, 'no-newline.crontab');
golden 'bytes that are no text',     clock('import', @tz, 'bytes.crontab');
golden 'several files',              clock('import', @tz, 'crlf.crontab', 'nowhere', 'no-newline.crontab');
golden 'standard input',             clock('import', @tz, '-', { stdin => "0 3 * * * x\n" });
golden 'no entry',                   clock('import', @tz, '-', { stdin => "# nothing\n\nA=b\n" });
golden 'nothing that can be read',   clock('import', @tz, '-', { stdin => "0 3 * * /bin/x\n" });
golden 'no file',                    clock('import', 'nowhere');
golden 'no operand',                 clock('import');
golden 'an unknown daemon',          clock('import', '--cron', 'vixie', 'crlf.crontab');
golden 'an unknown zone',            clock('import', '--tz', 'Europe/Pragu', 'crlf.crontab');
is clock('import', @tz, '-', { stdin => '' })->{status}, 1, 'an empty crontab has no entry';

# ---- every import is a Clockfile, every line has its account ------------------------------------

for my $name (@names) {
    my $result = clock('import', kind_of($name), @tz, $name);
    my ($lines, $jobs, $rest) = $result->{err} =~ /^1 file, (\d+) lines?: (\d+) jobs?(?: \(\d+ not enabled\))?, (.*);/m;
    my $n = () = slurp(work_dir() . "/$name") =~ /\n|(?<!\n)\z/g;
    is $lines, $n, "$name: all lines are read";
    my $sum = $jobs;
    $sum += $_ for $rest =~ /(\d+) /g;
    is $sum, $lines, "$name: each line is one thing";
    my %told = map { $_ => 1 } $result->{err} =~ /^\Q$name\E:(\d+):\d+: (?:converted|left out|decision|refused): /mg;
    my ($blank) = $rest =~ /(\d+) blank/;
    is scalar(keys %told) + $blank, $lines, "$name: each line is told";
    my $checked = clock('check', '-', { stdin => $result->{out} });
    is $checked->{status}, 0, "$name: check takes the Clockfile";
    like $checked->{out}, qr/ $jobs jobs?, /, "$name: with all its jobs";
    is $result->{status}, $result->{err} =~ /: (?:decision|refused): / ? 1 : 0, "$name: the exit status says what is left to do";
}

# ---- a crontab in place of a Clockfile ----------------------------------------------------------

sub without_now { return $_[0] =~ s/"in_s":-?\d+//gr }

for my $name (@names) {
    my $kind = kind_of($name) ? 'system' : 'user';
    my $import = clock('import', kind_of($name), @tz, $name);
    my $checked = clock('check', '--crontab', $kind, @tz, $name);
    is $checked->{status}, $import->{err} =~ /: refused: / ? 3 : 0, "$name: check refuses what import refuses";
    next if $checked->{status} != 0;
    spew('imported.yml', $import->{out});
    my @span = ('--json', '--from', '2026-03-27T00:00:00Z', '--until', '2026-04-05T00:00:00Z');
    my $direct = clock('next', '--crontab', $kind, @tz, @span, $name);
    is without_now($direct->{out}), without_now(clock('next', @tz, @span, 'imported.yml')->{out}), "$name: next shows what its import will fire";
    cmp_ok length $direct->{out}, '>', 100, "$name: and that is something";
}
golden 'check finds the places',  clock('check', '--crontab', 'user', @tz, 'awkward.crontab');
golden 'check for programs',      clock('check', '--json', '--crontab', 'user', @tz, 'crlf.crontab');
golden 'a kind that is none',     clock('check', '--crontab', 'users', 'crlf.crontab');
golden 'check without a file',    clock('check', '--crontab', 'user');
golden 'a crontab for a Clockfile', clock('check', 'crlf.crontab');
golden 'the same of a system',    clock('check', 'etc-crontab.crontab');

for my $line (grep { /\tcrontab\t/ } split /\n/, slurp("$bad_input/index.tsv")) {
    my ($file, undef, $verdict, $at, $words) = split /\t/, $line;
    my $path = "$bad_input/$file";
    my $refused = $verdict eq 'refuse';
    for my $result (clock('check', '--crontab', 'user', @tz, $path), clock('import', @tz, $path)) {
        is $result->{status}, $refused ? 3 : 0, "$file: $verdict by $result->{args}[0]";
        next unless $refused;
        my $place = $at =~ s/\*\z//r;
        like $result->{err}, qr/^\Q$path:$place\E/m, "$file: at $at";
        like $result->{err}, qr/\Q$_\E/i, "$file: says $_" for split /\|/, $words;
    }
}

# ---- cron's log ---------------------------------------------------------------------------------

spew('shadow.crontab', <<'END');
0,30 * * * * /opt/half-hourly
15 2 * * * /opt/in-the-gap
#* * * * * /opt/switched-off
5 4 * * * printf '\%s' "café"	x%input
END

# What cron would log over the days around a change of the clocks, each run late by a few seconds.
my @log;
for my $fire (map { decode_json($_) } split /\n/, clock('next', '--json', '--crontab', 'user', @tz, '--from', '2026-03-26T22:00:00Z',
        '--until', '2026-03-30T22:00:00Z', 'shadow.crontab')->{out}) {
    my $command = $fire->{job} eq 'printf' ? q{printf '%s' "caf\303\251"^Ix} : "/opt/$fire->{job}";
    push @log, [ epoch($fire->{scheduled_at}), 'ana', $command ];
}
cmp_ok scalar @log, '>', 190, 'there is a log to make';

for my $format ('%b %e %H:%M:%S', '%Y-%m-%dT%H:%M:%S%z') {
    spew('same.log', cron_log('Europe/Prague', $format, @log));
    my $same = clock('import', '--shadow', 'same.log', '--year', 2026, @tz, 'shadow.crontab');
    is $same->{status}, 0, "stamps as $format: no difference" or diag $same->{out}, $same->{err};
    is $same->{out}, '', 'and nothing is listed';
    like $same->{err}, qr/: \Q${\ scalar @log}\E matched, 0 by cron only, 0 by clock only/, 'all fires are paired';
}

# cronie's lines, over the turn of a year, which the stamps do not tell.
spew('year.log', <<'END');
Dec 31 23:00:01 host CROND[11]: (ana) CMD (/opt/half-hourly)
Dec 31 23:00:02 host CROND[10]: (ana) CMDOUT (hello)
Dec 31 23:00:02 host CROND[10]: (ana) CMDEND (/opt/half-hourly)
Dec 31 23:30:01 host CROND[12]: (ana) CMD (/opt/half-hourly)
Jan  1 00:00:01 host CROND[13]: (ana) CMD (/opt/half-hourly)
Jan  1 00:00:03 host run-parts[14]: (/etc/cron.hourly) starting 0anacron
Jan  1 00:30:01 host CROND[15]: (ana) CMD (/opt/half-hourly)
Jan  1 02:15:01 host CROND[16]: (ana) CMD (/opt/in-the-gap)
Jan  1 02:16:00 host crond[1]: (ana) RELOAD (/var/spool/cron/ana)
END
utime epoch('2027-01-01T01:16:10Z'), epoch('2027-01-01T01:16:10Z'), work_dir() . '/year.log';
golden 'the turn of a year', clock('import', '--cron', 'cronie', '--shadow', 'year.log', @tz, 'shadow.crontab');

my @missing = @log[ 40, 120 ];
my @changed = grep { my $it = $_; !grep { $it == $_ } @missing } @log;
my @extra = ([ epoch('2026-03-28T01:07:00Z'), 'ana', '/opt/half-hourly' ], [ epoch('2026-03-29T12:34:00Z'), 'ana', '/opt/switched-off' ]);
my @others = ([ epoch('2026-03-28T05:00:00Z'), 'ana', '/opt/unknown' ]);
spew('changed.log', cron_log('Europe/Prague', '%Y-%m-%dT%H:%M:%S%z', sort { $a->[0] <=> $b->[0] } @changed, @extra, @others));
my $differ = clock('import', '--shadow', 'changed.log', @tz, '--json', 'shadow.crontab');
is $differ->{status}, 1, 'a difference is exit status 1';
my @told = map { decode_json($_) } split /\n/, $differ->{out};
is_deeply [ map { epoch($_->{at}) } grep { $_->{only} eq 'clock' } @told ], [ map { $_->[0] } @missing ], 'what cron did not run is told at its instant';
is_deeply [ map { $_->{job} } grep { $_->{only} eq 'cron' } @told ], [ 'half-hourly', 'switched-off' ], 'what clock does not fire is told by its job';
like $differ->{err}, qr{^in no line read here, run 1 time by cron: \(ana\) /opt/unknown$}m, 'and commands that no line has';

spew('few.log', <<'END');
Mar 27 01:59:58 host systemd[1]: Started something.
Mar 27 02:00:01 host CRON[1]: (ana) CMD (/opt/half-hourly)
Mar 27 02:15:01 host CRON[2]: (bob) CMD (/opt/other)
Mar 27 02:16:30 host CRON[2]: (ana) CMD (/opt/in-the-gap)
Mar 27 02:30:02 host CRON[3]: (ana) CMD (/opt/half-hourly)
Mar 27 02:35:00 host systemd[1]: Started something.
END
golden 'a log that differs', clock('import', '--shadow', 'few.log', '--year', 2026, @tz, 'shadow.crontab');
golden 'a log of a system', clock('import', '--system', '--shadow', 'few.log', '--year', 2026, @tz, '-', { stdin => <<'END' });
0,30 * * * * ana /opt/half-hourly
0,30 * * * * bob /opt/half-hourly
15 * * * * bob /opt/other
END
golden 'no log', clock('import', '--shadow', 'nowhere', @tz, 'shadow.crontab');
golden 'a log without cron', clock('import', '--shadow', '-', '--year', 2026, @tz, 'shadow.crontab', { stdin => "Mar 27 01:59:58 host systemd[1]: Started.\n" });
golden 'a log too short', clock('import', '--shadow', '-', '--year', 2026, @tz, '--user', 'eve', 'shadow.crontab', { stdin => "Mar 27 02:00:01 host CRON[1]: (ana) CMD (/opt/half-hourly)\nnot a line\n" });
golden 'both from standard input', clock('import', '--shadow', '-', @tz, '-', { stdin => '' });
golden 'a log that is none', clock('import', '--shadow', 'shadow.crontab', @tz, 'shadow.crontab');
is clock('import', '--shadow', '-', '--year', 2026, @tz, 'shadow.crontab', { stdin => slurp(work_dir() . '/few.log') })->{out},
    clock('import', '--shadow', 'few.log', '--year', 2026, @tz, 'shadow.crontab')->{out}, 'a log on standard input is the same';

done_testing;
