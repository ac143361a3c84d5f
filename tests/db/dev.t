#!/usr/bin/env perl
# clock dev, from start to Ctrl-C and worse: rows are worked, and nothing is left behind.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use constant PATIENCE_S => 60;

umask 022;

# A folder that every user may read, wherever the checkout is; the programs side by side in it.
my $home = tempdir('clock-dev-test-XXXXXX', TMPDIR => 1, CLEANUP => 1);
chmod 0755, $home;
mkdir "$home/$_" for qw(bin logs);
for my $file ([ $ENV{CLOCK} // 'bin/clock', 'bin/clock' ], [ 'bin/clock-dev', 'bin/clock-dev' ],
    [ 'tests/demo.yml', 'demo.yml' ])
{
    copy($file->[0], "$home/$file->[1]") or die "cannot copy $file->[0]: $!\n";
    chmod 0755, "$home/$file->[1]";
}
delete @ENV{ qw(CLOCK DATABASE_URL XDG_STATE_HOME POSIXLY_CORRECT), grep { /^PG/ } keys %ENV };

my $user;       # whom clock dev runs as; undef: as ourselves
my $session;    # the clock dev that runs
my $number = 0;
END { kill 'KILL', -$session->{pid} if $session && !defined $session->{status} }

# clock dev with these arguments, in a session of its own as from a terminal.
sub start {
    my (@arguments) = @_;
    my $log = "$home/logs/" . ++$number;
    my $pid = fork // die "cannot fork: $!\n";
    if ($pid == 0) {
        POSIX::setsid();
        open STDOUT, '>', $log;
        open STDERR, '>&', \*STDOUT;
        chdir $home;
        if ($user) {
            $ENV{HOME} = "$home/$user->{name}";
            $) = "$user->{gid} $user->{gid}";
            $( = $user->{gid};
            POSIX::setuid($user->{uid});
        }
        exec("$home/bin/clock-dev", @arguments) or POSIX::_exit(127);
    }
    return $session = { pid => $pid, log => $log };
}

sub log_of {
    my ($run) = @_;
    open my $file, '<', $run->{log} or return '';
    local $/;
    return <$file> // '';
}

sub spew {
    my ($path, $text) = @_;
    open my $file, '>', $path or die "cannot write $path: $!\n";
    print {$file} $text;
    close $file or die "cannot write $path: $!\n";
}

sub ended {
    my ($run) = @_;
    if (!defined $run->{status} && waitpid($run->{pid}, POSIX::WNOHANG) == $run->{pid}) {
        $run->{status} = $?;
    }
    return defined $run->{status};
}

# True as soon as `test` holds; false when it did not in time.
sub poll_until {
    my ($test) = @_;
    my $until = time + PATIENCE_S;
    while (time < $until) {
        return 1 if $test->();
        sleep 0.05;
    }
    return 0;
}

sub says {
    my ($run, $pattern, $what) = @_;
    my $said = poll_until(sub { log_of($run) =~ $pattern || ended($run) && log_of($run) =~ $pattern });
    ok($said, $what) or diag(log_of($run));
    return $said;
}

sub ends {
    my ($run, $status, $what) = @_;
    poll_until(sub { ended($run) }) or kill 'KILL', $run->{pid};
    is($run->{status}, $status << 8, $what) or diag(log_of($run));
}

sub sql {
    my ($run, $sql) = @_;
    my ($psql, $url) = log_of($run) =~ /look inside: +(\S+) '(.+)'/ or return '';
    open my $out, '-|', $psql, '-XAtq', $url, '-c', $sql or die "cannot run psql: $!\n";
    chomp(my @rows = <$out>);
    close $out;
    return join "\n", @rows;
}

# The processes that have to do with this folder, by command line or working directory.
sub processes_of {
    my ($folder) = @_;
    my @found;
    for my $proc (glob '/proc/[0-9]*') {
        my ($pid) = $proc =~ /(\d+)/;
        next if $pid == $$;
        my $line = '';
        if (open my $file, '<', "$proc/cmdline") {
            local $/;
            $line = <$file> // '';
        }
        my $cwd = readlink "$proc/cwd" // '';
        push @found, $pid if index("$line\n$cwd", $folder) >= 0;
    }
    return @found;
}

sub nothing_is_left {
    my ($state) = @_;
    poll_until(sub { !processes_of($home) });
    is_deeply([ map { "$_ " . (readlink "/proc/$_/exe" // '') } processes_of($home) ],
        [], 'no process is left');
    is_deeply([ grep { -e } "$state/run", "$state/data/postmaster.pid" ],
        [], 'no socket and no lock file is left');
}

sub whole_story {
    my $state = "$home/state";
    my @where = ('--state', $state);
    if ($user) {
        mkdir "$home/$user->{name}";
        chown $user->{uid}, $user->{gid}, "$home/$user->{name}";
        $state = "$home/$user->{name}/.local/state/clock/dev";    # the default
        @where = ();
    }

    my $run = start('demo.yml', @where);
    says($run, qr/^clock  \| .*fired/m, 'the clock fires');
    says($run, qr/^worker \| .*worked job=heartbeat scheduled_at=/m, 'the worker works');
    sql($run, 'CREATE TABLE public.mark (); INSERT INTO clock.jobs (task) VALUES (\'mine\')');
    says($run, qr/^worker \| .*worked.* task=mine/m, 'psql looks inside with the command shown');

    my $second = start('demo.yml', @where);
    ends($second, 1, 'a second one on the same folder stops');
    says($second, qr/already running on '\Q$state\E' as process $run->{pid}\b/, 'and says why');

    kill 'INT', -$run->{pid};
    ends($run, 0, 'Ctrl-C ends it well');
    says($run, qr/^dev    \| (\d+) rows enqueued, \d+ worked, \d+ left$/m, 'it sums up');
    nothing_is_left($state);

    $run = start('demo.yml', @where);
    says($run, qr/worked/, 'it starts again');
    is(sql($run, q{SELECT to_regclass('public.mark')}), 'mark', 'the database is the same');

    # Everything at once but the server: what a crash of the machine's tools would leave.
    my $server = (map { /^(\d+)/ } first_line("$state/data/postmaster.pid"))[0];
    kill 'KILL', grep { $_ != $server && (readlink("/proc/$_/exe") // '') !~ /postgres$/ } processes_of($home);
    poll_until(sub { ended($run) });
    ok(kill(0, $server), 'killed with its guard, it leaves a server');
    $run = start('demo.yml', @where);
    says($run, qr/stopping the server that a killed clock dev left \(process $server\)/,
        'which the next one stops');
    says($run, qr/worked/, 'and starts its own');

    kill 'KILL', $run->{pid};
    poll_until(sub { ended($run) });
    nothing_is_left($state);

    $run = start('demo.yml', @where);
    says($run, qr/worked/, 'after a kill -9 it starts again');
    kill 'KILL', processes_of($home);
    poll_until(sub { ended($run) && !processes_of($home) });
    ok(-e "$state/data/postmaster.pid", 'kill -9 of everything leaves a lock file');
    $run = start('demo.yml', @where, '--no-worker');
    says($run, qr/fired/, 'which is no hindrance');
    kill 'TERM', $run->{pid};
    ends($run, 0, 'SIGTERM ends it well');
    unlike(log_of($run), qr/^worker/m, 'no worker when none is wanted');

    $run = start('demo.yml', @where, '--fresh');
    says($run, qr/worked/, 'it starts afresh');
    is(sql($run, q{SELECT to_regclass('public.mark')}), '', 'the database is another');
    kill 'HUP', $run->{pid};
    ends($run, 0, 'the end of its terminal ends it well');
    nothing_is_left($state);
}

sub first_line {
    my ($path) = @_;
    open my $file, '<', $path or return '';
    return scalar <$file>;
}

subtest 'as who runs this' => \&whole_story;

SKIP: {
    my ($name, undef, $uid, $gid) = $> == 0 ? getpwnam 'nobody' : ();
    skip 'only root can be another user', 1 unless defined $uid;
    $user = { name => $name, uid => $uid, gid => $gid };
    subtest 'as an ordinary user' => \&whole_story;
    $user = undef;
}

subtest 'a demo leaves nothing at all' => sub {
    my $run = start('demo.yml', '--throw-away', '--seconds', 6);
    ends($run, 0, 'it ends by itself');
    my ($enqueued, $worked, $left) =
        log_of($run) =~ /^dev    \| (\d+) rows enqueued, (\d+) worked, (\d+) left$/m;
    cmp_ok($enqueued // 0, '>', 0, 'rows were enqueued');
    is($enqueued, $worked + $left, 'all of them are accounted for');
    my ($folder) = log_of($run) =~ /making a database in (\S+)/;
    ok(!-e $folder, 'its folder is gone');
    nothing_is_left($folder);
};

subtest 'a Clockfile that is edited' => sub {
    spew("$home/edited.yml", "jobs: {one: {schedule: '\@every 1s'}}\n");
    my $run = start('edited.yml', '--state', "$home/edited");
    says($run, qr/worked job=one /, 'a job is worked');
    spew("$home/edited.yml", "jobs: {two: {schedule: '\@every 1s'}}\n");
    says($run, qr/worked job=two /, 'and the one that replaces it');
    kill 'INT', $run->{pid};
    ends($run, 0, 'Ctrl-C ends it well');
    spew("$home/edited.yml", "jobs: {three: {schedule: '\@every 1s'}}\n");
    $run = start('edited.yml', '--state', "$home/edited");
    says($run, qr/worked job=three /, 'another file may follow');
    kill 'INT', $run->{pid};
    ends($run, 0, 'Ctrl-C ends it well');
};

subtest 'jobs with a command are run' => sub {
    my $state = "$home/commands";
    my $other = "  other: {schedule: '\@every 1s'}\n";
    spew("$home/commands.yml", "jobs:\n$other  one: {schedule: '\@every 1s', command: 'echo one ran'}\n");
    my $run = start('commands.yml', '--state', $state);
    says($run, qr/^work   \| .*done job=one /m, 'by clock work');
    says($run, qr/^worker \| .*worked job=other /m, 'the rows of others are taken beside it');
    like(sql($run, q{SELECT DISTINCT output FROM clock.runs WHERE job = 'one'}), qr/^one ran$/, 'what it wrote is kept');
    spew("$home/commands.yml", "jobs:\n$other  two: {schedule: '\@every 1s', command: 'echo two ran'}\n");
    says($run, qr/^work   \| .*done job=two /m, 'one that is added by an edit too');
    unlike(log_of($run), qr/^worker \| .*worked job=(?:one|two) /m, 'and nobody else takes their rows');
    kill 'INT', $run->{pid};
    ends($run, 0, 'Ctrl-C ends it well');

    spew("$home/commands.yml", "jobs:\n$other");
    $run = start('commands.yml', '--state', $state, '--fresh');
    says($run, qr/worked job=other /, 'without a command');
    unlike(log_of($run), qr/^work   /m, 'no clock work runs');
    spew("$home/commands.yml", "jobs:\n$other  two: {schedule: '\@every 1s', command: 'echo two ran'}\n");
    says($run, qr/^work   \| .*done job=two /m, 'until there is one');
    kill 'INT', $run->{pid};
    ends($run, 0, 'Ctrl-C ends it well');
    nothing_is_left($state);
};

subtest 'a path too long for a socket' => sub {
    my $state = "$home/" . 'far/' x 30 . 'away';
    my $run = start('demo.yml', '--state', $state);
    says($run, qr/worked/, 'rows are worked');
    kill 'INT', $run->{pid};
    ends($run, 0, 'is no hindrance');
    my ($socket) = log_of($run) =~ /host=([^']+)/;
    unlike($socket, qr/^\Q$state\E/, 'the socket is elsewhere');
    ok(!-e $socket, 'and gone at the end');
    nothing_is_left($state);
};

subtest 'Ctrl-C while it starts' => sub {
    my $run = start('demo.yml', '--state', "$home/early");
    says($run, qr/making a database/, 'it makes a database');
    kill 'INT', -$run->{pid};
    ends($run, 0, 'and ends well');
    nothing_is_left("$home/early");
    $run = start('demo.yml', '--state', "$home/early", '--seconds', 1);
    ends($run, 0, 'half a database is no hindrance');
};

subtest 'refusals come before anything is started' => sub {
    spew("$home/wrong.yml", "jobs: {a: {schedule: '61 * * * *'}}\n");
    my $run = start('wrong.yml', '--state', "$home/never");
    ends($run, 3, 'a Clockfile that is wrong');
    says($run, qr/^wrong\.yml:1:/m, 'its place is named');
    ok(!-e "$home/never", 'nothing was made');

    $run = start('demo.yml', '--state', $home);
    ends($run, 4, 'a folder with other things in it');
    says($run, qr/'\Q$home\E' holds other things/, 'which is named');

    for my $arguments ([ 'demo.yml', 'demo.yml' ], ['--nonsense'], [ '--seconds', 0 ], ['-'],
        [ '--throw-away', '--fresh' ])
    {
        $run = start(@$arguments);
        ends($run, 2, "clock dev @$arguments");
        says($run, qr/^clock dev: .+\nhint: /, 'one line and a hint');
    }
};

done_testing;
