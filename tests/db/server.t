# Every version of PostgreSQL from 13 on serves: each that is installed here, or whose programs are
# in a folder of CLOCK_SERVERS (separated by colons), has rows fired and worked in it.  An older one
# is refused.

use strict;
use warnings;

use Cwd qw(abs_path);
use Test::More;

use Cli;
use ClockTest;
use Cluster;
use Operator;

# A server that says that it is older.
my $db = database(empty => 1);
$db->{dbh}->do($_) for 'CREATE SCHEMA old', q(CREATE FUNCTION old.current_setting(text) RETURNS text LANGUAGE sql
    AS $$ SELECT CASE $1 WHEN 'server_version_num' THEN '120022' ELSE pg_catalog.current_setting($1) END $$),
    qq(ALTER DATABASE "$db->{name}" SET search_path = old, pg_catalog);
refused 'PostgreSQL 12', on($db, 'migrate'), 5, qr/PostgreSQL 12, and clock needs 13/, qr/hint: use a server/;

my $file = clockfile("jobs: {often: {schedule: \"\@every 1s\", command: \"echo worked\"}}\n");
my %seen;
for my $folder (grep { -x "$_/initdb" } split(/:/, $ENV{CLOCK_SERVERS} // ''), glob '/usr/lib/postgresql/*/bin') {
    next if $seen{ abs_path($folder) }++;
    local $ENV{PATH} = "$folder:$ENV{PATH}";
    my ($version) = `$folder/postgres --version` =~ /(\d+[\d.]*)/;
    subtest "PostgreSQL $version" => sub {
        my $there = database(cluster => Cluster->new, empty => 1);
        is on($there, 'migrate')->{status}, 0, 'the schema is made';
        my $run = clock_start('run', $file, { db => $there });
        my $work = clock_start('work', $file, '--allow-root', { db => $there });
        poll_until(sub { one($there, q(SELECT count(*) FROM clock.runs WHERE outcome = 'done')) >= 2 }, 20, 'rows fired and worked');
        is on($there, @$_)->{status}, 0, "clock @$_" for ['status'], ['health'], ['history'], [ 'status', '--metrics' ],
            [ 'pause', 'often', '--reason', 'why', '-f', $file ], [ 'resume', 'often', '-f', $file ], [ 'migrate', '--status' ];
        like on($there, 'doctor')->{out}, qr/PostgreSQL \Q$version\E/, 'doctor knows it';
        is $_->term(30), 0, 'it stops' for $run, $work;
    };
}

done_testing;
