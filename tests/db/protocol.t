# The statements of the protocol, one at a time, in the words of src/sql: what each must refuse, keep
# and renew.  The simulation takes these for granted, in a model of them that was written by hand.

use strict;
use warnings;

use POSIX ();
use Test::More;

use ClockTest;

my $db = database();
$db->{dbh}{pg_placeholder_dollaronly} = 1;

my ($MINE, $THEIRS) = ('11111111-1111-1111-1111-111111111111', '22222222-2222-2222-2222-222222222222');
my $now = one($db, 'SELECT extract(epoch FROM clock_timestamp())::bigint');
my $then = $now - 1000;    # the horizon

# Runs a statement of src/sql; gives its rows.
sub all {
    my ($name, @values) = @_;
    open my $in, '<', "src/sql/$name.sql" or die "cannot read '$name.sql': $!\n";
    local $/;
    my $sth = $db->{dbh}->prepare(scalar <$in>);
    $sth->execute(@values);
    return $sth->{NUM_OF_FIELDS} ? [ map { [ @$_ ] } @{ $sth->fetchall_arrayref } ] : [];
}

# The first of them, or nothing.
sub run { return all(@_)->[0] }

sub ask {
    my ($statement) = @_;
    return one($db, $statement);
}

# Two Clockfiles alike, `mine` and `theirs`, with three jobs each: one fires, one is paused, one was
# settled beyond the horizon.
sub anew {
    $db->{dbh}->do("TRUNCATE clock.$_") for qw(horizons schedules jobs missed);
    for my $clockfile ('mine', 'theirs') {
        $db->{dbh}->do(<<'END', undef, $clockfile, $then, $then + 60, $MINE);
INSERT INTO clock.horizons (clockfile, fired_through, next_due, revision, version, started_at)
VALUES ($1, to_timestamp($2::bigint), to_timestamp($3::bigint), 'r1', $4, 'epoch')
END
        $db->{dbh}->do(<<'END', undef, $clockfile, $then);
INSERT INTO clock.schedules (clockfile, job, spec, spec_hash, since, paused, until, reason)
VALUES ($1, 'fires', 's', 'h', to_timestamp($2::bigint - 500), false, NULL, NULL),
       ($1, 'paused', 's', 'h', to_timestamp($2::bigint - 500), true, to_timestamp($2::bigint + 30), 'why'),
       ($1, 'ahead', 's', 'h', to_timestamp($2::bigint + 100), false, NULL, NULL)
END
    }
}

sub version { return ask(q(SELECT version FROM clock.horizons WHERE clockfile = 'mine')) }

sub since {
    my ($job) = @_;
    return ask("SELECT extract(epoch FROM since)::bigint FROM clock.schedules WHERE clockfile = 'mine' AND job = '$job'");
}

# What is theirs has not changed since anew.
sub theirs {
    return one($db, <<'END', $MINE, $then);
SELECT (SELECT count(*) FROM clock.schedules WHERE clockfile = 'theirs')
       + (SELECT count(*) FROM clock.schedules WHERE clockfile = 'theirs' AND paused AND reason = 'why')
       + (SELECT count(*) FROM clock.horizons WHERE clockfile = 'theirs' AND version = $1 AND revision = 'r1'
             AND fired_through = to_timestamp($2::bigint) AND next_due = to_timestamp($2::bigint + 60))
END
}

# By how many seconds the moment of a statement is after its beginning, when another session has held
# the horizon for more than one meanwhile.
sub waited_for {
    my ($ask) = @_;
    pipe my $held, my $holds or die "no pipe: $!\n";
    my $pid = fork // die "cannot fork: $!\n";
    if ($pid == 0) {
        $db->{dbh}{InactiveDestroy} = 1;
        my ($dbh, $watch) = map { $db->{cluster}->dbh($db->{name}) } 1 .. 2;
        $dbh->begin_work;
        one($dbh, q(SELECT 1 FROM clock.horizons WHERE clockfile = 'mine' FOR UPDATE));
        syswrite $holds, '.';
        poll_until(sub { one($watch, 'SELECT count(*) FROM pg_locks WHERE NOT granted') }, 20, 'somebody to wait');
        my $until = one($watch, q(SELECT clock_timestamp() + interval '1.1 s'));
        poll_until(sub { one($watch, 'SELECT clock_timestamp() > ?', $until) }, 20, 'a second');
        $dbh->rollback;
        POSIX::_exit(0);
    }
    close $holds;
    sysread $held, my $byte, 1;
    my $asked = ask('SELECT floor(extract(epoch FROM clock_timestamp()))::bigint');
    my $answer = $ask->();
    waitpid $pid, 0;
    return $answer - $asked;
}

subtest 'a look' => sub {
    anew();
    my %rows = map { ($_->[0] // '') => join '/', map { $_ // '' } @{$_}[ 2 .. 4 ] } @{ all('look', 'mine', '') };
    is_deeply \%rows, { '' => "$then/@{[ $then + 60 ]}/0", fires => "@{[ $then - 500 ]}//0",
        paused => "@{[ $then - 500 ]}/@{[ $then + 30 ]}/1", ahead => "@{[ $then + 100 ]}//0" }, 'brings the rules whole';
    is scalar @{ all('look', 'mine', $MINE) }, 1, 'but those that are known';
    is scalar @{ all('look', 'nobody', '') }, 1, 'and the clock, if nothing else';
};

subtest 'the compare that moves the horizon' => sub {
    my @good = ('mine', $then, $then + 60, $then + 120, 'r1', $MINE, 't', 'f');
    my %bad = (
        'another Clockfile' => [ 0, 'nobody' ],
        'a horizon before' => [ 1, $then - 1 ],
        'a horizon behind' => [ 1, $then + 1 ],
        'another revision' => [ 4, 'r2' ],
        'another version' => [ 5, $THEIRS ],
        'an instant that has not come' => [ 2, $now + 3600 ],
    );
    anew();
    for my $what (sort keys %bad) {
        my @values = @good;
        $values[ $bad{$what}[0] ] = $bad{$what}[1];
        is run('compare', @values), undef, "refuses $what";
    }
    my @soon = @good;
    my $s = ask(q(SELECT extract(epoch FROM date_trunc('second', clock_timestamp()) + interval '1 s')::bigint));
    @soon[ 2, 3 ] = ($s, $s + 60);
    is run('compare', @soon), undef, 'not in the second before the instant';
    ok run('compare', @good), 'takes what is right';
    is version(), $MINE, 'the rules are the same';
    is ask(q(SELECT extract(epoch FROM fired_through)::bigint FROM clock.horizons WHERE clockfile = 'mine')), $then + 60;
    is ask(q(SELECT extract(epoch FROM next_due)::bigint FROM clock.horizons WHERE clockfile = 'mine')), $then + 120;
    is run('compare', @good), undef, 'and not twice';
    anew();
    ok run('compare', 'mine', $then, $now + 3600, undef, 'r1', $MINE, 'f', 't'), 'ahead, for who arms';
    isnt version(), $MINE, 'the end of a pause renews the version';
    is ask(q(SELECT next_due FROM clock.horizons WHERE clockfile = 'mine')), 'infinity', 'and nothing is promised';
    is theirs(), 5, 'theirs is untouched';
};

subtest 'a file is put in force' => sub {
    anew();
    is run('put', 'mine', 'r2', 7, $THEIRS), undef, 'not over rules that were not looked at';
    cmp_ok waited_for(sub { run('put', 'mine', 'r2', 7, $MINE)->[1] }), '>', 0, 'the moment is read under the lock';
    isnt version(), $MINE, 'the version is new';
    is ask(q(SELECT revision FROM clock.horizons WHERE clockfile = 'mine')), 'r2';
    anew();
    $db->{dbh}->do(q(UPDATE clock.horizons SET fired_through = '2100-01-01', next_due = 'infinity' WHERE clockfile = 'mine'));
    my $row = run('put', 'mine', 'r2', 7, $MINE);
    is $row->[1], $row->[0], 'the moment is never before what is decided';
    is theirs(), 5, 'theirs is untouched';
};

subtest 'a take-over' => sub {
    my @good = ('mine', 'r2', 7, $MINE, $then, $then + 60, 30);
    my %bad = ('another version' => [ 3, $THEIRS ], 'a horizon that moved' => [ 4, $then - 1 ],
        'a promise that changed' => [ 5, $then + 61 ], 'a grace that is not over' => [ 6, 1000 ]);
    anew();
    for my $what (sort keys %bad) {
        my @values = @good;
        $values[ $bad{$what}[0] ] = $bad{$what}[1];
        is run('takeover', @values), undef, "refuses $what";
    }
    ok run('takeover', @good), 'takes what was left alone';
    isnt version(), $MINE, 'the version is new';
    is theirs(), 5, 'theirs is untouched';
};

subtest 'rules that are put, changed and removed' => sub {
    anew();
    run('put_schedules', 'mine', $then + 50, '{new,fires,paused,ahead}', '{t,t,t,t}', '{i,i,i,i}');
    is_deeply [ map { since($_) } qw(new fires paused ahead) ],
        [ $then + 50, $then + 50, $then + 50, $then + 100 ], 'none is in force over what is settled';
    is ask(q(SELECT count(*) FROM clock.schedules WHERE clockfile = 'mine' AND spec = 't' AND spec_hash = 'i')), 4;
    is ask(q(SELECT reason FROM clock.schedules WHERE clockfile = 'mine' AND paused AND until IS NOT NULL)), 'why',
        'a pause survives, with its end';
    run('delete_schedules', 'mine', '{fires,paused}');
    is ask(q(SELECT string_agg(job, ' ' ORDER BY job) FROM clock.schedules WHERE clockfile = 'mine')), 'ahead new';
    is theirs(), 5, 'theirs is untouched';
};

subtest 'pauses, and how they end' => sub {
    anew();
    run('operator_pause', 'mine', '{fires,paused,ahead}', $then, undef, 'because');
    is_deeply [ map { since($_) } qw(fires paused ahead) ], [ $then, $then - 500, $then + 100 ],
        'what the horizon has passed is decided, but not what was paused before';
    is ask(q(SELECT count(*) FROM clock.schedules WHERE clockfile = 'mine' AND paused AND until IS NULL)), 3;
    run('operator_resume', 'mine', '{fires,paused,ahead}', "{@{[ $then + 10 ]},@{[ $then + 20 ]},@{[ $then + 30 ]}}");
    is_deeply [ map { since($_) } qw(fires paused ahead) ], [ $then + 10, $then + 20, $then + 100 ],
        'told to go on: each from its moment, never over what is settled';
    is theirs(), 5, 'theirs is untouched';
    anew();
    run('resume', 'mine', $then + 30, '{paused}');
    is since('paused'), $then + 30, 'a pause that ends by itself ends there';
    run('operator_pause', 'mine', '{ahead}', $then, $then + 30, undef);
    run('resume', 'mine', $then + 30, '{ahead}');
    is since('ahead'), $then + 100, 'or at the later instant up to which an edit has settled it';
    is ask(q(SELECT count(*) FROM clock.schedules WHERE clockfile = 'mine' AND paused)), 0;
    is theirs(), 5, 'theirs is untouched';
};

subtest "an operator's hold on the horizon" => sub {
    anew();
    cmp_ok waited_for(sub { run('operator_lock', 'mine')->[1] }), '>', 0, 'the moment is read under the lock';
    isnt version(), $MINE, 'the version is new';
    my $due = sub { ask(q(SELECT extract(epoch FROM next_due)::bigint FROM clock.horizons WHERE clockfile = 'mine')) };
    run('operator_promise', 'mine', $then + 70);
    is $due->(), $then + 60, 'a promise is not put off';
    run('operator_promise', 'mine', $then + 50);
    is $due->(), $then + 50, 'but may be made earlier';
    run('promise', 'mine', $then + 90);
    is $due->(), $then + 90, 'who puts a file in force promises anew';
    cmp_ok waited_for(sub { run('backfill_lock', 'mine')->[1] }), '>', 0, 'a backfill waits for the lock';
    is_deeply [ map { run('backfill_low', 'mine', $_)->[0] } qw(fires paused ahead) ],
        [ $then, $then - 500, $then + 100 ], 'and goes as far as a job is decided';
    is theirs(), 5, 'theirs is untouched';
};

subtest 'a first start' => sub {
    anew();
    is run('start', 'mine', undef, 'r2', 7), undef, 'not where somebody was first';
    ok run('start', 'new', undef, 'r2', 7), 'begins now, in whole seconds';
    is run('start', 'again', $then, 'r2', 7)->[0], $then, 'or where it stood';
};

subtest 'fires that must not overlap' => sub {
    my $fire = sub {
        my ($due_s) = @_;
        return join '/', @{ run('insert_overlap', 'mine', '{fires}', "{$due_s}", "{$due_s}", undef, '{q}', '{NULL}',
            '{0}', '{5}', '{10}', '{10}', 'null') };
    };
    anew();
    is $fire->($then), '1/0', 'the first is a row';
    my $n = 0;
    for my $state (qw(ready waiting running)) {
        my $lease = $state eq 'running' ? q(, lease_id = gen_random_uuid(), lease_until = 'infinity', worker = 'w') : '';
        $db->{dbh}->do("UPDATE clock.jobs SET state = '$state'$lease");
        is $fire->($then + ++$n), '0/1', "a row that is $state is unfinished, and this is on record";
    }
    $db->{dbh}->do(q(UPDATE clock.jobs SET state = 'dead', lease_id = NULL, lease_until = NULL, worker = NULL));
    is $fire->($then + 9), '1/0', 'a dead one is finished';
    is ask(q(SELECT count(*) FROM clock.missed WHERE clockfile = 'mine' AND reason = 'overlap' AND count = 1)), 3;
    $db->{dbh}->do('UPDATE clock.jobs SET solo = false');
    run('mark_solo', 'mine', '{fires}');
    is $fire->($then + 10), '0/1', 'a row from before overlap was asked about counts, once marked';
};

subtest 'rows that wait for their time' => sub {
    anew();
    my @fire = ('mine', '{fires}', "{$then}", "{@{[ $now + 3600 ]}}", undef, '{q}', '{NULL}', '{0}', '{5}', '{10}', '{10}', 'null');
    run('insert_jobs', @fire);
    is ask('SELECT extract(epoch FROM run_at - scheduled_at)::bigint'
            . q( || ' ' || state FROM clock.jobs)), $now + 3600 - $then . ' waiting', 'jitter moves when it may be taken';
    run('insert_jobs', @fire);
    is ask('SELECT count(*) FROM clock.jobs'), 1, 'what is there stays as it is';
    run('promote');
    is ask('SELECT state FROM clock.jobs'), 'waiting', 'not before its time';
    $db->{dbh}->do(q(UPDATE clock.jobs SET run_at = clock_timestamp() + interval '900 ms'));
    run('promote');
    is ask(q(SELECT state = CASE WHEN run_at > clock_timestamp() THEN 'waiting' ELSE state END FROM clock.jobs)), 1,
        'nor in the second before it';
    $db->{dbh}->do(q(UPDATE clock.jobs SET run_at = clock_timestamp()));
    run('promote');
    is ask('SELECT state FROM clock.jobs'), 'ready', 'but then';
};

subtest 'records that become rows' => sub {
    anew();
    run('insert_missed', 'mine', '{fires,fires}', "{$then,@{[ $then + 5 ]}}", "{@{[ $then + 4 ]},@{[ $then + 9 ]}}", '{5,5}',
        '{policy,policy}', '{NULL,NULL}');
    my $id = run('backfill_records', 'mine', 'fires', $then - 1, $then + 4, 10)->[0];
    run('backfill_consume', "{$id}");
    is ask('SELECT count(*) FROM clock.missed'), 1, 'are gone, and the others are not';
};

done_testing;
