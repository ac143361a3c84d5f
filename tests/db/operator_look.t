# clock status, list, missed and health: what they say is what the database holds.

use strict;
use warnings;

use Test::More;

use Cli;
use ClockTest;
use Operator;

my $far = far_hour();
my $text = <<"END";
name: app
timezone: Europe/Berlin
jobs:
  often: {schedule: "\@every 1s"}
  nightly: {schedule: "30 $far * * *", queue: reports, task: report.nightly, tags: [night, mail]}
  off: {schedule: "\@hourly", enabled: false}
END
my $file = clockfile($text);
my $other = clockfile("name: other\njobs: {sweep: {schedule: \"45 $far * * *\"}}\n");
my $db = database();

for my $command (qw(status health missed list)) {
    refused "$command where no clock has run", on($db, $command), 1, qr/no clock has run|missed|no job is in force/;
}

my @runs = map { clock_start('run', $_, { db => $db }) } $file, $other;
$_->says(qr/\b(?:began|entered)\b/) for @runs;
poll_until(sub { one($db, q(SELECT count(*) > 1 FROM clock.jobs)) }, 15, 'fires');
poll_until(sub { one($db, q(SELECT count(*) = 2 FROM clock.horizons)) }, 15, 'both Clockfiles');

subtest 'status' => sub {
    my $paused = on($db, 'pause', 'nightly', '--name', 'app', '--reason', "it\e[31m hurts");
    is $paused->{status}, 0, 'one is paused';
    my $status = on($db, 'status');
    is $status->{status}, 0, 'status ends with 0';
    like $status->{out}, qr/^app: revision [0-9a-f]{16}, in force since \d{4}-.*Z$/m, 'the revision';
    like $status->{out}, qr/^  fired through  \d{4}-\S+Z, (?:now|\d+s ago|in 1s)$/m, 'how far';
    like $status->{out}, qr/^JOB +LAST FIRE +NEXT DUE +READY/m, 'a table';
    like $status->{out}, qr/^nightly +- +- +0 +0 +0 +0 +0 +paused: it\\x1b\[31m hurts$/m, 'a pause, its reason made harmless';
    like $status->{out}, qr/^often +20\S+ +20\S+ +[1-9]/m, 'a job that fires';
    like $status->{out}, qr/^sweep /m, 'the other Clockfile too';
    like $status->{out}, qr/^database: \S+ at .*\nthis host's clock is \d+ ms /m, 'database and offset';
    unlike $status->{out}, qr/^off /m, 'nothing that is not in force';

    my %app = map { $_->{clockfile} => $_ } objects(on($db, 'status', '--json'));
    is_deeply [ sort keys %app ], [qw(app other)], 'as JSON, an object each';
    my %job = map { $_->{job} => $_ } @{ $app{app}{jobs} };
    is_deeply [ sort keys %job ], [qw(nightly often)], 'with its jobs';
    is $job{nightly}{paused}, 1, 'the paused one';
    is $job{nightly}{next_due}, undef, 'will not fire';
    is $app{app}{revision}, one($db, q(SELECT revision FROM clock.horizons WHERE clockfile = 'app')), 'the revision';
    cmp_ok epoch($db, $job{often}{next_due}) - epoch($db, $app{app}{fired_through}), '==', 1, 'the next fire is the next instant';
    my ($sweep) = @{ $app{other}{jobs} };
    my $next = (objects(clock('next', $other, '--json', '-n', 1)))[0];
    is $sweep->{next_due}, $next->{scheduled_at}, 'that of clock next';
    cmp_ok abs $app{app}{ahead_ms}, '<', 2000, 'one host, one clock';
    is scalar objects(on($db, 'status', '--json', '--name', 'app')), 1, 'only one by its name';
    is scalar objects(on($db, 'status', '--json', '-f', $other)), 1, 'or by its file';
    refused 'both', on($db, 'status', '--name', 'a', '-f', $other), 2, qr/exclude/;
    refused 'a name that is not there', on($db, 'status', '--name', 'none'), 1, qr/'none'/;
};

subtest 'list' => sub {
    my $list = on($db, 'list');
    like $list->{out}, qr/^app +nightly +cron 30 $far \* \* \*; zone Europe\/Berlin +paused$/m, 'what is in force, canonical';
    like $list->{out}, qr/^other +sweep /m, 'of all';
    is_deeply [ map { $_->{job} } objects(on($db, 'list', '--json', '--name', 'app')) ], [qw(nightly often)], 'as JSON, of one';
    my $of_file = clock('list', $file);
    is $of_file->{status}, 0, 'a file needs no database';
    like $of_file->{out}, qr/^nightly +30 $far \* \* \* +reports +report\.nightly +night,mail$/m, 'as it is written';
    like $of_file->{out}, qr/^off .*not enabled$/m, 'with what is not enabled';
    my ($nightly) = grep { $_->{job} eq 'nightly' } objects(clock('list', $file, '--json'));
    is_deeply $nightly->{tags}, [qw(night mail)], 'as JSON';
    is $nightly->{command}, undef, 'no command';
    my $with = clockfile("jobs: {line: {schedule: \"\@daily\", command: \"a | b\"}, words: {schedule: \"\@daily\", command: [a, \"b c\"]}}\n");
    is_deeply [ map { $_->{command} } objects(clock('list', $with, '--json')) ], [ [ '/bin/sh', '-c', 'a | b' ], [ 'a', 'b c' ] ],
        'or its words';
    refused 'a file and a name', clock('list', $file, '--name', 'x'), 2, qr/exclude/;
};

subtest 'missed' => sub {
    is on($db, 'resume', 'nightly', '--name', 'app')->{status}, 0, 'nothing fell due in that pause';
    refused 'nothing missed', on($db, 'missed'), 1, qr/nothing is on record/;
    $db->{dbh}->do(<<'END');
INSERT INTO clock.missed (clockfile, job, first_at, last_at, count, reason, sqlstate, at) VALUES
    ('app', 'often', '2026-01-01T00:00:00Z', '2026-01-01T00:00:09Z', 10, 'paused', NULL, '2026-01-02T00:00:00Z'),
    ('app', 'nightly', '2026-01-01T01:30:00Z', '2026-01-01T01:30:00Z', 1, 'refused', '22023', '2026-01-03T00:00:00Z'),
    ('app', 'gone', '2026-01-01T01:30:00Z', '2026-01-01T02:30:00Z', NULL, 'removed', NULL, '2026-01-01T03:00:00Z')
END
    my @records = objects(on($db, 'missed', '--json'));
    is join(' ', map { $_->{job} } @records), 'nightly often gone', 'the latest first';
    is $records[2]{count}, undef, 'a count that cannot be told';
    is "@{$records[1]}{qw(first_at last_at count reason)}", '2026-01-01T00:00:00Z 2026-01-01T00:00:09Z 10 paused', 'all of it';
    like on($db, 'missed')->{out}, qr/^nightly +\S+ +\S+ +1 +refused 22023 +2026-01-03T00:00:00Z$/m, 'as a table';
    is scalar objects(on($db, 'missed', 'often', '--json')), 1, 'of one job';
    is scalar objects(on($db, 'missed', '-n', 2, '--json')), 2, 'two at most';
    refused 'a job without', on($db, 'missed', 'sweep'), 1, qr/'sweep'/;
};

subtest 'health' => sub {
    my $healthy = on($db, 'health');
    is "$healthy->{status} $healthy->{out}", "0 healthy\n", 'fires happen';
    is $_->term, 0, 'the clock stops' for @runs;
    $db->{dbh}->do(q(UPDATE clock.horizons SET next_due = date_trunc('second', clock_timestamp()) - interval '30 seconds' WHERE clockfile = 'app'));
    is on($db, 'health')->{status}, 0, '30 s late is within a minute';
    refused 'not within 10 s', on($db, 'health', '--max-late', '10s'), 1, qr/'app' was due at \S+Z and is unfired for 3\ds/, qr/clock run/;
    my $json = on($db, 'health', '--max-late', '10s', '--json');
    is $json->{status}, 1, 'nor as JSON';
    my ($object) = objects($json);
    is "$object->{clockfile} " . ($object->{healthy} ? 'yes' : 'no'), 'app no', 'which names the latest';
    is on($db, 'health', '--max-late', '10s', '--name', 'other')->{status}, 0, 'the other one is well';
    like on($db, 'status')->{out}, qr/^  next due .*no clock fires/m, 'status says it too';
    refused 'a length without unit', on($db, 'health', '--max-late', '10'), 2, qr/--max-late/;
    refused 'no schema', on(database(empty => 1), 'health'), 5, qr/clock migrate/;
    refused 'no server', clock('health', '--db', 'host=/nonexistent'), 4, qr/\S/;
};

done_testing;
