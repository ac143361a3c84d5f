#!/usr/bin/env perl
# The functions of schema clock that a worker calls: claim, heartbeat, finish, fail, release,
# enqueue, promote, and what they promise to whoever else is at work.

use strict;
use warnings;

use ClockTest;
use Test::More;

my $db = database();
my $other = $db->{cluster}->dbh($db->{name});

sub claim {
    my ($n, %how) = @_;
    return @{ sql($how{dbh} // $db, 'SELECT * FROM clock.claim(?, ?, ?, ?::interval)',
        $how{queues} // ['default'], $n, $how{worker} // 'w', $how{lease} // '30 s') };
}

sub row {
    my ($id) = @_;
    return sql($db, 'SELECT * FROM clock.jobs WHERE id = ?', $id)->[0];
}

sub runs {
    my ($id) = @_;
    return @{ sql($db, 'SELECT * FROM clock.runs WHERE row_id = ? ORDER BY id', $id) };
}

# The lease ends now.
sub expire {
    my ($id) = @_;
    sql($db, q(UPDATE clock.jobs SET lease_until = clock_timestamp() - interval '1 s' WHERE id = ?),
        $id);
}

sub empty {
    sql($db, 'TRUNCATE clock.jobs, clock.runs, clock.missed');
}

subtest 'enqueue, claim, finish: three calls' => sub {
    my $id = one($db, q(SELECT clock.enqueue('mail', '{"to": "ann"}')));
    my ($row) = claim(5, worker => 'one');
    is $row->{id}, $id;
    is join(' ', @{$row}{qw(task queue state attempt worker origin payload)}),
        'mail default running 1 one app {"to": "ann"}';
    is scalar(claim(5)), 0, 'it is taken';
    is one($db, 'SELECT clock.finish(?, ?, ?)', $id, $row->{lease_id}, 'sent'), 1;
    is row($id), undef, 'the row is gone';
    my ($run) = runs($id);
    is join(' ', @{$run}{qw(outcome attempt worker output task)}), 'done 1 one sent mail';
    is one($db, 'SELECT clock.finish(?, ?)', $id, $row->{lease_id}), 0, 'twice is refused';
    is scalar(runs($id)), 1;
};

subtest 'best first, over all queues named' => sub {
    empty();
    sql($db, q(SELECT clock.enqueue(task, queue => queue, priority => priority)
        FROM (VALUES (1, 'c', 'a', 0), (2, 'a', 'b', -5), (3, 'd', 'b', 0), (4, 'x', 'x', -9),
            (5, 'b', 'a', -1)) AS v (n, task, queue, priority) ORDER BY n));
    is join(' ', map { $_->{task} } claim(9, queues => [ 'a', 'b', 'a' ])), 'a b c d';
    is join(' ', map { $_->{task} } claim(9, queues => ['x'])), 'x';
};

subtest 'rows of one Clockfile and its jobs only, when asked' => sub {
    empty();
    sql($db, q(INSERT INTO clock.jobs (clockfile, job, task) VALUES
        ('billing', 'a', 't'), ('billing', 'b', 't'), ('stock', 'a', 't'), ('', '', 't')));
    my $rows = sql($db, q(SELECT clockfile || job AS name
        FROM clock.claim('{default}', 9, 'w', '30 s', 'billing', '{a,c}')));
    is join(' ', map { $_->{name} } @$rows), 'billinga';
};

subtest 'two never take the same row' => sub {
    empty();
    sql($db, q(SELECT clock.enqueue('t') FROM generate_series(1, 10)));
    $db->{dbh}->begin_work;
    my %taken = map { $_->{id} => 1 } claim(4);
    my @others = claim(9, dbh => $other);
    $db->{dbh}->commit;
    is scalar(@others), 6, 'what is locked is passed over, without waiting';
    is scalar(grep { $taken{ $_->{id} } } @others), 0;
};

subtest 'a row that is not due is waiting, then promoted' => sub {
    empty();
    my $id = one($db, q(SELECT clock.enqueue('t', run_at => clock_timestamp() + interval '1 h')));
    is row($id)->{state}, 'waiting';
    is scalar(claim(1)), 0;
    is one($db, 'SELECT clock.promote()'), 0;
    sql($db, 'UPDATE clock.jobs SET run_at = clock_timestamp()');
    $other->do('LISTEN clock_jobs');
    is one($db, 'SELECT clock.promote()'), 1;
    is row($id)->{state}, 'ready';
    is poll_until(sub { $other->pg_notifies }, 5, 'a notification')->[2], 'default', 'told';
    sql($db, q(UPDATE clock.jobs SET state = 'waiting'));
    is scalar(claim(1)), 1, 'claim promotes by itself';
    sql($db, q(INSERT INTO clock.jobs (task, run_at) VALUES ('t', now() + interval '1 h')));
    is scalar(claim(1)), 0, 'a ready row of the future is not taken early';
};

subtest 'a failure waits, longer each time, up to the most; then it is dead' => sub {
    empty();
    my $id = one($db, q(INSERT INTO clock.jobs (task, max_attempts, backoff_s, backoff_max_s)
        VALUES ('t', 5, 10, 30) RETURNING id));
    for my $longest (10, 20, 30, 30) {
        my ($row) = claim(1);
        is one($db, q(SELECT clock.fail(?, ?, 'no luck', output => 'said', exit_status => 3)), $id,
            $row->{lease_id}), 1;
        my $wait = one($db, q(SELECT extract(epoch FROM j.run_at - r.ended_at)
            FROM clock.jobs AS j JOIN clock.runs AS r ON r.row_id = j.id AND r.attempt = j.attempt WHERE j.id = ?), $id);
        cmp_ok $wait, '<=', $longest + 1, "at most $longest s";
        cmp_ok $wait, '>=', $longest * 0.75, 'at least three quarters of it';
        is row($id)->{state}, 'waiting';
        sql($db, 'UPDATE clock.jobs SET run_at = clock_timestamp()');
    }
    my ($row) = claim(1);
    is $row->{attempt}, 5;
    sql($db, q(SELECT clock.fail(?, ?, 'the last')), $id, $row->{lease_id});
    is join(' ', @{ row($id) }{qw(state attempt last_error)}), 'dead 5 the last';
    is scalar(claim(1)), 0;
    my @runs = runs($id);
    is join(' ', map { $_->{outcome} } @runs), 'failed ' x 4 . 'failed';
    is join(' ', @{ $runs[0] }{qw(attempt exit_status output error)}), '1 3 said no luck';
};

subtest 'the waits of those that failed together differ' => sub {
    my $rows = sql($db, 'SELECT clock.backoff(3, 10, 3600) AS wait FROM generate_series(1, 20)');
    my %waits = map { $_->{wait} => 1 } @$rows;
    cmp_ok scalar(keys %waits), '>', 10;
    is one($db, q(SELECT bool_and(clock.backoff(n, 10, 3600) <= interval '1 h')
        FROM generate_series(1, 32767) AS n)), 1, 'capped, however many attempts';
    is one($db, q(SELECT clock.backoff(9, 0, 0) = interval '0')), 1, 'none is none';
};

subtest 'a failure that is not worth a retry' => sub {
    empty();
    my $id = one($db, q(SELECT clock.enqueue('t')));
    my ($row) = claim(1);
    sql($db, q(SELECT clock.fail(?, ?, 'wrong payload', false)), $id, $row->{lease_id});
    is join(' ', @{ row($id) }{qw(state attempt)}), 'dead 1';
};

subtest 'a lease that has ended is taken back, and late reports are refused' => sub {
    empty();
    my $id = one($db, q(SELECT clock.enqueue('t', max_attempts => 2)));
    my ($first) = claim(1, worker => 'one');
    is one($db, q(SELECT clock.heartbeat(?, ?, '1 h')), $id, $first->{lease_id}), 1;
    is one($db, q(SELECT lease_until > clock_timestamp() + interval '59 min' FROM clock.jobs)), 1;
    expire($id);
    my ($second) = claim(1, worker => 'two');
    is join(' ', @{$second}{qw(id attempt worker)}), "$id 2 two", 'run again, attempts counted';
    is one($db, 'SELECT clock.heartbeat(?, ?)', $id, $first->{lease_id}), 0, 'heartbeat';
    is one($db, 'SELECT clock.finish(?, ?)', $id, $first->{lease_id}), 0, 'finish';
    is one($db, q(SELECT clock.fail(?, ?, 'x')), $id, $first->{lease_id}), 0, 'fail';
    is one($db, 'SELECT clock.release(?, ?)', $id, $first->{lease_id}), 0, 'release';
    is row($id)->{lease_id}, $second->{lease_id}, 'nothing has changed';
    expire($id);
    is scalar(claim(1)), 0;
    is row($id)->{state}, 'dead', 'never beyond max_attempts';
    is join(' ', map { "$_->{outcome} $_->{worker}" } runs($id)), 'lost one lost two';
};

subtest 'a batch is finished in one call, as far as its leases hold' => sub {
    empty();
    sql($db, q(SELECT clock.enqueue('t') FROM generate_series(1, 5)));
    my @rows = claim(4);
    expire($rows[1]{id});
    sql($db, 'SELECT clock.rescue()');
    my @ids = map { $_->{finish_all} } @{ sql($db, 'SELECT clock.finish_all(?, ?)',
        [ map { $_->{id} } @rows ], [ map { $_->{lease_id} } @rows ]) };
    is join(' ', sort { $a <=> $b } @ids), join(' ', map { $rows[$_]{id} } 0, 2, 3), 'those three';
    is one($db, q(SELECT count(*) FROM clock.jobs WHERE state = 'ready')), 2, 'the others are to be done';
    is join(' ', map { "$_->{outcome} $_->{worker} $_->{attempt} $_->{task}" } runs($rows[3]{id})),
        'done w 1 t', 'with the same record';
};

subtest 'rescue works in pages' => sub {
    empty();
    sql($db, q(SELECT clock.enqueue('t') FROM generate_series(1, 250)));
    claim(250, lease => '1 s');
    sql($db, q(UPDATE clock.jobs SET lease_until = clock_timestamp() - interval '1 s'));
    is join(' ', map { one($db, 'SELECT clock.rescue()') } 1 .. 4), '100 100 50 0';
};

subtest 'a released row is ready at once, its attempt not counted' => sub {
    empty();
    my $id = one($db, q(SELECT clock.enqueue('t')));
    my ($row) = claim(1);
    1 while $other->pg_notifies;
    is one($db, 'SELECT clock.release(?, ?)', $id, $row->{lease_id}), 1;
    is join(' ', @{ row($id) }{qw(state attempt)}), 'ready 0';
    is poll_until(sub { $other->pg_notifies }, 5, 'a notification')->[2], 'default', 'told';
    is join(' ', map { $_->{outcome} } runs($id)), 'released';
    sql($db, 'UPDATE clock.jobs SET attempt = 3');
    ($row) = claim(1);
    sql($db, 'SELECT clock.release(?, ?)', $id, $row->{lease_id});
    is join(' ', @{ row($id) }{qw(state attempt)}), 'ready 3', 'those before it still are';
};

subtest 'by hand: retry and discard' => sub {
    empty();
    my $id = one($db, q(SELECT clock.enqueue('t', max_attempts => 1)));
    my ($row) = claim(1);
    is one($db, 'SELECT clock.discard(?)', $id), 0, 'what is running stays';
    is one($db, 'SELECT clock.retry(?)', $id), 0;
    sql($db, q(SELECT clock.fail(?, ?, 'bad')), $id, $row->{lease_id});
    is one($db, 'SELECT clock.retry(?)', $id), 1;
    is join(' ', @{ row($id) }{qw(state attempt)}), 'ready 0', 'with all attempts before it';
    ($row) = claim(1);
    sql($db, q(SELECT clock.fail(?, ?, 'bad again')), $id, $row->{lease_id});
    is one($db, 'SELECT clock.discard(?)', $id), 1;
    is row($id), undef;
    my @runs = runs($id);
    is "$runs[-1]{outcome} $runs[-1]{error}", 'discarded bad again';
};

subtest 'history is pruned by its retention, a page at a time' => sub {
    empty();
    sql($db, q(INSERT INTO clock.runs (row_id, clockfile, job, origin, task, queue, attempt,
            created_at, ended_at, outcome)
        SELECT 1, name, 'j', 'schedule', 't', 'q', 1, now(), now() - days * interval '1 d', 'done'
        FROM unnest('{billing,stock,""}'::text[]) AS name, generate_series(1, 10) AS days));
    sql($db, q(INSERT INTO clock.missed (clockfile, job, first_at, last_at, count, reason, at)
        VALUES ('billing', 'j', now(), now(), 1, 'policy', now() - interval '8 d'),
               ('billing', 'j', now(), now(), 1, 'policy', now() - interval '6 d')));
    is one($db, q(SELECT clock.prune('billing', interval '7 d', 4))), 5;
    is one($db, q(SELECT clock.prune('billing', interval '7 d'))), 4;
    is one($db, q(SELECT clock.prune('billing', interval '7 d'))), 0;
    is_deeply [ map { $_->{n} } @{ sql($db, q(SELECT count(*) AS n FROM clock.runs
        GROUP BY clockfile ORDER BY clockfile)) } ], [ 6, 6, 10 ], 'not what is of another';
    is one($db, 'SELECT count(*) FROM clock.missed'), 1;
};

subtest 'wrong arguments are refused' => sub {
    for my $call (q(clock.claim('{a}', 0)), q(clock.claim('{a}', 1, 'w', '0 s')),
        q(clock.claim('{a}', 1, 'w', '2 d')))
    {
        ok !eval { sql($db, "SELECT * FROM $call"); 1 }, $call;
        is $db->{dbh}->state, '22023';
    }
};

subtest 'a role that may write the tables needs no more, whatever its search_path' => sub {
    my $name = "worker_$$";
    sql($db, "CREATE ROLE $name LOGIN");
    sql($db, "GRANT USAGE ON SCHEMA clock TO $name");
    sql($db, "GRANT SELECT, INSERT, UPDATE, DELETE ON clock.jobs, clock.runs TO $name");
    my $worker = $db->{cluster}->dbh($db->{name}, $name);
    $worker->do(q(CREATE FUNCTION pg_temp.now() RETURNS timestamptz LANGUAGE sql
        AS $$ SELECT '1970-01-01Z'::timestamptz $$));
    $worker->do(q(CREATE TEMP TABLE jobs (id int)));
    for my $path ('pg_temp, pg_catalog', q('')) {
        $worker->do("SET search_path = $path");
        my $id = one($worker, q(SELECT clock.enqueue('t', queue => 'role')));
        my ($row) = claim(1, dbh => $worker, queues => ['role']);
        is $row->{id}, $id, "claimed with $path";
        is one($worker, 'SELECT clock.finish(?, ?)', $id, $row->{lease_id}), 1;
    }
    is one($db, q(SELECT count(*) FROM pg_proc WHERE prosecdef
        AND pronamespace = 'clock'::regnamespace)), 0, 'none runs with its owner\'s rights';
};

# Buffers that a statement touches, by EXPLAIN.
sub pages {
    my ($statement) = @_;
    my $plan = join "\n", map { $_->{'QUERY PLAN'} }
        @{ sql($db, "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) $statement") };
    my ($hit, $read) = $plan =~ /Buffers: shared(?: hit=(\d+))?(?: read=(\d+))?/;
    return ($hit // 0) + ($read // 0);
}

subtest 'a claim costs the same however much else there is' => sub {
    my $claim = q(SELECT * FROM clock.claim('{busy}', 10));
    my %cost;
    # each adds to what was there before: planned once on the small table, as by a worker of weeks
    my @more = (
        [ 'few', q(SELECT clock.enqueue('t', queue => 'busy') FROM generate_series(1, 200)) ],
        [ 'many ready', q(INSERT INTO clock.jobs (task, queue, priority)
            SELECT 't', 'busy', i % 7 FROM generate_series(1, 30000) AS i) ],
        [ 'many of the future', q(INSERT INTO clock.jobs (task, queue, priority, state, run_at)
            SELECT 't', 'busy', -1, 'waiting', now() + interval '1 h'
            FROM generate_series(1, 30000) AS i) ],
        [ 'many dead', q(INSERT INTO clock.jobs (task, queue, priority, state)
            SELECT 't', 'busy', -2, 'dead' FROM generate_series(1, 30000) AS i) ],
        [ 'many running', q(INSERT INTO clock.jobs (task, queue, state, lease_id, lease_until)
            SELECT 't', 'busy', 'running', gen_random_uuid(), now() + interval '1 h'
            FROM generate_series(1, 30000) AS i) ],
    );
    for my $step (@more) {
        my ($name, $statement) = @$step;
        sql($db, $statement);
        sql($db, $claim) for 1 .. 6;
        $cost{$name} = pages($claim);
        cmp_ok $cost{$name}, '<', 3 * $cost{few}, "$name: $cost{$name} pages";
    }
};

subtest 'a report costs the same however many rows run' => sub {
    empty();
    sql($db, 'ANALYZE clock.jobs');
    my %report = (
        heartbeat  => 'SELECT clock.heartbeat(%d, %s)',
        fail       => q(SELECT clock.fail(%d, %s, 'no luck')),
        release    => 'SELECT clock.release(%d, %s)',
        finish     => 'SELECT clock.finish(%d, %s)',
        finish_all => 'SELECT clock.finish_all(ARRAY[%d::bigint], ARRAY[%s])',
    );
    my $cost = sub {
        my ($name, $row) = @_;
        return pages(sprintf $report{$name}, $row->{id}, "'$row->{lease_id}'::uuid");
    };
    # planned while nothing runs
    sql($db, sprintf $report{$_}, 0, 'gen_random_uuid()') for (sort keys %report) x 6;
    sql($db, q(INSERT INTO clock.jobs (task, state, lease_id, lease_until)
        SELECT 't', 'running', gen_random_uuid(), now() + interval '1 h' FROM generate_series(1, 20000) AS i));
    my @rows = @{ sql($db, 'SELECT id, lease_id FROM clock.jobs ORDER BY id DESC LIMIT 5') };
    for my $name (sort keys %report) {
        my $pages = $cost->($name, shift @rows);
        cmp_ok $pages, '<', 150, "$name: $pages pages";
    }
    is one($db, 'SELECT count(*) FROM clock.runs'), 4, 'and all but the heartbeat are recorded';
};

done_testing;
