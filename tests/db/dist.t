# What src/dist has for those who run clock, run for real: the units' command lines under a service
# manager, the Procfile's, and the probes of the Kubernetes manifest.

use strict;
use warnings;

use Cwd qw(getcwd);
use IO::Socket::UNIX;
use POSIX ();
use Socket qw(SOCK_DGRAM);
use Test::More;
use YAML::XS;

use Cli qw(slurp spew);
use ClockTest;
use Worker qw(add ended);

my $top = getcwd();
my $user = getpwuid $>;
my $bin = temp_dir() . '/bin';
mkdir $bin or die "cannot make '$bin': $!\n";
symlink clock_binary(), "$bin/clock" or die "no link: $!\n";
$ENV{PATH} = "$bin:$ENV{PATH}";
my $file = clockfile(<<END);
name: shop
jobs:
  mine: {schedule: "\@every 1s", queue: user-$user, command: "echo mine"}
  plain: {schedule: "\@every 1s", command: "echo plain"}
END

# ---- units ----

my $path = temp_dir() . '/notify';
my $manager = IO::Socket::UNIX->new(Local => $path, Type => SOCK_DGRAM) or die "no socket: $!\n";
$manager->blocking(0);

sub hears {
    my ($pattern) = @_;
    my $text = '';
    poll_until(sub { recv $manager, my $more, 4096, 0; $text .= "$more\n" if defined $more; $text =~ $pattern }, 20,
        "a service manager to hear $pattern");
    return 1;
}

sub execute {
    my ($unit) = @_;
    my $text = slurp("src/dist/$unit");
    like $text, qr/^Type=notify$/m, "$unit tells its manager";
    my ($line) = $text =~ m{^ExecStart=/usr/bin/clock (.*)$}m;
    $line =~ s{/etc/clock/Clockfile\.yml}{$file} or die "$unit reads another file\n";
    $line =~ s/%i/$user/;
    return split ' ', $line;
}

my $db = database();
my %env = (NOTIFY_SOCKET => $path, WATCHDOG_USEC => 120_000_000);
my $clock = clock_start(execute('clock.service'), { db => $db, env => \%env });
ok hears(qr/^READY=1$/m), 'clock.service is ready';
poll_until(sub { one($db, 'SELECT count(DISTINCT job) FROM clock.jobs') == 2 }, 20, 'rows of both jobs');

my @worker = execute('clock-worker@.service');
my $worker = clock_start(@worker, { db => $db, env => \%env });
ok hears(qr/^READY=1$/m), 'clock-worker@.service is ready';
poll_until(sub { one($db, "SELECT count(*) FROM clock.runs WHERE outcome = 'done'") >= 2 }, 20, 'runs');
is one($db, 'SELECT string_agg(DISTINCT job, $$,$$) FROM clock.runs'), 'mine', 'and works for its user alone';
is $worker->term(30), 0, 'it stops';

@worker = execute('clock-worker.service');
$worker = clock_start(@worker, $> == 0 ? '--allow-root' : (), { db => $db, env => \%env });
ok hears(qr/^READY=1$/m), 'clock-worker.service is ready';
poll_until(sub { one($db, "SELECT count(*) FROM clock.runs WHERE job = 'plain'") >= 1 }, 20, 'a run of the other job');
is $worker->term(30), 0, 'it stops';

# ---- probes ----

my ($deployment) = grep { $_->{kind} eq 'Deployment' && $_->{metadata}{name} eq 'clock' }
    YAML::XS::Load(slurp('src/dist/kubernetes.yaml'));
my ($container) = @{ $deployment->{spec}{template}{spec}{containers} };
my $probe = sub {
    my ($which, $url) = @_;
    local $ENV{DATABASE_URL} = $url;
    open my $saved, '>&', \*STDERR;
    open STDERR, '>', '/dev/null';
    open my $null, '>&', \*STDOUT;
    open STDOUT, '>', '/dev/null';
    system { $_->[0] } @$_ for $container->{"${which}Probe"}{exec}{command};
    open STDOUT, '>&', $null;
    open STDERR, '>&', $saved;
    return $? >> 8;
};
is $probe->('readiness', $db->{url}), 0, 'ready while fires happen';
is $probe->('liveness', $db->{url}), 0, 'and alive';
my $new = database();
isnt $probe->('readiness', $new->{url}), 0, 'not ready before a clock has run';
my $away = 'postgresql:///x?host=' . temp_dir();
isnt $probe->('readiness', $away), 0, 'not ready while the database is away';
is $probe->('liveness', $away), 0, 'but no restart for that';
is $clock->term, 0, 'the clock stops';
sql($db, q(UPDATE clock.horizons SET next_due = next_due - interval '2 min'));
isnt $probe->('readiness', $db->{url}), 0, 'not ready when a fire is two minutes late';
is $probe->('liveness', $db->{url}), 0, 'but no restart yet';
sql($db, q(UPDATE clock.horizons SET next_due = next_due - interval '5 min'));
is $probe->('liveness', $db->{url}), 1, 'a restart when it is later';

# ---- Procfile ----

my %line = slurp('src/dist/Procfile') =~ /^(\w+): (.*)$/mg;
is_deeply [ sort keys %line ], [qw(clock release worker)], 'the Procfile has three processes';
my $empty = database(empty => 1);
my $app = temp_dir() . '/app';
mkdir $app or die "cannot make '$app': $!\n";
spew("$app/Clockfile.yml", slurp($file));
chdir $app or die "cannot enter '$app': $!\n";
my %run;
my $start = sub {
    my ($name) = @_;
    my @words = split ' ', $line{$name};
    is shift @words, 'clock', "$name runs clock";
    push @words, '--allow-root' if $name eq 'worker' && $> == 0;
    return clock_start(@words, { db => $empty });
};
is $start->('release')->wait, 0, 'the release is made ready';
is $start->('release')->wait, 0, 'and so is the next one';
my @processes = map { $start->($_) } qw(clock worker);
poll_until(sub { one($empty, "SELECT count(*) FROM clock.runs WHERE outcome = 'done'") >= 2 }, 20, 'runs');
is $_->term(30), 0, 'it stops' for reverse @processes;
chdir $top;

done_testing;
