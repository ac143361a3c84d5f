# A database that is there and does not do what it should: it locks, refuses, is full, stands still, or
# the network swallows what is sent.  Clocks say so once, take up few connections, and are back on time
# when it is over, with each fire exactly once.
#
# CLOCK_HOSTILE_S=600: how long the troubles last, in seconds (default 7; long: `make fault`).

use strict;
use warnings;

use Test::More;
use Time::HiRes qw(time);

use ClockTest;
use Ledger;

use constant BACK_S => 25;    # a second and the longest back-off is the promise; this machine is busy

my $lasts_s = $ENV{CLOCK_HOSTILE_S} // 7;
my %every = (one => 1, two => 2);
my (@disks, @networks);    # to be taken down, however this ends

sub jobs {
    my ($bytes) = @_;
    my $more = $bytes ? sprintf ', payload: {fat: "%s"}', 'x' x $bytes : '';
    return join '', "jobs:\n",
        map { "  $_: {schedule: \"\@every $every{$_}s\", missed: all, limit: 100000$more}\n" } sort keys %every;
}

my $cluster = Cluster->new(tcp => 1,
    settings => "max_connections = 40\ntrack_commit_timestamp = on\nlisten_addresses = '*'\n");

# A database of its own with a clock that fires, and perhaps something else in its environment.
sub victim {
    my ($what, %option) = @_;
    my $db = database(cluster => $cluster);
    ledger_install($db);
    $option{prepare}->($db) if $option{prepare};
    my @start = $option{start} ? $option{start}->($db) : ('run');
    my $clock = clock_start(@start, clockfile(jobs($option{bytes})), { db => $db, %{ $option{options} // {} } });
    $clock->says(qr/\bfired\b/);
    return { what => $what, db => $db, clock => $clock, %option };
}

sub sessions {
    my ($db) = @_;
    return one($cluster->dbh('postgres'),
        q(SELECT count(*) FROM pg_stat_activity WHERE application_name IN ('clock run', 'clock work') AND datname = ?), $db->{name});
}

sub now_in_db { return one($cluster->dbh('postgres'), 'SELECT clock_timestamp()') }

# Waits for the first fire after $at, then checks all.
sub is_back {
    my ($victim, $at) = @_;
    my ($db, $clock) = @{$victim}{qw(db clock)};
    poll_until(sub { one($db, "SELECT fired_through > ?::timestamptz + interval '2 s' FROM clock.horizons", $at) },
        60, "$victim->{what}: fires again");
    my $late = one($db, <<'END', $at, $at);
SELECT max(extract(epoch FROM pg_xact_commit_timestamp(xid::xid) - greatest(now, ?::timestamptz)))::float8
  FROM ledger.horizons
 WHERE pg_xact_commit_timestamp(xid::xid) > ?::timestamptz
END
    diag sprintf '%s: the latest fire came %.0f ms after its instant and the end of the trouble', $victim->{what},
        1000 * $late;
    cmp_ok $late, '<', BACK_S, 'back in time';
    cmp_ok sessions($db), '<=', 2, 'nothing of it is left at the server';
    my @said = grep { $_ =~ $victim->{says} } $clock->log;
    cmp_ok scalar @said, '>=', 1, 'said';
    cmp_ok scalar @said, '<=', 3 + $lasts_s / 60, 'and not at every attempt' or diag join "\n", @said;
    is $clock->term, 0, 'stops in order';
    ledger_check($db, \%every);
    is one($db, 'SELECT count(*) FROM clock.missed'), 0, 'nothing is missed' if $lasts_s < 50;
}

sub lasts {
    my $until = time + $lasts_s;
    poll_until(sub { time > $until }, $lasts_s + 10, 'the trouble to last');
}

# --- troubles of one database, all at a time ---

sub locked {
    my ($table) = @_;
    my $holder;
    return victim("a lock on $table", says => qr/\bblocked\b.*hint="another session holds the lock/,
        begin => sub {
            $holder = $cluster->dbh($_[0]{name});
            $holder->begin_work;
            $holder->do("LOCK TABLE clock.$table IN ACCESS EXCLUSIVE MODE");
        },
        end => sub { $holder->rollback; $holder->disconnect });
}

# Clocks see the setting in their next session; theirs are ended.
sub read_only {
    my $set = sub {
        my ($db, $value) = @_;
        my $dbh = $cluster->dbh('postgres');
        $dbh->do("ALTER DATABASE $db->{name} SET default_transaction_read_only = $value");
        $dbh->do('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ? AND datname = ?',
            undef, 'clock run', $db->{name});
    };
    return victim('read-only', says => qr/read-only transaction/, begin => sub { $set->($_[0], 'on') },
        end => sub { $set->($_[0], 'off') });
}

# The rows lie on a disk of two megabytes, and what room those need that wait for the end of it.
sub full {
    my $disk = temp_dir() . '/disk';
    mkdir $disk;
    my $kilobytes = 2048 + 8 * $lasts_s;
    return unless $> == 0 && system("mount -t tmpfs -o size=${kilobytes}k,mode=0777 none '$disk' 2>/dev/null") == 0;
    push @disks, $disk;
    chmod 0755, temp_dir();
    mkdir "$disk/space";
    chown @{ $cluster->{user} }, "$disk/space" if @{ $cluster->{user} };
    return victim('a full disk', says => qr/No space left|no space left/, bytes => 2000,
        prepare => sub {
            $cluster->dbh('postgres')->do("CREATE TABLESPACE small LOCATION '$disk/space'");
            $_[0]{dbh}->do('ALTER TABLE clock.jobs ALTER payload SET STORAGE EXTERNAL');
            $_[0]{dbh}->do('ALTER TABLE clock.jobs SET TABLESPACE small');
        },
        begin => sub { system "dd if=/dev/zero of='$disk/filler' bs=4k 2>/dev/null" },
        end => sub { unlink "$disk/filler" });
}

# A network of its own whose cable is pulled: nobody is told.
sub cut_off {
    my ($name, $net) = ("clk$$", sprintf '10.213.%d', $$ % 256);
    my $made = $> == 0 && system(<<"END") == 0;
{ ip netns add $name && ip link add ${name}a type veth peer name ${name}b netns $name &&
ip addr add $net.1/30 dev ${name}a && ip link set ${name}a up &&
ip -n $name addr add $net.2/30 dev ${name}b && ip -n $name link set ${name}b up; } 2>/dev/null
END
    push @networks, $name;
    return unless $made;
    $cluster->allow("host all all $net.0/30 trust");
    my $url = sub { sprintf 'postgresql://postgres@%s.1:%d/%s', $net, $cluster->port, $_[0]{name} };
    return victim('dropped packets', says => qr/\blost\b/,
        start => sub { $_[0]{url} = $url->($_[0]); return ('netns', 'exec', $name, clock_binary(), 'run') },
        options => { program => '/usr/sbin/ip' },
        begin => sub { system 'ip', 'link', 'set', "${name}a", 'down' },
        end => sub { system "ip link set ${name}a up; ip addr replace $net.1/30 dev ${name}a" });
}

my @victims = grep { $_ } locked('jobs'), locked('horizons'), locked('schedules'), read_only(), full(), cut_off();
my $worker = clock_start('work', ($> == 0 ? '--allow-root' : ()), '--file',
    clockfile("jobs: {run: {schedule: \"\@yearly\", command: [\"true\"]}}\n"), { db => $victims[0]{db} });
$worker->says(qr/\bconnected\b/);
$_->{begin}->($_->{db}) for @victims;
$_->{clock}->says($_->{says}, 30) for @victims;
$worker->says(qr/lock timeout.*hint=/, 40);
lasts();
is $worker->term, 0, 'a worker before a locked table stops in order';
for my $victim (@victims) {
    cmp_ok sessions($victim->{db}), '<=', 3, "$victim->{what}: few sessions wait at the server";
}
for my $victim (@victims) {
    $victim->{end}->($victim->{db});
    $victim->{at} = now_in_db();
}
for my $victim (@victims) {
    subtest $victim->{what} => sub { is_back($victim, $victim->{at}) };
}

subtest 'a database that is read-only at the start is refused' => sub {
    my $db = database(cluster => $cluster);
    $cluster->dbh('postgres')->do("ALTER DATABASE $db->{name} SET default_transaction_read_only = on");
    my $clock = clock_start('run', clockfile(jobs()), { db => $db });
    is $clock->wait, 5;
    like $clock->log, qr/accepts no writes.*target_session_attrs=read-write/s;
};

# --- troubles of the whole server ---

subtest 'no connection is left' => sub {
    my $victim = victim('no connection is left', says => qr/too many clients/);
    my $keep = $cluster->dbh('postgres');
    my @taken;
    poll_until(sub {
        $keep->do(q(SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'clock run'));
        while (my $dbh = eval { $cluster->dbh('postgres') }) { push @taken, $dbh }
        return ($victim->{clock}->log) =~ $victim->{says};
    }, 30, 'the last connection to be taken');
    my $at = one($keep, 'SELECT clock_timestamp()');
    $_->disconnect for splice @taken;
    is_back($victim, $at);
};

subtest 'the server stands still' => sub {
    my $victim = victim('the server stands still', says => qr/did not answer/);
    $cluster->pause;
    $victim->{clock}->says($victim->{says}, 30);
    $cluster->resume;
    is_back($victim, now_in_db());
};

END {
    local $?;
    system "umount -l '$_'" for @disks;
    system "ip netns del $_ 2>/dev/null" for @networks;
}

done_testing;
