# Behind pgbouncer in transaction mode, where no session is anyone's own: the schema is made, clocks
# fire, a worker works, operators look and pause, and everything goes on when the pooler or the server
# behind it is restarted.

use strict;
use warnings;

use Test::More;

use ClockTest;
use Ledger;
use Operator;

plan skip_all => 'pgbouncer is not installed' unless grep { -x "$_/pgbouncer" } File::Spec->path, '/usr/sbin';

my $cluster = Cluster->new(settings => "track_commit_timestamp = on\n");

sub pooled {
    my ($mode, $size, %option) = @_;
    my $db = database(cluster => $cluster, %option);
    $db->{url} = $cluster->pooler_url($db->{name}, $mode, $size);
    return $db;
}

sub doctor {
    my ($db) = @_;
    my ($pooler) = grep { $_->{check} eq 'pooler' } objects(on($db, 'doctor', '--json'));
    return $pooler;
}

subtest 'a whole life in transaction mode' => sub {
    my $db = pooled('transaction', 8, empty => 1);
    is on($db, 'migrate')->{status}, 0, 'migrate';
    ledger_install($db);
    my $file = clockfile(<<'END');
jobs:
  one: {schedule: "@every 1s"}
  two: {schedule: "@every 2s", overlap: allow}
  echo: {schedule: "@every 1s", command: [echo, done], queue: shell}
END
    my @clocks = map { clock_start('run', $file, { db => $db }) } 1 .. 3;
    my $worker = clock_start('work', '--file', $file, ($> == 0 ? '--allow-root' : ()), { db => $db });
    $_->says(qr/state=in-force/) for @clocks;
    poll_until(sub { one($db, q(SELECT count(*) FROM clock.runs WHERE job = 'echo')) >= 2 }, 30, 'work done');
    my $status = on($db, 'status');
    is $status->{status}, 0, 'status';
    like $status->{out}, qr/\becho\b/;

    is on($db, 'pause', 'two', '--reason', 'test')->{status}, 0, 'pause';
    is on($db, 'resume', 'two')->{status}, 0, 'resume';
    is on($db, 'fire', 'one', '--file', $file)->{status}, 0, 'fire';
    like doctor($db)->{stands}, qr/in transaction mode; it gave 4 server connections at once, as asked/, 'doctor';
    ok doctor($db)->{ok}, 'finds nothing wrong with it';

    for my $what ('the server', 'the pooler') {
        my $mark = one($db, 'SELECT clock_timestamp()');
        $db->{dbh}->disconnect;
        $what eq 'the server' ? $cluster->restart('immediate') : $cluster->restart_pooler('transaction', 8);
        $db->{dbh} = $cluster->dbh($db->{name});
        poll_until(sub { one($db, "SELECT fired_through > ?::timestamptz + interval '3 s' FROM clock.horizons", $mark) },
            40, "fires after a restart of $what");
        poll_until(sub { one($db, q(SELECT count(*) FROM clock.runs WHERE job = 'echo' AND started_at > ?::timestamptz + interval '3 s'), $mark) },
            40, "work after a restart of $what");
        pass "all goes on after a restart of $what";
    }
    is $_->term, 0, 'stops in order' for @clocks, $worker;
    ledger_check($db, { one => 1, echo => 1 });
    is one($db, q(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')), 0, 'no session lock is left to others';
};

subtest 'more clocks than server connections lose nothing' => sub {
    my $db = pooled('transaction', 2);
    ledger_install($db);
    my $file = clockfile("jobs: {j: {schedule: \"\@every 1s\"}, k: {schedule: \"\@every 1s\"}}\n");
    my @clocks = map { clock_start('run', $file, { db => $db }) } 1 .. 4;
    poll_until(sub { one($db, 'SELECT count(*) FROM ledger.fires') >= 16 }, 40, 'eight instants');
    is $_->term, 0, 'stops in order' for @clocks;
    ledger_check($db, { j => 1, k => 1 });
    for (map { my $dbh = DBI->connect("dbi:Pg:dbname=$db->{name};" . ($db->{url} =~ /\?(.*)/ ? $1 =~ s/&/;/gr : ''), 'postgres', '',
            { RaiseError => 1, pg_server_prepare => 0 }); $dbh->begin_work; $dbh } 1 .. 2) {    # all that there are
        is one($_, q(SELECT count(*) FROM pg_settings WHERE source = 'session' AND name LIKE '%timeout')), 0, 'no limit of ours is left to others';
    }
    my $pooler = doctor($db);
    ok !$pooler->{ok}, 'and doctor says that the pool is too small';
    like $pooler->{stands}, qr/it gave 2 server connections at once$/;
    like $pooler->{remedy}, qr/one for each clock/;
};

subtest 'the other modes are told' => sub {
    like doctor(pooled('session', 6))->{stands}, qr/in session mode/;
    my $pooler = doctor(pooled('statement', 6));
    ok !$pooler->{ok};
    like $pooler->{stands}, qr/in statement mode/;
    like $pooler->{remedy}, qr/pool_mode to transaction/;
    my $db = pooled('statement', 6);
    my $clock = clock_start('run', clockfile("jobs: {j: {schedule: \"\@every 1s\"}}\n"), { db => $db });
    $clock->says(qr/transaction/);
    $clock->term;
    is one($db, 'SELECT count(*) FROM clock.jobs'), 0, 'in statement mode nothing is half done';
};

done_testing;
