# The process: descriptors that are closed, a disk that is full, secrets, and an environment of any
# size.

use strict;
use warnings;

use IO::Handle;
use POSIX qw(WNOHANG);
use Test::More;
use Time::HiRes qw(sleep time);

use Cli;

spew('good.yml', "jobs:\n  a: {schedule: \"0 0 * * *\"}\n");

# ---- output that cannot be written ----

SKIP: {
    skip 'no /dev/full here', 6 unless -c '/dev/full';
    for my $line ([ 'next', 'good.yml' ], [ 'check', 'good.yml' ], [ '--help' ], [ 'help', 'next' ], [ 'version' ],
        [ 'next', '--json', '-n', '5000', '@hourly' ])
    {
        my $result = clock(@$line, { before => sub { open STDOUT, '>', '/dev/full' or die "cannot open /dev/full: $!\n" } });
        subtest "clock @$line on a full disk" => sub {
            is $result->{status}, 74, 'exit status 74';
            like $result->{err}, qr/cannot write.*space/, 'and the reason';
        };
    }
}

# ---- a file of metrics takes the place of what has its name ----

for my $kind (qw(folder link pipe)) {
    my $path = work_dir() . "/$kind";
    $kind eq 'folder' ? mkdir $path : $kind eq 'link' ? symlink('/dev/null', $path) : POSIX::mkfifo($path, 0600)
        or die "cannot make '$path': $!\n";
    refused "a $kind is not replaced", clock('run', 'good.yml', '--metrics-file', $path, '--db', 'host=/nonexistent'), 2,
        qr/'\Q$path\E' is no regular file/, qr/^hint: /m;
    ok -l $path || !-f $path, 'and is still there';
}

# ---- descriptors 0 to 2 closed ----

for my $fd (0 .. 2) {
    my $result = clock('next', '-n', 1, 'good.yml', { before => sub { POSIX::close($fd) } });
    is $result->{status}, 0, "descriptor $fd closed: it is done all the same";
    is $result->{signal}, 0, 'without a signal';
}
my $closed = clock('check', 'none.yml', { before => sub { POSIX::close($_) for 0 .. 2 } });
is $closed->{status}, 3, 'all of them closed: the exit status is right';
is $closed->{out} . $closed->{err}, '', 'and nothing is written anywhere';

# ---- secrets ----

my $secret = 's3cr3t';
for my $string ("postgres://u:p%zz$secret\@h/db", "host=h password='$secret",
    "postgres://u\@h/db?sslpassword=$secret&bogus=1", "postgres://u:$secret\@h:99999999/db?x")
{
    for my $line ([ 'run', '--db', $string, 'good.yml' ], [ 'run', "--db=$string", 'good.yml' ],
        [ '--db', $string, 'run', 'good.yml' ])
    {
        my $result = clock(@$line);
        subtest "clock @{[ map { s/$secret/.../r } @$line ]}" => sub {
            is $result->{status}, 2, 'exit status 2';
            like $result->{err}, qr/--db/, 'says where it came from';
            unlike $result->{err}, qr/$secret/, 'and not what it holds';
        };
    }
    my $result = clock('run', 'good.yml', { env => { DATABASE_URL => $string } });
    is $result->{status}, 2, 'the same from DATABASE_URL';
    like $result->{err}, qr/DATABASE_URL/, 'said to be from there';
    unlike $result->{err}, qr/$secret/, 'and not shown';
}
for my $line ([ 'next', 'good.yml', "postgres://u:$secret\@h/db" ], [ "postgres://u:$secret\@h/db" ],
    [ 'run', "--dv=postgres://u:$secret\@h/db" ])
{
    my $result = clock(@$line);
    is $result->{status}, 2, 'a connection string in a wrong place is a usage error';
    unlike $result->{err}, qr/$secret/, 'and not shown';
}

# Runs clock with a pipe as standard input until what `ready` looks for in /proc holds.
sub waiting_clock {
    my ($ready, @line) = @_;
    pipe my $read, my $write or die "cannot make a pipe: $!\n";
    my $pid = fork // die "cannot fork: $!\n";
    if ($pid == 0) {
        open STDIN, '<&', $read or die "cannot take standard input: $!\n";
        open STDERR, '>', '/dev/null' or die "cannot open /dev/null: $!\n";
        close $write;
        chdir work_dir() or die "cannot enter the folder: $!\n";
        exec { 'sh' } 'sh', '-c', 'ulimit -c unlimited; exec "$0" "$@"', @line or die "cannot run sh: $!\n";
    }
    close $read;
    my $until = time + 20;
    sleep 0.01 until $ready->($pid) || time > $until;
    return ($pid, $write);
}

sub command_line { return -e "/proc/$_[0]/cmdline" ? slurp("/proc/$_[0]/cmdline") : '' }

# A host that is a test network of RFC 5737: nobody answers, so clock waits.
my ($pid, $pipe) = waiting_clock(
    sub { my $line = command_line($_[0]); $line =~ /good\.yml/ && $line !~ /sh\0/ && $line !~ /$secret/ },
    clock_path(), 'run', '--db', "postgres://u:$secret\@192.0.2.1/db", '--wait', '20s', 'good.yml');
like command_line($pid), qr/good\.yml/, 'clock waits for its database';
unlike command_line($pid), qr/$secret/, 'ps shows no connection string meanwhile';
kill 'KILL', $pid;
waitpid $pid, 0;

# ---- cores ----

($pid, $pipe) = waiting_clock(sub { command_line($_[0]) =~ /^sh\0-c/ ? 0 : 1 }, 'sh', '-c', 'read line');
kill 'ABRT', $pid;
waitpid $pid, 0;
my $dumps = $? & 128;
($pid, $pipe) = waiting_clock(sub { command_line($_[0]) =~ /check/ && command_line($_[0]) !~ /^sh\0/ }, clock_path(), 'check', '-');
my $settled = time + 20;
sleep 0.01 until reads_pipe($pid) || time > $settled;
kill 'ABRT', $pid;
waitpid $pid, 0;
is $? & 127, POSIX::SIGABRT(), 'clock ends by the signal';
SKIP: {
    skip 'this system writes no cores', 1 unless $dumps;
    is $? & 128, 0, 'and leaves no core, which would hold secrets';
}

# Past its start: it waits in read().
sub reads_pipe {
    my ($reader) = @_;
    return slurp("/proc/$reader/status") =~ /^State:\s+S/m;
}

# ---- any environment ----

is clock('check', 'good.yml', { env => { HUGE => 'x' x (100 << 10) } })->{status}, 0, 'a variable of 100 KiB';
is clock('check', 'good.yml', { env => { map { ("FILL$_" => 'x' x (100 << 10)) } 1 .. 10 } })->{status}, 0, 'an environment of 1 MiB';
refused 'a long command line', clock('check', map { 'x' x 1000 } 1 .. 500), 2, qr/one operand too many/;

done_testing;
