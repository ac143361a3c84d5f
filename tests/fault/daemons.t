# Memory and system calls fail at every place in turn of a clock that fires and of a worker that
# runs a command: it goes on or ends with the exit status of its trouble, never crashes or hangs,
# and every fire is one row, every row is done in the end.

use strict;
use warnings;

use Test::More;

use ClockTest;
use Fault;
use Ledger;

my $AT_A_TIME = 8;
my $db = database();
ledger_install($db);
my $file_number = 0;

# Which ends are good: told to stop (0), no memory, no database at the start, no file, no log.
my %ALLOWED = (
    malloc => { map { $_ => 1 } 0, 4, 71 },
    call => { map { $_ => 1 } 0, 3, 4, 5, 70, 74 },
);

# What is wrong with how it went, or nothing.  A process still running is told to stop first.
sub complaint {
    my ($where, $what, $process, $worked) = @_;
    my $ran = $process->running;
    my $status = eval { $ran ? $process->term(10) : $process->wait };
    my $log = $process->log;
    return "it did not stop:\n$log" if !defined $status;
    return "exit status $status:\n$log" if !$ALLOWED{$where}{$status};
    return "interrupted: exit status $status:\n$log" if $what eq 'interrupt' && $status != 0;
    return "it ran, but to no effect:\n$log" if $ran && !$worked && $what ne 'keep';
    return;
}

# Starts one program for each place, waits until each has done its work or has come to its end
# (one that never can any more: until it was hit), and stops it.
sub sweep {
    my ($promise, $where, $what, $step, $start, $worked) = @_;
    places("$promise: $where $what", fault_step($step), $AT_A_TIME, sub {
        my @all = map { { n => $_, fault => fault($where, $what, $_) } } @_;
        $_->{process} = $start->($_->{fault}{env}, $_) for @all;
        my $done = sub {
            my ($it) = @_;
            return 1 if !$it->{process}->running;
            return $what eq 'keep' && was_hit($it->{fault}) || $worked->($it);
        };
        eval { poll_until(sub { !grep { !$done->($_) } @all }, 30, 'their work') };
        return map { [ scalar(was_hit($_->{fault})),
            complaint($where, $what, $_->{process}, $worked->($_)) ] } @all;
    });
}

my @ways = ([ malloc => 'fail', 23 ], [ malloc => 'keep', 61 ], [ call => 'fail', 5 ], [ call => 'keep', 13 ],
    [ call => 'interrupt', 13 ]);

subtest 'a clock that fires' => sub {
    my %every;
    for my $way (@ways) {
        my ($where, $what, $step) = @$way;
        sweep('run', $where, $what, $step, sub {
            my ($env, $it) = @_;
            $it->{name} = 'f' . ++$file_number;
            $every{"j$it->{name}"} = 1;
            my $file = clockfile("name: $it->{name}\njobs: {j$it->{name}: {schedule: \"\@every 1s\"}}\n");
            return clock_start('run', $file, { db => $db, env => $env });
        }, sub { one($db, 'SELECT count(*) >= 2 FROM clock.jobs WHERE clockfile = ?', $_[0]{name}) });
    }
    poll_until(sub { !one($db, q(SELECT count(*) FROM pg_stat_activity WHERE application_name = 'clock run'
        AND datname = current_database())) }, 10, 'the ends of all sessions');
    for my $job (keys %every) {    # one that never came to start has no rule
        delete $every{$job} unless one($db, 'SELECT count(*) FROM clock.schedules WHERE job = ?', $job);
    }
    ledger_check($db, \%every);
    is one($db, 'SELECT count(*) FROM clock.missed'), 0, 'nothing was missed';
};

subtest 'a worker that runs a command' => sub {
    my $dir = temp_dir();
    my $file = clockfile(<<"END");
name: work
jobs: {touch: {schedule: "\@yearly", command: "echo \$CLOCK_ID >>$dir/done"}}
END
    my %rows;
    for my $way (@ways) {
        my ($where, $what, $step) = @$way;
        sweep('work', $where, $what, $step, sub {
            my ($env, $it) = @_;
            my $queue = 'q' . ++$file_number;
            $it->{id} = one($db, <<'END', $queue);
INSERT INTO clock.jobs (clockfile, job, task, origin, queue, max_attempts, backoff_s, backoff_max_s)
VALUES ('work', 'touch', 'touch', 'manual', ?, 3, 0, 0) RETURNING id
END
            $rows{ $it->{id} } = 1;
            return clock_start('work', $file, '--allow-root', '--queues', $queue, '--lease', '2s', '--grace', '1s',
                { db => $db, env => $env });
        }, sub { one($db, 'SELECT NOT EXISTS (SELECT FROM clock.jobs WHERE id = ?)', $_[0]{id}) });
    }
    $db->{dbh}->do('UPDATE clock.jobs SET queue = ? WHERE job = ?', undef, 'rest', 'touch');
    my $last = clock_start('work', $file, '--allow-root', '--queues', 'rest', { db => $db });
    poll_until(sub { !one($db, q(SELECT count(*) FROM clock.jobs WHERE job = 'touch' AND state <> 'dead')) }, 40,
        'the rest to be done');
    is $last->term, 0, 'what they have left behind is done by another';
    open my $in, '<', "$dir/done" or die "nothing was done: $!\n";
    my %times;
    $times{ $_ + 0 }++ while <$in>;
    my $dead = one($db, q(SELECT count(*) FROM clock.jobs WHERE job = 'touch'));
    is_deeply [ grep { !$times{$_} } keys %rows ], [], 'no row was forgotten' or diag "dead: $dead";
    is_deeply [ grep { $times{$_} > 3 } keys %times ], [], 'none ran more often than it may';
    is one($db, q(SELECT count(*) FROM clock.runs WHERE attempt > 3)), 0, 'and no attempt is beyond the last';
};

done_testing;
