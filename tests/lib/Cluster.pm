package Cluster;

# A throw-away PostgreSQL: a socket, no fsync, a folder of its own under the temporary one.
#
# It outlives nobody: a guard, a process of its own, watches whoever the cluster was made for and
# takes it down when that one is gone, however it went.  initdb refuses root, so for root the server
# runs as postgres or nobody.

use strict;
use warnings;

use Cwd qw(abs_path);
use DBI;
use File::Basename qw(dirname);
use File::Path qw(remove_tree);
use File::Spec;
use File::Temp qw(tempdir);
use IO::Socket::INET;
use POSIX ();
use Time::HiRes qw(sleep time);

use constant START_S => 60;
use constant PORT    => 5432;     # of the socket's name only
use constant SUPER   => 'postgres';

# sun_path holds 108 bytes, the last one a NUL; behind the folder comes "/.s.PGSQL.5432".
use constant SOCKET_DIR_MAX => 107 - length '/.s.PGSQL.5432';

my $SETTINGS = <<'END';
fsync = off
full_page_writes = off
shared_buffers = 32MB
max_connections = 100
wal_level = replica
wal_retrieve_retry_interval = 200ms
autovacuum_naptime = 5s
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_line_prefix = '%m [%p] %a '
END

# What a guard runs: the arguments are owner, the owner's start, the folder.
my $GUARD = <<'END';
use File::Path qw(remove_tree);
my ($owner, $born, $folder) = @ARGV;
sub born_of {
    open my $stat, '<', "/proc/$_[0]/stat" or return kill(0, $_[0]) ? '' : undef;
    return (split ' ', <$stat> =~ s/.*\)//sr)[19];
}
while (1) {
    my $now = born_of($owner);
    last if !defined $now || $now ne $born || !-d $folder;
    select undef, undef, undef, 0.2;
}
open my $file, '<', "$folder/data/postmaster.pid";
my ($pid) = (($file && <$file>) // '') =~ /^(\d+)/;
if ($pid) {
    my @all = grep { index(readlink("/proc/$_/cwd") // '', "$folder/") == 0 }
        map { m{/(\d+)$} } glob '/proc/[0-9]*';
    kill 'CONT', $pid, @all;
    kill 'QUIT', $pid;
    for (1 .. 100) { last unless kill 0, $pid; select undef, undef, undef, 0.05 }
    kill 'KILL', $pid, @all;
}
remove_tree($folder) if -d $folder;
END

# --- programs and users ---

# The folder of the server's programs; dies when there is none.
sub bindir {
    my $asked = `pg_config --bindir 2>/dev/null`;
    chomp $asked;
    my @usual = sort { ($b =~ m{/([\d.]+)/})[0] <=> ($a =~ m{/([\d.]+)/})[0] }
        glob '/usr/lib/postgresql/*/bin';
    for my $dir (File::Spec->path, $asked, @usual) {
        next unless $dir ne '' && -x "$dir/initdb" && -x "$dir/postgres";
        return dirname(abs_path("$dir/initdb"));    # PATH may have links to a few of them only
    }
    die "no PostgreSQL server here: initdb and postgres are neither on PATH nor under"
        . " /usr/lib/postgresql\n";
}

# Whom the server runs as: nothing for ourselves.
sub server_user {
    return if $> != 0;
    for my $name ('postgres', 'nobody') {
        my ($uid, $gid) = (getpwnam $name)[2, 3];
        return ($uid, $gid) if defined $uid;
    }
    die "neither postgres nor nobody is a user here, and initdb refuses root\n";
}

# In a child: becomes that user, in a folder that it may enter.
sub become {
    my ($uid, $gid) = @_;
    chdir '/';
    return unless defined $uid;
    $) = "$gid $gid";
    POSIX::setgid($gid);
    POSIX::setuid($uid);
    POSIX::_exit(126) if $> != $uid;
}

# Runs a program of the server as its user; what it said goes to the log.  Dies when it fails.
sub command {
    my ($self, $program, @args) = @_;
    my $pid = fork // die "cannot fork: $!\n";
    if ($pid == 0) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>>', "$self->{dir}/log";
        open STDERR, '>&', \*STDOUT;
        delete @ENV{ grep { /^PG/ } keys %ENV };
        become(@{ $self->{user} });
        exec "$self->{bindir}/$program", @args or POSIX::_exit(127);
    }
    waitpid $pid, 0;
    die "$program has failed:\n" . $self->log if $? != 0;
}

# When process $pid was born, in the kernel's words: tells it from another with its number.
sub born {
    my ($pid) = @_;
    open my $stat, '<', "/proc/$pid/stat" or return '';
    return (split ' ', <$stat> =~ s/.*\)//sr)[19];
}

# --- life ---

# new(owner => PID, dir => FOLDER, settings => TEXT, tcp => PORT, standby_of => CLUSTER, unready => 1,
# env => {NAME => VALUE}): made and started.  Without an owner it lives as long as this process,
# without a folder in a new one.  tcp: 1 for any port that is free.  unready: it is enough that the
# server says that it takes no connections.  env: of the server.
sub new {
    my ($class, %option) = @_;
    my $owner = $option{owner} // $$;
    my $dir = $option{dir} // tempdir('clock-pg-XXXXXX', DIR => temporary());
    my $self = bless { dir => $dir, data => "$dir/data", sock => "$dir/sock", owner => $owner,
        bindir => bindir(), user => [server_user()], pid => 0,
        unready => $option{unready}, env => $option{env} // {} }, $class;
    chmod 0755, $dir;
    for my $folder (@{$self}{qw(data sock)}) {
        mkdir $folder, 0700 or die "cannot make '$folder': $!\n";
    }
    chmod 0755, $self->{sock};
    chown $self->{user}[0], $self->{user}[1], $self->{data}, $self->{sock} if @{ $self->{user} };
    $self->guard;
    if ($option{standby_of}) {
        $self->command('pg_basebackup', '-D', $self->{data}, '-R', '-X', 'stream', '-c', 'fast',
            '-h', $option{standby_of}{sock}, '-p', $option{standby_of}->port, '-U', SUPER);
    } else {
        $self->command('initdb', '-D', $self->{data}, '-A', 'trust', '-U', SUPER, '-E', 'UTF8',
            '--locale=C', '--no-sync');
    }
    $self->{tcp} = $option{tcp} == 1 ? free_port() : $option{tcp} if $option{tcp};
    my $address = $self->{tcp} ? '127.0.0.1' : '';
    $self->configure($SETTINGS . "listen_addresses = '$address'\nport = " . $self->port
            . "\nunix_socket_directories = '$self->{sock}'\n" . ($option{settings} // ''));
    $self->start;
    return $self;
}

# The cluster that another process has made in that folder.
sub at {
    my ($class, $dir) = @_;
    return bless { dir => $dir, data => "$dir/data", sock => "$dir/sock", bindir => bindir(),
        user => [server_user()], pid => 0, owner => 0 }, $class;
}

sub temporary {
    my $dir = File::Spec->tmpdir;
    return length("$dir/clock-pg-XXXXXX/sock") <= SOCKET_DIR_MAX ? $dir : '/tmp';
}

# A port that is free, below those that the kernel gives to whoever connects: it stays free while the
# server that has it is away.
sub free_port {
    open my $range, '<', '/proc/sys/net/ipv4/ip_local_port_range' or die "no range of ports: $!\n";
    open my $random, '<:raw', '/dev/urandom' or die "no chance: $!\n";    # a test may have called srand
    my ($begin, $end) = (10_000, <$range> =~ /^(\d+)/);
    for (1 .. 100) {
        read $random, my $chance, 4;
        my $port = $end > $begin ? $begin + unpack('L', $chance) % ($end - $begin) : 0;
        my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 1) or next;
        return $socket->sockport;
    }
    die "no free port: $!\n";
}

# Adds lines to the configuration; they are in force after a start or a reload.
sub configure {
    my ($self, $lines) = @_;
    open my $file, '>>', "$self->{data}/postgresql.conf" or die "no configuration: $!\n";
    print {$file} $lines;
    close $file or die "no configuration: $!\n";
}

# Puts lines before all others of pg_hba.conf.
sub allow {
    my ($self, @lines) = @_;
    my $path = "$self->{data}/pg_hba.conf";
    open my $in, '<', $path or die "no pg_hba.conf: $!\n";
    my @old = <$in>;
    open my $out, '>', $path or die "no pg_hba.conf: $!\n";
    print {$out} map({"$_\n"} @lines), @old;
    close $out or die "no pg_hba.conf: $!\n";
    $self->reload;
}

sub guard {
    my ($self) = @_;
    my $pid = fork // die "cannot fork: $!\n";
    if ($pid == 0) {
        POSIX::setsid();
        POSIX::_exit(0) if fork;
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', '/dev/null';
        open STDERR, '>', '/dev/null';
        exec $^X, '-e', $GUARD, $self->{owner}, born($self->{owner}), $self->{dir}
            or POSIX::_exit(127);
    }
    waitpid $pid, 0;
}

# Starts a program as the server's user, in a session of its own, and gives its pid.
sub background {
    my ($self, $folder, @command) = @_;
    my $pid = fork // die "cannot fork: $!\n";
    if ($pid == 0) {
        POSIX::setsid();
        open STDIN, '<', '/dev/null';
        open STDOUT, '>>', "$self->{dir}/log";
        open STDERR, '>&', \*STDOUT;
        delete @ENV{ grep { /^PG/ } keys %ENV };
        become(@{ $self->{user} });
        chdir $folder;
        exec @command or POSIX::_exit(127);
    }
    return $pid;
}

# Starts the server, and waits until it answers.
sub start {
    my ($self) = @_;
    local %ENV = (%ENV, %{ $self->{env} });
    my $pid = $self->background('/', "$self->{bindir}/postgres", '-D', $self->{data});
    $self->{pid} = $pid;
    my $until = time + START_S;
    until ($self->answers) {
        if (waitpid($pid, POSIX::WNOHANG()) != 0 || time > $until) {
            $self->{pid} = 0;
            die "the server did not start:\n" . $self->log;
        }
        sleep 0.02;
    }
    return $self;
}

sub answers {
    my ($self) = @_;
    my $dbh = eval {
        DBI->connect($self->dsn('postgres'), SUPER, '', { PrintError => 0, RaiseError => 1 });
    };
    $dbh->disconnect if $dbh;
    return $dbh || ($self->{unready} && ($DBI::errstr // '') =~ /not accepting/) ? 1 : 0;
}

# The postmaster's pid.
sub pid {
    my ($self) = @_;
    return $self->{pid} if $self->{pid};
    open my $file, '<', "$self->{data}/postmaster.pid" or return 0;
    my ($pid) = (<$file> // '') =~ /^(\d+)/;
    return $pid // 0;
}

# Stops the server: 'fast', 'immediate' (as a crash, but tidy) or 'kill' (kill -9 of everything).
sub stop {
    my ($self, $how) = @_;
    my $pid = $self->pid or return;
    if (($how // 'fast') eq 'kill') {
        kill 'KILL', $pid;
    } else {
        $self->resume;
        kill { fast => 'INT', immediate => 'QUIT' }->{ $how // 'fast' }, $pid;
    }
    my $until = time + START_S;
    while (waitpid($pid, POSIX::WNOHANG()) == 0 || kill 0, $pid) {
        die "the server did not stop:\n" . $self->log if time > $until;
        sleep 0.01;
    }
    if (($how // '') eq 'kill') {
        $self->kill_orphans($until);
        unlink "$self->{data}/postmaster.pid";
    }
    $self->{pid} = 0;
}

# The backends notice a dead postmaster by themselves, but not at once, and a new one refuses to
# start before.
sub kill_orphans {
    my ($self, $until) = @_;
    while (my @left = $self->processes) {
        kill 'KILL', @left;
        die "backends stay\n" if time > $until;
        sleep 0.01;
    }
}

# Every process of the server works in its data folder, and is of a process group of its own.
sub processes {
    my ($self) = @_;
    return grep { (readlink("/proc/$_/cwd") // '') eq $self->{data} }
        map { m{/(\d+)$} } glob '/proc/[0-9]*';
}

sub restart {
    my ($self, $how) = @_;
    $self->stop($how);
    return $self->start;
}

sub reload {
    my ($self) = @_;
    my $dbh = $self->dbh('postgres');
    $dbh->do('SELECT pg_reload_conf()');
    $dbh->disconnect;
}

# Every process of the server stands still, and goes on again.
sub pause  { my ($self) = @_; kill 'STOP', $_ for $self->processes; return }
sub resume { my ($self) = @_; kill 'CONT', $_ for $self->processes; return }

# A streaming standby of this cluster, and how it becomes the primary.
sub standby {
    my ($self, %option) = @_;
    return Cluster->new(%option, standby_of => $self);
}

sub promote {
    my ($self) = @_;
    $self->command('pg_ctl', 'promote', '-w', '-D', $self->{data});
}

# Puts pgbouncer before it (mode: session, transaction or statement; so many server connections);
# gives the URL of a database through it.
sub pooler_url {
    my ($self, $database, $mode, $size) = @_;
    $size //= 4;
    my $dir = "$self->{dir}/pooler-$mode-$size";
    unless (-d $dir) {
        mkdir $dir, 0755 or die "cannot make '$dir': $!\n";
        open my $ini, '>', "$dir/ini" or die "no pgbouncer.ini: $!\n";
        printf {$ini} "[databases]\n* = host=%s port=%d user=%s\n[pgbouncer]\nlisten_addr =\n"
            . "unix_socket_dir = %s\nlisten_port = %d\nauth_type = any\npool_mode = %s\n"
            . "default_pool_size = %d\nlogfile = %s/log\n", $self->{sock}, $self->port, SUPER, $dir,
            PORT, $mode, $size, $dir;
        close $ini or die "no pgbouncer.ini: $!\n";
        chown $self->{user}[0], $self->{user}[1], $dir if @{ $self->{user} };
        $self->start_pooler("$mode-$size");
    }
    return "postgresql://" . SUPER . "\@/$database?host=$dir&port=" . PORT;
}

sub start_pooler {
    my ($self, $name) = @_;
    my $dir = "$self->{dir}/pooler-$name";
    $self->{poolers}{$name} = $self->background($dir, 'pgbouncer', "$dir/ini");
    my $until = time + START_S;
    until (-S "$dir/.s.PGSQL." . PORT) {
        die "pgbouncer did not start\n" . $self->log if time > $until;
        sleep 0.02;
    }
}

# Kills a pooler and starts it anew.
sub restart_pooler {
    my ($self, $mode, $size) = @_;
    my $name = "$mode-$size";
    kill 'KILL', $self->{poolers}{$name};
    waitpid $self->{poolers}{$name}, 0;
    unlink "$self->{dir}/pooler-$name/.s.PGSQL." . PORT;
    $self->start_pooler($name);
}

# Takes it down and away.
sub destroy {
    my ($self) = @_;
    for my $pid (values %{ $self->{poolers} // {} }) {
        kill 'KILL', $pid;
        waitpid $pid, 0;
    }
    $self->stop('immediate');
    remove_tree($self->{dir});
}

sub DESTROY {
    my ($self) = @_;
    return if $self->{owner} != $$;
    local ($@, $?, $!);
    eval { $self->destroy };
}

# --- use ---

# The end of what the server and its programs have said.
sub log {
    my ($self) = @_;
    open my $file, '<', "$self->{dir}/log" or return '';
    my @lines = <$file>;
    splice @lines, 0, -30 if @lines > 30;
    return join '', @lines;
}

sub port {
    my ($self) = @_;
    return $self->{tcp} // PORT;
}

sub dsn {
    my ($self, $database) = @_;
    return "dbi:Pg:dbname=$database;host=$self->{sock};port=" . $self->port;
}

# As clock takes it; role and password may be others than the superuser's.
sub url {
    my ($self, $database, $role) = @_;
    $role //= SUPER;
    return "postgresql://$role\@/$database?host=$self->{sock}&port=" . $self->port;
}

sub tcp_url {
    my ($self, $database, $role) = @_;
    $role //= SUPER;
    return "postgresql://$role\@127.0.0.1:$self->{tcp}/$database";
}

# A connection; errors die.
sub dbh {
    my ($self, $database, $role) = @_;
    return DBI->connect($self->dsn($database), $role // SUPER, '',
        { RaiseError => 1, PrintError => 0, PrintWarn => 0, pg_server_prepare => 0 });
}

1;
