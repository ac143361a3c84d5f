# A password reaches the server and nothing else: no log, message, process list, status line, child,
# file of metrics or row, whichever way it came and whatever goes wrong.

use strict;
use warnings;

use IO::Socket::UNIX;
use Socket qw(SOCK_DGRAM);
use Test::More;

use Cli;
use ClockTest;

my $SECRET = "s3cr3t$$";    # ours alone: the process list has other tests' too
my $PASSWORD = "pa$SECRET/\@:%'1";    # with all that a connection string may trip over
my $escaped = $PASSWORD =~ s/([^\w])/sprintf '%%%02X', ord $1/ger;
my $quoted = $PASSWORD =~ s/(['\\])/\\$1/gr;

my $cluster = Cluster->new(tcp => 1);
my $db = database(cluster => $cluster);
$db->{dbh}->do('CREATE ROLE app LOGIN SUPERUSER PASSWORD ' . $db->{dbh}->quote($PASSWORD));
$cluster->allow('host all app 127.0.0.1/32 scram-sha-256');
my $port = $cluster->{tcp};
my $at = "127.0.0.1:$port/$db->{name}";

my $folder = temp_dir();
my $service = spew("$folder/service", "[ours]\nhost=127.0.0.1\nport=$port\ndbname=$db->{name}\nuser=app\npassword=$PASSWORD\n");
my $passfile = spew("$folder/pgpass", "127.0.0.1:$port:*:app:" . $PASSWORD =~ s/([\\:])/\\$1/gr . "\n");
chmod 0600, $service, $passfile;
my $file = clockfile(<<'END');
name: app
jobs:
  often:
    schedule: "@every 1s"
    command: "env; tr '\\0' ' ' < /proc/self/cmdline; tr '\\0' ' ' < /proc/$PPID/cmdline; cat"
END

# Each way to name the database: arguments, environment.
my %way = (
    'a URL in DATABASE_URL' => [ [], { DATABASE_URL => "postgres://app:$escaped\@$at" } ],
    'a URL on the command line' => [ [ '--db', "postgres://app:$escaped\@$at" ], {} ],
    '--db=URL' => [ ["--db=postgres://app:$escaped\@$at"], {} ],
    'a parameter of the URL' => [ [ '--db', "postgres://$at?user=app&password=$escaped" ], {} ],
    'keywords' => [ [ '--db', "host=127.0.0.1 port=$port dbname=$db->{name} user=app password='$quoted'" ], {} ],
    'several hosts' => [ [ '--db', "postgres://app:$escaped\@127.0.0.1:1,$at?target_session_attrs=read-write" ], {} ],
    'PGPASSWORD' => [ [], { DATABASE_URL => "postgres://app\@$at", PGPASSWORD => $PASSWORD } ],
    'libpq\'s environment' => [ [],
        { PGHOST => '127.0.0.1', PGPORT => $port, PGUSER => 'app', PGDATABASE => $db->{name}, PGPASSWORD => $PASSWORD } ],
    'a service file' => [ [], { PGSERVICEFILE => $service, PGSERVICE => 'ours' } ],
    'a password file' => [ [], { DATABASE_URL => "postgres://app\@$at", PGPASSFILE => $passfile } ],
);

sub hides {
    my ($text, $what) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    unlike $text, qr/\Q$SECRET\E/, "$what: no password";
    return;
}

# The command lines of all processes; some are gone when it is their turn.
sub process_list {
    return join "\n", map { (eval { slurp($_) } // '') =~ tr/\0/ /r } glob '/proc/[0-9]*/cmdline';
}

my $notify = IO::Socket::UNIX->new(Local => "$folder/notify", Type => SOCK_DGRAM) or die "no socket: $!\n";
$notify->blocking(0);
my $heard = '';
sub listened {
    while (defined recv $notify, my $text, 4096, 0) { $heard .= $text }
    return $heard;
}

for my $what (sort keys %way) {
    my ($args, $env) = @{ $way{$what} };
    subtest $what => sub {
        my %env = (%$env, NOTIFY_SOCKET => "$folder/notify");
        my $run = clock_start('run', $file, @$args, '--metrics-file', "$folder/metrics", { env => \%env });
        $run->says(qr/\bconnected\b/);
        my $before = one($db, 'SELECT coalesce(max(id), 0) FROM clock.runs');
        my $work = clock_start('work', $file, '--allow-root', @$args, { env => \%env });
        $run->says(qr/\bfired\b/);
        poll_until(sub { one($db, q(SELECT count(*) FROM clock.runs WHERE id > ? AND outcome = 'done'), $before) }, 20, 'a run');
        my $list = process_list();
        like $list, qr/^clock run .*^clock work |^clock work .*^clock run /ms, 'both stand in the process list';
        hides($list, 'the process list');
        $db->{dbh}->do(q(SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'));
        $run->says(qr/\blost\b/);
        is $_->term, 0, 'stops' for $work, $run;
        hides($_->log . $_->out, 'log') for $run, $work;
        like one($db, q(SELECT output FROM clock.runs WHERE id > ? AND outcome = 'done' LIMIT 1), $before), qr/^CLOCK_JOB=often/m,
            'the command has shown what it sees';
        hides(one($db, q(SELECT string_agg(r::text, ' ') FROM clock.runs r)), 'what commands see');
        hides(slurp("$folder/metrics"), 'metrics');
        for my $command ([qw(status --json)], [qw(doctor)], [qw(fire often -f), $file]) {
            my $result = clock(@$command, @$args, { env => $env });
            isnt $result->{status}, 4, "@$command";
            hides($result->{out} . $result->{err}, "@$command");
        }
    };
}
like listened(), qr/READY=1/, 'a service manager was told';
hides($heard, 'what it was told');
hides(one($db, q(SELECT string_agg(r::text, ' ') FROM (SELECT * FROM clock.horizons, clock.schedules) r)), 'the tables');

subtest 'what goes wrong' => sub {
    my @wrong = (
        "postgres://app:wrong$SECRET\@$at", "postgres://app:pa\@$SECRET\@$at", "postgres://app:pa/$SECRET\@$at",
        "postgres://app:$SECRET%\@$at", "postgres://app:$SECRET%zz\@$at", "postgres:/app:$SECRET\@$at", "postgress://app:$SECRET\@$at",
        "app:$SECRET\@$at", "postgres://app:$SECRET\@127.0.0.1:1/x", "postgres://app:$SECRET\@127.0.0.1:1,127.0.0.1:2/x",
        "postgres://app:$SECRET\@[::1/x", "postgres://app:pa?$SECRET\@$at", "postgres://app:pa#$SECRET\@$at",
        "host=127.0.0.1 password='$SECRET", "host=127.0.0.1 password=pa $SECRET", "host=127.0.0.1 pasword=$SECRET",
        "postgres://app\@$at?password=$SECRET&foo", "postgres://app\@$at?pasword=$SECRET", "postgres://app\@127.0.0.1:port/x?password=$SECRET",
        "postgres://app:$SECRET\@nowhere.invalid/x",
    );
    my $said = 0;
    for my $string (@wrong) {
        my $name = $string =~ s/\Q$SECRET\E/SECRET/gr;
        for my $how ([ [ '--db', $string ], {} ], [ [], { DATABASE_URL => $string } ]) {
            my $result = clock('health', @{ $how->[0] }, { env => $how->[1] });
            hides($result->{out} . $result->{err}, $name);
            $said += $result->{status} != 0 && $result->{err} ne '';
        }
    }
    is $said, 2 * @wrong, 'each of them is refused with a word';
    my $bad = spew("$folder/bad-service", "[ours]\nhost=127.0.0.1\nport=$port\npasword=$SECRET\n");
    my $refused = clock('health', { env => { PGSERVICEFILE => $bad, PGSERVICE => 'ours' } });
    isnt $refused->{status}, 0, 'a service file with a mistake';
    hides($refused->{out} . $refused->{err}, 'its message');
};

done_testing;
