# A connection that trusts a private CA, and nobody else: verify-full, from migrate to the last run.

use strict;
use warnings;

use Test::More;

use Cli;
use ClockTest;

my $folder = temp_dir();

sub openssl {
    my (@args) = @_;
    my $said = qx(openssl @args 2>&1);
    die "openssl @args: $said\n" if $? != 0;
    return;
}

# A CA of that name; a certificate that it signs for a host or a user: NAME.pem and NAME.key.
sub make_ca {
    my ($name) = @_;
    openssl(qw(req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30), '-subj', "/CN=$name",
        '-keyout', "$folder/$name.key", '-out', "$folder/$name.pem");
    return;
}

sub make_certificate {
    my ($ca, $name, @more) = @_;
    spew("$folder/$name.ext", "subjectAltName=DNS:$name\n");
    openssl(qw(req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes), '-subj', "/CN=$name",
        '-keyout', "$folder/$name.key", '-out', "$folder/$name.csr");
    openssl(qw(x509 -req -CAcreateserial), '-in', "$folder/$name.csr", '-CA', "$folder/$ca.pem", '-CAkey', "$folder/$ca.key",
        '-extfile', "$folder/$name.ext", '-out', "$folder/$name.pem", @more ? @more : qw(-days 30));
    chmod 0600, "$folder/$name.key";
    return;
}

make_ca($_) for qw(our-ca other-ca);
make_certificate('our-ca', $_) for qw(db.example app);

my $cluster = Cluster->new(tcp => 1);
for my $part (qw(pem key)) {
    my $path = "$cluster->{data}/server.$part";
    spew($path, slurp("$folder/db.example.$part"));
    chmod 0600, $path;
    chown @{ $cluster->{user} }, $path if @{ $cluster->{user} };
}
my $ca = "$cluster->{data}/ca.pem";
spew($ca, slurp("$folder/our-ca.pem"));
chmod 0644, $ca;
$cluster->configure("ssl = on\nssl_cert_file = 'server.pem'\nssl_key_file = 'server.key'\nssl_ca_file = 'ca.pem'\n");
$cluster->allow('hostssl all app all cert', 'hostssl all all all trust', 'hostnossl all all all reject');
$cluster->stop;
$cluster->start;

my $db = database(cluster => $cluster, empty => 1);

# Where clock connects to; hostaddr stands for the name server.
sub url {
    my (%option) = @_;
    my $host = $option{host} // 'db.example';
    my $user = $option{user} // 'postgres';
    my $ca_of = $option{ca} // 'our-ca';
    my $more = $option{more} // '';
    return "postgresql://$user\@$host:$cluster->{tcp}/$db->{name}?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert=$folder/$ca_of.pem$more";
}

my $file = clockfile("name: app\njobs: {often: {schedule: \"\@every 1s\", command: \"echo hello\"}}\n");
my $out = { env => { DATABASE_URL => url() } };

is clock('migrate', $out)->{status}, 0, 'migrate';
my $run = clock_start('run', $file, $out);
$run->says(qr/\bfired\b/);
my $work = clock_start('work', $file, '--allow-root', $out);
poll_until(sub { one($db, q(SELECT count(*) FROM clock.runs WHERE outcome = 'done')) }, 20, 'a run');
is one($db, <<'END'), 2, 'clock and worker both came over TLS';
SELECT count(*) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE s.ssl AND a.application_name LIKE 'clock %'
END
is clock('status', $out)->{status}, 0, 'status';
like clock('doctor', $out)->{out}, qr/^ok +database /m, 'doctor';
is $work->term, 0, 'the worker stops';
is $run->term, 0, 'the clock stops';
unlike $run->log . $work->log, qr/\Q$folder\E\/\S+\.(?:pem|key)/, 'the log tells no file of a key';

$db->{dbh}->do('CREATE ROLE app LOGIN');
$db->{dbh}->do(clock('grants', '--role', 'reader', '--to', 'app')->{out});
is clock('list', { env => { DATABASE_URL => url(user => 'app', more => "&sslcert=$folder/app.pem&sslkey=$folder/app.key") } })->{status}, 0,
    'a certificate instead of a password';
refused 'and none', clock('list', { env => { DATABASE_URL => url(user => 'app') } }), 5, qr/requires a valid client certificate/, qr/^hint: sslcert=/m;

my %wrong = (
    'a CA that has not signed' => [ { ca => 'other-ca' }, qr/certificate verify failed/ ],
    'a host that is not in the certificate' => [ { host => 'evil.example' }, qr/"?db\.example"?.* does not match host name "evil\.example"/ ],
    'no CA at all' => [ { ca => 'nowhere' }, qr/nowhere\.pem.* does not exist/ ],
);
my $rows = one($db, 'SELECT count(*) FROM clock.jobs');
for my $what (sort keys %wrong) {
    my ($option, $pattern) = @{ $wrong{$what} };
    my $where = { env => { DATABASE_URL => url(%$option) } };
    refused $what, clock('status', $where), 5, $pattern, qr/^hint: .*(?:sslrootcert=|hostaddr=)/m;
    my $clock = clock_start('run', $file, $where);
    is $clock->wait(20), 5, "$what: clock run ends";
    like $clock->log, $pattern, 'and says why';
}
is one($db, 'SELECT count(*) FROM clock.jobs'), $rows, 'nothing was sent there';

$cluster->configure("ssl = off\n");
$cluster->reload;
refused 'a server without TLS', clock('status', $out), 5, qr/does not support SSL, but SSL was required/, qr/^hint: .*sslmode=/m;

done_testing;
