# The connection is cut at every place of a clock's conversation with its server, in both directions,
# closed and reset.  In the middle of a COMMIT only the database knows what became of it.
#
# CLOCK_CUT_STEP=1 cuts at every byte (`make fault`), and takes CLOCK_CUT_LANES databases for it, each
# with clocks of its own, which share the places; the default is every 499th, in three.

use strict;
use warnings;

use Test::More;

use ClockTest;
use CutProxy;
use Ledger;

my $step = $ENV{CLOCK_CUT_STEP} // 499;
my $n_lanes = $ENV{CLOCK_CUT_LANES} // 3;
my $stride = $step * $n_lanes;
my %through = (up => 9500, down => 3000);    # bytes: the first two fires of a connection, whole
my $seconds = 120 + 6 * $through{up} / $stride * 3;
my %every = (one => 1, two => 2);
my $file = clockfile(join '', "jobs:\n", map { "  $_: {schedule: \"\@every $every{$_}s\"}\n" } sort keys %every);

my $cluster = Cluster->new(tcp => 1, settings => "track_commit_timestamp = on\nmax_connections = 300\n");
my @lanes = map { lane(1 + $_ * $step) } 0 .. $n_lanes - 1;

my %beyond;
for my $lane (@lanes) {
    my $db = $lane->{db};
    my $n_cuts = 0;
    $n_cuts += 2 * (1 + int(($_ - $lane->{from}) / $stride)) for grep { $_ >= $lane->{from} } values %through;
    poll_until(sub { $lane->{proxy}->cuts >= $n_cuts }, $seconds, 'the last cut');
    my $mark = one($db, 'SELECT clock_timestamp()');
    poll_until(sub { one($db, 'SELECT fired_through > ? FROM clock.horizons', $mark) }, 60, 'a fire after the last cut');
    is $lane->{proxy}->cuts, $n_cuts, "every place from byte $lane->{from} on was cut";
    my ($up, $down) = $lane->{proxy}->cuts_beyond;
    $beyond{up} += $up;
    $beyond{down} += $down;
    is $_->term, 0, 'a clock stops in order' for @{ $lane->{clocks} };
    ledger_check($db, \%every);
    is one($db, 'SELECT count(*) FROM clock.missed'), 0, 'nothing was late enough to be missed';
}
cmp_ok $beyond{$_}, '>', 0, "places on the way $_ lie beyond the COMMIT of a fire" for qw(up down);

done_testing;

# A database whose connections are cut from that byte on, a stride further each time.  It has several
# clocks: each cut is survived by one, seen by the others.
sub lane {
    my ($from) = @_;
    my $db = database(cluster => $cluster);
    ledger_install($db);
    my $proxy = CutProxy->new(to => $cluster->port, from => $from, step => $stride, beyond => '; COMMIT', %through);
    my $url = $cluster->tcp_url($db->{name}) =~ s/:\d+\//':' . $proxy->port . '\/'/er;
    my @clocks = map { clock_start('run', $file, { env => { DATABASE_URL => "$url?sslmode=disable" } }) } 1 .. 3;
    return { db => $db, from => $from, proxy => $proxy, clocks => \@clocks };
}
