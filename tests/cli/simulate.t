# clock simulate: what an outage delays, skips and why, by the dispatcher that run fires with.

use strict;
use warnings;

use JSON::PP qw(decode_json);
use List::Util qw(sum0);
use Test::More;

use Cli;

spew('Clockfile.yml', <<'END');
timezone: Europe/Berlin
jobs:
  nightly: {schedule: "30 2 * * *"}
  often: {schedule: "*/15 * * * *"}
  every: {schedule: "0 * * * *", missed: all, limit: 3}
  recent: {schedule: "0 */2 * * *", missed: all, within: 5h}
  skipping: {schedule: "10 * * * *", missed: skip}
  single: {schedule: "20 * * * *", missed: all, overlap: skip}
  asleep: {schedule: "* * * * *", enabled: false}
END

my @span = ('--from', '2027-03-26T12:00:00Z', '--until', '2027-03-29T12:00:00Z');
my $night = '2027-03-28T00:30:00Z..2027-03-28T09:00:00Z';

golden 'a night without a clock', clock('simulate', @span, '--outage', $night);
golden 'two outages, one job',    clock('simulate', @span, '--job', 'often', '--outage', $night, '--outage', '2027-03-27T10:00:00Z..2027-03-27T10:00:30Z');
golden 'no outage',               clock('simulate', @span);
golden 'an outage that goes on',  clock('simulate', @span, '--job', 'nightly', '--outage', '2027-03-27T00:00:00Z..2027-04-01T00:00:00Z');
golden 'an outage of nothing',    clock('simulate', @span, '--job', 'nightly', '--outage', '2027-03-27T10:00:00Z..2027-03-27T11:00:00Z');
golden 'as JSON',                 clock('simulate', @span, '--json', '--outage', $night);

# ---- every instant of the listing is enqueued, skipped or undecided ----

for my $outages ([], [$night], [ $night, '2027-03-26T13:00:00Z..2027-03-27T20:00:00Z' ], ['2027-03-28T00:00:00Z..2027-03-30T00:00:00Z']) {
    my @outages = map { ('--outage', $_) } @$outages;
    for my $line (split /\n/, clock('simulate', @span, '--json', @outages)->{out}) {
        my $job = decode_json($line);
        my $listed = () = clock('next', '--json', @span, '--job', $job->{job})->{out} =~ /\n/g;
        is $job->{on_time} + $job->{late} + $job->{undecided} + sum0(map { $_->{count} } @{ $job->{skipped} }),
            $listed, "$job->{job} with " . @$outages . ' outages: no instant is lost, none is made up';
    }
}

# ---- what is typed wrong ----

refused 'no end',           clock('simulate', '--outage', '2027-03-28T00:30:00Z'), 2, qr/--outage/, qr/A\.\.B/;
refused 'a local time',     clock('simulate', '--outage', '2027-03-28T00:30:00..2027-03-28T09:00:00Z'), 2, qr/offset/;
refused 'backward',         clock('simulate', '--outage', '2027-03-28T09:00:00Z..2027-03-28T00:30:00Z'), 2, qr/ends before/;
refused 'two that overlap', clock('simulate', '--outage', $night, '--outage', '2027-03-28T08:00:00Z..2027-03-28T10:00:00Z'), 2, qr/overlap/;
refused 'an empty span',    clock('simulate', '--from', '2027-03-28T00:00:00Z', '--until', '2027-03-28T00:00:00Z'), 2, qr/--until/;
refused 'years',            clock('simulate', '--from', '2027-03-28T00:00:00Z', '--until', '2037-03-28T00:00:00Z'), 2, qr/400 days/;
refused 'no such job',      clock('simulate', '--job', 'nighly'), 2, qr/did you mean 'nightly'/;

done_testing;
