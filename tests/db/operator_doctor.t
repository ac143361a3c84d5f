# clock doctor: each thing that it looks at is found when it is wrong, and only then.

use strict;
use warnings;

use Test::More;

use Cli;
use ClockTest;
use Operator;

my $db = database();
my $file = clockfile("name: app\ntimezone: Europe/Berlin\njobs: {j: {schedule: \"\@yearly\"}, k: {schedule: \"\@every 1s\"}}\n");

# check => object
sub checks {
    my ($where, @args) = @_;
    my $result = on($where, 'doctor', '--json', @args);
    return ($result, map { $_->{check} => $_ } objects($result));
}

sub finds {
    my ($name, $check, $remedy) = @_;
    my ($result, %check) = checks($db);
    is $result->{status}, 1, "$name: exit status 1";
    is_deeply [ grep { !$check{$_}{ok} } sort keys %check ], [$check], "$name: this finding and no other";
    like $check{$check}{remedy}, $remedy, "$name: with its remedy";
}

finds 'no clock', 'fires', qr/clock run/;
my $run = clock_start('run', $file, { db => $db });
$run->says(qr/\bfired\b/);
my ($well, %check) = checks($db);
is $well->{status}, 0, 'nothing is found' or diag $well->{err}, $well->{out};
like $check{zones}{stands}, qr/^1 in use, the same/, 'the zone of the jobs was compared';
like on($db, 'doctor')->{out}, qr/^ok +database +$db->{name} at .*PostgreSQL \d+.*^ok +clocks /ms, 'for people';

my $id = one($db, q(INSERT INTO clock.jobs (task, queue, state) VALUES ('t', 'q', 'dead') RETURNING id));
finds 'a dead row', 'dead', qr/clock dead/;
$db->{dbh}->do(q(UPDATE clock.jobs SET state = 'ready', run_at = now() - interval '2 minutes' WHERE queue = 'q'));
finds 'a row that nobody takes', 'workers', qr/worker/;
$db->{dbh}->do(q(DELETE FROM clock.jobs WHERE queue = 'q'));

is $run->term, 0, 'the clock stops';
$db->{dbh}->do(q(UPDATE clock.horizons SET next_due = date_trunc('second', now()) - interval '2 minutes'));
finds 'an instant that nobody fires', 'fires', qr/clock status/;
$db->{dbh}->do(q(UPDATE clock.horizons SET next_due = 'infinity'));

# Whoever holds a snapshot keeps finished rows in the way of the claims.
my $holder = $db->{cluster}->dbh($db->{name});
$holder->do(q(SET application_name = 'a long report'));
$holder->do('BEGIN ISOLATION LEVEL REPEATABLE READ');
my $pid = $holder->selectrow_array('SELECT pg_backend_pid()');
my $seer = "seer_$$";
$db->{dbh}->do("CREATE ROLE $seer LOGIN");
$db->{dbh}->do(clock('grants', '--role', 'dispatcher', '--to', $seer)->{out});
my $seen = { %$db, url => $db->{url} =~ s{//(?:[^@/]*@)?}{//$seer@}r };
(undef, %check) = checks($seen);
like $check{snapshot}{stands}, qr/[1-9]\d* hidden from this role: GRANT pg_read_all_stats/, 'a role that may not look says so';
$db->{dbh}->do("GRANT pg_read_all_stats TO $seer");
(undef, %check) = checks($seen);
like $check{snapshot}{stands}, qr/ is \w+ old: postgres in process $pid \(a long report\)$/,
    'who holds the oldest snapshot is named, and for how long';
$db->{dbh}->do("DROP OWNED BY $seer; DROP ROLE $seer");
$holder->disconnect;

# A zone whose rules this host has otherwise.
my $zones = temp_dir() . '/zones';
system('cp', '-rL', '/usr/share/zoneinfo', $zones) == 0 or die "cannot copy the zones\n";
system('cp', "$zones/Asia/Tokyo", "$zones/Europe/Berlin") == 0 or die "cannot copy a zone\n";
my (undef, %other) = do {
    my $result = on($db, 'doctor', '--json', { env => { TZDIR => $zones } });
    ($result, map { $_->{check} => $_ } objects($result));
};
ok !$other{zones}{ok}, 'another tzdata is found';
like $other{zones}{stands}, qr/'Europe\/Berlin' differs/, 'and the zone named';

refused 'no schema', on(database(empty => 1), 'doctor'), 5, qr/clock migrate/;

done_testing;
