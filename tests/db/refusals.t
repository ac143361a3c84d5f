# What clock run refuses, or waits for, at its start: one clear line, the exit status, nothing changed.

use strict;
use warnings;

use Test::More;
use Time::HiRes qw(time);

use ClockTest;

my $file = clockfile("jobs: {j: {schedule: \"\@every 1s\"}}\n");

# Starts a clock that must end by itself.
sub ends {
    my ($what, $status, $pattern, @args) = @_;
    my $clock = clock_start('run', $file, @args);
    is $clock->wait(30), $status, "$what: exit $status";
    like $clock->log, $pattern, "$what: says why";
    unlike $clock->log, qr/s3cr3t/, "$what: no secret";
    return $clock;
}

my $cluster = Cluster->new(tcp => 1);

subtest 'a database that refuses' => sub {
    my $empty = database(cluster => $cluster, empty => 1);
    ends('no schema', 5, qr/clock migrate/, { db => $empty });
    is one($empty, q(SELECT count(*) FROM pg_namespace WHERE nspname = 'clock')), 0, 'and none is made';
    ends('no such database', 5, qr/does not exist/, { env => { DATABASE_URL => $cluster->url('nowhere') } });
    ends('no such role', 5, qr/nobody_here/, { env => { DATABASE_URL => $cluster->url('postgres', 'nobody_here') } });

    my $db = database(cluster => $cluster);
    $db->{dbh}->do('INSERT INTO clock.schema (version, serves) VALUES (99, 98)');
    ends('a schema too new', 5, qr/98|99/, { db => $db });
    $db->{dbh}->do('DELETE FROM clock.schema WHERE version = 99');

    $db->{dbh}->do('CREATE ROLE poor LOGIN');
    $db->{dbh}->do('GRANT USAGE ON SCHEMA clock TO poor');
    $db->{dbh}->do('GRANT SELECT ON clock.schema TO poor');
    ends('no grant', 5, qr/permission denied.*\nhint: clock grants /, { env => { DATABASE_URL => $cluster->url($db->{name}, 'poor') } });

    $db->{dbh}->do(q(CREATE ROLE locked LOGIN PASSWORD 'right'));
    $cluster->allow('host all locked 127.0.0.1/32 scram-sha-256', 'host all all 127.0.0.1/32 trust');
    my $wrong = $cluster->tcp_url($db->{name}, 'locked:s3cr3t');
    ends('a wrong password', 5, qr/password/, { env => { DATABASE_URL => $wrong } });
    ends('a wrong password on the command line', 5, qr/password/, '--db', $wrong);

    $db->{dbh}->do(qq(ALTER DATABASE $db->{name} SET default_transaction_read_only = on));
    ends('a read-only server', 5, qr/accepts no writes.*target_session_attrs/s, { db => $db });
};

subtest 'a database that is away' => sub {
    my $nowhere = temp_dir();
    my $begun = time;
    ends('not before --wait is over', 4, qr/waiting/, '--wait', '1s',
        { env => { DATABASE_URL => "postgresql:///x?host=$nowhere" } });
    cmp_ok time - $begun, '>', 0.9, 'it waited';

    my $own = Cluster->new;
    my $db = database(cluster => $own);
    $db->{dbh}->disconnect;
    $own->stop;
    my $clock = clock_start('run', $file, { db => $db });
    $clock->says(qr/\bwaiting\b/);
    $own->start;
    $clock->says(qr/\bfired\b/, 30);
    my %said;
    $said{$_}++ for map { /\bwaiting .*?(error=.*)/ ? $1 : () } $clock->log;
    is_deeply [ values %said ], [ (1) x keys %said ], 'each reason to wait is said once';
    is $clock->term, 0, 'and then it runs';
};

subtest 'a connection string that is none' => sub {
    my %strings = (
        'a bad escape' => 'postgres://u:p%zzs3cr3t@h/db',
        'an open quote' => q(host=h password='s3cr3t),
        'an unknown key' => 'postgres://u@h/db?sslpassword=s3cr3t&bogus=1',
    );
    for my $what (sort keys %strings) {
        ends($what, 2, qr/--db/, '--db', $strings{$what});
    }
};

done_testing;
