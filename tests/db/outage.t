# The database goes away and comes back; the clock waits, says so, makes up for what it missed as each
# job wishes, and stops when told in every state.

use strict;
use warnings;

use Test::More;
use Time::HiRes qw(time);

use ClockTest;
use Ledger;

my $cluster = Cluster->new;

sub stops_within_two_seconds {
    my ($clock, $state) = @_;
    my $begun = time;
    is $clock->term, 0, "SIGTERM $state: exit 0";
    cmp_ok time - $begun, '<', STOP_S, "SIGTERM $state: within two seconds";
}

subtest 'a server that crashes and comes back' => sub {
    my $db = database(cluster => $cluster);
    ledger_install($db);
    my $clock = clock_start('run', clockfile("jobs: {j: {schedule: \"\@every 1s\"}}\n"), { db => $db });
    $clock->says(qr/\bfired\b/);
    $db->{dbh}->disconnect;
    for my $how (qw(immediate kill fast)) {
        my $lost = () = $clock->log =~ /\blost\b/g;
        $cluster->stop($how);
        poll_until(sub { $lost < (() = $clock->log =~ /\blost\b/g) }, 10, "the loss to be said ($how)");
        $cluster->start;
        my $mark = time;
        poll_until(sub { ($clock->log)[-1] =~ /\bfired\b/ }, 60, 'the next fire');
        cmp_ok time - $mark, '<', 20, "back after the return of the server ($how)";
    }
    $db->{dbh} = $cluster->dbh($db->{name});
    is $clock->term, 0, 'stops';
    ledger_check($db, { j => 1 });
    is one($db, 'SELECT count(*) FROM clock.missed'), 0, 'nothing was missed in less than a minute';
};

subtest 'what was missed is made up for as each job wishes' => sub {
    my $db = database(cluster => $cluster);
    my $minute = (time / 60 + 5) % 10;    # five minutes from now either way: nothing is fresh
    my $yaml = <<"END";
jobs:
  skip:   {schedule: "* * * * *", missed: skip}
  latest: {schedule: "$minute-59/10 * * * *", missed: latest}
  all:    {schedule: "$minute-59/10 * * * *", missed: all}
  some:   {schedule: "$minute-59/10 * * * *", missed: all, limit: 3}
  young:  {schedule: "$minute-59/10 * * * *", missed: all, within: 1h}
END
    my $file = clockfile($yaml);
    my $clock = clock_start('run', $file, { db => $db });
    $clock->says(qr/\bentered state=in-force/);
    is $clock->term, 0, 'stops';

    # As if every clock had been away since three hours ago.
    $db->{dbh}->do(<<'END');
UPDATE clock.horizons SET fired_through = date_trunc('minute', now()) - interval '3 hours 30 seconds',
       next_due = date_trunc('minute', now()) - interval '3 hours'
END
    $db->{dbh}->do(q(UPDATE clock.schedules SET since = date_trunc('minute', now()) - interval '3 hours 30 seconds'));
    $clock = clock_start('run', $file, { db => $db });
    poll_until(sub { one($db, q(SELECT fired_through > now() - interval '70 seconds' FROM clock.horizons)) }, 20, 'the catch-up');
    poll_until(sub { one($db, q(SELECT count(*) FROM clock.missed WHERE job = 'skip')) }, 20, 'the account');
    like $clock->says(qr/\bfired\b/), qr/ scheduled_at=\S+ through=\S+ late_ms=\d+/, 'it says from when to when';
    is $clock->term, 0, 'stops';

    my %got = map { $_->{job} => $_ } @{ sql($db, <<'END') };
SELECT s.job,
       (SELECT count(*) FROM clock.jobs j WHERE j.job = s.job AND j.scheduled_at < now() - interval '2 minutes') AS rows,
       (SELECT coalesce(sum(count), 0) FROM clock.missed m WHERE m.job = s.job) AS missed,
       (SELECT string_agg(DISTINCT reason, ',') FROM clock.missed m WHERE m.job = s.job) AS why
  FROM clock.schedules s
END
    is $got{skip}{rows}, 0, 'skip: none of the old ones';
    is $got{skip}{why}, 'policy', 'skip: on record';
    is $got{latest}{rows}, 1, 'latest: the newest';
    is $got{latest}{why}, 'policy', 'latest: the others on record';
    cmp_ok $got{all}{rows}, '>=', 17, 'all: every one';
    is $got{all}{missed}, 0, 'all: none on record';
    is $got{some}{rows}, 3, 'limit: so many of the newest';
    is $got{some}{why}, 'limit', 'limit: the others on record';
    cmp_ok $got{young}{rows}, '>=', 5, 'within: the younger ones';
    cmp_ok $got{young}{rows}, '<=', 6, 'within: not the older ones';
    is $got{young}{why}, 'within', 'within: which are on record';
    is $got{$_}{rows} + $got{$_}{missed}, $got{all}{rows} + $got{all}{missed}, "'$_' is accounted for to the last fire"
        for qw(latest some young);
};

subtest 'the server ends by itself whatever a clock or an operator has left open' => sub {
    my $db = database(cluster => $cluster);
    $db->{dbh}->do(<<'END');
CREATE TABLE limits (doing text, lock_ms int, idle_ms int, statement_ms int, isolation text);
CREATE FUNCTION note_limits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO limits
    SELECT TG_TABLE_NAME || ' ' || TG_OP || ' ' || current_setting('application_name'), max(setting) FILTER (WHERE name = 'lock_timeout')::int,
           max(setting) FILTER (WHERE name = 'idle_in_transaction_session_timeout')::int,
           max(setting) FILTER (WHERE name = 'statement_timeout')::int, current_setting('transaction_isolation')
      FROM pg_settings;
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE ON clock.horizons FOR EACH ROW EXECUTE FUNCTION note_limits();
CREATE TRIGGER note AFTER INSERT ON clock.jobs FOR EACH ROW WHEN (NEW.origin = 'backfill') EXECUTE FUNCTION note_limits();
CREATE TRIGGER note_update AFTER UPDATE ON clock.jobs FOR EACH ROW EXECUTE FUNCTION note_limits();
END
    $db->{dbh}->do("ALTER DATABASE $db->{name} SET default_transaction_isolation = 'serializable'");
    my $file = clockfile("jobs: {j: {schedule: \"\@every 1s\", jitter: 2s}, k: {schedule: \"\@every 1s\"}}\n");
    my $clock = clock_start('run', $file, { db => $db });
    $clock->says(qr/\bfired\b/);
    local $ENV{DATABASE_URL} = $db->{url};
    my $binary = clock_binary();
    my ($from, $until) = map { one($db, q(SELECT to_char(now() AT TIME ZONE 'UTC' + ?::interval, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')), $_) } '-1 min', '1 min';
    for my $command ('pause k --reason r', 'resume k', "backfill k -f $file --all --from $from --until $until") {
        poll_until(sub { one($db, q(SELECT max(scheduled_at) > now() - interval '3 s' FROM clock.jobs)) }, 20, 'a fire');
        $db->{dbh}->do(q(DELETE FROM clock.jobs WHERE job = 'k'));
        system "'$binary' $command >/dev/null 2>&1";
        is $?, 0, $command =~ s/ .*//r;
    }
    poll_until(sub { one($db, q(SELECT count(*) FROM limits WHERE doing LIKE 'jobs UPDATE%')) }, 20, 'rows that were made ready');
    is $clock->term, 0, 'stops';
    is_deeply [ map { $_->{doing} } @{ sql($db, 'SELECT DISTINCT doing FROM limits ORDER BY 1') } ],
        [ 'horizons INSERT clock run', 'horizons UPDATE clock', 'horizons UPDATE clock run', 'jobs INSERT clock', 'jobs UPDATE clock run' ],
        'there was something of all kinds';
    my $unbounded = sql($db, <<'END');
SELECT * FROM limits
 WHERE lock_ms NOT BETWEEN 1000 AND 3000
    OR idle_ms NOT BETWEEN 551 AND 5000
    OR idle_ms > 2500 AND doing NOT LIKE 'jobs UPDATE%'    -- the horizon is let go of sooner
    OR statement_ms NOT BETWEEN 1000 AND 4000
    OR isolation <> 'read committed'
END
    is @$unbounded, 0, 'nothing is waited for without an end, whatever the database says by default' or diag explain $unbounded;
};

subtest 'a stop in every state' => sub {
    my $db = database(cluster => $cluster);
    my $file = clockfile("jobs: {j: {schedule: \"\@every 1s\"}}\n");

    my $clock = clock_start('run', $file, { db => $db });
    $clock->says(qr/\bfired\b/);
    stops_within_two_seconds($clock, 'while firing');

    $clock = clock_start('run', $file, { db => $db });
    $clock->says(qr/\bfired\b/);
    my $other = $cluster->dbh($db->{name});
    $other->begin_work;
    $other->do('SELECT 1 FROM clock.horizons FOR UPDATE');
    poll_until(sub { one($db, q(SELECT count(*) FROM pg_locks WHERE NOT granted)) }, 10, 'a wait for the lock');
    stops_within_two_seconds($clock, 'while waiting for a lock');
    $other->rollback;
    poll_until(sub { !one($db, q(SELECT count(*) FROM pg_stat_activity WHERE application_name = 'clock run')) },
        10, 'its session to end');
    pass 'and its session ends by itself';

    $clock = clock_start('run', $file, { db => $db });
    $clock->says(qr/\bfired\b/);
    $cluster->pause;
    $clock->says(qr/\blost\b.*did not answer/, 30);
    stops_within_two_seconds($clock, 'while a silent server is dialled');
    my $late = clock_start('run', $file, { db => $db });
    $late->says(qr/\bplanned\b/);
    stops_within_two_seconds($late, 'while a silent server is dialled for the first time');
    $cluster->resume;

    $db->{dbh}->disconnect;
    $other->disconnect;
    $cluster->stop;
    $clock = clock_start('run', $file, { db => $db });
    $clock->says(qr/\bwaiting\b/);
    stops_within_two_seconds($clock, 'while waiting for a server that is away');
    $cluster->start;
};

done_testing;
