package ClockTest;

# What tests against a real PostgreSQL need: a database each, clocks to start and to stop, and
# waiting that is never a sleep.
#
#     use ClockTest;
#     my $db = database();                          # schema clock in it; database(empty => 1)
#     my $run = clock_start('run', clockfile($yaml), { db => $db });
#     poll_until(sub { one($db, 'SELECT count(*) FROM clock.jobs') >= 3 }, 10, 'three rows');
#     is $run->term, 0, 'ends when told';
#
# All test files of one `prove` share one cluster: the first to need it makes it, and it goes when
# prove does.  It is keyed by prove's pid, so that `prove -Itests/lib tests/db/x.t` needs nothing
# else, and a test run without prove has one to itself.  A test that stops, crashes or reconfigures
# the server takes a cluster of its own: Cluster->new.

use strict;
use warnings;

use Cluster;
use DBI;
use Exporter qw(import);
use Fcntl qw(:flock);
use File::Spec;
use File::Temp qw(tempdir);
use POSIX ();
use Time::HiRes qw(sleep time);

our @EXPORT = qw(STOP_S clock_binary build_path clockfile clock_start cluster database far_hour one poll_until
    rows sql temp_dir write_file);

use constant TEMPLATE => 'clock_template';
use constant STOP_S   => 5;    # a stop takes 0.8 s and may take 2; this machine may be slow

# Nobody's own database, zone or service manager decides a test.
delete @ENV{ qw(DATABASE_URL TZ TZDIR JOURNAL_STREAM NOTIFY_SOCKET WATCHDOG_USEC POSIXLY_CORRECT), grep { /^PG/ } keys %ENV };
umask 022;    # servers and workers of other users read what a test writes

my $clock = File::Spec->rel2abs($ENV{CLOCK} // 'bin/clock');
my $build = File::Spec->rel2abs($ENV{CLOCK_BUILD} // 'build/rel');
my ($temp, $files, $databases) = (undef, 0, 0);
my $shared;

sub clock_binary { return $clock }

# A program that make built from tests/: build_path('tests/db/pgprobe').
sub build_path {
    my ($name) = @_;
    return "$build/$name";
}

# A folder of this test's own.
sub temp_dir {
    return $temp //= tempdir('clock-test-XXXXXX', TMPDIR => 1, CLEANUP => 1);
}

# Writes a Clockfile; gives its path.
sub clockfile {
    my ($text) = @_;
    my $path = sprintf '%s/Clockfile%d.yml', temp_dir(), ++$files;
    write_file($path, $text);
    return $path;
}

sub write_file {
    my ($path, $text) = @_;
    open my $out, '>:utf8', $path or die "cannot write '$path': $!\n";
    print {$out} $text;
    close $out or die "cannot write '$path': $!\n";
}

# An hour of the day that is half a day away in UTC, and hours away in Europe: no job of a test that is
# due then falls due while the test runs, whenever that is.
sub far_hour { return (gmtime time + 12 * 3600)[2] }

# --- databases ---

# The prove that runs us, or nothing: a process that is named so, or a Perl that runs it.
sub prove_above {
    my $pid = getppid;
    for (1 .. 6) {
        last if $pid <= 1;
        open my $file, '<', "/proc/$pid/cmdline" or last;
        my @words = split /\0/, <$file> // '';
        return $pid if grep { m{(?:^|/)prove$} } @words[ 0 .. ($#words < 1 ? $#words : 1) ];
        open my $stat, '<', "/proc/$pid/stat" or last;
        $pid = (split ' ', <$stat> =~ s/.*\)//sr)[1];
    }
    return;
}

# The cluster that all test files of this run share.
sub cluster {
    return $shared if $shared;
    my $prove = prove_above() // return $shared = Cluster->new;
    my $dir = sprintf '%s/clock-prove-%d-%d-%s', Cluster::temporary(), $>, $prove,
        Cluster::born($prove);
    mkdir $dir, 0755;
    my ($mode, $owner) = (lstat $dir)[2, 4];
    die "'$dir' is not ours\n" unless defined $mode && -d _ && $owner == $>;
    open my $lock, '>>', "$dir/lock" or die "cannot lock '$dir': $!\n";
    flock $lock, LOCK_EX or die "cannot lock '$dir': $!\n";
    if (-e "$dir/ready") {
        $shared = Cluster->at($dir);
    } else {
        $shared = Cluster->new(owner => $prove, dir => $dir);
        open my $ready, '>', "$dir/ready" or die "cannot write in '$dir': $!\n";
    }
    return $shared;
}

# Schema clock as `clock migrate` makes it, once in each cluster; databases are copied from it.
sub template {
    my ($cluster) = @_;
    my $dbh = $cluster->dbh('postgres');
    $dbh->do('SELECT pg_advisory_lock(1)');
    unless (one($dbh, 'SELECT count(*) FROM pg_database WHERE datname = ?', TEMPLATE)) {
        my $name = TEMPLATE . '_new';
        $dbh->do("DROP DATABASE IF EXISTS $name");
        $dbh->do("CREATE DATABASE $name");
        local $ENV{DATABASE_URL} = $cluster->url($name);
        my $said = qx('$clock' migrate 2>&1);
        die "clock migrate has failed: $said\n" if $? != 0;
        $dbh->do(sprintf 'ALTER DATABASE %s RENAME TO %s', $name, TEMPLATE);
    }
    $dbh->disconnect;    # which unlocks
}

# The roles of `make least`, which are those of a whole cluster.
sub least_roles {
    my ($cluster) = @_;
    my $dbh = $cluster->dbh('postgres');
    for my $role (qw(dispatcher worker operator reader)) {
        eval { $dbh->do("CREATE ROLE least_$role LOGIN") };    # there already
    }
    $dbh->disconnect;
}

# A new database {name, url, dbh, cluster}, with schema clock unless empty => 1.
sub database {
    my (%option) = @_;
    my $cluster = $option{cluster} // cluster();
    least_roles($cluster) if $ENV{CLOCK_LEAST};
    template($cluster) unless $option{empty};
    my $name = sprintf 't%d_%d', $$, ++$databases;
    my $dbh = $cluster->dbh('postgres');
    $dbh->do("CREATE DATABASE $name" . ($option{empty} ? '' : ' TEMPLATE ' . TEMPLATE));
    $dbh->disconnect;
    return { name => $name, url => $cluster->url($name), dbh => $cluster->dbh($name),
        cluster => $cluster };
}

# Results of a statement, as an array of hashes; $db is of database(), or a DBI handle.
sub sql {
    my ($db, $statement, @bind) = @_;
    my $dbh = ref $db eq 'HASH' ? $db->{dbh} : $db;
    my $sth = $dbh->prepare($statement);
    $sth->execute(@bind);
    return $sth->{NUM_OF_FIELDS} ? $sth->fetchall_arrayref({}) : [];
}

# The first column of its first row.
sub one {
    my ($db, $statement, @bind) = @_;
    my $dbh = ref $db eq 'HASH' ? $db->{dbh} : $db;
    my $row = $dbh->selectrow_arrayref($statement, undef, @bind);
    return $row ? $row->[0] : undef;
}

# The rows of clock.jobs, oldest first.
sub rows {
    my ($db) = @_;
    return @{ sql($db, 'SELECT * FROM clock.jobs ORDER BY scheduled_at, job, id') };
}

# --- processes ---

# clock_start(ARGUMENT..., {db => DATABASE, env => {NAME => VALUE}, program => PATH}): a clock in
# the background.
sub clock_start {
    my @args = @_;
    my %option = ref $args[-1] ? %{ pop @args } : ();
    my $number = ++$files;
    my $self = bless { out => temp_dir() . "/out$number", log => temp_dir() . "/log$number" },
        'ClockTest::Process';
    my $pid = fork // die "cannot fork: $!\n";
    if ($pid == 0) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', $self->{out};
        open STDERR, '>', $self->{log};
        $ENV{DATABASE_URL} = $option{db}{url} if $option{db};
        %ENV = (%ENV, %{ $option{env} // {} });
        exec { $option{program} // $clock } 'clock', @args or POSIX::_exit(127);
    }
    $self->{pid} = $pid;
    return $self;
}

# Asks until the answer is true, and gives it; dies after so many seconds.
sub poll_until {
    my ($ask, $seconds, $what) = @_;
    my $until = time + $seconds;
    while (1) {
        my $answer = $ask->();
        return $answer if $answer;
        die "waited $seconds s for $what, in vain\n" if time > $until;
        sleep 0.01;
    }
}

package ClockTest::Process;

sub slurp {
    my ($path) = @_;
    open my $in, '<:utf8', $path or return '';
    local $/;
    return <$in> // '';
}

sub pid { return $_[0]{pid} }
sub out { return slurp($_[0]{out}) }

# What it wrote on standard error: in one string, or as lines.
sub log {
    my ($self) = @_;
    my $text = slurp($self->{log});
    return wantarray ? split /\n/, $text : $text;
}

# Waits until its log says so; gives the line.
sub says {
    my ($self, $pattern, $seconds) = @_;
    my $ask = sub { (grep { $_ =~ $pattern } $self->log)[0] };
    my $line = eval { ClockTest::poll_until($ask, $seconds // 20, $pattern) };
    return $line // die "$@", $self->log . "\n";
}

sub kill {
    my ($self, $signal) = @_;
    return CORE::kill $signal, $self->{pid};
}

sub running {
    my ($self) = @_;
    return 0 if defined $self->{status};
    return 1 if waitpid($self->{pid}, POSIX::WNOHANG()) == 0;
    $self->{status} = $?;
    return 0;
}

# Its exit status, or the signal that ended it as a negative number.
sub wait {
    my ($self, $seconds) = @_;
    ClockTest::poll_until(
        sub { !$self->running }, $seconds // 20, "the end of process $self->{pid}");
    return $self->{status} & 127 ? -($self->{status} & 127) : $self->{status} >> 8;
}

sub term {
    my ($self, $seconds) = @_;
    $self->kill('TERM');
    return $self->wait($seconds);
}

sub DESTROY {
    my ($self) = @_;
    local ($?, $!, $@);
    return unless $self->running;
    $self->kill('CONT');
    $self->kill('KILL');
    waitpid $self->{pid}, 0;
}

1;
