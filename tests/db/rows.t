#!/usr/bin/env perl
# What many rows of one instant become: each its own job's, sent in few bytes and ahead of time.

use strict;
use warnings;

use JSON::PP qw(encode_json);
use Test::More;

use ClockTest;

# Jobs of all kinds, a thousand and more: values that all have in common, that some have, that
# each has for itself, and that change only after a long stretch without.
my %want;
my $yaml = "name: many\njobs:\n";
for my $i (0 .. 2499) {
    my %job = (task => "job-$i", queue => 'default', payload => 'null', priority => 0, max_attempts => 5,
        backoff_s => 10, backoff_max_s => 3600, solo => 0);
    $job{task}         = qq(a "task" \\ of {$i}) if $i % 3 == 0;
    $job{queue}        = 'late'                  if $i > 700;
    $job{payload}      = qq({"n": $i})           if $i % 5 == 0;
    $job{priority}     = $i % 7                  if $i > 1200;
    $job{max_attempts} = 3                       if $i == 999;
    $job{backoff_s}    = 20                      if $i == 1000;
    $job{backoff_max_s} = 7200                   if $i == 1001;
    $job{solo}         = 1                       if $i % 2;
    my %key = (task => encode_json([ $job{task} ]) =~ s/^.(.*).$/$1/r, queue => $job{queue},
        payload => $job{payload}, priority => $job{priority}, max_attempts => $job{max_attempts},
        backoff => "$job{backoff_s}s..$job{backoff_max_s}s", schedule => '"@every 3s"',
        overlap => $job{solo} ? 'skip' : 'allow', jitter => $i % 11 == 0 ? '1h' : '0s');
    delete $key{task} if $job{task} eq "job-$i";
    $yaml .= "  job-$i: {" . join(', ', map { "$_: $key{$_}" } sort keys %key) . "}\n";
    $want{"job-$i"} = join '|', @job{ sort keys %job };
}

my $db = database();
sql($db, "ALTER DATABASE $db->{name} SET log_statement = 'all'");
my $run = clock_start('run', clockfile($yaml), { db => $db });
my $due = $run->says(qr/\bfired\b.*=2500\b/) =~ s/.*scheduled_at=(\S+).*/$1/r;
my $fired = sub { grep { /\bfired\b/ } $run->log };
poll_until(sub { $fired->() >= 2 }, 20, 'a fire that had its time to be armed');
my $pid = one($db, q(SELECT pid FROM pg_stat_activity WHERE datname = ? AND application_name = 'clock run'),
    $db->{name});
is $run->term, 0, 'it fires and ends';

subtest 'each row is its own job\'s, whatever the others are' => sub {
    my %got;
    for my $row (@{ sql($db, 'SELECT * FROM clock.jobs WHERE scheduled_at = ?', $due) }) {
        $got{ $row->{job} } = join '|', @{$row}{qw(backoff_max_s backoff_s max_attempts payload priority queue solo task)};
    }
    is_deeply \%got, \%want;
    cmp_ok one($db, 'SELECT count(DISTINCT run_at) FROM clock.jobs WHERE scheduled_at = ?', $due), '>', 100,
        'and may be taken when its own jitter says';
};

subtest 'each job has its rule, and a record when it goes' => sub {
    is one($db, q(SELECT count(DISTINCT job) FROM clock.schedules)), 2500, 'a rule';
    my $through = one($db, 'SELECT fired_through FROM clock.horizons');
    poll_until(sub { one($db, q(SELECT clock_timestamp() > ?::timestamptz + interval '4 s'), $through) }, 20, 'a gap');
    my $next = clock_start('run', clockfile("name: many\njobs:\n  job-0: {schedule: \"\@every 3s\", jitter: 1h}\n"), { db => $db });
    $next->says(qr/\bput_in_force\b/);
    is $next->term, 0, 'one is left';
    is one($db, q(SELECT string_agg(job, ' ') FROM clock.schedules)), 'job-0', 'so is its rule';
    is one($db, q(SELECT count(DISTINCT job) FROM clock.missed WHERE reason = 'removed')), 2499, 'what the others still owed is on record';
};

subtest 'the COMMIT finds loaded what it needs' => sub {
    open my $log, '<', "$db->{cluster}{dir}/log" or die "no log: $!\n";
    my @calls = map { /\[$pid\] .*not_before\((.*?)\)/ ? $1 : () } <$log>;
    pop @calls while @calls && $calls[-1] !~ /^to_timestamp/;    # the next fire was being prepared when it ended
    my ($guarded) = pop(@calls) =~ /^to_timestamp\((\d+)$/;
    is one($db, 'SELECT count(*) > 0 FROM clock.jobs WHERE scheduled_at = to_timestamp(?::bigint)', $guarded), 1,
        'the COMMIT is guarded, with the instant of its rows';
    is pop @calls, q('epoch'), 'and the guard has been called before, in the same transaction';
};

done_testing;
