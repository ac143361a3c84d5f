# clock grants: under the printed rights, and no others, each part does its work.

use strict;
use warnings;

use Test::More;

use Cli;
use ClockTest;
use Operator;

my $file = clockfile(<<'END');
name: app
jobs:
  often: {schedule: "@every 1s", command: "echo hello"}
  alone: {schedule: "@every 1s", overlap: skip, queue: nobody}
  spread: {schedule: "@every 1s", jitter: 2s, queue: nobody}
END
my $db = database();

# A login with these rights and no others: the database as it sees it.
my %seen;
sub as_role {
    my ($role) = @_;
    return $seen{$role} if $seen{$role};
    my $name = "$db->{name} \"$role\"";
    my $quoted = $db->{dbh}->quote_identifier($name);
    $db->{dbh}->do("CREATE ROLE $quoted LOGIN");
    my $grants = clock('grants', '--role', $role, '--to', $name);
    is $grants->{status}, 0, "the rights of $role" or diag $grants->{err};
    $db->{dbh}->do($grants->{out});
    (my $escaped = $name) =~ s/([^\w])/sprintf '%%%02x', ord $1/ge;
    my $url = $db->{url} =~ s{//(?:[^@/]*@)?}{//$escaped@}r;
    return $seen{$role} = { %$db, url => $url };
}

my $all = clock('grants');
like $all->{out}, qr/^-- dispatcher.*^-- worker.*^-- operator.*^-- reader/ms, 'all four';
like $all->{out}, qr/ TO "clock_reader";$/m, 'to roles of their names';
refused 'another role', clock('grants', '--role', 'raeder'), 2, qr/did you mean 'reader'/;
refused '--to alone', clock('grants', '--to', 'x'), 2, qr/--role/;

subtest 'a dispatcher fires, reloads and settles a pause' => sub {
    my $run = clock_start('run', $file, '--watch', { db => as_role('dispatcher') });
    poll_until(sub { one($db, q(SELECT count(*) > 1 FROM clock.jobs WHERE job = 'often')) }, 15, 'fires');
    poll_until(sub { one($db, q(SELECT count(*) > 0 FROM clock.missed WHERE job = 'alone' AND reason = 'overlap')) }, 15, 'a skip');
    poll_until(sub { one($db, q(SELECT count(*) > 0 FROM clock.jobs WHERE job = 'spread' AND state = 'ready')) }, 15, 'a row whose time has come');
    is on($db, 'pause', 'alone', '--until', at_in_db($db, 5), '--reason', 'r')->{status}, 0, 'a pause';
    poll_until(sub { one($db, q(SELECT NOT paused FROM clock.schedules WHERE job = 'alone')) }, 40, 'its end');
    open my $out, '>>', $file or die $!;
    print {$out} "  more: {schedule: \"\@every 2s\"}\n";
    close $out or die $!;
    $run->kill('HUP');
    like $run->says(qr/\bput_in_force\b/), qr/added=more/, 'a reload';
    is $run->term, 0, 'stops';
    unlike $run->log, qr/denied/, 'nothing was denied';
};

subtest 'a worker works' => sub {
    my $work = clock_start('work', $file, '--allow-root', { db => as_role('worker') });
    poll_until(sub { one($db, q(SELECT count(*) > 1 FROM clock.runs WHERE outcome = 'done')) }, 20, 'two runs');
    is $work->term, 0, 'stops';
    unlike $work->log, qr/denied/, 'nothing was denied';
    is on(as_role('worker'), 'prune', '-f', $file)->{status}, 0, 'and prunes';
    refused 'but changes no rule', on(as_role('worker'), 'pause', 'often', '--name', 'app', '--reason', 'r'), 5, qr/denied/, qr/^hint: clock grants /m;
};

subtest 'a reader looks, and nothing else' => sub {
    my $reader = as_role('reader');
    is on($reader, $_)->{status}, 0, $_ for qw(status list missed history);
    cmp_ok on($reader, 'health')->{status}, '<=', 1, 'health';
    refused 'pause', on($reader, 'pause', 'often', '--name', 'app', '--reason', 'r'), 5, qr/denied/;
    refused 'fire', on($reader, 'fire', 'often', '-f', $file), 5, qr/denied/;
};

subtest 'an operator does all by hand' => sub {
    my $operator = as_role('operator');
    my @span = ('-f', $file, '--from', at_in_db($db, -600), '--until', at_in_db($db, 0));
    for my $command ([qw(status)], [qw(pause often --reason r --name app)], [qw(resume often --name app)],
        [ qw(fire often -f), $file ], [ qw(backfill spread --all --limit 3), @span ], [ qw(prune -f), $file ]) {
        my $done = on($operator, @$command);
        unlike $done->{err}, qr/denied/, "@$command";
        is $done->{status}, 0, 'is done' or diag $done->{err};
    }
    sql($db, q(UPDATE clock.jobs SET state = 'dead' WHERE job = 'spread'));
    is on($operator, 'retry', '--job', 'spread')->{status}, 0, 'retry';
    sql($db, q(UPDATE clock.jobs SET state = 'dead' WHERE job = 'spread'));
    is on($operator, 'discard', '--job', 'spread')->{status}, 0, 'discard';
};

END {
    for my $seen (values %seen) {
        my ($escaped) = $seen->{url} =~ m{//([^@/]*)@};
        my $quoted = $db->{dbh}->quote_identifier($escaped =~ s/%(..)/chr hex $1/ger);
        eval { $db->{dbh}->do("DROP OWNED BY $quoted; DROP ROLE $quoted") };
    }
}

done_testing;
