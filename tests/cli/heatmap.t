# clock next --heatmap: when the load falls, counted by hour or minute, drawn and named.

use strict;
use warnings;

use JSON::PP qw(decode_json);
use List::Util qw(max sum0);
use Test::More;

use Cli;
use Terminal;

my $days = join '', map { "  daily-$_: {schedule: \"0 2 * * *\"}\n" } 1 .. 6;
spew('Clockfile.yml', <<"END");
timezone: Europe/Berlin
jobs:
$days
  spread: {schedule: "H H * * *", tags: [calm]}
  late: {schedule: "55 23 * * *", jitter: 20m, tags: [calm]}
  quarterly: {schedule: "*/15 8-17 * * MON-FRI"}
  workday: {schedule: "0 9 * * MON-FRI", timezone: America/New_York}
  asleep: {schedule: "* * * * *", enabled: false}
END

my @from = ('--from', '2026-11-25T15:30:00Z');
my @spring = ('--from', '2027-03-27T15:30:00Z');
my @autumn = ('--from', '2027-10-30T15:30:00Z');

golden 'a week',                  clock('next', '--heatmap', @from);
golden 'a week, gap in it',       clock('next', '--heatmap', @spring);
golden 'a week, fold in it',      clock('next', '--heatmap', @autumn, '-n', 1);
golden 'a day',                   clock('next', '--heatmap', '--minutes', @from);
golden 'another zone',            clock('next', '--heatmap', @from, '--tz', 'Asia/Tokyo', '-n', 2);
golden 'jobs with a tag',         clock('next', '--heatmap', @from, '--tag', 'calm');
golden 'a typed schedule',        clock('next', '--heatmap', '*/10 * * * *', @from);
golden 'one that is never due',   clock('next', '--heatmap', '0 0 31 2 *', @from);
golden 'as SVG',                  clock('next', '--heatmap', '--svg', '-', '30 2 * * *', '--tz', 'Europe/Berlin', @spring);

refused 'without --heatmap', clock('next', '--svg', 'x.svg'), 2, qr/--svg goes with --heatmap/;
refused 'minutes alone',     clock('next', '--minutes'), 2, qr/--minutes goes with --heatmap/;
refused 'with an end',       clock('next', '--heatmap', '--until', '2027-01-01T00:00:00Z'), 2, qr/--until/;
refused 'backward',          clock('next', '--heatmap', '--prev'), 2, qr/--prev/;
refused 'too many named',    clock('next', '--heatmap', '-n', 101), 2, qr/range 1 to 100/;
refused 'a folder that is not there', clock('next', '--heatmap', '--svg', 'none/x.svg'), 74, qr/none\/x\.svg/;

# ---- where every hour is busy, the busier ones are seen ----

spew('busy.yml', "timezone: UTC\njobs:\n" . join '', map({ "  m$_: {schedule: \"* * * * *\"}\n" } 1 .. 7),
    map({ "  d$_: {schedule: \"0 6 * * *\"}\n" } 1 .. 32));
golden 'hours much alike', clock('next', '--heatmap', '-f', 'busy.yml', @from, '-n', 1);

subtest 'on a terminal, it keeps to its width' => sub {
    for my $columns (80, 103, 132) {
        my $shown = on_terminal($columns, 'next', '--heatmap', '-f', 'busy.yml', @from) // plan skip_all => NO_TERMINAL;
        utf8::decode($shown);
        my @lines = split /\n/, $shown =~ s/\e\[[0-9;]*m//gr;
        my ($longest) = sort { $b <=> $a } map { length } @lines;
        cmp_ok $longest, '<=', $columns, "$columns columns hold every line";
        my ($day) = grep { /^Thu/ } @lines;
        my @cells = $day =~ /\b(?:420|452)\b/g;
        is @cells, $columns < 103 ? 0 : 24, $columns < 103 ? 'numbers that would touch are left out' : 'each hour has its number';
    }
};

spew('long.yml', "timezone: UTC\njobs:\n" . join '', map { '  ' . $_ x 60 . ": {schedule: \"\@daily\"}\n" } qw(a b c));
like clock('next', '--heatmap', '--svg', '-', '-f', 'long.yml', @from)->{out}, qr/>a{60} and 2 more</,
    'long names leave no room for others in the SVG';

# ---- the numbers are those of the listing ----

# An instant as UTC.
sub utc {
    my ($at) = @_;
    my $one = clock('next', "\@at $at", '--prev', '--from', '2100-01-01T00:00:00Z', '--json', '--utc');
    return decode_json($one->{out})->{scheduled_at};
}

for my $case ([ 'a plain week', '2026-11-25' ], [ 'a week with a gap', '2027-03-26' ], [ 'a week with a fold', '2027-10-30' ]) {
    my ($name, $day) = @$case;
    my $heat = decode_json(clock('next', '--heatmap', '--json', '--from', "${day}T12:00:00Z")->{out});
    my ($from, $until, $busiest) = map { utc($_) } @$heat{qw(from until)}, $heat->{busiest}[0]{at};
    my $before = $day =~ s/-(\d+)\z/sprintf '-%02d', $1 - 1/er;
    my @fires = grep { $_->{run_at} ge $from && $_->{run_at} lt $until } map { decode_json($_) } split /\n/,
        clock('next', '--json', '--utc', '--from', "${before}T12:00:00Z", '--until', $until)->{out};
    is $heat->{fires}, scalar(@fires), "$name: as many fires as the listing has";
    is sum0(map { @$_ } @{ $heat->{cells} }), $heat->{fires}, "$name: the cells add up";
    my %at;
    $at{ $_->{run_at} }++ for @fires;
    is $heat->{busiest}[0]{fires}, max(values %at), "$name: the busiest instant is the listing's";
    my @there = sort map { $_->{job} } grep { $_->{run_at} eq $busiest } @fires;
    is_deeply $heat->{busiest}[0]{jobs}, \@there, "$name: with its jobs";
}

# ---- the file ----

my $drawn = clock('next', '--heatmap', '--minutes', '--svg', 'day.svg', @from);
is $drawn->{status}, 0, '--svg writes a file';
my $svg = slurp(work_dir() . '/day.svg');
is scalar(() = $svg =~ /<rect /g), scalar(() = $svg =~ m{</rect>|<rect [^>]*/>}g), 'every cell is closed';
cmp_ok scalar(() = $svg =~ /<title>\d\d:\d\d: /g), '==', 24 * 60, 'every minute tells its number';
is $drawn->{out}, clock('next', '--heatmap', '--minutes', @from)->{out}, 'and the picture is shown all the same';
my $hostile = clock('next', '--heatmap', '--svg', '-', '0 0 * * *,* <b>&', @from);
is $hostile->{status}, 3, 'no markup passes for a schedule';

done_testing;
