#!/usr/bin/env perl
# clock migrate: the schema is made once, whoever runs it and however often, and what is refused
# says what to type.

use strict;
use warnings;

use Cli;
use ClockTest;
use Cluster;
use File::Spec;
use IPC::Run qw(run);
use JSON::PP qw(decode_json);
use Terminal;
use Test::More;

# clock migrate ARGUMENT... in that database.
sub migrate {
    my ($db, @args) = @_;
    return clock('migrate', @args, { env => { DATABASE_URL => ref $db ? $db->{url} : $db } });
}

# What stands in schema clock, as text: to be compared with another.
sub shape {
    my ($db) = @_;
    my @lines = map { join '|', map { $_ // '' } @{$_}{ sort keys %$_ } } map { @$_ } (
        sql($db, q(SELECT table_name, column_name, data_type, is_nullable, column_default
            FROM information_schema.columns WHERE table_schema = 'clock')),
        sql($db, q(SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'clock')),
        sql($db, q(SELECT conname, pg_get_constraintdef(oid) AS def FROM pg_constraint
            WHERE connamespace = 'clock'::regnamespace)),
        sql($db, q(SELECT proname, prosrc FROM pg_proc
            WHERE pronamespace = 'clock'::regnamespace)),
        sql($db, q(SELECT viewname, definition FROM pg_views WHERE schemaname = 'clock')),
        sql($db, q(SELECT relname, reloptions::text FROM pg_class
            WHERE relnamespace = 'clock'::regnamespace)),
    );
    return join "\n", sort @lines;
}

sub has_schema {
    my ($db) = @_;
    return one($db, q(SELECT count(*) FROM pg_namespace WHERE nspname = 'clock'));
}

# A role of that name with a login in this database's cluster, and the URL by which it connects.
sub role {
    my ($db, $name) = @_;
    sql($db, "CREATE ROLE $name LOGIN");
    return $db->{cluster}->url($db->{name}, $name);
}

my $template = database();
my $newest = one($template, 'SELECT max(version) FROM clock.schema');

subtest 'makes the schema, and run twice does nothing' => sub {
    my $db = database(empty => 1);
    my $first = migrate($db);
    is $first->{status}, 0;
    is $first->{err}, '';
    like $first->{out}, qr/^migrated schema clock in .* to version $newest$/;
    my $shape = shape($db);
    sql($db, q(INSERT INTO clock.jobs (task) VALUES ('kept')));
    my $second = migrate($db);
    is $second->{status}, 0;
    like $second->{out}, qr/^schema clock is up to date in .* \(version $newest\)$/;
    is shape($db), $shape;
    is one($db, 'SELECT count(*) FROM clock.jobs'), 1;
    is one($db, 'SELECT count(*) FROM clock.schema'), $newest;
};

subtest 'runs at the same time wait for one another' => sub {
    my $db = database(empty => 1);
    my @runs = map { clock_start('migrate', { db => $db }) } 1 .. 8;
    is $_->wait, 0, 'exit status' for @runs;
    my $did = grep { $_->out =~ /^migrated/ } @runs;
    cmp_ok $did, '>=', 1, 'one has done it';
    cmp_ok $did, '<=', $newest, 'or some have, a version each';
    is scalar(grep { $_->out =~ /^schema clock is up to date/ } @runs), 8 - $did, 'the others say so';
    is one($db, 'SELECT count(*) FROM clock.schema'), $newest, 'each version once';
    is shape($db), shape($template);
};

subtest 'fills a schema that an administrator has made' => sub {
    my $db = database(empty => 1);
    my $url = role($db, 'tenant');
    sql($db, 'CREATE SCHEMA clock AUTHORIZATION tenant');
    is migrate($url)->{status}, 0;
    is one($db, q(SELECT tableowner FROM pg_tables WHERE schemaname = 'clock' LIMIT 1)), 'tenant';
};

subtest 'what --print prints makes the same schema' => sub {
    my $printed = clock('migrate', '--print');
    is $printed->{status}, 0, 'without a database';
    my $db = database(empty => 1);
    run [ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $db->{url} ], \$printed->{out},
        \my $out, \my $err;
    is $?, 0;
    is $err, '';
    is shape($db), shape($template);
    like migrate($db)->{out}, qr/^schema clock is up to date/;
};

subtest 'works through a pooler in transaction mode' => sub {
    plan skip_all => 'pgbouncer is not installed'
        unless grep { -x "$_/pgbouncer" } File::Spec->path, '/usr/sbin';
    my $cluster = Cluster->new;
    my $db = database(cluster => $cluster, empty => 1);
    my $pooled = $cluster->pooler_url($db->{name}, 'transaction');
    my @runs = map { clock_start('migrate', { env => { DATABASE_URL => $pooled } }) } 1 .. 6;
    is $_->wait, 0, 'exit status' for @runs;
    is shape($db), shape($template);
};

subtest 'a role that may not is told what to grant' => sub {
    my $db = database(empty => 1);
    my $url = role($db, 'stranger');
    refused('no right to create a schema', migrate($url), 5,
        qr/role 'stranger' may not create a schema in database '$db->{name}'/,
        qr/hint: GRANT CREATE ON DATABASE $db->{name} TO stranger/);
    is has_schema($db), 0, 'and nothing is left behind';
    sql($db, "GRANT CREATE ON DATABASE $db->{name} TO stranger");
    is migrate($url)->{status}, 0, 'as told';

    my $other = database(empty => 1);
    sql($other, 'CREATE SCHEMA clock');
    my $guest = role($other, '"a guest"') =~ s/"a guest"/a%20guest/r;
    refused('a schema of somebody else', migrate($guest), 5, qr/which belongs to 'postgres'/,
        qr/GRANT USAGE, CREATE ON SCHEMA clock TO "a guest"/);

    my $full = database();
    my $reader = role($full, 'reader');
    refused('not to be looked at', migrate($reader, '--status'), 5,
        qr/GRANT USAGE ON SCHEMA clock TO reader/);
    sql($full, 'GRANT USAGE ON SCHEMA clock TO reader');
    refused('nor in', migrate($reader, '--status'), 5,
        qr/GRANT SELECT ON clock.schema TO reader/);
    sql($full, 'GRANT SELECT ON clock.schema TO reader');
    is migrate($reader, '--status')->{status}, 0, 'as told';
    is migrate($reader)->{status}, 0, 'nothing to do needs no right to do it';
};

subtest 'a schema that is newer serves this clock, or says that it does not' => sub {
    my $db = database();
    my $next = $newest + 1;
    sql($db, 'INSERT INTO clock.schema (version, serves) VALUES (?, ?)', $next, $newest);
    like migrate($db)->{out}, qr/up to date in .* \(version $next\)$/;
    is migrate($db, '--status')->{status}, 0;
    sql($db, 'UPDATE clock.schema SET serves = ? WHERE version = ?', $next, $next);
    refused('too new', migrate($db), 5, qr/serves clocks of version $next and newer/,
        qr/this clock is of version $newest\b/, qr/install a newer clock/);
    my $status = migrate($db, '--status');
    is $status->{status}, 5;
    like $status->{out}, qr/^schema clock: version $next, serves clocks of version $next/m;
};

subtest 'a database without the schema says what to type' => sub {
    my $db = database(empty => 1);
    my $status = migrate($db, '--status');
    is $status->{status}, 5;
    like $status->{out}, qr/^schema clock: none$/m;
    like $status->{err}, qr/has no schema 'clock'.*hint: type: clock migrate$/ms;
    is_deeply decode_json(migrate($db, '--status', '--json')->{out}),
        { schema => 0, serves_from => 0, clock_knows => $newest, clock_needs => 1 };
    is_deeply decode_json(migrate($template, '--status', '--json')->{out}),
        { schema => $newest, serves_from => 1, clock_knows => $newest, clock_needs => 1 };
};

subtest 'tables that are in the way are told, and stay' => sub {
    my $db = database(empty => 1);
    sql($db, 'CREATE SCHEMA clock');
    sql($db, 'CREATE TABLE clock.jobs (a int)');
    refused('relation exists', migrate($db), 5, qr/"jobs" already exists/);
    is one($db, q(SELECT count(*) FROM pg_tables WHERE schemaname = 'clock')), 1,
        'all or nothing';
};

# Two Clockfiles and an application, with something in every table.
sub filled {
    my $db = database();
    for my $name ('billing', 'stock') {
        sql($db, q(INSERT INTO clock.horizons
            (clockfile, fired_through, next_due, revision, started_at)
            VALUES (?, '2026-01-01Z', 'infinity', 'x', now())), $name);
        sql($db, q(INSERT INTO clock.schedules (clockfile, job, spec, spec_hash, since)
            SELECT ?, job, 's', 'h', '2026-01-01Z' FROM unnest('{a,b}'::text[]) AS job), $name);
        sql($db, q(INSERT INTO clock.missed (clockfile, job, first_at, last_at, count, reason)
            VALUES (?, 'a', now(), now(), 1, 'policy')), $name);
        sql($db, q(INSERT INTO clock.jobs (clockfile, job, task, scheduled_at, origin)
            SELECT ?, 'a', 't', '2026-01-01Z'::timestamptz + i * interval '1s', 'schedule'
            FROM generate_series(1, 3) AS i), $name);
        sql($db, q(INSERT INTO clock.runs (row_id, clockfile, job, origin, task, queue, attempt,
            created_at, outcome)
            VALUES (1, ?, 'a', 'schedule', 't', 'q', 1, now(), 'done')), $name);
    }
    sql($db, q(INSERT INTO clock.jobs (task) VALUES ('mine')));
    return $db;
}

my @tables = qw(horizons schedules missed jobs runs);

sub counts {
    my ($db, $name) = @_;
    return join ' ',
        map { one($db, "SELECT count(*) FROM clock.$_ WHERE clockfile = ?", $name) } @tables;
}

subtest '--drop NAME asks, counts, and deletes that name alone' => sub {
    my $db = filled();
    refused('no terminal', migrate($db, '--drop', 'billing'), 2, qr/no terminal/, qr/--yes/);
    is counts($db, 'billing'), '1 2 1 3 1', 'nothing is gone';
    my $unknown = migrate($db, '--drop', 'biling', '--yes');
    is $unknown->{status}, 1;
    like $unknown->{err}, qr/nothing of a Clockfile named 'biling'.*it holds: billing, stock/s;
    my $done = migrate($db, '--drop', 'billing', '--yes');
    is $done->{status}, 0;
    is $done->{out},
        "deleted 2 schedules, 3 rows in the queue, 1 runs of history, 1 records of missed fires\n";
    is counts($db, 'billing'), '0 0 0 0 0';
    is counts($db, 'stock'), '1 2 1 3 1', 'the other name';
    is counts($db, ''), '0 0 0 1 0', 'the rows of an application';
};

subtest 'at a terminal it goes by the answer' => sub {
    plan skip_all => NO_TERMINAL unless terminal();
    my $db = filled();
    my %case = ("n\n" => 1, "\n" => 1, "y\n" => 0);
    for my $answer ("n\n", "\n", "y\n") {
        my ($screen, $err) = ('', '');
        local $ENV{DATABASE_URL} = $db->{url};
        run [ clock_path(), 'migrate', '--drop', 'stock' ], '<pty<', \$answer, '>', \$screen,
            '2>', \$err;
        is $? >> 8, $case{$answer};
        like $err, qr/Clockfile 'stock' in .*: 2 schedules, 3 rows.*\[y\/N\] /s, 'asks';
        is counts($db, 'stock'), $case{$answer} ? '1 2 1 3 1' : '0 0 0 0 0';
    }
};

subtest '--all takes the schema out, and nothing of others with it' => sub {
    my $db = filled();
    sql($db, 'CREATE VIEW public.mine AS SELECT * FROM clock.jobs');
    my $stays = migrate($db, '--all', '--yes');
    is $stays->{status}, 5;
    like $stays->{err}, qr/depend.*hint: drop first what others/s;
    is counts($db, 'billing'), '1 2 1 3 1', 'nothing is gone';
    sql($db, 'DROP VIEW public.mine');
    my $done = migrate($db, '--all', '--yes');
    is $done->{status}, 0;
    is $done->{out}, 'dropped schema clock: 4 schedules, 7 rows in the queue, '
        . "2 runs of history, 2 records of missed fires\n";
    is has_schema($db), 0;
    is migrate($db, '--all', '--yes')->{status}, 1, 'there is nothing more';
    is migrate($db)->{status}, 0, 'and it can be made again';
    is migrate($db, '--drop', '--all', '--yes')->{status}, 0, '--drop --all is the same';
    is has_schema($db), 0;
};

subtest 'one thing at a time' => sub {
    refused('--print --status', clock('migrate', '--print', '--status'), 2, qr/exclude each other/);
};

subtest 'an absent database is waited for in vain, a wrong one refused' => sub {
    refused('no database of that name', migrate($template->{cluster}->url('nowhere')), 5,
        qr/database "nowhere" does not exist/);
};

done_testing;
