#!/usr/bin/env perl
# A database that is not of UTF-8: what it can hold arrives whole, and what it cannot hold costs a
# row or a few characters, never a clock or a worker.

use strict;
use warnings;
use utf8;

use ClockTest;
use Test::More;
use Worker;

binmode Test::More->builder->$_, ':utf8' for qw(output failure_output);

my $db = database(empty => 1);
my $name = "$db->{name}_latin";
$db->{dbh}->do("CREATE DATABASE $name ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
my $latin = { name => $name, url => $db->{cluster}->url($name), dbh => $db->{cluster}->dbh($name) };
my $setup = clock_start('migrate', { db => $latin });
is $setup->wait, 0, 'the schema is made' or diag $setup->log;

subtest 'what commands print' => sub {
    my $file = commands(known => q('printf "caf\303\251"'), unknown => q('printf "\346\274\242:caf\303\251"; exit 3'));
    my $worker = work($latin, $file);
    $worker->says(qr/\bconnected\b/);
    is ended($latin, add($latin, 'known'))->{output}, 'café', 'what the database knows is kept';
    my $run = ended($latin, add($latin, 'unknown', max_attempts => 1));
    is $run->{outcome}, 'failed', 'a run is reported all the same';
    is $run->{exit_status}, 3, 'with its end';
    is $run->{output}, '???:caf??', 'and ? for what is not ASCII';
    is ended($latin, add($latin, 'known'))->{output}, 'café', 'and the worker goes on';
    is $worker->term, 0, 'to its end';
};

subtest 'what jobs carry' => sub {
    my $file = clockfile(<<'END');
name: latin
jobs:
  known: {schedule: "@every 1s", payload: café}
  unknown: {schedule: "@every 1s", payload: 漢}
END
    my $run = clock_start('run', $file, { db => $latin });
    poll_until(sub { one($latin, q(SELECT count(*) FROM clock.jobs WHERE clockfile = 'latin' AND job = 'known')) >= 2 }, 20, 'two fires');
    is one($latin, q(SELECT DISTINCT payload #>> '{}' FROM clock.jobs WHERE clockfile = 'latin' AND job = 'known')), 'café', 'what the database knows fires';
    poll_until(sub { one($latin, q(SELECT count(*) FROM clock.missed WHERE job = 'unknown' AND reason = 'refused')) }, 20, 'a record');
    is one($latin, q(SELECT count(*) FROM clock.jobs WHERE clockfile = 'latin' AND job = 'unknown')), 0, 'what it does not know is on record as refused';
    is $run->term, 0, 'and the clock goes on to its end';
};

done_testing;
