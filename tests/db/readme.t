# What the README shows is what happens: its Clockfile, its commands and their output, its SQL.

use strict;
use warnings;

use Cwd qw(getcwd);
use Test::More;

use Cli;
use ClockTest qw(clock_start clockfile database one poll_until);

my $top = getcwd();
my $readme = slurp('README.md');
my ($prose) = $readme =~ /\A(.*?)^## Licence$/ms;
cmp_ok scalar(my @lines = split /\n/, $prose), '<=', 120, 'the README is short';

# Fenced blocks by language; indented ones are commands.
my %block;
push @{ $block{ $1 || 'shown' } }, $2 while $readme =~ /^```(\w*)\n(.*?)^```$/msg;

my $clockfile = $block{yaml}[0];
cmp_ok scalar(my @yaml = split /\n/, $clockfile), '<=', 12, 'its Clockfile has twelve lines at most';
spew('Clockfile.yml', $clockfile);
is clock('check')->{status}, 0, 'and nothing is wrong with it';    # it shows a gap on purpose: a warning

for my $shown (@{ $block{shown} }) {
    my ($command, $output) = $shown =~ /\A\$ clock ([^\n]*)\n(.*)\z/s or die "no command: $shown\n";
    my $result = clock(split ' ', $command);
    is timeless($result->{out}), timeless($output), "clock $command prints what is shown";
}

for my $path ($readme =~ /\]\(([^)]+)\)/g) {
    ok -e $path, "$path is there";
}
my $makefile = slurp('Makefile');
for my $target ($readme =~ /^    (?:sudo )?make ?([a-z]*)/mg) {
    like $makefile, qr/^\Q$target\E:/m, "make $target is there" if $target ne '';
}

# What shows the rest, claim by claim: the tests of each, or the benchmark.
my %shown_by = (
    'One row for each job and instant' => [qw(db/race.t fault/takeover.t fault/cut.t fault/soak.t sim/sim.c)],
    'Nothing is lost' => [qw(db/outage.t fault/hostile.t fault/soak.t unit/due_missed.c)],
    'Never early' => [qw(db/schema.t fault/time.t bench/database.pl)],
    'Fast' => [qw(bench/database.pl bench/work.pl)],
    'A broken Clockfile changes nothing' => [qw(db/run.t db/watch.t)],
    '`clock next` prints what `clock run` fires' => [qw(oracle.t db/operator_look.t fault/soak.t)],
    'With a [Procfile]' => [qw(cli/dist.t db/dist.t)],
    'On a server' => [qw(cli/dist.t db/dist.t db/service.t deb.t)],
    'On Kubernetes' => [qw(cli/dist.t db/dist.t)],
    'A new version' => [qw(db/migrate.t db/deploy.t)],
    'of which two do' => [qw(db/race.t)],
    'Two commands' => [qw(db/dev.t)],
    'sudo make install' => [qw(make.t deb.t)],
    'libyaml, libpq and libc' => [qw(layers.t)],
    'PostgreSQL 13 and later' => [qw(db/server.t)],
    'accounts for every line' => [qw(cli/import.t unit/file_crontab.c db/migration.t)],
    '`clock export` is the way back' => [qw(cli/export.t db/migration.t)],
    'says in English' => [qw(cli/explain.t unit/plan_explain.c unit/file_elsewhere.c)],
    'opens the page' => [qw(cli/usage.t)],
    'is at the same instants on every host' => [qw(unit/plan_rule.c db/race.t)],
);
for my $claim (sort keys %shown_by) {
    like $prose =~ s/\s+/ /gr, qr/\Q$claim\E/, "the README says: $claim";
    is_deeply [ grep { !-e "tests/$_" } @{ $shown_by{$claim} } ], [], 'and what shows it is there';
}
my @claims = map { /^- (?!\[)(.*)/ ? $1 : () } split /\n/, $prose;
is_deeply [ grep { my $line = $_; !grep { index($line, $_) == 0 } keys %shown_by } @claims ], [], 'no claim stands alone';

# ---- production: the line that starts it ----

my ($migrate, $start) = $readme =~ /^    clock (migrate) && clock (run Clockfile\.yml)$/m;
my $empty = database(empty => 1);
is clock($migrate, { env => { DATABASE_URL => $empty->{url} } })->{status}, 0, 'clock migrate, in an empty database';
chdir work_dir() or die "no folder\n";
my $first_clock = clock_start(split(' ', $start), { db => $empty });
$first_clock->says(qr/\bbegan\b/);
is $first_clock->term, 0, 'and clock run goes on from there';
chdir $top or die "no folder\n";

# ---- the worker's transaction ----

my $db = database();
my $dbh = $db->{dbh};
my $sql = $block{sql}[0] =~ s/^--.*\n//mr;
my ($begin, $take, $commit) = map { s/\A\s+//r } split /;\n/, $sql;
is "$begin $commit", 'BEGIN COMMIT', 'a row is taken in one transaction';

$dbh->do("INSERT INTO clock.jobs (job, task, payload) VALUES ('a', 'one', '{\"n\": 1}'), ('b', 'two', 'null')");
my $other = $db->{cluster}->dbh($db->{name});
$_->begin_work for $dbh, $other;
my $first = $dbh->selectrow_hashref($take);
my $second = $other->selectrow_hashref($take);
is_deeply [ sort map { $_->{task} } $first, $second ], [ 'one', 'two' ], 'two workers take two rows';
$dbh->commit;
$other->rollback;
is $dbh->selectrow_hashref($take)->{task}, $second->{task}, 'that of a worker who died is back';
is $dbh->selectrow_hashref($take), undef, 'and no other';
$other->disconnect;

# ---- keeping watch ----

# Stands in for curl: it notes what it was asked for.
my $bin = work_dir() . '/bin';
mkdir $bin;
spew('bin/curl', "#!/bin/sh\necho \"\$@\" >> '$bin/asked'\n");
symlink clock_path(), "$bin/clock";
chmod 0755, "$bin/curl";
my ($probe) = $readme =~ /^    (clock health && curl .*)$/m;
my ($url) = $probe =~ /(https:.*)/;
my ($beat) = $readme =~ /^    (heartbeat: \{.*)\}$/m;
my $file = clockfile("jobs:\n  $beat, env: {PATH: '$bin:/bin'}}\n");
my $asked = sub { -e "$bin/asked" ? slurp("$bin/asked") : '' };
my %env = (env => { DATABASE_URL => $db->{url}, PATH => "$bin:$ENV{PATH}" });

local @ENV{ keys %{ $env{env} } } = values %{ $env{env} };
isnt system("( $probe ) 2>/dev/null"), 0, 'the probe fails where no clock has run';
is $asked->(), '', 'and feeds nothing';
my $run = clock_start('run', $file);
$run->says(qr/\bbegan\b/);
is clock(@$_, \%env)->{status}, 0, "clock @$_" for [qw(status)], [qw(status --metrics)];
like clock('doctor', \%env)->{out}, qr/^ok +fires /m, 'clock doctor';
is system("$probe >/dev/null"), 0, 'the probe of a clock that runs';
is $asked->(), "-fsS $url\n", 'feeds the switch';
my $work = clock_start('work', $file, '--allow-root');
is clock('fire', 'heartbeat', '-f', $file, \%env)->{status}, 0, 'the job is fired';
poll_until(sub { one($db, q(SELECT count(*) FROM clock.runs WHERE job = 'heartbeat' AND outcome = 'done')) }, 20, 'its run');
is((split /\n/, $asked->())[1], "-fsS $url", 'and feeds it too');
is $_->term, 0, 'stops' for $work, $run;

done_testing;
