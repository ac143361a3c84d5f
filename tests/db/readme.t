# What the README shows is what happens: its Clockfile, its commands and their output, its SQL.

use strict;
use warnings;

use Test::More;

use Cli;
use ClockTest qw(database);

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

done_testing;
