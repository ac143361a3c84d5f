#!/usr/bin/env perl
# clock work: what a command finds, how its end is reported, and what the worker takes.

use strict;
use warnings;

use ClockTest;
use JSON::PP qw(decode_json);
use Test::More;
use Worker;

my $db = database();
my $secret = 'sEcReT';
my $file = commands(
    env => { command => '[/usr/bin/env]', env => '{MINE: "a b", LANG: C}' },
    stdin => '[cat]',
    shell => q("echo out; echo err >&2; echo \"$0\"; cd / && pwd"),
    none => '[/no/such/program]',
    folder => '[/tmp]',
    exit3 => '"exit 3"',
    exit126 => '"exit 126"',
    exit127 => '"exit 127"',
    term => q("kill -TERM $$"),
    segv => q("kill -SEGV $$"),
    group => q("ps -o pid=,pgid=,sid= -p $$"),
    fds => q("ls -l /proc/self/fd | wc -l; ulimit -c; trap"),
    slow => { command => q("sleep 60"), timeout => '1s', max_attempts => 1 },
    binary => q('printf "a\000b\377c\303\251"'),
    quiet => '["true"]',
    home => { command => q("pwd; echo $HOME"), env => '{HOME: /usr}' },
    homeless => { command => q("pwd"), env => '{HOME: /nonexistent}', max_attempts => 1 },
    elsewhere => { queue => 'other', command => q("echo there") },
    task => { task => 'for.an.app' },
);
my $worker = work($db, $file, '--concurrency', 3, { env => { SECRET => $secret, PGPASSWORD => $secret } });

subtest 'it says what it read and where it works' => sub {
    like $worker->says(qr/\bread\b/), qr/clockfile=test commands=18 queues=default,other /;
    like $worker->says(qr/\bconnected\b/), qr/woken_by=notify/;
};

subtest 'an environment from nothing' => sub {
    my $id = add($db, 'env', clockfile => 'test', origin => 'schedule',
        scheduled_at => '2026-11-22T03:00:00Z');
    my $run = ended($db, $id);
    is $run->{outcome}, 'done';
    my %env = map { split /=/, $_, 2 } split /\n/, $run->{output};
    is delete $env{HOME}, (getpwuid $>)[7];
    is delete $env{$_}, scalar getpwuid $> for qw(USER LOGNAME);
    is_deeply \%env, { PATH => '/usr/bin:/bin', SHELL => '/bin/sh', LANG => 'C', MINE => 'a b',
        CLOCK_JOB => 'env', CLOCK_ID => $id, CLOCK_ATTEMPT => 1,
        CLOCK_SCHEDULED_AT => '2026-11-22T03:00:00Z' }, 'and nothing else';
};

subtest 'the payload is on its input' => sub {
    my $payload = '{"n": 12345678901234567890, "text": "é \" x"}';
    is ended($db, add($db, 'stdin', payload => $payload))->{output}, $payload;
    is ended($db, add($db, 'stdin'))->{output}, 'null';
    my $long = '"' . ('x' x 300_000) . '"';
    my $run = ended($db, add($db, 'stdin', payload => $long));
    is $run->{output}, substr($long, -65536), 'however long; of the output the last 64 KiB are kept';
};

subtest 'a text is a line for the shell; both outputs are kept' => sub {
    is ended($db, add($db, 'shell'))->{output}, "out\nerr\n/bin/sh\n/\n";
};

subtest 'a job that sets HOME starts there, as under cron' => sub {
    is ended($db, add($db, 'home'))->{output}, "/usr\n/usr\n";
    my $run = ended($db, add($db, 'homeless'));
    is $run->{exit_status}, 126;
    is $run->{error}, 'cannot enter HOME: No such file or directory';
};

subtest 'output is valid UTF-8, whatever it was' => sub {
    is ended($db, add($db, 'binary'))->{output}, "a\x{fffd}b\x{fffd}c\x{e9}";
    is ended($db, add($db, 'quiet'))->{output}, undef, 'none is none';
};

subtest 'how it ended' => sub {
    my %want = (
        exit3 => [ 3, undef, qr/^exit status 3$/ ],
        exit126 => [ 126, undef, qr/not to be executed/ ],
        exit127 => [ 127, undef, qr/no such command/ ],
        none => [ 127, undef, qr/cannot run the command: No such file/ ],
        folder => [ 126, undef, qr/cannot run the command: Permission denied/ ],
        term => [ undef, 15, qr/^killed by signal 15 SIGTERM$/ ],
        segv => [ undef, 11, qr/^killed by signal 11 SIGSEGV$/ ],
    );
    for my $job (sort keys %want) {
        my $id = add($db, $job, max_attempts => 1);
        my $run = ended($db, $id);
        my ($exit, $signal, $error) = @{ $want{$job} };
        is $run->{outcome}, 'failed', $job;
        is $run->{exit_status}, $exit, "$job: exit status";
        is $run->{signal}, $signal, "$job: signal";
        like $run->{error}, $error, "$job: words";
        is job_rows($db, $id)->{state}, 'dead', "$job: kept as dead";
        like job_rows($db, $id)->{last_error}, $error;
    }
};

subtest 'a session and a group of its own, no descriptor of ours, no core' => sub {
    my ($pid, $group, $session) = split ' ', ended($db, add($db, 'group'))->{output};
    is $group, $pid;
    is $session, $pid;
    my @lines = split /\n/, ended($db, add($db, 'fds'))->{output};
    is $lines[0], 5, 'three descriptors, the folder\'s, and a line of ls';
    is $lines[-1], 0, 'no core';
    is scalar(grep { /^trap/ } @lines), 0, 'no signal is ignored';
};

subtest 'a timeout ends it' => sub {
    my $id = add($db, 'slow', max_attempts => 1);
    my $run = ended($db, $id);
    is $run->{signal}, 15;
    like $run->{error}, qr/^its timeout: killed by signal 15/;
};

subtest 'it takes what it has commands for, and no more' => sub {
    my @others = (add($db, 'task'), add($db, 'unknown'), add($db, 'exit3', clockfile => 'another'),
        one($db, q(SELECT clock.enqueue('env'))));
    my $id = add($db, 'elsewhere', queue => 'other');
    is ended($db, $id)->{output}, "there\n", 'by default all queues of its commands';
    ended($db, add($db, 'quiet'));
    for my $other (@others) {
        is job_rows($db, $other)->{state}, 'ready', 'left alone';
    }
    sql($db, 'DELETE FROM clock.jobs WHERE id = ANY (?)', \@others);
};

subtest 'a row never says what to run' => sub {
    my $id = add($db, 'quiet', task => '/bin/echo owned', payload => '{"command": ["echo", "owned"]}');
    is ended($db, $id)->{output}, undef;
};

subtest 'what failed is tried again, up to the most' => sub {
    my $id = add($db, 'exit3', max_attempts => 3);
    ended($db, $id, 3);
    is join(' ', map { $_->{attempt} } runs_of($db, $id)), '1 2 3';
    is job_rows($db, $id)->{state}, 'dead';
};

subtest 'a retry comes when its wait is over, without a clock to promote it' => sub {
    my @waits;
    for my $id (map { add($db, 'exit3', max_attempts => 2, backoff_s => 1, backoff_max_s => 1) } 1 .. 3) {
        ended($db, $id, 2);
        my ($first, $second) = runs_of($db, $id);
        push @waits, one($db, 'SELECT extract(epoch FROM ?::timestamptz - ?::timestamptz)',
            $second->{started_at}, $first->{ended_at});
    }
    @waits = sort { $a <=> $b } @waits;
    cmp_ok $waits[0], '>=', 0.74;
    cmp_ok $waits[0], '<', 3.5, 'not at the next poll';
};

subtest 'SIGHUP reads the file again, all or nothing' => sub {
    open my $out, '>', $file or die "cannot write: $!\n";
    print {$out} "jobs: [\n";
    close $out;
    $worker->kill('HUP');
    $worker->says(qr/\bkept\b/);
    is ended($db, add($db, 'exit3', max_attempts => 1))->{exit_status}, 3, 'a wrong one changes nothing';
    my $good = commands(fresh => q("echo new"));
    rename $good, $file or die "cannot rename: $!\n";
    $worker->kill('HUP');
    $worker->says(qr/\breloaded\b.*commands=1/);
    is ended($db, add($db, 'fresh'))->{output}, "new\n";
    rename clockfile("name: other\njobs:\n  fresh: {schedule: \"\@yearly\", command: [echo, other]}\n"), $file
        or die "cannot rename: $!\n";
    $worker->kill('HUP');
    like $worker->says(qr/\bkept .*name/), qr/name is 'other' now, and this worker serves 'test'.* hint="restart/, 'another name takes a restart';
    is ended($db, add($db, 'fresh'))->{output}, "new\n", 'until then the old one is served';
};

subtest 'a file without commands is said, and waits for one that has some' => sub {
    my $bare = clockfile("name: bare\njobs:\n  a: {schedule: \"\@yearly\"}\n");
    my $idle = work($db, $bare, '--queues', 'bare');
    like $idle->says(qr/\bidled\b/), qr/level=warning .*no job of the file has a command/;
    rename clockfile("name: bare\njobs:\n  a: {schedule: \"\@yearly\", queue: bare, command: [echo, some]}\n"), $bare
        or die "cannot rename: $!\n";
    $idle->kill('HUP');
    $idle->says(qr/\breloaded\b.*commands=1/);
    is ended($db, add($db, 'a', clockfile => 'bare', queue => 'bare'))->{output}, "some\n";
    is $idle->term, 0;
};

is $worker->term, 0, 'SIGTERM ends it';
like $worker->log, qr/\bstopped$/m;
unlike $worker->log, qr/$secret/;
is one($db, q(SELECT count(*) FROM clock.jobs WHERE state IN ('running', 'waiting'))), 0,
    'nothing is left behind';

subtest 'the log as JSON, queues by name' => sub {
    my $other = work($db, commands(a => q("echo a")), '--queues', 'x,y', '--log-format', 'json');
    my $id = add($db, 'a', queue => 'y');
    my $left = add($db, 'a');
    ended($db, $id);
    is job_rows($db, $left)->{state}, 'ready', 'not of these queues';
    my $line = decode_json($other->says(qr/"done"/));
    is $line->{id}, $id;
    is $other->term, 0;
};

subtest 'root is refused unless told' => sub {
    plan skip_all => 'we are not root' if $> != 0;
    my $refused = clock_start('work', $file, { db => $db });
    is $refused->wait, 2;
    like $refused->log, qr/as root.*hint: .*--allow-root/s;
};

subtest 'the rights that it needs' => sub {
    my $role = "runner_$$";
    sql($db, "CREATE ROLE $role LOGIN");
    sql($db, "GRANT USAGE ON SCHEMA clock TO $role");
    sql($db, "GRANT SELECT ON clock.schema TO $role");
    my %as = (env => { DATABASE_URL => $db->{cluster}->url($db->{name}, $role) });
    my $path = commands(a => q("echo a"));
    my $refused = clock_start('work', $path, '--allow-root', \%as);
    is $refused->wait, 5, 'without them it ends at the start';
    like $refused->log, qr/permission denied.*hint: .*clock grants --role worker/s;
    sql($db, "GRANT SELECT, INSERT, UPDATE, DELETE ON clock.jobs, clock.runs TO $role");
    my $runs = clock_start('work', $path, '--allow-root', \%as);
    is ended($db, add($db, 'a'))->{output}, "a\n";
    $runs->says(qr/\bhindered\b.*permission denied for table missed/);
    is ended($db, add($db, 'a'))->{output}, "a\n", 'what it may not prune is left to others';
    is $runs->term, 0;

    my $granted = "granted_$$";
    my $clock = clock_binary();
    sql($db, "CREATE ROLE $granted LOGIN");
    sql($db, scalar qx('$clock' grants --role worker --to $granted));
    my $whole = clock_start('work', $path, '--allow-root',
        { env => { DATABASE_URL => $db->{cluster}->url($db->{name}, $granted) } });
    is ended($db, add($db, 'a'))->{output}, "a\n", 'what clock grants prints is enough';
    is $whole->term, 0;
    unlike $whole->log, qr/denied/, 'for all that it does';
};

subtest 'a database that refuses ends it at the start' => sub {
    my $none = work(database(empty => 1), $file);
    is $none->wait, 5;
    like $none->log, qr/no schema 'clock'.*hint: type: clock migrate/s;
    my $old = database();
    sql($old, 'DELETE FROM clock.schema WHERE version > 1');
    my $one = work($old, $file);
    is $one->wait, 5;
    like $one->log, qr/version 1, and workers need 2.*hint: type: clock migrate/s;
};

done_testing;
