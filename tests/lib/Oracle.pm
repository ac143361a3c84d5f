package Oracle;

# What must have been fired, worked out anew from the rules alone: schedules that are multiples of a
# period, counted here by division, over the spans for which a trigger saw each rule in force.
#
# Every instant of a span is one row or on one record of what was missed, never both, never twice;
# there is no row outside.  Only jobs with `@every` and `missed: all` can be judged so.

use strict;
use warnings;

use Exporter qw(import);
use POSIX qw(floor);

use ClockTest;

our @EXPORT = qw(oracle_install oracle_complaints);

my $INSTALL = <<'END';
CREATE TABLE ledger.rules (id bigserial, job text, op text, spec text, since timestamptz, xid xid8);
CREATE TABLE ledger.locks (xid xid8 PRIMARY KEY, taken timestamptz, seen timestamptz);
CREATE FUNCTION ledger.note_rule() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    rule clock.schedules := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    INSERT INTO ledger.rules (job, op, spec, since, xid)
    VALUES (rule.job, TG_OP, rule.spec, rule.since, pg_current_xact_id());
    RETURN NULL;
END $$;
CREATE TRIGGER ledger AFTER INSERT OR UPDATE OR DELETE ON clock.schedules
    FOR EACH ROW EXECUTE FUNCTION ledger.note_rule();
CREATE FUNCTION ledger.note_lock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_WHEN = 'BEFORE' THEN
        INSERT INTO ledger.locks VALUES (pg_current_xact_id(), clock_timestamp()) ON CONFLICT DO NOTHING;
    ELSE
        UPDATE ledger.locks SET seen = clock_timestamp() WHERE xid = pg_current_xact_id() AND seen IS NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER taken BEFORE UPDATE ON clock.horizons FOR EACH ROW EXECUTE FUNCTION ledger.note_lock();
CREATE TRIGGER seen AFTER UPDATE ON clock.horizons FOR EACH ROW EXECUTE FUNCTION ledger.note_lock();
END

# After ledger_install.
sub oracle_install {
    my ($db) = @_;
    $db->{dbh}->do($INSTALL);
}

# The spans of a job's rules: {since, end, blur, every}, in whole seconds.  A removal counts from the
# moment that was read under the horizon's lock: a trigger before that, and one behind it, tell
# between which two seconds that was, and they may be far apart on a server that stood still.
sub spans {
    my ($db, $job, $through) = @_;
    my @spans;
    for my $rule (@{ sql($db, <<'END', $job) }) {
SELECT r.op, r.spec, extract(epoch FROM r.since)::bigint AS since,
       floor(extract(epoch FROM l.taken))::bigint AS taken, floor(extract(epoch FROM l.seen))::bigint AS seen
  FROM ledger.rules r LEFT JOIN ledger.locks l USING (xid) WHERE r.job = ? ORDER BY r.id
END
        my ($every) = $rule->{spec} =~ /\bevery\W+(\d+)s\b/ or die "an unknown rule: $rule->{spec}\n";
        my $open = @spans && !defined $spans[-1]{end} ? $spans[-1] : undef;
        if ($rule->{op} eq 'DELETE') {
            @{$open}{qw(end blur)} = ($rule->{seen}, $rule->{seen} - $rule->{taken}) if $open;
        } elsif (!$open || $open->{spec} ne $rule->{spec}) {
            @{$open}{qw(end blur)} = ($rule->{since}, 0) if $open;
            push @spans, { since => $rule->{since}, every => $every, spec => $rule->{spec} };
        }
    }
    $_->{end} //= $through for @spans;
    return @spans;
}

# The instants of a rule in (after, through].
sub instants {
    my ($every, $after, $through) = @_;
    my $first = (floor($after / $every) + 1) * $every;
    return map { $first + $_ * $every } 0 .. floor(($through - $first) / $every);
}

# What is wrong with the account of these jobs, a line each.
sub oracle_complaints {
    my ($db, @jobs) = @_;
    my $through = one($db, 'SELECT extract(epoch FROM min(fired_through))::bigint FROM clock.horizons');
    my @wrong;
    for my $job (@jobs) {
        my @spans = spans($db, $job, $through);
        my %account;
        $account{ $_->{at} }++ for @{ sql($db,
            'SELECT extract(epoch FROM scheduled_at)::bigint AS at FROM ledger.fires WHERE job = ?', $job) };
        for my $record (@{ sql($db, <<'END', $job) }) {
SELECT extract(epoch FROM first_at)::bigint AS first, extract(epoch FROM last_at)::bigint AS last, count, reason
  FROM clock.missed WHERE job = ?
END
            my ($span) = grep { $record->{first} > $_->{since} && $record->{last} <= $_->{end} } @spans;
            my @of = $span ? instants($span->{every}, $record->{first} - 1, $record->{last}) : ();
            push @wrong, "$job: a record ($record->{reason}) of $record->{count} where there are " . @of
                . " instants, from $record->{first} to $record->{last}" if @of != ($record->{count} // -1);
            $account{$_}++ for @of;
        }
        for my $span (@spans) {
            for my $at (instants($span->{every}, $span->{since}, $span->{end})) {
                my $times = delete $account{$at} // 0;
                my $blurred = $at > $span->{end} - ($span->{blur} // 0);
                push @wrong, "$job: $at has come $times times, every $span->{every} s over ($span->{since}, $span->{end}]" if $times != 1 && !($blurred && $times == 0);
            }
        }
        push @wrong, "$job: $_ was never due" for sort keys %account;
    }
    return @wrong;
}

1;
