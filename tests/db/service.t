# What a service manager hears from a clock: ready, alive, reloading, stopping.

use strict;
use warnings;

use IO::Socket::UNIX;
use Socket qw(SOCK_DGRAM);
use Test::More;

use ClockTest;

my $path = temp_dir() . '/notify';
my $manager = IO::Socket::UNIX->new(Local => $path, Type => SOCK_DGRAM) or die "no socket: $!\n";
$manager->blocking(0);
my @heard;

# Waits until the manager has heard this.
sub hears {
    my ($pattern, $what) = @_;
    my $found = eval {
        poll_until(
            sub {
                while (defined recv $manager, my $text, 4096, 0) { push @heard, $text }
                return scalar grep { $_ =~ $pattern } @heard;
            },
            20, $what);
    };
    ok $found, $what or diag explain \@heard;
    return;
}

my $db = database();
my $file = clockfile("jobs: {j: {schedule: \"\@every 1s\"}}\n");
my $clock = clock_start('run', $file, { db => $db, env => { NOTIFY_SOCKET => $path, WATCHDOG_USEC => 1_000_000 } });
hears(qr/^READY=1$/m, 'ready');
hears(qr/^STATUS=in force$/m, 'its place');
@heard = ();
hears(qr/^WATCHDOG=1$/, 'alive');
@heard = ();
hears(qr/^WATCHDOG=1$/, 'and again');
$clock->kill('HUP');
hears(qr/^RELOADING=1$/, 'reloading');
hears(qr/^READY=1$/m, 'ready again');
is $clock->term, 0, 'stops';
hears(qr/^STOPPING=1$/, 'stopping');

done_testing;
