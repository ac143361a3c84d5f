# What a service manager hears from a clock and a worker: ready, alive, reloading, stopping; and
# that what it gave them stays theirs.

use strict;
use warnings;

use File::Copy qw(copy);
use File::Temp qw(tempdir);
use IO::Socket::UNIX;
use POSIX ();
use Socket qw(SOCK_DGRAM);
use Test::More;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

use ClockTest;
use Worker;

my $path = temp_dir() . '/notify';
my $manager = IO::Socket::UNIX->new(Local => $path, Type => SOCK_DGRAM) or die "no socket: $!\n";
$manager->blocking(0);
my @heard;

# Waits until the manager has heard this; gives what the pattern has caught.
sub hears {
    my ($pattern, $what) = @_;
    my @caught;
    my $found = eval {
        poll_until(
            sub {
                while (defined recv $manager, my $text, 4096, 0) { push @heard, $text }
                for (@heard) { return 1 if @caught = $_ =~ $pattern }
                return 0;
            },
            20, $what);
    };
    ok $found, $what or die explain \@heard;
    return $caught[0];
}

my %env = (NOTIFY_SOCKET => $path, WATCHDOG_USEC => 1_000_000);
my $db = database();
my $file = clockfile("name: test\njobs: {j: {schedule: \"\@every 1s\", command: [/usr/bin/env]}}\n");
my %start = (
    run => sub { clock_start('run', $file, { db => $db, env => \%env }) },
    work => sub { work($db, $file, { env => \%env }) },
);
my %place = (run => 'in force', work => 'connected');

for my $command (qw(run work)) {
    @heard = ();
    my $clock = $start{$command}();
    hears(qr/^READY=1$/m, "$command: ready");
    hears(qr/^STATUS=$place{$command}$/m, 'its place');
    @heard = ();
    hears(qr/^WATCHDOG=1$/, 'alive');
    @heard = ();
    hears(qr/^WATCHDOG=1$/, 'and again');
    my $before_us = int(clock_gettime(CLOCK_MONOTONIC) * 1e6);
    @heard = ();
    $clock->kill('HUP');
    my $when_us = hears(qr/^RELOADING=1\nMONOTONIC_USEC=(\d+)$/, 'reloading, and since when') // 0;
    my $after_us = int(clock_gettime(CLOCK_MONOTONIC) * 1e6);
    ok $before_us <= $when_us && $when_us <= $after_us, "by the manager's clock"
        or diag "$before_us <= $when_us <= $after_us";
    hears(qr/^READY=1$/m, 'ready again');
    hears(qr/^STATUS=$place{$command}$/m, 'in its place');
    @heard = ();
    sql($db, 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ?', "clock $command");
    hears(qr/^STATUS=.*(?:closed|terminat)/m, 'the connection is lost');
    hears(qr/^STATUS=$place{$command}$/m, 'and it is back in its place');
    is $clock->term, 0, 'stops';
    hears(qr/^STOPPING=1$/, 'stopping');
}

# A command runs as the worker's user, who could read the environment of its own processes.
subtest 'a command cannot read the connection string of those that run it' => sub {
    my ($uid, $gid) = $> == 0 ? Cluster::server_user() : ($>, $) + 0);
    my $folder = tempdir('clock-service-XXXXXX', TMPDIR => 1, CLEANUP => 1);
    chmod 0755, $folder;
    copy(clock_binary(), "$folder/clock") or die "cannot copy: $!\n";
    my $look = commands(look => { command => <<'END' });
|
      pid=$$
      for who in command keeper worker; do
          echo "$pid $(tr '\0' ' ' < /proc/$pid/cmdline)"
          echo "environment: $(tr '\0' ' ' 2>&1 < /proc/$pid/environ)"
          pid=$(sed -n 's/^PPid:\t//p' /proc/$pid/status)
      done 2>&1
END
    copy($look, "$folder/Clockfile.yml") or die "cannot copy: $!\n";
    chmod 0755, "$folder/clock", "$folder/Clockfile.yml";
    my @as = $> == 0 ? ("--reuid=$uid", "--regid=$gid", '--clear-groups') : ('--inh-caps=-all');
    my $worker = clock_start(@as, "$folder/clock", 'work', "$folder/Clockfile.yml",
        { db => $db, program => '/usr/bin/setpriv', env => { MARK => 'sEcReT' } });
    my $output = ended($db, add($db, 'look'))->{output};
    like $output, qr/\Qclock work\E/, 'it looked at the worker' or diag $output;
    like $output, qr/^environment: .*\bCLOCK_JOB=look\b/m, 'and can read an environment that is its own';
    unlike $output, qr/sEcReT|DATABASE_URL|\Q$db->{name}\E/, 'but not that of the worker';
    is $worker->term, 0, 'the worker ends when told';
};

done_testing;
