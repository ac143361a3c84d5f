#!/usr/bin/env perl
# Many workers on many rows, some of which die, report late or forget: no row is worked twice at
# a time, none beyond its attempts, none is left.
#
# CLOCK_LONG=1: fifty workers and a hundred thousand rows.

use strict;
use warnings;

use ClockTest;
use Cluster;
use Test::More;
use Time::HiRes qw(sleep time);

my ($workers, $rows) = $ENV{CLOCK_LONG} ? (50, 100_000) : (8, 4_000);
my $seed = $ENV{CLOCK_SEED} // time ^ $$;
diag "seed $seed";

my $db = database(cluster => Cluster->new);

# Every lease that was ever given, and what must never happen, written by the tables themselves.
$db->{dbh}->do($_) for split /^--\n/m, <<'END';
CREATE TABLE public.chk_leases (id bigint, lease_id uuid, attempt int, taken_at timestamptz, until timestamptz,
    ended_at timestamptz, PRIMARY KEY (id, lease_id));
--
CREATE TABLE public.chk_said (id bigint, lease_id uuid, at timestamptz DEFAULT clock_timestamp());
--
CREATE TABLE public.chk_wrong (what text, id bigint, said text);
--
CREATE FUNCTION chk_jobs() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    step text := OLD.state || ' ' || CASE TG_OP WHEN 'DELETE' THEN 'gone' ELSE NEW.state END;
BEGIN
    IF step NOT IN ('ready running', 'running running', 'running ready', 'running waiting',
                    'running dead', 'running gone', 'waiting ready') THEN
        INSERT INTO public.chk_wrong VALUES ('step', OLD.id, step);
    END IF;
    IF step = 'ready running' THEN
        INSERT INTO public.chk_leases VALUES (NEW.id, NEW.lease_id, NEW.attempt, clock_timestamp(),
            NEW.lease_until);
    ELSIF step = 'running running' THEN
        IF NEW.lease_id <> OLD.lease_id THEN
            INSERT INTO public.chk_wrong VALUES ('lease taken over', OLD.id, NEW.lease_id::text);
        END IF;
        UPDATE public.chk_leases SET until = NEW.lease_until WHERE (id, lease_id) = (OLD.id, OLD.lease_id);
    ELSE
        UPDATE public.chk_leases SET ended_at = clock_timestamp()
         WHERE (id, lease_id) = (OLD.id, OLD.lease_id);
    END IF;
    RETURN NULL;
END $$;
--
CREATE TRIGGER chk_jobs AFTER UPDATE OR DELETE ON clock.jobs FOR EACH ROW EXECUTE FUNCTION chk_jobs();
--
CREATE FUNCTION chk_runs() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF NEW.outcome = 'lost' AND EXISTS (SELECT FROM public.chk_leases
            WHERE id = NEW.row_id AND ended_at IS NULL AND until > clock_timestamp()) THEN
        INSERT INTO public.chk_wrong VALUES ('rescued early', NEW.row_id, NEW.worker);
    END IF;
    RETURN NULL;
END $$;
--
CREATE TRIGGER chk_runs AFTER INSERT ON clock.runs FOR EACH ROW EXECUTE FUNCTION chk_runs();
END

sql($db, q(INSERT INTO clock.jobs (task, queue, priority, max_attempts, backoff_s, backoff_max_s)
    SELECT 't', 'q' || i % 3, i % 5, 2, 0, 0 FROM generate_series(1, ?) AS i), $rows);

# A report; keeps which were accepted.
sub report {
    my ($dbh, $call, @lease) = @_;
    sql($dbh, 'INSERT INTO public.chk_said (id, lease_id) VALUES (?, ?)', @lease)
        if one($dbh, "SELECT clock.$call", @lease);
    return;
}

# One worker, until nothing is left.  What it does with a row is chance.
sub worker {
    my ($number) = @_;
    srand($seed + $number);
    my $dbh = $db->{cluster}->dbh($db->{name});
    my @late;
    while (1) {
        my $claimed = sql($dbh, q(SELECT id, lease_id FROM clock.claim('{q0,q1,q2}', ?, ?, '1 s')),
            1 + int rand 20, "worker $number");
        for my $row (@$claimed) {
            my ($chance, @lease) = (rand, @{$row}{qw(id lease_id)});
            if ($chance < 0.80) {
                report($dbh, 'finish(?, ?)', @lease);
            } elsif ($chance < 0.88) {
                report($dbh, q(fail(?, ?, 'chance')), @lease);
            } elsif ($chance < 0.92) {
                report($dbh, 'release(?, ?)', @lease);
            } elsif ($chance < 0.97) {
                push @late, [ time + 0.5 + rand, @lease ];    # late, or just in time
            }    # else it is forgotten
        }
        while (@late && $late[0][0] < time) {
            my (undef, @lease) = @{ shift @late };
            report($dbh, 'finish(?, ?)', @lease);
        }
        next if @$claimed;
        last unless one($dbh, q(SELECT EXISTS (SELECT FROM clock.jobs WHERE state <> 'dead')));
        sleep 0.02;
    }
    $dbh->disconnect;
    return;
}

my $begun = time;
my @pids;
for my $number (1 .. $workers) {
    my $pid = fork // die "cannot fork: $!\n";
    if ($pid == 0) {
        $db->{dbh}{InactiveDestroy} = 1;
        my $fine = eval { worker($number); 1 };
        print STDERR "# worker $number: $@" unless $fine;
        POSIX::_exit($fine ? 0 : 1);
    }
    push @pids, $pid;
}
my $failed = 0;
for my $pid (@pids) {
    waitpid $pid, 0;
    $failed++ if $? != 0;
}
diag sprintf '%d rows in %.1f s', $rows, time - $begun;

is $failed, 0, 'no worker met an error';
is_deeply sql($db, 'SELECT * FROM public.chk_wrong'), [], 'what must never happen has not';
is one($db, q(SELECT count(*) FROM clock.jobs WHERE state <> 'dead')), 0, 'no row is left';
is one($db, q(SELECT count(*) FROM public.chk_leases AS a JOIN public.chk_leases AS b ON a.id = b.id
    AND a.lease_id < b.lease_id AND tstzrange(a.taken_at, a.ended_at) && tstzrange(b.taken_at, b.ended_at))),
    0, 'never two leases at a time';
is one($db, q(SELECT count(*) FROM public.chk_said AS said JOIN public.chk_leases AS old USING (id, lease_id)
    JOIN public.chk_leases AS new ON new.id = old.id AND new.taken_at > old.taken_at AND new.taken_at < said.at
    WHERE old.ended_at > new.taken_at OR EXISTS (SELECT FROM clock.runs AS r WHERE r.row_id = old.id
        AND r.attempt = old.attempt AND r.outcome = 'lost' AND r.ended_at <= new.taken_at))),
    0, 'no report is accepted under a lease that another has followed';
is one($db, q(SELECT (SELECT count(DISTINCT row_id) FROM clock.runs WHERE outcome = 'done')
    + (SELECT count(*) FROM clock.jobs WHERE state = 'dead'))), $rows, 'each row is done or dead';
is one($db, q(SELECT count(*) FROM (SELECT 1 FROM clock.runs WHERE outcome = 'done'
    GROUP BY row_id HAVING count(*) > 1) AS twice)), 0, 'none is done twice';
is one($db, q(SELECT count(*) FROM clock.jobs WHERE attempt <> max_attempts)), 0,
    'what is dead has spent its attempts';
is one($db, q(SELECT count(*) FROM public.chk_leases WHERE attempt > 2)), 0, 'no attempt beyond the most';
is one($db, q(SELECT count(*) FROM (SELECT id FROM public.chk_leases EXCEPT ALL
    SELECT row_id FROM clock.runs) AS x)), 0, 'each lease has its end in the history';
cmp_ok one($db, q(SELECT count(*) FROM clock.runs WHERE outcome = 'lost')), '>', 0,
    'some leases were lost';
cmp_ok one($db, q(SELECT count(DISTINCT worker) FROM clock.runs)), '>', $workers / 2,
    'the workers had their share';

done_testing;
