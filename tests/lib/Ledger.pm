package Ledger;

# What may never happen to a fire, whatever failed: checked on a ledger that triggers keep inside the
# same transactions, so that rows which workers have deleted count too.

use strict;
use warnings;

use Exporter qw(import);
use Test::More;

use ClockTest;

our @EXPORT = qw(ledger_install ledger_check ledger_violations);

my $INSTALL = <<'END';
CREATE SCHEMA ledger;
CREATE TABLE ledger.fires (clockfile text, job text, scheduled_at timestamptz, xid xid8);
CREATE TABLE ledger.horizons (clockfile text, was timestamptz, now timestamptz, xid xid8);
CREATE FUNCTION ledger.note_fire() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO ledger.fires VALUES (NEW.clockfile, NEW.job, NEW.scheduled_at, pg_current_xact_id());
    RETURN NULL;
END $$;
CREATE FUNCTION ledger.note_horizon() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO ledger.horizons VALUES (NEW.clockfile, OLD.fired_through, NEW.fired_through, pg_current_xact_id());
    RETURN NULL;
END $$;
CREATE TRIGGER ledger AFTER INSERT ON clock.jobs FOR EACH ROW
    WHEN (NEW.origin = 'schedule') EXECUTE FUNCTION ledger.note_fire();
CREATE TRIGGER ledger AFTER UPDATE ON clock.horizons FOR EACH ROW EXECUTE FUNCTION ledger.note_horizon();
END

# Each must find nothing.
my %MUST_BE_NONE = (
    'no fire is inserted twice' => <<'END',
SELECT job, scheduled_at, count(*) FROM ledger.fires GROUP BY clockfile, job, scheduled_at HAVING count(*) > 1
END
    'no row lies beyond its horizon' => <<'END',
SELECT f.job, f.scheduled_at FROM ledger.fires f JOIN clock.horizons h USING (clockfile) WHERE f.scheduled_at > h.fired_through
END
    'the horizon never goes back' => <<'END',
SELECT was, now FROM ledger.horizons WHERE now < was
END
    'a row and its horizon are of one transaction' => <<'END',
SELECT f.job, f.scheduled_at FROM ledger.fires f
 WHERE NOT EXISTS (SELECT FROM ledger.horizons h
                    WHERE h.clockfile = f.clockfile AND h.xid = f.xid AND f.scheduled_at > h.was AND f.scheduled_at <= h.now)
END
    'no fire is both a row and on record as missed' => <<'END',
SELECT f.job, f.scheduled_at FROM ledger.fires f JOIN clock.missed m USING (clockfile, job)
 WHERE f.scheduled_at BETWEEN m.first_at AND m.last_at AND m.count = 1
END
    'no transaction is left open' => <<'END',
SELECT pid, query FROM pg_stat_activity
 WHERE datname = current_database() AND application_name = 'clock run' AND state LIKE 'idle in transaction%'
END
);

sub ledger_install {
    my ($db) = @_;
    $db->{dbh}->do($INSTALL);
}

# With the servers' commit stamps on: no fire was visible before its instant.
my $EARLY = <<'END';
SELECT job, scheduled_at, pg_xact_commit_timestamp(xid::xid) FROM ledger.fires
 WHERE pg_xact_commit_timestamp(xid::xid) < scheduled_at
END

# Which of them are broken in the middle of things, when a transaction may be open.
sub ledger_violations {
    my ($db) = @_;
    return grep { !/left open/ && @{ sql($db, $MUST_BE_NONE{$_}) } } sort keys %MUST_BE_NONE;
}

# ledger_check($db, {JOB => SECONDS}): all of the above; and the fires of these '@every' jobs are
# exactly those that arithmetic says, over what their schedules have been in force for.
sub ledger_check {
    my ($db, $every) = @_;
    my %checks = %MUST_BE_NONE;
    $checks{'no fire was early'} = $EARLY if one($db, 'SHOW track_commit_timestamp') eq 'on';
    for my $promise (sort keys %checks) {
        my $found = sql($db, $checks{$promise});
        is @$found, 0, $promise or diag explain [ @$found > 3 ? @$found[ 0 .. 2 ] : @$found ];
    }
    for my $job (sort keys %$every) {
        my $wrong = sql($db, <<'END', $job, $every->{$job}, $every->{$job}, $every->{$job}, $job);
WITH span AS (
    SELECT extract(epoch FROM s.since)::bigint AS since_s, extract(epoch FROM h.fired_through)::bigint AS through_s
      FROM clock.schedules s JOIN clock.horizons h USING (clockfile)
     WHERE s.job = ?),
due AS (
    SELECT to_timestamp(n * ?::bigint) AS at
      FROM span, generate_series(since_s / ?::bigint + 1, through_s / ?::bigint) AS n),
fired AS (
    SELECT DISTINCT scheduled_at AS at
      FROM ledger.fires, span
     WHERE job = ? AND scheduled_at > to_timestamp(since_s))
SELECT due.at AS due, fired.at AS fired
  FROM due FULL JOIN fired USING (at)
 WHERE due.at IS NULL OR fired.at IS NULL
END
        is @$wrong, 0, "'$job' fired at exactly the instants of its grid"
            or diag explain [ @$wrong > 5 ? @$wrong[ 0 .. 4 ] : @$wrong ];
    }
}

1;
