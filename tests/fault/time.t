# Clocks that step: of the database, of a clock's host, and of a host that was suspended.  The
# database's clock decides; nothing is early, lost or doubled, and a large jump is believed only
# after it has lasted.
#
# CLOCK_TEST_LONG=1 waits until it is.

use strict;
use warnings;

use Test::More;
use Time::HiRes qw(time);

use ClockTest;
use Ledger;

my ($library) = glob '/usr/lib/*/faketime/libfaketime.so.1';
plan skip_all => 'there is no libfaketime' unless $library;
plan skip_all => 'a sanitized program takes no preloaded library' if build_path('') =~ /\bsan\b/;

my $step_files = 0;

# The environment of a program whose time is stepped: {env, file}.
sub stepped {
    my (%more) = @_;
    my $file = sprintf '%s/clock-step-%d-%d', Cluster::temporary(), $$, ++$step_files;
    my $stepped = bless { file => $file,
        env => { LD_PRELOAD => $library, FAKETIME_TIMESTAMP_FILE => $file, FAKETIME_NO_CACHE => 1, %more } }, 'Stepped';
    $stepped->to(0);
    return $stepped;
}

# So many seconds from the true time, from now on.
sub Stepped::to {
    my ($self, $seconds) = @_;
    open my $out, '>', "$self->{file}.new" or die "cannot write '$self->{file}.new': $!\n";
    printf {$out} "%+d\n", $seconds;
    close $out or die "cannot write '$self->{file}.new': $!\n";
    chmod 0644, "$self->{file}.new";
    rename "$self->{file}.new", $self->{file} or die "cannot rename to '$self->{file}': $!\n";
}

sub Stepped::DESTROY { unlink $_[0]{file} }

my $file = clockfile("defaults: {missed: all, limit: 100000}\njobs: {one: {schedule: \"\@every 1s\"}, two: {schedule: \"\@every 2s\"}}\n");
my %every = (one => 1, two => 2);

sub passes {
    my ($db, $seconds, $what) = @_;
    my $mark = one($db, 'SELECT clock_timestamp()');
    return poll_until(sub {
        one($db, q(SELECT fired_through > ?::timestamptz + ?::int * interval '1 second' FROM clock.horizons), $mark, $seconds)
    }, 40, $what);
}

sub fires { return one($_[0], 'SELECT count(*) FROM ledger.fires') }

# Stays true for so many seconds of looking.
sub holds {
    my ($seconds, $ask) = @_;
    my $until = time + $seconds;
    my $held = 1;
    poll_until(sub { $held &&= $ask->(); !$held || time > $until }, $seconds + 10, 'the end of a watch');
    return $held;
}

subtest "the database's clock steps" => sub {
    my $server = stepped();
    my $cluster = Cluster->new(settings => "track_commit_timestamp = on\n", env => $server->{env});
    my $db = database(cluster => $cluster);
    ledger_install($db);
    my @clocks = map { clock_start('run', $file, { db => $db }) } 1 .. 2;
    passes($db, 1, 'the first fires');

    $server->to(+1800);
    passes($db, 1, 'half an hour ahead');
    pass 'half an hour ahead: what was passed over is made up for';

    $server->to(+1200);
    $_->says(qr/\bpaused\b.*behind the horizon/, 30) for @clocks;
    pass 'ten minutes back: every clock says that it is quiet';
    my $before = fires($db);
    ok holds(3, sub { fires($db) == $before }), 'and nothing fires a second time';
    $server->to(+1800);
    passes($db, 1, 'the horizon to be passed again');
    pass 'until the horizon is passed again';

    $before = one($db, 'SELECT fired_through FROM clock.horizons');
    $server->to(+20000);
    $_->says(qr/\bpaused\b.*more than 1 h apart/, 30) for @clocks;
    ok holds(3, sub { one($db, q(SELECT fired_through < ?::timestamptz + interval '1 hour' FROM clock.horizons), $before) }),
        'five hours ahead: not believed yet';
    $server->to(+1800);
    passes($db, 1, 'the true time');
    pass 'a jump that passes changes nothing';

    if ($ENV{CLOCK_TEST_LONG}) {
        $server->to(+20000);
        poll_until(sub { one($db, q(SELECT fired_through > ?::timestamptz + interval '5 hours' FROM clock.horizons), $before) },
            120, 'the jump to be believed');
        pass 'one that lasts is believed after a minute';
    }
    is $_->term, 0, 'stops' for @clocks;
    ledger_check($db, \%every);
    is one($db, 'SELECT count(*) FROM clock.missed'), 0, 'nothing was missed: these jobs make up for all';
};

subtest 'hosts whose clocks are wrong, step, and stand still' => sub {
    my $db = database(cluster => Cluster->new(settings => "track_commit_timestamp = on\n"));
    ledger_install($db);
    my @hosts = (stepped(FAKETIME_DONT_FAKE_MONOTONIC => 1), stepped(FAKETIME_DONT_FAKE_MONOTONIC => 1), stepped());
    $hosts[0]->to(-1500);
    my @clocks = map { clock_start('run', $file, { db => $db, env => $_->{env} }) } @hosts;
    passes($db, 1, 'the first fires');
    my $round = sub {
        my ($what) = @_;
        passes($db, 2, $what);
        pass $what;
    };
    $hosts[$_]->to((+1700, -30, 0)[$_]) for 0 .. 2;
    $round->('wall clocks step by minutes');
    $hosts[0]->to(+86400 * 400);
    $round->('one by a year');
    $hosts[2]->to(+7200);
    $round->('a host was suspended for two hours, as its monotonic clock tells too');
    $hosts[2]->to(+7200 + 86400 * 30);
    $clocks[0]->kill('STOP');
    $round->('for a month, while another stands still');
    $clocks[0]->kill('CONT');
    $round->('and goes on');
    is $_->term, 0, 'stops' for @clocks;
    ledger_check($db, \%every);
    is one($db, 'SELECT count(*) FROM clock.missed'), 0, 'nothing was missed';
};

done_testing;
