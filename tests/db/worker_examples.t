#!/usr/bin/env perl
# The workers of clock-worker(7), as they stand on the page, run by the client of each language.

use strict;
use warnings;

use ClockTest;
use Test::More;
use Worker;

my $db = database();
my $dir = temp_dir();

# Every block of the page, as a reader would copy it.
open my $page, '<:utf8', 'man/clock-worker.7' or die "cannot read the page: $!\n";
my $text = do { local $/; <$page> };
my @blocks = $text =~ /^\.Bd -literal -offset indent\n(.*?)^\.Ed$/msg;
s/\\e/\\/g, s/^\\&//mg for @blocks;

# The program of that name, in a file.
sub program {
    my ($name) = @_;
    my ($block) = grep { /^.{0,30}\Q$name\E:/m } @blocks;
    ok $block, "the page has $name" or return;
    open my $out, '>:utf8', "$dir/$name" or die "cannot write '$name': $!\n";
    print {$out} $block;
    close $out or die "cannot write '$name': $!\n";
    return "$dir/$name";
}

# An interpreter that has the module, or nothing.
sub that_knows {
    my ($check, @interpreters) = @_;
    for my $interpreter (@interpreters) {
        return $interpreter if system("$interpreter $check >/dev/null 2>&1") == 0;
    }
    return;
}

# Starts it, gives it work, and holds it to the contract.
sub holds {
    my ($pattern, @command) = @_;
    my $cluster = $db->{cluster};
    my $clock = sub {
        return clock_start(@command[ 1 .. $#command ], { program => $command[0], db => $db,
            env => { PGHOST => $cluster->{sock}, PGPORT => $cluster->port, PGUSER => 'postgres',
                PGDATABASE => $db->{name} } });
    };
    # What the worker before had started may outlive it by a claim.
    poll_until(sub { !one($db, <<'END') }, 20, 'the end of the worker before');
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid()
END
    my ($first, $second) = map { one($db, q(SELECT clock.enqueue('greet', ?::jsonb)), qq({"name": "$_"})) }
        qw(ann bob);
    my $bad = one($db, q(SELECT clock.enqueue('nonsense', max_attempts => 1)));
    my $worker = $clock->();
    my $fine = eval {
        poll_until(sub { one($db, q(SELECT count(*) FROM clock.jobs WHERE state <> 'dead')) == 0 }, 20,
            'all rows done');
    };
    ok $fine, 'all rows are worked' or diag $@, $worker->out, $worker->log;
    poll_until(sub { $worker->out =~ /bob/ }, 5, 'its words');
    like $worker->out, qr/^hello .*ann/m;
    is job_rows($db, $first), undef, 'a done row is gone';
    my $dead = job_rows($db, $bad);
    is "$dead->{state} $dead->{attempt}", 'dead 1', 'a failed one is dead when its attempts are spent';
    like $dead->{last_error}, qr/unknown task/;
    is join(' ', map { $_->{outcome} } runs_of($db, $first), runs_of($db, $bad)), 'done failed', 'recorded'
        if $pattern eq 'lease';
    my $late = one($db, q(SELECT clock.enqueue('greet', '{"name": "late"}')));
    poll_until(sub { !job_rows($db, $late) }, 10, 'a row that came later');
    pass 'and it waits for more';
    sql($db, q(DELETE FROM clock.jobs));
    return $worker;
}

subtest 'psql' => sub {
    my $path = program('worker-psql.sh') or return;
    holds('lease', '/bin/sh', $path);
};

my $python = that_knows(q(-c 'import psycopg2'), '/usr/bin/python3', 'python3');
subtest 'Python' => sub {
    my $path = program('worker-lease.py') or return;
    plan skip_all => 'psycopg2 is not installed' unless $python;
    holds('lease', resolve($python), $path);
};

subtest 'Python, held transaction' => sub {
    my $path = program('worker-held.py') or return;
    plan skip_all => 'psycopg2 is not installed' unless $python;
    my $worker = holds('held', resolve($python), $path);
    my $id = one($db, q(SELECT clock.enqueue('nonsense', max_attempts => 2)));
    poll_until(sub { job_rows($db, $id)->{state} eq 'waiting' }, 10, 'the wait after a failure');
    is job_rows($db, $id)->{attempt}, 1;
    $worker->kill('KILL');
};

subtest 'Node.js' => sub {
    my $path = program('worker-node.js') or return;
    plan skip_all => 'pg of Node.js is not installed (NODE_PATH may say where it is)'
        unless that_knows(q(-e 'require("pg")'), 'node');
    holds('lease', resolve('node'), $path);
};

subtest 'Perl' => sub {
    my $path = program('worker-perl.pl') or return;
    holds('lease', $^X, $path);
};

subtest 'C' => sub {
    my $path = program('worker-libpq.c') or return;
    my $flags = qx(pkg-config --cflags --libs libpq);
    chomp $flags;
    my $cc = $ENV{CC} // 'cc';
    my $said = qx($cc -std=c11 -Wall -Wextra -Werror -o $dir/worker-libpq $path $flags 2>&1);
    is $?, 0, 'compiles without a warning' or diag $said;
    holds('lease', "$dir/worker-libpq");
};

# Each statement that stands on the page for itself is one that the database understands.
subtest 'the statements of the page' => sub {
    my @statements = grep { /\A(?:SELECT|UPDATE)\b/ } @blocks;
    cmp_ok scalar(@statements), '>=', 4, 'there are some';
    for my $block (@statements) {
        for my $statement (grep { /\S/ } split /;[^\n]*\n?/, $block) {
            ok eval { sql($db, "EXPLAIN $statement"); 1 }, ($statement =~ /(\S.{0,50})/)[0] or diag $@;
        }
    }
    sql($db, 'CREATE TABLE orders (customer text)');
    my ($enqueue) = grep { /INSERT INTO orders/ } @blocks;
    sql($db, $enqueue);
    is one($db, q(SELECT state FROM clock.jobs WHERE task = 'send-mail' AND queue = 'mail')), 'waiting';
};

subtest 'the functions of the page are those of the schema' => sub {
    my @on_page = $text =~ /^\.It Fn clock\.(\w+)(.*)$/mg;
    my %arguments = @on_page;
    for my $name (sort keys %arguments) {
        my @names = $arguments{$name} =~ /"(\w+)"/g;
        is_deeply \@names, one($db, q(SELECT coalesce(proargnames, '{}')::text[] FROM pg_proc
            WHERE pronamespace = 'clock'::regnamespace AND proname = ?), $name), "clock.$name";
    }
};

# A path that exec takes, from a name on PATH.
sub resolve {
    my ($name) = @_;
    return $name if $name =~ m{/};
    my ($found) = grep { -x } map { "$_/$name" } split /:/, $ENV{PATH};
    return $found;
}

done_testing;
