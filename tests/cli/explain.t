# clock explain: a schedule in plain English, and what is to be known beside.

use strict;
use warnings;

use JSON::PP qw(decode_json);
use Test::More;

use Cli;
use Terminal;

spew('Clockfile.yml', <<'END');
timezone: Europe/Berlin
schedules:
  office:
    cron: "*/15 9-17 * * MON-FRI"
    exclude: [2026-12-25, 2027-01-01..2027-01-03]
jobs:
  nightly:
    schedule: "30 2 * * *"
    missed: all
    within: 3d
    limit: 3
    jitter: 30s
  desk:
    schedule: office
    timezone: America/New_York
    overlap: skip
    missed: skip
  open:
    schedule: ["0 9 * * MON-FRI", {cron: "30 8 L * *", timezone: Asia/Tokyo}, "@every 90m"]
  pay:
    schedule: {every: 2 weeks, day: friday, at: "09:00", starts: 2027-01-08}
  gone:
    schedule: "0 0 * * *"
    ends: 2026-01-01
  asleep:
    schedule: "H H * * *"
    enabled: false
END

my @from = ('--from', '2027-03-01T00:00:00Z');

# ---- a schedule on the command line ----

golden 'a plain schedule',       clock('explain', '0 9 * * 1-5', @from);
golden 'in a zone',              clock('explain', '30 2 * * *', '--tz', 'Europe/Berlin', @from);
golden 'a wildcard hour',        clock('explain', '*/20 * * * *', '--tz', 'Europe/Berlin', @from);
golden 'the day rule',           clock('explain', '0 0 13 * 5', @from);
golden 'the day rule, both',     clock('explain', '0 0 13 * 5', '--days', 'and', @from);
golden 'a star with a step',     clock('explain', '0 0 */2 * 1', @from);
golden 'H with a name',          clock('explain', 'H/15 * * * *', '--job', 'sync-stock', @from);
golden 'H without a name',       clock('explain', 'H H * * *', @from);
golden 'extensions',             clock('explain', '0 0 L * 5#3', @from);
golden 'a step beyond',          clock('explain', '*/90 * * * *', @from);
golden 'never',                  clock('explain', '0 0 31 2 *', @from);
golden 'elapsed time',           clock('explain', '@every 37m', @from);
golden 'once',                   clock('explain', '@at 2027-03-28T02:30:00', '--tz', 'Europe/Berlin', @from);
golden 'seconds',                clock('explain', '*/20 0 9 * * 1-5', '--dialect', 'seconds', @from);
golden 'quartz',                 clock('explain', '0 0 9 ? * 2-6', '--dialect', 'quartz', @from);
golden 'dst: skip',              clock('explain', '30 2 * * *', '--dst', 'skip', '--tz', 'Europe/Berlin', @from);
golden 'a macro',                clock('explain', '@daily', @from);

# ---- a job of a file ----

golden "job $_", clock('explain', $_, @from) for qw(nightly desk open pay gone asleep);
golden 'a job shown in another zone', clock('explain', 'nightly', 'Clockfile.yml', '--tz', 'Asia/Tokyo', @from);

spew('crontab', "0 4 * * 7 /usr/local/bin/backup\n");
refused 'a crontab without a job', clock('explain', 'crontab', '--crontab', 'user'), 2, qr/which job of the crontab/, qr/clock next --crontab user/;
my $crontab = clock('explain', 'backup', 'crontab', '--crontab', 'user', '--tz', 'Europe/Paris', @from);
like $crontab->{out}, qr/\AAt 04:00 on Sundays\.\nWritten as 0 4 \* \* 7; times are those of Europe\/Paris\.\n/,
    'a line of a crontab is explained by the name that import gives it';

# ---- as JSON ----

my $object = decode_json(clock('explain', '30 2 13 * 5', '--tz', 'Europe/Berlin', '--json', '--from', '2026-06-20T00:00:00Z')->{out});
is $object->{english}, 'At 02:30 on the 13th of every month, and on Fridays.', '--json has the sentence';
is_deeply $object->{zones}, ['Europe/Berlin'], 'the zones';
is $object->{job}, undef, 'no job';
is @{ $object->{next} }, 5, 'five fires';
is $object->{next}[0]{scheduled_at}, '2026-06-26T02:30:00+02:00', 'with their offset';
is @{ $object->{changes} }, 2, 'two changes of the clocks';
is $object->{changes}[0]{at}, '2026-10-25T01:00:00Z', 'at their instants';
is $object->{notes}[0]{kind}, 'days', 'the notes by kind';
is_deeply [ map { $_->{system} } @{ $object->{elsewhere} } ], [ 'Debian cron', 'Quartz' ], 'and who reads it otherwise';

my $job = decode_json(clock('explain', 'nightly', '--json', @from)->{out});
is $job->{job}, 'nightly', 'a job has its name';
is $job->{jitter_s}, 30, 'its jitter';
like $object->{missed}, qr/newest is .* 1d old/, 'a schedule alone has what a job without keys has';
like $job->{missed}, qr/newest 3 .* 3d old/, 'its policies in words';
is $job->{next}[0]{dst}, undef, 'a plain fire has no effect of daylight saving';
is $job->{changes}[0]{moved}, 1, 'what moves is counted';

my $listed = join '', map { decode_json($_)->{scheduled_at} . "\n" } split /\n/, clock('next', '--job', 'nightly', '-n', 5, '--json', @from)->{out};
is join('', map { "$_->{scheduled_at}\n" } @{ $job->{next} }), $listed, 'the fires are those of clock next';

# ---- on a terminal ----

subtest 'on a terminal, lines are folded to its width' => sub {
    my @wide = ('explain', '0 0 */2 * 1', '--tz', 'Europe/Berlin', '--from', '2190-01-01T00:00:00Z');
    my $words = sub { join ' ', split ' ', $_[0] =~ s/in \S+( \S+)? +(?=[A-Z])//gr };
    my $plain = clock(@wide)->{out};
    for my $columns (60, 80, 132) {
        my $shown = on_terminal($columns, @wide) // plan skip_all => NO_TERMINAL;
        my ($longest) = sort { $b <=> $a } map { length } split /\n/, $shown;
        cmp_ok $longest, '<=', $columns, "$columns columns hold every line";
        is $words->($shown), $words->($plain), 'and not a word is lost';
    }
};

# ---- what is typed wrong ----

golden 'refused', clock('explain', '0 25 * * *');
refused 'nothing to explain',     clock('explain'), 2, qr/which schedule or job/, qr/clock explain/;
refused 'no such job',            clock('explain', 'nighly'), 2, qr/no job 'nighly'/, qr/'nightly'/;
refused 'a file alone',           clock('explain', 'Clockfile.yml'), 2, qr/no job/, qr/clock explain JOB Clockfile\.yml/;
refused 'a schedule and a file',  clock('explain', '@daily', 'Clockfile.yml'), 2, qr/exclude each other/;
refused 'a schedule and -f',      clock('explain', '@daily', '-f', 'Clockfile.yml'), 2, qr/exclude each other/;
refused 'two files',              clock('explain', 'nightly', 'Clockfile.yml', '-f', 'Clockfile.yml'), 2, qr/exclude each other/;
refused '--days with a job',      clock('explain', 'nightly', '--days', 'and'), 2, qr/--days/;
refused '--job with a job',       clock('explain', 'nightly', '--job', 'x'), 2, qr/--job/;
refused 'an unknown zone',        clock('explain', '@daily', '--tz', 'Europe/Berln'), 2, qr/Europe\/Berlin/;
refused 'a local time',           clock('explain', '@daily', '--from', '2026-03-29T02:30'), 2, qr/offset/;
refused 'no such file',           clock('explain', 'nightly', 'none.yml'), 3, qr/none\.yml/;
refused 'six fields',             clock('explain', '0 0 9 * * 1'), 3, qr/\^/, qr/seconds/;
refused 'a schedule without quotes', clock('explain', split ' ', '30 2 1 * mon'), 2, qr/quotes/;

# ---- beside a fire stands what the clocks did to it ----

spew('clocks.yml', <<'END');
timezone: Europe/Berlin
jobs:
  fixed: {schedule: "30 2 * * *"}
  steady: {schedule: "*/30 * * * *"}
  twice: {schedule: {cron: "30 2 * * *", dst: all}}
END
for my $row (
    [ fixed  => '2027-03-27T12:00:00Z', qr/^  2027-03-28T03:00:00\+02:00 .* 02:30 does not exist that day$/m ],
    [ fixed  => '2027-10-30T12:00:00Z', qr/^  2027-10-31T02:30:00\+02:00 .* the first 02:30 of two, the second is left out$/m ],
    [ steady => '2027-10-30T23:30:00Z', qr/^  2027-10-31T02:00:00\+02:00 .* the first 02:00 of two$/m ],
    [ steady => '2027-10-30T23:30:00Z', qr/^  2027-10-31T02:00:00\+01:00 .* the second 02:00 of two$/m ],
    [ twice  => '2027-10-30T12:00:00Z', qr/^  2027-10-31T02:30:00\+01:00 .* the second 02:30 of two$/m ],
    )
{
    my ($job, $from, $words) = @$row;
    like clock('explain', $job, 'clocks.yml', '--from', $from)->{out}, $words, "$job from $from";
}
for my $job (qw(fixed steady twice)) {
    my ($fires) = clock('explain', $job, 'clocks.yml', '--from', '2027-06-01T00:00:00Z')->{out} =~ /^next fires:\n(.*?)\n\n/ms;
    like $fires, qr/(?:^  2027-06-01T\S+ +in .*\n?){1,5}/m, "$job in summer";
    unlike $fires, qr/of two|that day/, 'beside it nothing';
}

done_testing;
