#!/usr/bin/env perl
# The connection to PostgreSQL, against servers that refuse, stop, lie silent and die.

use strict;
use warnings;

use ClockTest;
use Cluster;
use CutProxy;
use File::Spec;
use IO::Handle;
use IO::Socket::INET;
use IPC::Run qw(start pump finish timeout);
use Test::More;

use constant LIMIT_S => 60;
use constant SOON_MS => 7000;    # far less than what is waited for, far more than a slow machine needs

my $probe = build_path('tests/db/pgprobe');
my $cluster = Cluster->new(tcp => 1);
my $db = database(cluster => $cluster, empty => 1);
my $url = $db->{url};
my $tcp = $cluster->tcp_url($db->{name});

# Answers of a probe: {ms, kind, sqlstate, text, gone}.
sub parsed {
    my @answers;
    for (split /\n/, $_[0]) {
        my ($ms, $kind, $rest) = /^(\d+) (\w+) (.*)$/ or next;
        my $gone = $rest =~ s/\|gone$//;
        my $sqlstate = $kind ne 'ok' && $rest =~ s/^(\S+) // ? $1 : '';
        push @answers, { ms => $ms, kind => $kind, sqlstate => $sqlstate, text => $rest,
            gone => $gone ? 1 : 0 };
    }
    return @answers;
}

# The answers to these steps; the last one in scalar context.
sub probe {
    my (@steps) = @_;
    my ($in, $out, $err) = ('', '', '');
    my $run = start [ $probe, @steps ], \$in, \$out, \$err, timeout(LIMIT_S);
    finish $run;
    is $err, '', 'nothing on standard error' if $err ne '';
    my @answers = parsed($out);
    return wantarray ? @answers : $answers[-1];
}

# The same with something done in the middle, at the step `ready`.
sub probe_while {
    my ($do, @steps) = @_;
    my ($in, $out, $err) = ('', '', '');
    my $run = start [ $probe, @steps ], \$in, \$out, \$err, timeout(LIMIT_S);
    pump $run until $out =~ /^ready$/m;
    $do->($run->{KIDS}[0]{PID});
    $in .= "\n";
    finish $run;
    return parsed($out =~ s/.*^ready\n//smr);
}

subtest 'connects by socket and by TCP, and tells where' => sub {
    my ($done, $where) = probe("connect:$url", 'where');
    is $done->{kind}, 'ok';
    is $where->{text}, "$db->{name} at socket $cluster->{sock}/.s.PGSQL." . $cluster->port
        . ' as postgres';
    is probe("connect:$tcp", 'where')->{text},
        "$db->{name} at 127.0.0.1:" . $cluster->port . ' as postgres';
};

subtest 'names itself, and speaks UTF-8 whatever the environment says' => sub {
    local $ENV{PGCLIENTENCODING} = 'LATIN1';
    is probe("connect:$url", q(query:SELECT current_setting('application_name'), 'é'))->{text},
        'pgprobe,é';
    is probe("connect:$url&application_name=mine",
        q(query:SELECT current_setting('application_name')))->{text}, 'mine',
        'unless the user names it';
};

subtest "the environment is libpq's own" => sub {
    local @ENV{qw(PGHOST PGPORT PGDATABASE PGUSER)} =
        ($cluster->{sock}, $cluster->port, $db->{name}, 'postgres');
    is probe('connect:env', 'query:SELECT current_database()')->{text}, $db->{name};
};

subtest 'what the server refuses is refused, with its words' => sub {
    $cluster->allow('host all guarded 127.0.0.1/32 scram-sha-256',
        'host all rejected 127.0.0.1/32 reject');
    sql($db, q(CREATE ROLE guarded LOGIN PASSWORD 's3cr3t'));
    sql($db, 'CREATE ROLE sleeping NOLOGIN');
    sql($db, 'CREATE ROLE crowded LOGIN CONNECTION LIMIT 0');
    my $port = $cluster->port;
    my @cases = (
        [ 'a wrong password', "postgresql://guarded:s3cr3tX\@127.0.0.1:$port/$db->{name}",
            'refused', '28P01', qr/password authentication failed/ ],
        [ 'no password', "postgresql://guarded\@127.0.0.1:$port/$db->{name}",
            'refused', '-', qr/no password/ ],
        [ 'a missing database', "postgresql://postgres\@127.0.0.1:$port/nowhere",
            'refused', '3D000', qr/database "nowhere" does not exist/ ],
        [ 'a missing role', "postgresql://nobody_here\@127.0.0.1:$port/$db->{name}",
            'refused', '28000', qr/role "nobody_here" does not exist/ ],
        [ 'a role that may not log in', "postgresql://sleeping\@127.0.0.1:$port/$db->{name}",
            'refused', '28000', qr/not permitted to log in/ ],
        [ 'pg_hba.conf', "postgresql://rejected\@127.0.0.1:$port/$db->{name}",
            'refused', '28000', qr/pg_hba/ ],
        [ 'no TLS where it is wanted', "$tcp?sslmode=require", 'refused', '-', qr/SSL/ ],
        [ 'a bad value', "$tcp?sslmode=bogus", 'refused', '-', qr/sslmode/ ],
        [ 'too many connections', "postgresql://crowded\@127.0.0.1:$port/$db->{name}",
            'away', '53300', qr/too many connections/ ],
        [ 'nobody there', 'postgresql://u@127.0.0.1:1/x', 'away', '-', qr/connection refused/ ],
        [ 'no socket', 'host=/nonexistent dbname=x', 'away', '-', qr/no such file/ ],
        [ 'no such host', 'postgresql://u@no.such.host.invalid/x', 'away', '-', qr/host name/ ],
    );
    for (@cases) {
        my ($name, $conninfo, $kind, $sqlstate, $words) = @$_;
        my $answer = probe("connect:$conninfo");
        is "$answer->{kind} $answer->{sqlstate}", "$kind $sqlstate", $name;
        like $answer->{text}, $words, "$name: says so";
        unlike $answer->{text}, qr/s3cr3t/, "$name: no password";
    }
};

subtest 'a server that starts up or shuts down is away' => sub {
    my $standby = $cluster->standby(tcp => 1, settings => "hot_standby = off\n", unready => 1);
    my $answer = probe('connect:' . $standby->url($db->{name}));
    is "$answer->{kind} $answer->{sqlstate}", 'away 57P03';
    $standby->destroy;
};

subtest 'of several hosts the first that takes writes' => sub {
    my $standby = $cluster->standby(tcp => 1);
    my ($first, $second) = ($standby->port, $cluster->port);
    my $hung = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5)
        or die "no socket: $!\n";
    my $silent = $hung->sockport;
    my $hosts = "postgresql://postgres\@127.0.0.1:1,127.0.0.1:$silent,127.0.0.1:$first,"
        . "127.0.0.1:$second/$db->{name}";
    my ($done, $where, $recovery) =
        probe('within:30000', "connect:$hosts", 'where', 'query:SELECT pg_is_in_recovery()');
    is $done->{kind}, 'ok';
    cmp_ok $done->{ms}, '<', SOON_MS, 'a dead and a silent host hold nothing up';
    is $where->{text}, "$db->{name} at 127.0.0.1:$second as postgres";
    is $recovery->{text}, 'f';
    is probe("connect:postgresql://postgres\@127.0.0.1:$first,127.0.0.1:1/$db->{name}")->{kind},
        'away', 'a standby alone will not do';
    is probe("connect:postgresql://postgres\@127.0.0.1:$first,127.0.0.1:1/$db->{name}"
            . '?target_session_attrs=any')->{kind}, 'ok', 'unless the user says any';
    $standby->destroy;
};

subtest 'of a name with several addresses a silent one holds nothing up' => sub {
    my $port = $cluster->port;
    my $hung = IO::Socket::INET->new(LocalAddr => '127.0.0.2', LocalPort => $port, Listen => 5);
    my $hosts = temp_dir() . '/hosts';
    open my $file, '>', $hosts or die "cannot write '$hosts': $!\n";
    print {$file} "127.0.0.2 several.test\n127.0.0.1 several.test\n";
    close $file;
    my @own = ('unshare', '-m', 'sh', '-c', "mount --bind $hosts /etc/hosts && exec \"\$@\"", 'sh');
    my $found = () = qx(@own[0 .. 3] 'mount --bind $hosts /etc/hosts && getent ahosts several.test' 2>/dev/null) =~ /STREAM/g;
    plan skip_all => 'no name can be given two addresses here' unless $hung && $found == 2;
    my ($out, $err) = ('', '');
    my $url = "postgresql://postgres\@several.test:$port/$db->{name}";
    finish start [ @own, $probe, 'within:30000', "connect:$url", 'where' ], \'', \$out, \$err, timeout(LIMIT_S);
    my ($answer, $where) = parsed($out);
    is $answer->{kind}, 'ok';
    cmp_ok $answer->{ms}, '<', SOON_MS;
    is $where->{text}, "$db->{name} at several.test:$port as postgres", 'and is called by its name';
};

subtest 'a slow statement is waited for while its server answers others' => sub {
    my $hosts = "host=$cluster->{sock},127.0.0.1 port=" . $cluster->port . " user=postgres dbname=$db->{name}";
    my ($before, $slow, $after) = (probe("connect:$hosts", 'within:20000', 'query:SELECT pg_backend_pid()',
        'query:SELECT 1 FROM pg_sleep(2.5)', 'query:SELECT pg_backend_pid()'))[ 1 .. 3 ];
    is "$slow->{kind} $slow->{text}", 'ok 1';
    is $after->{text}, $before->{text}, 'by the same session';
};

subtest 'several hosts refuse only when all do' => sub {
    my $port = $cluster->port;
    is probe("connect:postgresql://postgres\@127.0.0.1:$port,127.0.0.1:1/nowhere")->{kind}, 'away';
    my $both = probe("connect:postgresql://postgres\@127.0.0.1:$port,127.0.0.1:$port/nowhere");
    is $both->{kind}, 'refused';
    like $both->{text}, qr/127\.0\.0\.1:$port: database "nowhere" does not exist; 127/;
};

subtest 'errors of statements are told apart, and the session goes on' => sub {
    my @cases = (
        [ 'SELECT 1/0', 'row', '22012' ],
        [ q(SELECT 'x'::int), 'row', '22P02' ],
        [ q(DO $$ BEGIN RAISE EXCEPTION 'no'; END $$), 'row', 'P0001' ],
        [ 'SELECT * FROM nowhere', 'refused', '42P01' ],
        [ 'SELEC', 'refused', '42601' ],
        [ q(DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$), 'lost', '40001' ],
        [ q(DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '25006'; END $$), 'away', '25006' ],
        [ 'SET statement_timeout = 50; SELECT pg_sleep(60)', 'lost', '57014' ],
    );
    for (@cases) {
        my ($statement, $kind, $sqlstate) = @$_;
        my ($answer, $next) =
            (probe("connect:$url", "script:$statement", 'query:SELECT 7'))[ 1, 2 ];
        is "$answer->{kind} $answer->{sqlstate}", "$kind $sqlstate", $statement;
        is $next->{text}, '7', 'the next statement is answered';
    }
    unlike probe("connect:$url", q(script:CREATE TEMP TABLE t (a text CHECK (a = '')); )
            . q(INSERT INTO t VALUES ('s3cr3t')))->{text}, qr/s3cr3t/, 'no row is quoted';
};

subtest 'the parts of a script stand or fall together, and its rows come out' => sub {
    is probe("connect:$url", 'script:SELECT 1; SELECT 2, NULL; SET lock_timeout = 0')->{text},
        '2,NULL', 'rows of the last that has any';
    my ($fails, $count) = (probe("connect:$url", 'script:CREATE TABLE pair (a int)',
        'script:BEGIN; INSERT INTO pair VALUES (1); SELECT 1/0; COMMIT', 'script:ROLLBACK',
        'query:SELECT count(*) FROM pair'))[ 2, 4 ];
    is $fails->{kind}, 'row';
    is $count->{text}, '0', 'what stands behind an error is not done';
};

subtest 'a COMMIT that the server answers with ROLLBACK is no success' => sub {
    my ($fails, $undone, $fine, $whole, $late) = (probe("connect:$url", 'script:BEGIN; SELECT 1/0', 'commit:COMMIT',
        'commit:BEGIN; COMMIT', 'commit:BEGIN; SELECT 1; COMMIT', 'commit:BEGIN; SELECT 1; ROLLBACK'))[ 1 .. 5 ];
    is $fails->{kind}, 'row';
    is $undone->{kind}, 'away';
    like $undone->{text}, qr/rolled back/;
    is $_->{kind}, 'ok' for $fine, $whole;
    is $late->{kind}, 'away';
};

subtest 'megabytes go both ways' => sub {
    is probe("connect:$url", 'within:30000', 'echo:20000000')->{text}, 'same';
    is probe("connect:$tcp", 'within:30000', 'echo:20000000')->{text}, 'same';
};

subtest 'a COPY is a mistake of ours, and does not hang' => sub {
    for my $copy ('COPY (SELECT 1) TO STDOUT', 'COPY pg_temp.t FROM STDIN') {
        my $answer = probe("connect:$url", 'script:CREATE TEMP TABLE t (a int)', "script:$copy");
        is $answer->{kind}, 'bug', $copy;
        is $answer->{gone}, 1;
    }
};

subtest 'a deadline ends a statement, and the connection with it' => sub {
    my ($late, $after, $again, $fine) = (probe("connect:$url", 'within:200',
        'query:SELECT pg_sleep(60)', 'query:SELECT 1', 'within:2000', "connect:$url",
        'query:SELECT 1'))[ 1 .. 4 ];
    is $late->{kind}, 'away';
    is $late->{gone}, 1;
    cmp_ok $late->{ms}, '>=', 200;
    cmp_ok $late->{ms}, '<', SOON_MS;
    is $after->{kind}, 'away', 'afterwards there is no connection';
    is $again->{kind}, 'ok';
    is $fine->{text}, '1';
};

subtest 'a killed session is away, and told' => sub {
    my $answer = probe("connect:$url", 'query:SELECT pg_terminate_backend(pg_backend_pid())');
    is "$answer->{kind} $answer->{sqlstate} $answer->{gone}", 'away 57P01 1';
    my $kill = sub {
        sql($db, q(SELECT pg_terminate_backend(pid) FROM pg_stat_activity )
                . q(WHERE application_name = 'pgprobe'));
        poll_until(sub { !one($db, q(SELECT count(*) FROM pg_stat_activity )
            . q(WHERE application_name = 'pgprobe')) }, 10, 'the session to end');
    };
    my ($first, $second) = probe_while($kill, "connect:$url", 'ready', 'receive', 'receive');
    is $second->{kind}, 'away', 'also between statements';
    ($answer) = probe_while($kill, "connect:$url", 'ready', 'query:SELECT 1');
    is "$answer->{kind} $answer->{gone}", 'away 1', 'and at the next statement';
};

subtest 'a NOTIFY is heard between statements' => sub {
    my ($heard, $quiet) = probe_while(sub { sql($db, q(NOTIFY here, 'x')) },
        "connect:$url", 'query:LISTEN here', 'ready', 'receive', 'within:100', 'receive');
    is $heard->{text}, 'notified';
    is $quiet->{text}, 'quiet';
};

subtest 'a server that stands still meets the deadline, in whatever state' => sub {
    for my $steps ([ "connect:$url" ], [ "connect:$tcp" ]) {
        my ($answer) = probe_while(sub { $cluster->pause }, @$steps, 'within:300', 'ready',
            'query:SELECT 1');
        is "$answer->{kind} $answer->{gone}", 'away 1', 'a statement';
        cmp_ok $answer->{ms}, '<', SOON_MS;
        ($answer) = probe('within:300', @$steps);
        is $answer->{kind}, 'away', 'a connection';
        cmp_ok $answer->{ms}, '<', SOON_MS;
        $cluster->resume;
    }
    poll_until(sub { probe("connect:$url")->{kind} eq 'ok' }, 20, 'the server to answer again');
};

subtest 'a server that stands still is left for another that takes writes already' => sub {
    my ($own, $other) = map { CutProxy->new(to => $cluster->port, from => 1, step => 1, up => 0, down => 0) } 1, 2;
    $other->pause;
    my $hosts = 'host=127.0.0.1,127.0.0.1 port=' . join(',', $own->port, $other->port) . " user=postgres dbname=$db->{name}";
    my ($answer) = probe_while(sub { $own->pause; $other->resume }, "connect:$hosts", 'within:30000', 'ready',
        'query:SELECT 1');
    is "$answer->{kind} $answer->{gone}", 'away 1';
    like $answer->{text}, qr/another one takes writes now/;
    cmp_ok $answer->{ms}, '<', SOON_MS, 'before the deadline of the statement';
};

subtest 'a peer that takes connections and says nothing meets the deadline' => sub {
    my $silent = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5)
        or die "no socket: $!\n";
    my $port = $silent->sockport;
    my $answer = probe('within:300', "connect:postgresql://u\@127.0.0.1:$port/x");
    is $answer->{kind}, 'away';
    like $answer->{text}, qr/did not answer within/;
    cmp_ok $answer->{ms}, '<', SOON_MS;
};

subtest 'a stop signal shortens every wait' => sub {
    my $began = sub { one($db, q(SELECT count(*) FROM pg_stat_activity )
        . q(WHERE application_name = 'pgprobe' AND wait_event = 'PgSleep')) };
    my ($in, $out, $err) = ('', '', '');
    my $run = start [ $probe, "connect:$url", 'within:50000', 'query:SELECT pg_sleep(40)',
        "connect:$url", 'query:SELECT 3', 'query:SELECT pg_sleep(40)' ], \$in, \$out, \$err,
        timeout(LIMIT_S);
    pump $run until $out =~ /ok/;
    poll_until($began, 10, 'the statement to begin');
    $run->signal('TERM');
    finish $run;
    my (undef, $stopped, $again, $fine, $long) = parsed($out);
    is $stopped->{kind}, 'away';
    like $stopped->{text}, qr/before the stop/;
    is $again->{kind}, 'ok', 'what is quick is done yet';
    is $fine->{text}, '3';
    is $long->{kind}, 'away';
    cmp_ok $long->{ms}, '<', SOON_MS;
};

subtest 'a pooler in transaction mode is as good' => sub {
    plan skip_all => 'pgbouncer is not installed'
        unless grep { -x "$_/pgbouncer" } File::Spec->path, '/usr/sbin';
    my $pooled = $cluster->pooler_url($db->{name}, 'transaction');
    my @answers = probe("connect:$pooled", 'query:SELECT 1', 'script:BEGIN', 'query:SELECT 2',
        'script:COMMIT', 'query:SELECT 1/0', 'query:SELECT 3');
    is join(' ', map { "$_->{kind} $_->{text}" } @answers),
        'ok  ok 1 ok  ok 2 ok  row division by zero ok 3';
    my $nowhere = $cluster->pooler_url('nowhere', 'transaction');
    is probe("connect:$nowhere")->{kind}, 'refused', 'a database that is not there';
    is probe("connect:$pooled&options=-cwork_mem%3D8MB")->{kind}, 'refused', 'an option of ours';
};

done_testing;
