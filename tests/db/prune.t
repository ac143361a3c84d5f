# Retention is kept by clocks alone, where no clock work runs: in small pages, when nothing is due.

use strict;
use warnings;

use Test::More;

use Cli;
use ClockTest;
use Operator;

my $file = clockfile(<<'END');
name: app
retention: 1h
jobs:
  often: {schedule: "@every 2s"}
END

# History of so many runs and records, half of each older than an hour.
sub aged {
    my ($db, $n) = @_;
    sql($db, <<'END', $n);
INSERT INTO clock.runs (row_id, clockfile, job, task, queue, attempt, created_at, started_at, ended_at, outcome, origin)
SELECT n, 'app', 'often', 'often', 'default', 1, t, t, t, 'done', 'schedule'
FROM generate_series(1, ?::int) n, LATERAL (SELECT now() - CASE n % 2 WHEN 0 THEN interval '2 h' ELSE interval '10 min' END) AS w (t)
END
    sql($db, <<'END', $n);
INSERT INTO clock.missed (clockfile, job, first_at, last_at, count, reason, at)
SELECT 'app', 'often', t, t, 1, 'policy', t
FROM generate_series(1, ?::int) n, LATERAL (SELECT now() - CASE n % 2 WHEN 0 THEN interval '2 h' ELSE interval '10 min' END) AS w (t)
END
    return;
}

my $old = q(SELECT (SELECT count(*) FROM clock.runs WHERE ended_at < now() - interval '1 h') + (SELECT count(*) FROM clock.missed WHERE at < now() - interval '1 h'));
my $young = q(SELECT (SELECT count(*) FROM clock.runs WHERE ended_at > now() - interval '1 h') + (SELECT count(*) FROM clock.missed WHERE at > now() - interval '1 h'));
my $gaps = q(SELECT count(*) FROM (SELECT scheduled_at - lag(scheduled_at) OVER (ORDER BY scheduled_at) AS gap FROM clock.jobs) g WHERE gap <> interval '2 s');

subtest 'a clock alone' => sub {
    my $db = database();
    aged($db, 1000);
    my $clock = clock_start('run', $file, { db => $db });
    poll_until(sub { one($db, $old) == 0 }, 60, 'the old ones gone');
    is one($db, $young), 1000, 'the young stay';
    is one($db, $gaps), 0, 'and no fire was left out meanwhile';
    is $clock->term, 0, 'stops';
    unlike $clock->log, qr/level=/, 'without a word';
};

subtest 'a clock whose role may not' => sub {
    my $db = database();
    aged($db, 10);
    my $role = "may_not_$$";
    $db->{dbh}->do("CREATE ROLE $role LOGIN");
    $db->{dbh}->do(clock('grants', '--role', 'dispatcher', '--to', $role)->{out});
    $db->{dbh}->do("REVOKE UPDATE, DELETE ON clock.runs, clock.missed FROM $role");
    my $clock = clock_start('run', $file, { db => { %$db, url => $db->{url} =~ s{//(?:[^@/]*@)?}{//$role@}r } });
    like $clock->says(qr/\bunpruned\b/, 40), qr/unpruned level=warning error="[^"]*permission denied.* sqlstate=42501 hint=".*clock grants --role dispatcher"/, 'says so';
    my $before = one($db, 'SELECT count(*) FROM clock.jobs');
    poll_until(sub { one($db, 'SELECT count(*) FROM clock.jobs') > $before + 1 }, 20, 'fires');
    is one($db, $gaps), 0, 'and fires on';
    is scalar(grep { /unpruned/ } $clock->log), 1, 'once';
    is $clock->term, 0, 'stops';
    $db->{dbh}->do("DROP OWNED BY $role; DROP ROLE $role");
};

done_testing;
