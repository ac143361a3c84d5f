# The connection is cut at every place of a clock's conversation with its server, in both directions,
# closed and reset.  In the middle of a COMMIT only the database knows what became of it.
#
# CLOCK_CUT_STEP=13 cuts at every 13th byte (`make fault`: half an hour); the default is every 499th.

use strict;
use warnings;

use Test::More;

use ClockTest;
use CutProxy;
use Ledger;

my $step = $ENV{CLOCK_CUT_STEP} // 499;
my $through = 6000;    # bytes: beyond the first few fires of a connection
my $seconds = 120 + 4 * $through / $step * 3;

my $cluster = Cluster->new(tcp => 1, settings => "track_commit_timestamp = on\n");
my $db = database(cluster => $cluster);
ledger_install($db);
my $proxy = CutProxy->new(to => $cluster->port, from => 1, through => $through, step => $step);
my $url = $cluster->tcp_url($db->{name}) =~ s/:\d+\//':' . $proxy->port . '\/'/er;
my %every = (one => 1, two => 2);
my $file = clockfile(join '', "jobs:\n", map { "  $_: {schedule: \"\@every $every{$_}s\"}\n" } sort keys %every);

# Several clocks: each cut is survived by one, seen by the others.
my @clocks = map { clock_start('run', $file, { env => { DATABASE_URL => "$url?sslmode=disable" } }) } 1 .. 3;
poll_until(sub { $proxy->cut_all }, $seconds, 'the last cut');
my $mark = one($db, 'SELECT clock_timestamp()');
poll_until(sub { one($db, 'SELECT fired_through > ? FROM clock.horizons', $mark) }, 60, 'a fire after the last cut');
cmp_ok $proxy->cuts, '>=', 4 * int($through / $step), 'every place was cut four times';
is $_->term, 0, 'a clock stops in order' for @clocks;
ledger_check($db, \%every);
is one($db, 'SELECT count(*) FROM clock.missed'), 0, 'nothing was late enough to be missed';

done_testing;
