# clock next: what is due, in the order of time, and what daylight saving does to it.

use strict;
use warnings;

use JSON::PP qw(decode_json);
use Test::More;

use Cli;

spew('Clockfile.yml', <<'END');
timezone: Europe/Berlin
jobs:
  nightly:
    schedule: "30 2 * * *"
    jitter: 30s
    tags: [reports, night]
  hourly:
    schedule: "0 * * * *"
    timezone: UTC
  tokyo:
    schedule: "0 9 * * *"
    timezone: Asia/Tokyo
    tags: [reports]
  quarter:
    schedule: [{cron: "0 0 1 */3 *"}, "@at 2027-03-28T12:00:00"]
  asleep:
    schedule: "0 0 * * *"
    enabled: false
  turned-off:
    schedule: "0 0 31 2 *"
END

my @spring = ('--from', '2027-03-27T22:00:00Z');

golden 'all jobs, merged',         clock('next', '-n', '8', @spring);
golden 'up to an instant',         clock('next', @spring, '--until', '2027-03-28T01:30:00Z');
golden 'as JSON',                  clock('next', '-n', '4', @spring, '--json');
golden 'one job',                  clock('next', '--job', 'nightly', '-n', '2', @spring);
golden 'in another zone',          clock('next', '--job', 'nightly', '-n', '2', @spring, '--tz', 'America/New_York');
golden 'in UTC',                   clock('next', '--job', 'nightly', '-n', '2', @spring, '--utc');
golden 'a job that is never due',  clock('next', '--job', 'turned-off', @spring);
golden 'a job that is not enabled', clock('next', '--job', 'asleep', @spring);
golden 'a job that is not there',  clock('next', '--job', 'nighly');
golden 'jobs with a tag',          clock('next', '--tag', 'reports', '-n', 3, @spring);
golden 'a tag that is not there',  clock('next', '--tag', 'report');
golden 'the last ones',            clock('next', '--prev', '-n', 5, '--from', '2027-03-28T03:00:00Z');
golden 'the last ones, back to',   clock('next', '--prev', '--from', '2027-03-28T00:00:00Z', '--until', '2027-03-27T22:00:00Z');
golden 'the last ones of a schedule', clock('next', '@daily', '--prev', '-n', 2, '--from', '2027-03-28T00:00:00Z');
golden 'nothing before',           clock('next', '@at 2040-01-01T00:00:00', '--prev', '--from', '2027-03-28T00:00:00Z');
golden 'nothing in the span',      clock('next', '--job', 'tokyo', @spring, '--until', '2027-03-27T22:00:01Z');

spew('union.yml', <<'END');
jobs:
  both:
    schedule:
      - {cron: "0 9 * * *", timezone: Europe/Berlin}
      - {cron: "30 2 * * *", timezone: America/New_York}
  dropped:
    schedule: {cron: "*/20 2 * * *", timezone: America/New_York, dst: skip}
  dropped-too:
    schedule: {cron: "45 2 * * *", timezone: America/New_York, dst: skip}
END
golden 'a change in the zone of one member of a union', clock('next', 'union.yml', '-n', 3, '--from', '2027-03-14T00:00:00Z');

# ---- daylight saving, case by case ----

my %zone = (
    gap     => [ 'Europe/Berlin',       '2027-03-26T12:00:00Z' ],
    fold    => [ 'Europe/Berlin',       '2027-10-29T12:00:00Z' ],
    half    => [ 'Australia/Lord_Howe', '2027-10-01T12:00:00Z' ],
    troll   => [ 'Antarctica/Troll',    '2027-03-26T12:00:00Z' ],
    lost    => [ 'Pacific/Apia',        '2011-12-28T12:00:00Z' ],
    three   => [ 'America/Danmarkshavn', '1995-12-30T12:00:00Z' ],
    back    => [ 'Antarctica/Casey',    '2018-03-09T12:00:00Z' ],
    midnight => [ 'America/Sao_Paulo',  '2017-10-13T12:00:00Z' ],
);

sub dst_case {
    my ($name, $where, $expression, @more) = @_;
    my ($zone, $from) = @{ $zone{$where} };
    golden $name, clock('next', $expression, '--tz', $zone, '--from', $from, '-n', 4, @more);
    return;
}

dst_case 'gap: a fixed time is made up for',           'gap',  '30 2 * * *';
dst_case 'gap: a fixed time with dst: skip is dropped', 'gap', '30 2 * * *', '--dst', 'skip';
dst_case 'gap: a fixed time with dst: all is dropped', 'gap',  '30 2 * * *', '--dst', 'all';
dst_case 'gap: dst: utc knows none',                   'gap',  '30 2 * * *', '--dst', 'utc';
dst_case 'gap: several fixed times fire once',         'gap',  '15,45 2 28 3 *';
dst_case 'fold: a fixed time fires once',              'fold', '30 2 * * *';
dst_case 'fold: with dst: all it fires twice',         'fold', '30 2 * * *', '--dst', 'all';
dst_case 'fold: with dst: skip it fires once',         'fold', '30 2 * * *', '--dst', 'skip';
dst_case 'fold: a wildcard hour fires in both',        'fold', '30 * 31 10 *';
dst_case 'gap of half an hour',                        'half', '15 2 * * *';
dst_case 'gap of two hours',                           'troll', '30 1 * * *';
dst_case 'gap at midnight',                            'midnight', '0 0 * * *';
dst_case 'a day that does not exist is not made up for', 'lost', '0 12 * * *';

dst_case 'a gap of three hours is not made up for',    'three', '30 1 * * *';
dst_case 'three hours that come twice fire once',      'back', '30 2 * * *';

my $hourly = clock('next', '0 * * * *', '--tz', 'Europe/Berlin', '--from', '2027-03-27T23:30:00Z', '-n', '3');
is $hourly->{status}, 0, 'a wildcard hour crosses a gap';
like $hourly->{out}, qr/T01:00:00\+01:00.*T03:00:00\+02:00.*T04:00:00\+02:00/s, 'and follows real time there';

# ---- a schedule on the command line ----

golden 'a macro',           clock('next', '@daily', '-n', 2, '--from', '2026-12-30T12:00:00Z');
golden 'an interval',       clock('next', '@every 37m', '-n', 2, '--from', '2026-12-30T12:00:00Z');
golden 'seconds',           clock('next', '*/20 * * * * *', '--dialect', 'seconds', '-n', 3, '--from', '2026-12-30T12:00:00Z');
golden 'quartz',            clock('next', '0 0 9 ? * 2', '--dialect', 'quartz', '-n', 2, '--from', '2026-12-30T12:00:00Z');
golden 'days: and',         clock('next', '0 0 13 * 5', '--days', 'and', '-n', 2, '--from', '2026-12-30T12:00:00Z');
golden 'H by the job name', clock('next', 'H H * * *', '--job', 'nightly', '-n', 1, '--from', '2026-12-30T12:00:00Z');
golden 'never',             clock('next', '0 0 31 2 *', '--from', '2026-12-30T12:00:00Z');
golden 'refused',           clock('next', '0 25 * * *');
golden 'refused, far along', clock('next', join(',', 0 .. 59) . ' * * foo *');
golden 'six fields',        clock('next', '0 0 9 * * 1');

isnt clock('next', 'H * * * *', '--job', 'a', '-n', 1, '--json')->{out},
    clock('next', 'H * * * *', '--job', 'b', '-n', 1, '--json')->{out}, 'H differs by job';

# ---- what is typed wrong ----

refused '--count beyond every number', clock('next', '--count', '99999999999999999999'), 2, qr/--count/, qr/range/;
refused '--count empty',        clock('next', '--count', ''),    2, qr/--count/;
refused '--count 0',            clock('next', '--count', '0'),   2, qr/range 1 to 1000000/;
refused '--count 1000001',      clock('next', '-n', '1000001'),  2, qr/range 1 to 1000000/;
refused '--count five',         clock('next', '-n', 'five'),     2, qr/--count 'five'/;
refused '--count 5x',           clock('next', '-n', '5x'),       2, qr/--count '5x'/;
refused 'a day that no February has', clock('next', '--from', '2026-02-30T00:00:00Z'), 2, qr/--from/, qr/2026-02-30/;
refused 'a local time',         clock('next', '--from', '2026-03-29T02:30'), 2, qr/--from/, qr/offset/, qr/Z/;
refused 'a date',               clock('next', '--until', '2026-03-29'), 2, qr/--until/, qr/2026-03-29T00:00:00Z/;
refused 'an unknown zone',      clock('next', '@daily', '--tz', 'Europe/Berln'), 2, qr/--tz/, qr/Europe\/Berlin/;
refused 'a zone that is a path', clock('next', '@daily', '--tz', '../../etc/passwd'), 2, qr/--tz/;
refused 'an unknown dialect',   clock('next', '@daily', '--dialect', 'aws'), 2, qr/--dialect/;
refused 'an unknown dst',       clock('next', '0 0 * * *', '--dst', 'never'), 2, qr/--dst/;
refused 'an unknown days',      clock('next', '0 0 * * *', '--days', 'xor'), 2, qr/--days/;
refused '--dialect with a file', clock('next', '--dialect', 'quartz'), 2, qr/--dialect/;
refused 'two zones',            clock('next', '--utc', '--tz', 'Asia/Tokyo'), 2, qr/--utc and --tz/;
refused 'a tag of a schedule',  clock('next', '@daily', '--tag', 'x'), 2, qr/--tag/;
refused '--until on the wrong side', clock('next', '--prev', '--from', '2027-01-01T00:00:00Z', '--until', '2027-01-02T00:00:00Z'), 2, qr/--until/;
refused 'two files',            clock('next', '-f', 'Clockfile.yml', 'Clockfile.yml'), 2, qr/exclude each other/;
refused 'an empty schedule',    clock('next', ' '), 3, qr/./;
refused 'no such file',         clock('next', 'none.yml'), 3, qr/none\.yml/;

for my $expression ('61 * * * *', '* * * * 1-', "* * * * *\e[31m", "\xff * * * *", '0 0 * * * ' . '*' x 100_000) {
    refused 'refused: ' . substr($expression =~ s/[^ -~]/?/gr, 0, 20), clock('next', $expression), 3, qr/\^/;
}

# ---- what programs read ----

my @fires = map { decode_json($_) } split /\n/, clock('next', '--json', '-n', 200, @spring)->{out};
is @fires, 200, '--json prints an object a line';
my $jittered = grep { $_->{run_at} ne $_->{scheduled_at} } @fires;
cmp_ok $jittered, '>', 0, 'run_at tells the jitter';
is scalar(grep { $_->{run_at} ne $_->{scheduled_at} && $_->{job} ne 'nightly' } @fires), 0, 'of the jobs that have one';

my $many = clock('next', '-n', 2500, @spring);
is scalar(split /\n/, $many->{out} =~ s/\n\n.*//sr), 2500, 'a long listing is whole';
is scalar(my @repeated = repeated(split /\n/, $many->{out})), 0, 'and says nothing twice';

sub repeated {
    my %seen;
    return grep { $_ ne '' && $seen{$_}++ } @_;
}

# Back from where a listing forward ends, as far as it reaches: the same fires.
for my $n (1 .. 12, 2500) {
    my @forward = split /\n/, clock('next', '--json', '-n', $n, @spring)->{out};
    my $end = decode_json($forward[-1])->{scheduled_at};
    my $all = clock('next', '--json', @spring, '--until', $end)->{out};
    my @back = split /\n/, clock('next', '--json', '--prev', '-n', scalar(split /\n/, $all), '--from',
        $end =~ s/:00([-+Z])/:01$1/r)->{out};
    is timeless(join("\n", @back, '')), timeless($all), "--prev goes $n fires back as they came";
}

my $piped = clock('next', '-', '-n', 5, '--json', @spring, { stdin => slurp(work_dir() . '/Clockfile.yml') });
is timeless($piped->{out}), timeless(clock('next', '-n', 5, '--json', @spring)->{out}), 'a Clockfile may come from standard input';

done_testing;
