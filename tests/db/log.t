# The log waits for nobody: a reader that sleeps costs lines, which are counted, and no fire.

use strict;
use warnings;

use Fcntl qw(F_GETFL F_SETFL O_NONBLOCK);
use IO::Handle;
use JSON::PP qw(decode_json);
use Socket qw(AF_UNIX PF_UNSPEC SOCK_STREAM);
use Test::More;
use Time::HiRes qw(time);

use ClockTest;
use Terminal;

my $db = database();
my $often = clockfile("jobs: {j: {schedule: \"\@every 1s\"}}\n");

# A clock whose standard error is this end of a pipe or a pair of sockets.
sub run_into {
    my ($end, $database, @args) = @_;
    my %env = ref $args[-1] ? %{ pop @args } : ();
    my $pid = fork // die "cannot fork: $!\n";
    return bless { pid => $pid, out => '/dev/null', log => '/dev/null' }, 'ClockTest::Process' if $pid;
    open STDERR, '>&', $end or POSIX::_exit(126);
    open STDIN, '<', '/dev/null';
    %ENV = (%ENV, %env, DATABASE_URL => $database->{url});
    exec { clock_binary() } 'clock', 'run', $often, @args or POSIX::_exit(127);
}

# Writes until nobody takes more; the file stays as it was.
sub fill {
    my ($end) = @_;
    my $flags = fcntl $end, F_GETFL, 0;
    fcntl $end, F_SETFL, $flags | O_NONBLOCK;
    1 while defined syswrite $end, 'x' x 1024;
    1 while defined syswrite $end, 'x';
    fcntl $end, F_SETFL, $flags;
}

# Waits for so many fires more.
sub fires {
    my ($database, $n) = @_;
    my $ask = 'SELECT count(*) FROM clock.jobs';
    my $so_far = one($database, $ask);
    return poll_until(sub { one($database, $ask) >= $so_far + $n }, 30, "$n fires");
}

# Reads until the pattern has come.
sub drain {
    my ($end, $pattern) = @_;
    my $text = '';
    fcntl $end, F_SETFL, O_NONBLOCK;
    poll_until(sub { sysread $end, $text, 65536, length $text; $text =~ $pattern }, 30, "$pattern");
    return $text;
}

subtest 'a pipe that nobody reads' => sub {
    pipe my $reader, my $writer or die $!;
    fill($writer);
    my $clock = run_into($writer, $db);
    fires($db, 3);
    my $gaps = one($db, <<'END');
SELECT count(*) FROM (SELECT scheduled_at - lag(scheduled_at) OVER (ORDER BY scheduled_at) AS gap FROM clock.jobs) g
WHERE gap <> interval '1 s'
END
    is $gaps, 0, 'no instant is left out';
    is one($db, 'SELECT count(*) FROM clock.missed'), 0, 'and none is missed';
    ok !((fcntl $writer, F_GETFL, 0) & O_NONBLOCK), 'the flags of the pipe are as they were';
    my $text = drain($reader, qr/\bfired\b.*\n/);
    my ($lines) = $text =~ /\bdropped level=warning lines=(\d+)\n/;
    cmp_ok $lines // 0, '>=', 8, 'when it flows again, the lines that were dropped are counted';
    like $text, qr/\Ax+[^\n]*dropped[^\n]*\n\S+ fired /, 'and what follows is whole';
    my $begun = time;
    fill($writer);
    is $clock->term, 0, 'SIGTERM ends it behind a full pipe';
    cmp_ok time - $begun, '<', STOP_S, 'soon';
};

subtest 'journald, asleep' => sub {
    socketpair my $reader, my $writer, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die $!;
    fill($writer);
    my ($device, $inode) = stat $writer;
    my $clock = run_into($writer, $db, { JOURNAL_STREAM => "$device:$inode" });
    fires($db, 2);
    my $text = drain($reader, qr/fired.*\n/);
    like $text, qr/^x*<4>dropped level=warning lines=\d+\n<6>fired job=j/m, 'its lines carry their level, and no time';
    is $clock->term, 0, 'stops';
};

subtest 'a stream that is not the one of JOURNAL_STREAM' => sub {
    pipe my $reader, my $writer or die $!;
    my $clock = run_into($writer, $db, '--log-format', 'json', { JOURNAL_STREAM => '1:1' });
    my $text = drain($reader, qr/"fired".*\n/);
    my @lines = map { decode_json($_) } split /\n/, $text;
    is_deeply [ grep { !$_->{time} || !$_->{level} || !$_->{message} } @lines ], [], 'no prefix: JSON, with time, level and message';
    close $reader;
    fires($db, 2);
    is $clock->term, 0, 'a reader that goes away ends nothing';
};

subtest 'a terminal that was stopped' => sub {
    my $master = terminal() // plan skip_all => NO_TERMINAL;
    my $terminal = $master->slave;
    $terminal->set_raw;
    fill($terminal);
    my $clock = run_into($terminal, $db);
    fires($db, 2);
    like drain($master, qr/\bfired\b.*\n/), qr/\bdropped level=warning lines=\d/, 'it says what it dropped';
    is $clock->term, 0, 'stops';
};

done_testing;
