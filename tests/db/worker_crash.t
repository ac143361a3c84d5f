#!/usr/bin/env perl
# clock work and what goes wrong around it: a row is never lost, never run by two at once, and
# nothing that a command has started outlives its attempt.

use strict;
use warnings;

use ClockTest;
use Cluster;
use Test::More;
use Time::HiRes qw(time);
use Worker;

my $db = database();
my $dir = output_dir();

# The numbers that commands have written into a file, in order.
sub written {
    my ($name) = @_;
    my @lines;
    @lines = map { /^(\d+)$/ ? $1 : () } <$_> for grep { open $_, '<', "$dir/$name" } my $in;
    return @lines;
}

sub wait_written {
    my ($name, $n) = @_;
    poll_until(sub { written($name) >= $n }, 20, "$n lines in $name");
    return written($name);
}

sub gone {
    my ($what, @pids) = @_;
    ok eval { poll_until(sub { !grep { alive($_) } @pids }, 10, 'their end') }, "$what is gone"
        or diag "still there: @{[ grep { alive($_) } @pids ]}";
}

# A tree: the command, a child, and one that has fled into a session of its own, its parent dead.
my $tree = "echo \$\$ >>$dir/TREE; sleep 1000 & echo \$! >>$dir/TREE;"
    . " (setsid sh -c 'sleep 1000 & echo \$! >>$dir/TREE' &); wait";

sub tree {
    my ($name) = @_;
    return q(") . ($tree =~ s/TREE/$name/gr) . q(");
}

my %job = (
    tree => tree('tree'),
    stopped => tree('stopped'),
    told => tree('told'),
    lost => tree('lost'),
    taken => tree('taken'),
    daemon => qq("(setsid sh -c 'echo \$\$ >>$dir/daemon; exec sleep 1000' &); while ! test -s $dir/daemon; do :; done; exit 0"),
    stubborn => { command => qq("trap '' TERM; echo \$\$ >>$dir/stubborn; while :; do sleep 1; done"), timeout => '1s' },
    flood => qq("yes 0123456789abcde | head -c 300M"),
    closed => q("exec <&- >&- 2>&-; sleep 0.1"),
    poison => q("kill -9 $(ps -o ppid= -p $PPID)"),
    short => qq("echo \$\$ >>$dir/short; while ! test -e $dir/go; do sleep 0.05; done; echo fine"),
    polite => qq("echo \$\$ >>$dir/polite; trap 'echo cut; exit 0' TERM; while :; do sleep 0.05; done"),
    touch => qq("echo \$\$ >>$dir/touch"),
);
my $file = commands(%job);

# Takes ten seconds: looked at last.
my $patient = work($db, $file, '--queues', 'stubborn');
my $stubborn = add($db, 'stubborn', queue => 'stubborn', max_attempts => 1);

subtest 'kill -9 of a worker: what it ran is gone, and the row runs again' => sub {
    my $first = work($db, $file, '--lease', '2s');
    my $id = add($db, 'tree', max_attempts => 2);
    my @old = wait_written('tree', 3);
    $first->kill('KILL');
    gone('the whole tree', @old);
    my $second = work($db, $file, '--lease', '2s');
    my @all = wait_written('tree', 6);
    is job_rows($db, $id)->{attempt}, 2, 'the attempt is counted';
    is((runs_of($db, $id))[0]{outcome}, 'lost');
    $second->kill('KILL');
    gone('the second tree', @all);
    my $third = work($db, $file, '--lease', '2s');
    poll_until(sub { job_rows($db, $id)->{state} eq 'dead' }, 10, 'the end of its attempts');
    is join(' ', map { "$_->{attempt} $_->{outcome}" } runs_of($db, $id)), '1 lost 2 lost',
        'never beyond max_attempts';
    is $third->term, 0;
    is scalar(written('tree')), 6;
};

subtest 'a worker that is stopped beyond its lease: its commands end by themselves' => sub {
    my $first = work($db, $file, '--lease', '5s');
    my $id = add($db, 'stopped', max_attempts => 2);
    my @old = wait_written('stopped', 3);
    $first->kill('STOP');
    my ($until) = map { $_->{lease_until} } job_rows($db, $id);
    gone('the tree', @old);
    ok one($db, 'SELECT clock_timestamp() < ?', $until), 'before another can have the row'
        or diag "lease until $until";
    my $second = work($db, $file, '--lease', '2s');
    my @all = wait_written('stopped', 6);
    $first->kill('CONT');
    $first->says(qr/\bforfeited\b.*job=stopped/);
    is job_rows($db, $id)->{attempt}, 2, 'it has not taken it from the other';
    ok alive($all[-1]), 'which works on';
    is $first->term, 0;
    $second->kill('KILL');
    gone('the second tree', @all);
};

subtest 'a keeper that is killed takes its command along' => sub {
    my $worker = work($db, $file, '--lease', '30s');
    my $id = add($db, 'lost', max_attempts => 1);
    my @old = wait_written('lost', 3);
    my ($keeper) = qx(ps -o ppid= -p $old[0]) =~ /(\d+)/;
    isnt $keeper, $worker->pid;
    kill 'KILL', $keeper;
    like ended($db, $id)->{error}, qr/kept the command was killed/;
    gone('the whole tree', @old);
    is ended($db, add($db, 'touch'))->{outcome}, 'done', 'and the worker works on';
    is $worker->term, 0;
};

# The lease is long: it is the heartbeat, every third of it, that ends the command.
subtest 'a command whose row another has got ends at the next heartbeat' => sub {
    my $worker = work($db, $file, '--lease', '21s');
    my $id = add($db, 'taken', max_attempts => 2);
    my @old = wait_written('taken', 3);
    sql($db, <<'END', $id);
UPDATE clock.jobs SET lease_id = gen_random_uuid(), worker = 'another', attempt = 2, lease_until = now() + interval '1 hour'
 WHERE id = ?
END
    gone('the whole tree', @old);
    like $worker->says(qr/\bforfeited\b/), qr/job=taken/;
    is_deeply [ @{ job_rows($db, $id) }{qw(worker attempt state)} ], [ 'another', 2, 'running' ], 'the row is left to the other';
    is scalar(runs_of($db, $id)), 0, 'and nothing is reported of it';
    is ended($db, add($db, 'touch'))->{outcome}, 'done', 'the worker works on';
    is $worker->term, 0;
};

subtest 'what a command leaves behind, writes without end, or closes' => sub {
    my $worker = work($db, $file, '--lease', '2s');
    my $daemon = ended($db, add($db, 'daemon'));
    is $daemon->{outcome}, 'done', 'a daemon does not change the outcome';
    gone('the daemon', written('daemon'));
    my $flood = add($db, 'flood');
    my $run = ended($db, $flood, 1, 60);
    is $run->{outcome}, 'done', 'a flood';
    is length $run->{output}, 65536;
    like $run->{output}, qr/^(?:0123456789abcde\n)+\z/, 'its end is kept';
    open my $status, '<', '/proc/' . $worker->pid . '/status' or die "no status: $!\n";
    my ($peak) = map { /^VmHWM:\s+(\d+)/ ? $1 : () } <$status>;
    cmp_ok $peak, '<', 64 * 1024, "in $peak kB" unless $ENV{CLOCK_BUILD} && $ENV{CLOCK_BUILD} =~ /san/;
    is ended($db, add($db, 'closed'))->{outcome}, 'done', 'closed descriptors';
    is $worker->term, 0;
};

subtest 'a job that kills its worker is dead when its attempts are spent' => sub {
    my $id = add($db, 'poison', max_attempts => 2);
    for my $attempt (1, 2) {
        my $worker = work($db, $file, '--lease', '1s', '--queues', 'default');
        is $worker->wait, -9, "worker $attempt is killed";
    }
    my $worker = work($db, $file, '--lease', '1s');
    poll_until(sub { job_rows($db, $id)->{state} eq 'dead' }, 10, 'the end of its attempts');
    is ended($db, add($db, 'touch'))->{outcome}, 'done', 'others are not held up';
    is $worker->term, 0;
};

subtest 'SIGTERM drains: what runs may end, nothing new begins' => sub {
    my $worker = work($db, $file);
    my $id = add($db, 'short');
    wait_written('short', 1);
    $worker->kill('TERM');
    $worker->says(qr/\bdraining running=1/);
    my $late = add($db, 'touch');
    open my $go, '>', "$dir/go" or die "cannot write: $!\n";
    close $go;
    is $worker->wait, 0;
    is latest_run($db, $id)->{output}, "fine\n", 'it was let finish';
    is job_rows($db, $late)->{state}, 'ready', 'and was the last';
    sql($db, 'DELETE FROM clock.jobs WHERE id = ?', $late);
};

subtest 'at the end of the grace it ends what runs, and gives the rows back' => sub {
    my $worker = work($db, $file, '--grace', '1s');
    my ($polite, $told) = (add($db, 'polite'), add($db, 'told'));
    my @pids = (wait_written('polite', 1), wait_written('told', 3));
    is $worker->term, 0;
    gone('all of it', @pids);
    for my $id ($polite, $told) {
        my $run = latest_run($db, $id);
        is "$run->{outcome}: $run->{error}", 'released: its worker was stopped';
        is join(' ', @{ job_rows($db, $id) }{qw(state attempt)}), 'ready 0', 'no attempt is spent';
    }
    is latest_run($db, $polite)->{output}, undef, 'which is not a run that ended';
    sql($db, 'DELETE FROM clock.jobs WHERE id IN (?, ?)', $polite, $told);
};

subtest 'a second SIGTERM ends it now' => sub {
    my $worker = work($db, $file);
    my $id = add($db, 'told');
    my @pids = wait_written('told', 6);
    $worker->kill('TERM');
    $worker->says(qr/\bdraining\b/);
    my $begun = time;
    $worker->kill('TERM');
    is $worker->wait, 0;
    cmp_ok time - $begun, '<', 10, 'long before the end of its grace';
    gone('all of it', @pids);
    is join(' ', @{ job_rows($db, $id) }{qw(state attempt)}), 'ready 0', 'and the row is given back';
    sql($db, 'DELETE FROM clock.jobs WHERE id = ?', $id);
};

subtest 'the database is away when a command ends' => sub {
    my $own = database(cluster => Cluster->new);
    my $worker = work($own, $file);
    unlink "$dir/go";
    my $id = add($own, 'short');
    wait_written('short', 2);
    $own->{dbh}->disconnect;
    $own->{cluster}->stop('kill');
    open my $go, '>', "$dir/go" or die "cannot write: $!\n";
    close $go;
    $worker->says(qr/\blost\b/);
    gone('the command', (written('short'))[-1]);
    $own->{cluster}->start;
    $own->{dbh} = $own->{cluster}->dbh($own->{name});
    my $run = ended($own, $id);
    is "$run->{outcome} $run->{attempt} $run->{output}", "done 1 fine\n", 'it is reported on return';
    is job_rows($own, $id), undef;
    is scalar(runs_of($own, $id)), 1;

    my $tree = add($own, 'tree');
    my $n = written('tree');
    my $other = work($own, $file, '--lease', '3s', '--queues', 'late');
    my $late = add($own, 'tree', queue => 'late');
    my @pids = wait_written('tree', $n + 6);
    $own->{dbh}->disconnect;
    $own->{cluster}->stop('fast');
    ok eval { poll_until(sub { 3 <= grep { !alive($_) } @pids[ $n .. $#pids ] }, 10, 'an end') },
        'when it stays away, what runs is killed before its lease is over';
    $own->{cluster}->start;
    $own->{dbh} = $own->{cluster}->dbh($own->{name});
    poll_until(sub { (job_rows($own, $late)->{attempt} // 0) == 2 }, 15, 'its second attempt');
    pass 'and it runs again';
    $worker->kill('KILL');
    $other->kill('KILL');
    gone('everything', written('tree'));
};

subtest 'behind a pooler in transaction mode' => sub {
    plan skip_all => 'pgbouncer is not installed'
        unless grep { -x "$_/pgbouncer" } File::Spec->path, '/usr/sbin';
    my $own = database(cluster => Cluster->new);
    my $url = $own->{cluster}->pooler_url($own->{name}, 'transaction');
    my @workers = map { clock_start('work', $file, '--allow-root', '--concurrency', 2,
        { env => { DATABASE_URL => $url } }) } 1 .. 2;
    like $_->says(qr/\bconnected\b/), qr/woken_by=polling/ for @workers;
    my $before = written('touch');
    my @ids = map { add($own, 'touch') } 1 .. 20;
    poll_until(sub { one($own, 'SELECT count(*) FROM clock.jobs') == 0 }, 20, 'all rows done');
    is written('touch') - $before, 20, 'each once';
    is $_->term, 0 for @workers;
};

subtest 'several workers, one row at a time each' => sub {
    my $before = written('touch');
    my @workers = map { work($db, $file, '--concurrency', 3) } 1 .. 3;
    sql($db, q(INSERT INTO clock.jobs (clockfile, job, task, origin)
        SELECT 'test', 'touch', 't', 'manual' FROM generate_series(1, 200)));
    sql($db, q(SELECT clock.wake('{default}')));
    poll_until(sub { one($db, q(SELECT count(*) FROM clock.jobs WHERE job = 'touch')) == 0 }, 60,
        'all rows done');
    is written('touch') - $before, 200, 'each once';
    is $_->term, 0 for @workers;
    is one($db, q(SELECT count(*) FROM clock.runs WHERE attempt > 1 AND job = 'touch')), 0;
};

subtest 'TERM is ignored: KILL ten seconds after the timeout' => sub {
    my $run = ended($db, $stubborn, 1, 30);
    is $run->{signal}, 9;
    like $run->{error}, qr/^its timeout: killed by signal 9/;
    my $took = one($db, 'SELECT extract(epoch FROM ?::timestamptz - ?::timestamptz)',
        $run->{ended_at}, $run->{started_at});
    cmp_ok $took, '>=', 10.9;
    cmp_ok $took, '<', 60;
    gone('it', written('stubborn'));
    is $patient->term, 0;
};

done_testing;
