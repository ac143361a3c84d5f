# What is in the database is not what a clock left there: a horizon from the future or from long ago, rows
# edited by hand, an old dump restored beneath running clocks, a schema half there, a right taken away.
# It is said, survived, and no fire is doubled.

use strict;
use warnings;

use Test::More;
use Time::HiRes qw(time);

use ClockTest;
use Ledger;
use Operator;

my $cluster = Cluster->new(settings => "track_commit_timestamp = on\n");
my $file = clockfile("jobs:\n  one: {schedule: \"\@every 1s\"}\n  two: {schedule: \"\@every 2s\"}\n");
my %every = (one => 1, two => 2);

# A database with a clock that has fired.
sub fires {
    my (%option) = @_;
    my $db = database(cluster => $cluster);
    ledger_install($db);
    my $clock = clock_start('run', $file, { db => $db });
    $clock->says(qr/ fired /);
    return ($db, $clock);
}

sub fires_again {
    my ($db, $what, $seconds) = @_;
    my $mark = one($db, 'SELECT clock_timestamp()');
    poll_until(sub { one($db, "SELECT fired_through > ?::timestamptz + interval '1 s' FROM clock.horizons", $mark) },
        $seconds // 20, "fires after $what");
}

sub checks_out {
    my ($db, @clocks) = @_;
    is $_->term, 0, 'stops in order' for @clocks;
    ledger_check($db, \%every);
}

sub finding {
    my ($db, $check) = @_;
    return (grep { $_->{check} eq $check } objects(on($db, 'doctor', '--json')))[0] // {};
}

subtest 'a horizon from the future' => sub {
    my ($db, $clock) = fires();
    my $fired = sub { one($db, 'SELECT count(*) FROM ledger.fires') };
    $db->{dbh}->do(q(UPDATE clock.horizons SET fired_through = date_trunc('second', now()) + interval '1 hour'));
    $clock->says(qr/paused.*behind the horizon/);
    my $before = $fired->();
    my $late = clock_start('run', $file, { db => $db });
    $late->says(qr/paused.*behind the horizon/);
    is $fired->(), $before, 'nothing fires until then';
    my $found = finding($db, 'horizon');
    like $found->{stands}, qr/'default' is decided beyond the database's clock/, 'doctor finds it';
    like $found->{remedy}, qr/UPDATE clock\.horizons/, 'and says the remedy';
    $db->{dbh}->do('TRUNCATE ledger.horizons');    # what follows takes it back
    $db->{dbh}->do('ALTER TABLE clock.horizons DISABLE TRIGGER ledger');
    $db->{dbh}->do($found->{remedy} =~ s/.*: UPDATE/UPDATE/r =~ s/\.\.\./'default'/r);
    $db->{dbh}->do('ALTER TABLE clock.horizons ENABLE TRIGGER ledger');
    fires_again($db, 'the remedy', 30);
    is $_->term, 0, 'stops in order' for $clock, $late;
    is one($db, 'SELECT count(*) FROM (SELECT FROM ledger.fires GROUP BY job, scheduled_at HAVING count(*) > 1) d'), 0,
        'and nothing is fired twice';
};

subtest 'a horizon set back by hand' => sub {
    my ($db, $clock) = fires();
    $clock->says(qr/ fired job=one scheduled_at=/);
    $db->{dbh}->do('ALTER TABLE clock.horizons DISABLE TRIGGER ledger');
    $db->{dbh}->do(q(UPDATE clock.horizons SET fired_through = fired_through - interval '1 s'));
    $db->{dbh}->do(q(UPDATE clock.schedules SET since = since - interval '1 h'));
    $db->{dbh}->do('ALTER TABLE clock.horizons ENABLE TRIGGER ledger');
    $clock->says(qr/ fired .*there_already=/);
    pass 'what is a row already stays one, and is said';
    fires_again($db, 'it');
    is $clock->term, 0, 'stops in order';
    is one($db, 'SELECT count(*) FROM (SELECT FROM clock.jobs GROUP BY job, scheduled_at HAVING count(*) > 1) d'), 0,
        'nothing is there twice';
};

subtest 'instants that are none' => sub {
    my ($db, $clock) = fires();
    $db->{dbh}->do(q(UPDATE clock.schedules SET since = 'infinity' WHERE job = 'one'));
    $db->{dbh}->do(q(UPDATE clock.horizons SET started_at = 'infinity', version = gen_random_uuid()));
    $db->{dbh}->do(q(INSERT INTO clock.jobs (task, state, run_at) VALUES ('never', 'waiting', 'infinity')));
    fires_again($db, 'that');
    for my $command (qw(status list doctor)) {
        my $result = on($db, $command, $command eq 'list' ? ('--file', $file) : ());
        unlike $result->{err}, qr/infinity/, "clock $command";
    }
    is $clock->term, 0, 'stops in order';
    unlike $clock->log, qr/refused|lost/, 'no word of trouble';
    is one($db, q(SELECT count(*) FROM (SELECT FROM ledger.fires GROUP BY job, scheduled_at HAVING count(*) > 1) d)), 0,
        'nothing is fired twice';
};

subtest 'rules edited by hand' => sub {
    my ($db, $clock) = fires();
    $db->{dbh}->do(q(UPDATE clock.schedules SET spec = 'who knows', spec_hash = 'x' WHERE job = 'one'));
    $db->{dbh}->do(q(DELETE FROM clock.schedules WHERE job = 'two'));
    $db->{dbh}->do(q(UPDATE clock.horizons SET revision = 'mine', version = gen_random_uuid()));
    $clock->says(qr/state=stand-by/);
    my $new = clock_start('run', $file, { db => $db });
    $new->says(qr/\bput_in_force\b.*added=two.*changed=one/);
    fires_again($db, 'a restart');
    my $record = sql($db, q(SELECT reason, count FROM clock.missed WHERE job = 'one'));
    ok !@$record || ($record->[0]{reason} eq 'edited' && !defined $record->[0]{count}),
        'what a rule that nobody can read owed is on record without a number';
    is $_->term, 0, 'stops in order' for $clock, $new;
    is one($db, q(SELECT count(*) FROM (SELECT FROM ledger.fires GROUP BY job, scheduled_at HAVING count(*) > 1) d)), 0,
        'nothing is fired twice';
};

subtest 'an old dump restored beneath a running clock' => sub {
    my ($db, $clock) = fires();
    my $dump = temp_dir() . '/dump.sql';
    my @where = ('-h', $cluster->{sock}, '-p', $cluster->port, '-U', 'postgres');
    system("'$cluster->{bindir}/pg_dump' @where -n clock -n ledger $db->{name} > '$dump'") == 0 or die "no dump\n";
    fires_again($db, 'the dump');
    $db->{dbh}->do('SET client_min_messages = error');
    $db->{dbh}->do('DROP SCHEMA clock CASCADE; DROP SCHEMA ledger CASCADE');
    $clock->says(qr/refused.*does not exist.*hint=/);
    system("'$cluster->{bindir}/psql' @where -q -1 -v ON_ERROR_STOP=1 -f '$dump' $db->{name} > /dev/null") == 0 or die "no restore\n";
    fires_again($db, 'the restore', 30);
    checks_out($db, $clock);
    my %said;
    $said{$_}++ for map { /\brefused .*?(error=.*)/ ? $1 : () } $clock->log;
    is_deeply [ grep { $said{$_} > 1 } keys %said ], [], 'each refusal is said once';
};

subtest 'a schema that is half there' => sub {
    my %half = (
        'a table dropped' => ['DROP TABLE clock.missed CASCADE', qr/is of version \d+, but has no clock\.missed, clock\.status/],
        'its version forgotten' => ['DELETE FROM clock.schema', qr/its version is not in 'clock\.schema'/],
        'its version table dropped' => ['DROP TABLE clock.schema', qr/its version is not in 'clock\.schema'/],
    );
    for my $what (sort keys %half) {
        my $db = database(cluster => $cluster);
        $db->{dbh}->do('SET client_min_messages = error');
        $db->{dbh}->do($half{$what}[0]);
        my $clock = clock_start('run', $file, { db => $db });
        is $clock->wait, 5, "$what: run ends";
        like $clock->log, qr/$half{$what}[1].*hint: restore it whole/s, "$what: and says so";
        my $migrate = on($db, 'migrate');
        is $migrate->{status}, 5, "$what: migrate does not make it worse";
        like $migrate->{err}, $half{$what}[1], "$what: and says the same";
    }
};

subtest 'a role without one of its rights' => sub {
    my $db = database(cluster => $cluster);
    my $owner = $db->{dbh};
    $owner->do('REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA clock FROM PUBLIC');
    $owner->do('CREATE ROLE clock_dispatcher');
    my @grants = map { /^GRANT (.*?) ON (.*?) TO/ ? [ $1, $2 ] : () } split /\n/, on($db, 'grants', '--role', 'dispatcher')->{out};
    my @rights = map { my $on = $_->[1]; map { [ $_, $on ] } split /, /, $_->[0] } @grants;

    # A role, a Clockfile and a clock for each right that is missing.
    my @poor;
    for my $without (@rights) {
        my $role = 'poor' . @poor;
        $owner->do("CREATE ROLE $role LOGIN");
        $owner->do("GRANT $_->[0] ON $_->[1] TO $role") for grep { $_ != $without } @rights;
        my $own = clockfile("name: $role\njobs:\n  one: {schedule: \"\@every 1s\"}\n");
        push @poor, { role => $role, right => $without, what => "without $without->[0] on $without->[1]",
            clock => clock_start('run', $own, { env => { DATABASE_URL => $cluster->url($db->{name}, $role) } }) };
    }
    poll_until(sub { !grep { $_->{clock}->log !~ / fired .* fired |denied|may not/s } @poor }, 60, 'each to fire or to say why not');
    my @denied = grep { $_->{clock}->log =~ /denied|may not/ } @poor;
    cmp_ok scalar @denied, '>=', 10, 'most of them are missed at once';
    for my $poor (@denied) {
        my @said = grep { /denied|may not/ } $poor->{clock}->log;
        is scalar @said, 1, "$poor->{what}: said, once" or diag $poor->{clock}->log;
        like $poor->{clock}->log, qr/hint\W.*(?:GRANT|clock grants)/, "$poor->{what}: and what to type";
        is $poor->{clock}->wait, 5, "$poor->{what}: the clock ends, or waits" unless $poor->{clock}->running;
    }
    $owner->do("GRANT $_->{right}[0] ON $_->{right}[1] TO $_->{role}") for @poor;
    my @left = grep { $_->{clock}->running } @poor;
    poll_until(sub { !grep { !one($db, q(SELECT fired_through > now() - interval '4 s' FROM clock.horizons WHERE clockfile = ?), $_->{role}) } @left },
        30, 'all to fire');
    is $_->{clock}->term, 0, "$_->{what}: fires once it is given" for @left;
    is one($db, q(SELECT count(*) FROM (SELECT FROM clock.jobs GROUP BY clockfile, job, scheduled_at HAVING count(*) > 1) d)), 0,
        'nothing is there twice';
};

subtest 'a horizon of long ago' => sub {
    my ($db, $clock) = fires();
    is $clock->term, 0, 'stops in order';
    $db->{dbh}->do(q(UPDATE clock.horizons SET fired_through = date_trunc('second', now()) - interval '400 days',
        next_due = date_trunc('second', now()) - interval '399 days'));
    $db->{dbh}->do(q(UPDATE clock.schedules SET since = date_trunc('second', now()) - interval '400 days'));
    $db->{dbh}->do('TRUNCATE clock.jobs, ledger.fires, ledger.horizons');
    $clock = clock_start('run', $file, { db => $db });
    $clock->says(qr/\bmissed\b.*reason=/, 60);
    fires_again($db, 'a year', 60);
    is $clock->term, 0, 'stops in order';
    my $account = sql($db, <<'END')->[0];
SELECT (SELECT sum(count) FROM clock.missed WHERE job = 'one') + (SELECT count(*) FROM clock.jobs WHERE job = 'one') AS told,
       extract(epoch FROM h.fired_through - s.since)::bigint AS due
  FROM clock.horizons h, clock.schedules s
 WHERE s.job = 'one'
END
    is $account->{told}, $account->{due}, 'every fire of it is a row or on record';
};

done_testing;
