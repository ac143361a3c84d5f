# Three clocks and two workers under everything at once, at random: kill -9, SIGSTOP, cut and silent
# connections, a server that restarts, crashes or stands still, or is lost and its synchronous standby
# promoted, hosts whose time is wrong, reloads with good, wrong and cut files, pauses and resumes.  All
# the while and at the end: each fire is one row or one record, as an oracle counts them that knows
# nothing of the engine, what a clock told of is there, and each row is done.
#
# SOAK_SECONDS  how long (20; `make soak`: an hour)
# CLOCK_SEED    what befalls them, as far as two clocks can be made to do the same twice

use strict;
use warnings;

use Test::More;
use Time::HiRes qw(time);

use ClockTest;
use CutProxy;
use Ledger;
use Oracle;
use Pair;

my $seconds = $ENV{SOAK_SECONDS} // 20;
my $seed = $ENV{CLOCK_SEED} // time % 1_000_000 | 0;
srand $seed;
diag "seed $seed (CLOCK_SEED), $seconds s (SOAK_SECONDS)";

my $pair = Pair->new(synchronous => 1);
my $db = database(cluster => $pair->primary);
ledger_install($db);
oracle_install($db);
my @proxies = map { CutProxy->new(to => $_, from => 1, step => 1, up => 0, down => 0) } $pair->ports;
my $url = sprintf 'postgresql://postgres@%s/%s?sslmode=disable', join(',', map { '127.0.0.1:' . $_->port } @proxies),
    $db->{name};
# A sanitized program takes no preloaded library.
my ($faketime) = build_path('') =~ /\bsan\b/ ? () : glob '/usr/lib/*/faketime/libfaketime.so.1';

# ---- the Clockfile, and how it changes ----

my $path = clockfile('');
my %edit = (edited => 2);                    # the period in force of what is edited
my %there = (there => 1, 'at-times' => 1);    # what is removed and added again
my @jobs = qw(one two three paused edited there at-times work-a work-b);

sub good_file {
    my %every = (one => 1, two => 2, three => 3, paused => 2, 'work-a' => 2, 'work-b' => 3, %edit);
    $every{$_} = 2 for grep { $there{$_} } keys %there;
    return join '', "name: soak\ndefaults: {missed: all, limit: 100000, backoff: 1s}\njobs:\n", map {
        "  $_: {schedule: \"\@every $every{$_}s\"" . (/^work/ ? ', command: "true"' : '') . "}\n"
    } sort keys %every;
}

# By rename, as who is careful does; write_file writes in place, as an editor may, and whoever reads
# meanwhile sees a part of it.
sub put_file {
    my ($text) = @_;
    write_file("$path.new", $text);
    rename "$path.new", $path or die "cannot rename '$path.new': $!\n";
}

# ---- clocks and workers ----

my (@programs, %done, @bad);    # {what, args, env, process, until: when it is let go on}

sub start {
    my ($program) = @_;
    my %env = (DATABASE_URL => $url);
    if ($faketime && $program->{what} eq 'clock' && rand() < 0.3) {    # its host's time is wrong
        %env = (%env, LD_PRELOAD => $faketime, FAKETIME => sprintf('%+ds', rand(4000) - 2000),
            FAKETIME_DONT_FAKE_MONOTONIC => 1);
        $done{'wrong time'}++;
    }
    $program->{process} = clock_start(@{ $program->{args} }, { env => \%env });
}

# Whoever has ended is started again.  Nobody may end of his own accord but for a wrong file, or when
# a SIGHUP came before it could be caught.
sub look_after {
    my ($program) = @_;
    if ($program->{until} && time >= $program->{until}) {
        $program->{process}->kill('CONT');
        delete $program->{until};
    }
    return if $program->{process}->running;
    my $status = $program->{process}->wait;
    push @bad, "$program->{what} ended with $status:\n" . $program->{process}->log
        unless $program->{killed} || $status == 3 || ($status == -1 && $program->{process}->log !~ /\bread file=/);
    delete @{$program}{qw(killed until)};
    start($program);
}

push @programs, map { { what => 'clock', args => [ 'run', $path, $_ == 1 ? '--watch' : () ] } } 1 .. 3;
push @programs, map { { what => 'worker', args => [ 'work', $path, '--allow-root', '--lease', '3s', '--grace', '2s' ] } } 1 .. 2;

sub any { my @all = grep { !$_->{until} } @programs; return $all[ rand @all ] // $programs[0] }
sub hup { $_->{process}->kill('HUP') for grep { rand() < 0.7 } @programs }

# ---- what befalls them ----

my $frozen;    # {what => [...], until}: the server or the network stands still

# The database is spoken to by itself, not through the proxy; a server may be away.
sub ask {
    my ($ask) = @_;
    my $answer = eval { $ask->() };
    if ($@) {
        eval { $db->{dbh} = $pair->primary->dbh($db->{name}) };
    }
    return $answer;
}

sub freeze {
    my ($for, @what) = @_;
    return if $frozen;
    $_->pause for @what;
    $frozen = { what => \@what, until => time + $for };
}

# The primary is lost, its standby promoted, and a new standby made where the old primary was.
sub fail_over {
    my ($lose) = @_;
    return if $frozen;
    $db->{dbh}->disconnect;
    $lose->($pair->primary);
    $pair->promote;
    @{$db}{qw(cluster url dbh)} =
        ($pair->primary, $pair->primary->url($db->{name}), $pair->primary->dbh($db->{name}));
    $pair->rebuild;
    $done{'promotion'}++;
}

sub control {
    my (@args) = @_;
    return clock_start(@args, { db => $db })->wait(60);
}

my @events = (
    [ 20, 'kill -9' => sub { my $it = any(); $it->{killed} = 1; $it->{process}->kill('KILL') } ],
    [ 12, 'SIGSTOP' => sub {
        my $it = any();
        $it->{process}->kill('STOP');
        $it->{until} = time + (rand() < 0.2 ? rand 8 : rand 1.5);
    } ],
    [ 15, 'cut' => sub { $_->cut_now for @proxies } ],
    [ 6, 'backend terminated' => sub {
        return if $frozen;
        ask(sub { one($db, <<'END') });
SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity
 WHERE application_name LIKE 'clock %' ORDER BY random() LIMIT 2) AS some
END
    } ],
    [ 4, 'silent network' => sub { freeze(rand 6, @proxies) } ],
    [ 3, 'silent server' => sub { freeze(rand 4, $pair->primary) } ],
    [ 3, 'server restarted' => sub {
        return if $frozen;
        $db->{dbh}->disconnect;
        $pair->primary->restart((qw(fast immediate kill))[ rand 3 ]);
        $db->{dbh} = $pair->primary->dbh($db->{name});
    } ],
    [ 2, 'server lost' => sub { fail_over(sub { $_[0]->stop('kill') }) } ],
    [ 1, 'server silent for ever' => sub { fail_over(sub { $_[0]->pause }) } ],
    [ 5, 'good file' => sub {
        $edit{edited} = 2 + int rand 3;
        $there{$_} = rand() < 0.6 for keys %there;
        put_file(good_file());
        hup();
    } ],
    [ 4, 'wrong file' => sub { write_file($path, "jobs:\n  one: {schedule: \"61 * * * *\"}\n"); hup(); put_file(good_file()) } ],
    [ 4, 'cut file' => sub {
        my $text = good_file();
        write_file($path, substr $text, 0, rand length $text);
        hup();
        put_file($text);
        hup();
    } ],
    [ 4, 'pause' => sub { return if $frozen; control('pause', 'paused', '--name', 'soak', '--reason', 'soak') } ],
    [ 4, 'resume' => sub { return if $frozen; control('resume', 'paused', '--name', 'soak') } ],
);

sub something {
    my $total = 0;
    $total += $_->[0] for @events;
    my $which = rand $total;
    for my $event (@events) {
        next if ($which -= $event->[0]) >= 0;
        $done{ $event->[1] }++;
        return $event->[2]->();
    }
}

sub thaw {
    my ($now) = @_;
    return unless $frozen && ($now || time >= $frozen->{until});
    $_->resume for @{ $frozen->{what} };
    undef $frozen;
}

# How often the clocks' logs tell of fires, and which of these lines are not true: with a synchronous
# standby a COMMIT that was answered outlives its server.
sub untrue_words {
    my ($told, @untrue) = (0);
    for my $log (glob temp_dir() . '/log*') {
        open my $in, '<', $log or die "cannot read '$log': $!\n";
        while (my $line = <$in>) {
            my ($what, $n, $first) = $line =~ /\bfired (job|rows)=(\S+) (?:jobs=\S+ )?scheduled_at=(\S+)/ or next;
            my ($last) = $line =~ /\bthrough=(\S+)/;
            my $there = one($db, <<'END', $first, $last // $first, $what eq 'job' ? $n : undef);
SELECT count(*) FROM ledger.fires WHERE scheduled_at BETWEEN ? AND ? AND job = coalesce(?, job)
END
            push @untrue, $line if $there < ($what eq 'job' ? 1 : $n);
            $told++;
        }
    }
    return $told, @untrue;
}

# ---- the soak ----

put_file(good_file());
start($_) for @programs;
poll_until(sub { one($db, 'SELECT count(*) FROM clock.jobs') }, 20, 'the first fire');
my $begun = time;
my ($next, $check) = (time, time + 60);
poll_until(sub {
    look_after($_) for @programs;
    thaw();
    if (time >= $next) {
        something();
        $next = time + rand() ** 2 * 3;
        $_->cuts for @proxies;
    }
    if (time >= $check && !$frozen) {
        push @bad, @{ ask(sub { [ ledger_violations($db) ] }) // [] };
        diag sprintf '%d s: %s fires, %d complaints', time - $begun,
            ask(sub { one($db, 'SELECT count(*) FROM ledger.fires') }) // '?', scalar @bad;
        $check = time + 60;
    }
    return @bad || time > $begun + $seconds;
}, $seconds + 120, 'the end of the soak');

# Calm: everybody goes on, and whoever ends is started again.
thaw(1);
put_file(good_file());
for my $program (@programs) {
    $program->{until} = 0;
    $program->{process}->kill('CONT');
    look_after($program);
    $program->{process}->kill('HUP');
}
$db->{dbh} = $pair->primary->dbh($db->{name});
control('resume', 'paused', '--name', 'soak');
my $mark = one($db, 'SELECT clock_timestamp()');
eval {
    poll_until(sub {
        look_after($_) for @programs;
        one($db, q(SELECT fired_through > ?::timestamptz + interval '3 seconds' FROM clock.horizons), $mark);
    }, 90, 'the horizon to pass');
    1;
} or push @bad, $@;
for my $program (grep { $_->{what} eq 'clock' } @programs) {
    my $status = $program->{process}->term;
    push @bad, "a clock ended with $status when told" if $status != 0;
}
eval {
    poll_until(sub {
        look_after($_) for grep { $_->{what} eq 'worker' } @programs;
        !one($db, q(SELECT count(*) FROM clock.jobs WHERE job LIKE 'work-%' AND state <> 'dead'));
    }, 60 + $seconds / 10, 'the queue to run dry');
    1;
} or push @bad, $@;
is $_->{process}->term(30), 0, 'a worker stops in order' for grep { $_->{what} eq 'worker' } @programs;

is_deeply \@bad, [], 'nobody ended, hung or broke a promise' or diag explain \@bad;
ledger_check($db, {});
is_deeply [ oracle_complaints($db, @jobs) ], [], 'the oracle finds each instant once';
my ($told, @untrue) = untrue_words();
cmp_ok $told, '>', 0, 'the clocks told of fires';
is "@untrue", '', 'and these are there';
is one($db, <<'END'), 0, 'each row of a command was run to its end, or is kept as dead';
SELECT count(*) FROM ledger.fires f
 WHERE f.job LIKE 'work-%'
   AND NOT EXISTS (SELECT FROM clock.runs r WHERE (r.job, r.scheduled_at) = (f.job, f.scheduled_at) AND r.outcome = 'done')
   AND NOT EXISTS (SELECT FROM clock.jobs j WHERE (j.job, j.scheduled_at) = (f.job, f.scheduled_at) AND j.state = 'dead')
END
is one($db, 'SELECT count(*) FROM clock.runs WHERE attempt > 5'), 0, 'no attempt is beyond the last';
is one($db, <<'END'), 0, 'no row is reported done twice';
SELECT count(*) FROM (SELECT FROM clock.runs WHERE outcome = 'done' GROUP BY row_id HAVING count(*) > 1) AS twice
END
# Not one that was due as its job was removed: that may be there or not.
my $some = <<'END';
(SELECT f.ctid FROM ledger.fires f
  WHERE NOT EXISTS (SELECT FROM ledger.rules r JOIN ledger.locks l USING (xid)
                     WHERE r.job = f.job AND r.op = 'DELETE'
                       AND f.scheduled_at BETWEEN l.taken - interval '1 s' AND l.seen) LIMIT 1)
END
for my $plant ("DELETE FROM ledger.fires WHERE ctid = $some",
    "INSERT INTO ledger.fires SELECT * FROM ledger.fires WHERE ctid = $some") {
    $db->{dbh}->begin_work;
    $db->{dbh}->do($plant);
    is scalar(oracle_complaints($db, @jobs)), 1, 'and would see: ' . substr $plant, 0, 6;
    $db->{dbh}->rollback;
}
my $fires = one($db, 'SELECT count(*) FROM ledger.fires');
cmp_ok $fires, '>', $seconds, 'there was something to lose';
diag join ', ', "$fires fires", map { "$done{$_} x $_" } sort keys %done;
diag join ', ', map { "$_->{n} $_->{reason}" } @{ sql($db, 'SELECT reason, sum(count) AS n FROM clock.missed GROUP BY 1') };

done_testing;
