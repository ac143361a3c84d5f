# Two files under one name: who rules, who stands by, and what becomes of what the old one owed.

use strict;
use warnings;

use Test::More;

use ClockTest;
use Ledger;

my $old = <<'END';
name: app
jobs:
  kept:    {schedule: "@every 1s"}
  edited:  {schedule: "@every 2s"}
  removed: {schedule: "@every 2s"}
END
my $new = $old =~ s/edited:  \{schedule: "\@every 2s"\}/edited:  {schedule: "\@every 3s"}/r
    =~ s/  removed:.*\n/  added: {schedule: "\@every 2s"}\n/r;

subtest 'a rolling deploy loses and doubles nothing' => sub {
    my $db = database();
    ledger_install($db);
    my $a = clock_start('run', clockfile($old), { db => $db });
    poll_until(sub { one($db, q(SELECT count(*) FROM clock.jobs WHERE job = 'removed')) }, 10, 'the old set');
    my $b = clock_start('run', clockfile($new), { db => $db });
    like $b->says(qr/\bput_in_force\b/), qr/added=added changed=edited removed=removed/, 'the newer start rules';
    poll_until(sub { one($db, q(SELECT count(*) FROM clock.jobs WHERE job = 'added')) }, 10, 'the new set');
    $a->says(qr/\bentered state=stand-by/, 30);
    pass 'the older stands by';
    is $a->term, 0, 'the older stops';
    is $b->term, 0, 'the newer stops';
    ledger_check($db, { kept => 1, added => 2, edited => 3 });
    is one($db, q(SELECT count(*) FROM clock.schedules WHERE job = 'removed')), 0, 'a removed job leaves no rule behind';
};

subtest 'an edit or a removal in the gap of a deploy is on record' => sub {
    my $db = database();
    my $a = clock_start('run', clockfile($old), { db => $db });
    $a->says(qr/\bfired\b/);
    is $a->term, 0, 'the old clock stops before the new one starts';
    my $through = one($db, 'SELECT fired_through FROM clock.horizons');
    poll_until(sub { one($db, q(SELECT clock_timestamp() > ?::timestamptz + interval '5 seconds'), $through) }, 10, 'a gap');
    my $b = clock_start('run', clockfile($new), { db => $db });
    $b->says(qr/\bput_in_force\b/);
    is $b->term, 0, 'stops';
    for my $job (qw(edited removed)) {
        my $missed = sql($db, 'SELECT * FROM clock.missed WHERE job = ?', $job);
        is @$missed, 1, "'$job' has one record";
        is $missed->[0]{reason}, $job, 'with its reason';
        my $owed = one($db, <<'END', $missed->[0]{first_at}, $missed->[0]{last_at});
SELECT (extract(epoch FROM ?::timestamptz)::bigint, extract(epoch FROM ?::timestamptz)::bigint)::text
END
        my ($first, $last) = $owed =~ /\((\d+),(\d+)\)/;
        is $missed->[0]{count}, ($last - $first) / 2 + 1, 'that counts every instant';
    }
    is one($db, q(SELECT count(*) FROM clock.missed WHERE job = 'kept')), 0, 'an unchanged job owes nothing';
};

subtest 'what is not about when may change freely' => sub {
    my $db = database();
    my $path = clockfile("jobs: {j: {schedule: \"\@every 1s\", queue: one}}\n");
    my $a = clock_start('run', $path, { db => $db });
    $a->says(qr/\bfired\b/);
    my $since = one($db, 'SELECT since FROM clock.schedules');
    my $b = clock_start('run', clockfile("jobs: {j: {schedule: \"\@every 1s\", queue: two}}\n"), { db => $db });
    poll_until(sub { one($db, q(SELECT count(*) FROM clock.jobs WHERE queue = 'two')) }, 10, 'the new queue');
    is one($db, 'SELECT since FROM clock.schedules'), $since, 'the rule is as old as it was';
    is $_->term, 0, 'stops' for $a, $b;
};

subtest "another application's file under the same name" => sub {
    my $db = database();
    my $a = clock_start('run', clockfile("jobs: {mine: {schedule: \"\@every 1s\"}}\n"), { db => $db });
    $a->says(qr/\bfired\b/);
    my $foreign = clockfile("jobs: {theirs: {schedule: \"\@every 1s\"}}\n");
    my $b = clock_start('run', $foreign, { db => $db });
    is $b->wait, 5, 'is refused';
    like $b->log, qr/another Clockfile.*'default'.*hint: .*name:.*--replace/s, 'with the way out';
    my $c = clock_start('run', $foreign, '--replace', { db => $db });
    like $c->says(qr/\bput_in_force\b/), qr/added=theirs removed=mine/, 'unless told to replace it';
    is $_->term, 0, 'stops' for $a, $c;
};

subtest "another application's file read again" => sub {
    my $db = database();
    ledger_install($db);
    my $path = clockfile("jobs: {mine: {schedule: \"\@every 1s\"}}\n");
    my $clock = clock_start('run', $path, { db => $db });
    $clock->says(qr/\bfired\b/);
    write_file($path, "jobs: {theirs: {schedule: \"\@every 1s\"}}\n");
    for my $time (1, 2) {
        my $before = one($db, 'SELECT clock_timestamp()');
        $clock->kill('HUP');
        poll_until(sub { $time == grep { /\bkept\b/ } $clock->log }, 10, 'the refusal');
        poll_until(sub { one($db, 'SELECT max(scheduled_at) > ? FROM clock.jobs', $before) }, 10, 'the old set');
    }
    like $clock->log, qr/kept .*another Clockfile.*"the old set runs on" hint="[^\n]*--replace/, 'is refused, with the way out';
    is $clock->term, 0, 'and the clock runs on until it is stopped';
    ledger_check($db, { mine => 1 });
};

subtest 'a clock whose file is in force dies: the stand-by takes over after its grace' => sub {
    plan skip_all => 'takes 45 s: CLOCK_TEST_LONG=1 runs it' unless $ENV{CLOCK_TEST_LONG};
    my $db = database();
    my $a = clock_start('run', clockfile($old), { db => $db });
    $a->says(qr/\bfired\b/);
    my $b = clock_start('run', clockfile($new), { db => $db });
    $b->says(qr/\bput_in_force\b/);
    $a->says(qr/\bentered state=stand-by/, 30);
    $b->kill('KILL');
    like $a->says(qr/\btook_over\b/, 60), qr/level=warning/, 'with a warning';
    is $a->term, 0, 'stops';
};

done_testing;
