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

# A horizon ahead of the server's clock, which has been set back.
sub set_back {
    anew();
    $db->{dbh}->do(q(UPDATE clock.horizons SET fired_through = '2100-01-01' WHERE clockfile = 'mine'));
}

sub started {
    my ($clockfile) = @_;
    return one($db, 'SELECT (extract(epoch FROM started_at) * 1000000)::bigint FROM clock.horizons WHERE clockfile = $1', $clockfile);
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

sub micros { return ask('SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint') }

# The queues whose workers are told of what is done.
sub told {
    my ($do) = @_;
    my @queues;
    $db->{dbh}->do('LISTEN clock_jobs');
    $do->();
    $db->{dbh}->do('UNLISTEN clock_jobs');
    while (my $note = $db->{dbh}->pg_notifies) { push @queues, $note->[2] }
    return join ' ', sort @queues;
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
        $dbh->do(q(UPDATE clock.horizons SET next_due = next_due WHERE clockfile = 'mine'));    # as a clock does
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
    my @rows = @{ all('look', 'mine', '') };
    my %rows = map { ($_->[0] // '') => join '/', map { $_ // '' } @{$_}[ 2 .. 4 ] } @rows;
    is_deeply \%rows, { '' => "$then/@{[ $then + 60 ]}/0", fires => "@{[ $then - 500 ]}//0",
        paused => "@{[ $then - 500 ]}/@{[ $then + 30 ]}/1", ahead => "@{[ $then + 100 ]}//0" }, 'brings the rules whole';
    is scalar @rows, 4, 'and nobody else\'s';
    is scalar @{ all('look', 'mine', $MINE) }, 1, 'but those that are known';
    for my $stamp ([ 'look', 7, 'nobody', '' ], [ 'stamp', 0 ], [ 'compare', 0, 'mine', $then, $then + 60, undef, 'r1', $MINE, 't', 'f' ]) {
        my ($name, $column, @values) = @$stamp;
        $db->{dbh}->begin_work;    # as a clock does: now() would be older
        my ($before, $row, $after) = map { $_->() } (sub { micros() }, sub { run($name, @values) }, sub { micros() });
        $db->{dbh}->commit;
        ok $before <= $row->[$column] && $row->[$column] <= $after, "$name: the server's clock as it is";
    }
    $db->{dbh}->do(q(UPDATE clock.horizons SET next_due = 'infinity', started_at = '-infinity'));
    $db->{dbh}->do(q(UPDATE clock.schedules SET since = '-infinity', until = 'infinity' WHERE paused));
    is_deeply [ map { @{$_}[ 3, 6 ] } run('look', 'mine', '') ], [ undef, undef ], 'what no number says is left out';
    is_deeply [ map { @{$_}[ 2, 3 ] } grep { ($_->[0] // '') eq 'paused' } @{ all('look', 'mine', '') } ], [ undef, undef ];
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
    my $moved = poll_until(sub { run('compare', @soon) }, 10, 'the instant');
    cmp_ok $moved->[0], '>=', $s * 1_000_000, 'nor shortly before the instant';
    anew();
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
    is started('mine'), 7, 'and whoever started before that stands by';
    set_back();
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
    cmp_ok waited_for(sub { run('takeover', @good)->[1] }), '>', 0, 'takes what was left alone, at a moment read under the lock';
    isnt version(), $MINE, 'the version is new';
    is ask(q(SELECT revision FROM clock.horizons WHERE clockfile = 'mine')), 'r2';
    is started('mine'), 7, 'a take-over counts as a start';
    is run('takeover', @good), undef, 'and not twice';
    set_back();
    $good[4] = ask(q(SELECT extract(epoch FROM fired_through)::bigint FROM clock.horizons WHERE clockfile = 'mine'));
    is run('takeover', @good)->[1], $good[4], 'the moment is never before what is decided';
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
    run('promise', 'mine', undef);
    is ask(q(SELECT next_due FROM clock.horizons WHERE clockfile = 'mine')), 'infinity', 'or nothing';
    is scalar @{ all('operator_rules', 'mine', '{fires}') }, 1, 'the rules that are read are those of this Clockfile';
    cmp_ok waited_for(sub { run('backfill_lock', 'mine')->[1] }), '>', 0, 'a backfill waits for the lock';
    is_deeply [ map { run('backfill_low', 'mine', $_)->[0] } qw(fires paused ahead) ],
        [ $then, $then - 500, $then + 100 ], 'and goes as far as a job is decided';
    is theirs(), 5, 'theirs is untouched';
    set_back();
    my $row = run('operator_lock', 'mine');
    is $row->[1], $row->[0], 'the moment is never before what is decided';
};

subtest 'a first start' => sub {
    anew();
    is run('start', 'mine', undef, 'r2', 7), undef, 'not where somebody was first';
    my $begun = run('start', 'new', undef, 'r2', 7)->[0];
    my $ended = ask(q(SELECT extract(epoch FROM date_trunc('second', clock_timestamp()))::bigint));
    ok $begun <= $ended && $begun > $ended - 5, 'begins now, in whole seconds';
    is started('new'), 7, 'by the clock that started then';
    is run('start', 'again', $then, 'r2', 7)->[0], $then, 'or where it stood';
};

subtest 'fires that must not overlap' => sub {
    my $fire = sub {
        my ($due_s) = @_;
        return join '/', @{ run('insert_overlap', 'mine', '{fires}', "{$due_s}", "{$due_s}", undef, '{q}', '{NULL}',
            '{0}', '{5}', '{10}', '{10}', 'null', $_[1] // 'false') };
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
    run('mark_solo', 'theirs', '{fires}');
    is ask('SELECT count(*) FROM clock.jobs WHERE solo'), 0, 'a mark is of one Clockfile';
    is $fire->($then + 10, 'true'), '0/1', 'a row without a mark counts when all are read';
    run('mark_solo', 'mine', '{fires}');
    is $fire->($then + 10), '0/1', 'a row from before overlap was asked about counts, once marked';
    $db->{dbh}->do(q(UPDATE clock.jobs SET clockfile = 'theirs'));
    is $fire->($then + 11), '1/0', 'what another Clockfile has unfinished is none of ours';
    $db->{dbh}->do(q(UPDATE clock.jobs SET job = 'other', clockfile = 'mine' WHERE clockfile = 'theirs' AND solo));
    $db->{dbh}->do(q(UPDATE clock.jobs SET state = 'dead' WHERE job = 'fires'));
    is $fire->($then + 11), '0/0', 'an instant that has its row is not on record as well';
    is $fire->($then + 12), '1/0', 'nor does another job stand in the way';
    is one($db, 'SELECT count(*) FROM clock.missed WHERE first_at > to_timestamp($1::bigint)', $then + 10), 0, 'of all this nothing is recorded';
};

subtest 'rows that wait for their time' => sub {
    anew();
    my @fire = ('mine', '{fires}', "{$then}", "{@{[ $now + 3600 ]}}", undef, '{q}', '{NULL}', '{0}', '{5}', '{10}', '{10}', 'null');
    run('insert_jobs', @fire);
    is ask('SELECT extract(epoch FROM run_at - scheduled_at)::bigint'
            . q( || ' ' || state FROM clock.jobs)), $now + 3600 - $then . ' waiting', 'jitter moves when it may be taken';
    $db->{dbh}->do('UPDATE clock.jobs SET attempt = 1');
    run('insert_jobs', @fire);
    is ask(q(SELECT string_agg(attempt || ' ' || state, ',') FROM clock.jobs)), '1 waiting', 'what is there stays as it is';
    run('promote');
    is ask('SELECT state FROM clock.jobs'), 'waiting', 'not before its time';
    $db->{dbh}->do(q(UPDATE clock.jobs SET run_at = clock_timestamp() + interval '90 ms'));
    run('promote');
    is ask(q(SELECT state = CASE WHEN run_at > clock_timestamp() THEN 'waiting' ELSE state END FROM clock.jobs)), 1,
        'nor shortly before it';
    $db->{dbh}->do(q(UPDATE clock.jobs SET run_at = clock_timestamp()));
    is told(sub { run('promote') }), 'q', 'but then, and who waits for its queue is told';
    is ask(q(SELECT attempt || ' ' || state FROM clock.jobs)), '1 ready', 'with the attempts that it had';
    $db->{dbh}->do(q(UPDATE clock.jobs SET state = 'dead'));
    run('promote');
    is ask('SELECT state FROM clock.jobs'), 'dead', 'a dead row is not brought back';
    $db->{dbh}->do(q(UPDATE clock.jobs SET state = 'waiting'));
    my $other = $db->{cluster}->dbh($db->{name});
    $other->begin_work;
    $other->do('SELECT 1 FROM clock.jobs FOR UPDATE');
    $db->{dbh}->do(q(SET lock_timeout = '10 s'));
    is eval { scalar @{ all('promote') } }, 0, 'a row that somebody holds is passed over';
    $db->{dbh}->do('RESET lock_timeout');
    $other->rollback;
};

subtest 'fires that must not overlap, by hand and of the past' => sub {
    my @job = ('mine', 'fires', 't', 'q');
    my @rest = (3, 5, 10, 20, 't');    # priority, max_attempts, backoff, its longest, overlap: skip
    my $by_hand = sub { scalar @{ all('operator_fire', @job, 'null', @rest, 1, 'f') } };
    my $past = sub { run('backfill_insert', @job, 'null', @rest, '{' . shift . '}')->[0] };
    anew();
    is $by_hand->(), 1, 'a row by hand';
    is ask(q(SELECT concat_ws(' ', origin, priority, max_attempts, backoff_s, backoff_max_s, solo) FROM clock.jobs)),
        'manual 3 5 10 20 t', 'is as the job wishes';
    is $by_hand->() + $past->($then), 0, 'and none beside it';
    for my $foreign (q(clockfile = 'theirs'), q(job = 'other'), q(state = 'dead')) {
        $db->{dbh}->do('TRUNCATE clock.jobs');
        $by_hand->();
        $db->{dbh}->do("UPDATE clock.jobs SET $foreign");
        is $by_hand->(), 1, "beside one with $foreign, by hand";
        $db->{dbh}->do(q(DELETE FROM clock.jobs WHERE clockfile = 'mine' AND job = 'fires' AND state = 'ready'));
        is $past->($then), 1, 'and of the past';
    }
    is ask(q(SELECT concat_ws(' ', priority, max_attempts, backoff_s, backoff_max_s, solo) FROM clock.jobs WHERE origin = 'backfill')),
        '3 5 10 20 t', 'which is as the job wishes, too';
};

subtest 'each queue is told' => sub {
    is told(sub { run('notify', '{one,two,one}') }), 'one two', 'once';
};

subtest 'records that become rows' => sub {
    anew();
    run('insert_missed', 'mine', '{fires,fires}', "{$then,@{[ $then + 5 ]}}", "{@{[ $then + 4 ]},@{[ $then + 9 ]}}", '{5,5}',
        '{policy,policy}', '{NULL,NULL}');
    run('insert_missed', 'theirs', '{fires}', "{$then}", "{$then}", '{1}', '{policy}', '{NULL}');
    run('insert_missed', 'mine', '{ahead}', "{$then}", "{@{[ $then + 2 ]}}", '{NULL}', '{refused}', '{P0001}');
    my $of = sub { join ' ', map { join '-', map { $_ - $then } @{$_}[ 1, 2 ] } @{ all('backfill_records', 'mine', @_) } };
    is $of->('fires', $then - 1, $then + 4, 10), '0-4', 'a record that begins in the span';
    is $of->('fires', $then + 3, $then + 5, 10), '0-4 5-9', 'or ends in it: the span is open at its beginning, closed at its end';
    is $of->('fires', $then + 4, $then + 4, 10), '', 'and none beside it';
    my $row = run('backfill_records', 'mine', 'ahead', $then - 1, $then + 4, 10);
    is $row->[3], undef, 'a count that cannot be told is none';
    run('backfill_keep', "{$row->[0]}", "{@{[ $then + 1 ]}}", "{@{[ $then + 2 ]}}", '{2}');
    is ask(q(SELECT string_agg(concat_ws(' ', clockfile, job, count, reason, sqlstate), ', ' ORDER BY id)
        || ' ' || count(DISTINCT at) FROM clock.missed WHERE job = 'ahead')), 'mine ahead refused P0001, mine ahead 2 refused P0001 1',
        'what is kept of a record is of the same kind and age';
    my $id = run('backfill_records', 'mine', 'fires', $then - 1, $then + 4, 10)->[0];
    my $all = ask('SELECT count(*) FROM clock.missed');
    run('backfill_consume', "{$id}");
    is $all - ask('SELECT count(*) FROM clock.missed'), 1, 'what became rows is gone, and the others are not';
};

done_testing;
