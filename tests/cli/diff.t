# clock diff: what a change of a Clockfile does to the fires of the coming days.

use strict;
use warnings;

use JSON::PP qw(decode_json);
use Test::More;

use Cli;

my @from = ('--from', '2026-11-22T12:00:00Z');

spew('old.yml', <<'END');
timezone: Europe/Berlin
jobs:
  nightly: {schedule: "30 2 * * *"}
  often: {schedule: "*/15 * * * *"}
  same: {schedule: "0 * * * *"}
  mail: {schedule: "0 8 * * *", queue: default, payload: {to: all}, max_attempts: 5}
  moved-zone: {schedule: "0 9 * * *"}
  gone: {schedule: "0 12 * * SUN"}
  old-name: {schedule: "15 6 * * *", payload: {a: 1}}
  resting: {schedule: "0 18 * * *"}
  hashed: {schedule: "H H * * *"}
END
spew('new.yml', <<'END');
timezone: Europe/Berlin
jobs:
  nightly: {schedule: "0 3 * * *"}
  often: {schedule: "*/10 * * * *"}
  same: {schedule: "0 * * * *"}
  mail: {schedule: "0 8 * * *", queue: mail, payload: {to: some}, max_attempts: 3, jitter: 5m}
  moved-zone: {schedule: "0 9 * * *", timezone: America/New_York}
  fresh: {schedule: "@every 37m"}
  new-name: {schedule: "15 6 * * *", payload: {a: 1}}
  resting: {schedule: "0 18 * * *", enabled: false}
  hashed: {schedule: "H H * * *"}
END

golden 'two files',          clock('diff', 'old.yml', 'new.yml', @from);
golden 'the other way',      clock('diff', 'new.yml', 'old.yml', @from, '--days', 1);
golden 'as JSON',            clock('diff', 'old.yml', 'new.yml', @from, '--json', '--days', 2);
golden 'a file with itself', clock('diff', 'old.yml', 'old.yml', @from);
spew('reordered.yml', join '', map { "$_\n" } grep { !/gone/ } split /\n/, slurp(work_dir() . '/old.yml'));
golden 'a job less',         clock('diff', 'old.yml', 'reordered.yml', @from, '--days', 30);
spew('named.yml', "name: other\n" . slurp(work_dir() . '/old.yml'));
golden 'another name',       clock('diff', 'old.yml', 'named.yml', @from);
is clock('diff', '-', 'new.yml', @from, { stdin => slurp(work_dir() . '/old.yml') })->{out},
    clock('diff', 'old.yml', 'new.yml', @from)->{out}, 'a file may come from standard input';

# ---- every fire is accounted for ----

sub fires {
    my ($file, $job) = @_;
    my $listed = clock('next', $file, '--job', $job, '--json', '--from', '2027-03-25T12:00:00Z', '--until', '2027-04-01T12:00:00Z');
    return map { decode_json($_)->{scheduled_at} } split /\n/, $listed->{out};
}

for my $line (split /\n/, clock('diff', 'old.yml', 'new.yml', '--json', '--from', '2027-03-25T12:00:00Z')->{out}) {
    my $diff = decode_json($line);
    my %was = map { $_ => 1 } $diff->{was} ? fires('old.yml', $diff->{was}) : ();
    my %is = map { $_ => 1 } $diff->{new_schedule} ? fires('new.yml', $diff->{job}) : ();
    my ($move, $vanish, $appear) = map { $diff->{$_}{count} } qw(move vanish appear);
    is $move + $vanish + $diff->{stay}, scalar(keys %was), "$diff->{job}: the old fires moved, vanished or stayed";
    is $move + $appear + $diff->{stay}, scalar(keys %is), "$diff->{job}: the new fires moved, appeared or stayed";
    for my $pair (map { @{ $diff->{$_}{first} } } qw(move vanish appear)) {
        ok $was{ $pair->{was} }, "$diff->{job}: $pair->{was} was a fire" if $pair->{was};
        ok $is{ $pair->{is} }, "$diff->{job}: $pair->{is} is one" if $pair->{is};
    }
}

# ---- what is typed wrong ----

spew('bad.yml', "jobs:\n  a: {schedule: \"0 25 * * *\"}\n");
refused 'one file',           clock('diff', 'old.yml'), 2, qr/two Clockfiles/, qr/clock diff - Clockfile.yml/;
refused 'three files',        clock('diff', 'a', 'b', 'c'), 2, qr/'c'/;
refused 'twice standard input', clock('diff', '-', '-'), 2, qr/standard input/;
refused 'no days',            clock('diff', 'old.yml', 'new.yml', '--days', 0), 2, qr/--days/;
refused 'a local time',       clock('diff', 'old.yml', 'new.yml', '--from', '2026-11-22T12:00'), 2, qr/--from/;
refused 'a wrong file',       clock('diff', 'old.yml', 'bad.yml'), 3, qr/bad\.yml:2:/;
refused 'a file that is not there', clock('diff', 'none.yml', 'old.yml'), 3, qr/none\.yml/;

done_testing;
