# --json: each line is an object, and clock(1) names each of its fields, and no other.

use strict;
use warnings;

use Test::More;

use Cli;
use ClockTest;
use Operator;

my ($before, @sections) = split /^\.Ss /m, slurp('man/clock.1');
my %section = map { /^clock (\S+)/ ? ($1 => $_) : () } @sections;

# What is marked .Li behind `.It Fl -OPTION`, from `JSON object` on; a few are values.
my %value = map { $_ => 1 } qw(null done failed lost released discarded);
sub told {
    my ($command, $option) = @_;
    my ($text) = $section{$command} =~ /^\.It Fl -$option\n((?:(?!\.It |\.El).*\n)*)/m;
    $text =~ s/.*?(?=JSON object)//s or die "clock(1) does not tell --$option of $command\n";
    my (%word, $marked);
    for my $token (map { ('No', split) } grep {/^\./} split /\n/, $text) {
        $marked = $token =~ /Li$/ if $token =~ /^\.?[A-Z][a-z]$/;
        $word{$token} = 1 if $marked && $token =~ /^[a-z_]+$/ && !$value{$token};
    }
    return sort keys %word;
}

# All keys, however deep; what a payload holds is no field of ours.
sub fields {
    my ($value, $into) = @_;
    if (ref $value eq 'ARRAY') { fields($_, $into) for @$value }
    return if ref $value ne 'HASH';
    for my $key (keys %$value) {
        $into->{$key} = 1;
        fields($value->{$key}, $into) if $key ne 'payload';
    }
}

sub agrees {
    my ($command, $option, @results) = @_;
    my %is;
    for my $result (@results) {
        my @objects = objects($result);
        cmp_ok scalar @objects, '>', 0, "clock @{ $result->{args} }" or diag $result->{err};
        fields($_, \%is) for @objects;
    }
    is_deeply [ sort keys %is ], [ told($command, $option) ], "clock(1) has the fields of $command --$option, and no other";
}

my $file = clockfile(<<'END');
timezone: Europe/Berlin
jobs:
  often: {schedule: "@every 1s", missed: skip}
  nightly: {schedule: "30 2 13 * 5", payload: {deep: {er: 1}}}
END
my $other = clockfile("jobs: {nightly: {schedule: \"31 2 * * *\"}}\n");
my $wrong = clockfile("jobs: {nightly: {schedule: \"31 25 * * *\"}}\n");
my $db = database();
my $run = clock_start('run', $file, { db => $db });
$run->says(qr/\bfired\b/);
$db->{dbh}->do(q(INSERT INTO clock.missed (clockfile, job, first_at, last_at, count, reason)
    VALUES ('default', 'often', now(), now(), 1, 'policy')));
is on($db, 'fire', 'nightly', '-f', $file)->{status}, 0, 'a row';
one($db, q(SELECT count(clock.fail(id, lease_id, 'broken', false)) FROM clock.claim('{default}', 100)));

my @from = ('--from', '2027-03-01T00:00:00Z');
agrees 'next', 'json', clock('next', $file, '--json', @from);
agrees 'next', 'heatmap', clock('next', $file, '--json', '--heatmap', @from);
agrees 'explain', 'json', clock('explain', 'nightly', $file, '--json', @from);
agrees 'check', 'json', clock('check', $wrong, '--json');
agrees 'diff', 'json', clock('diff', $file, $other, '--json', @from);
agrees 'simulate', 'json',
    clock('simulate', $file, '--json', @from, '--outage', '2027-03-02T00:00:00Z..2027-03-02T01:00:00Z', '--until', '2027-03-03T00:00:00Z');
agrees 'import', 'json', clock('import', '--json', '--year', '2026', '--shadow',
    spew('log', "Nov 22 10:00:01 h CRON[1]: (u) CMD (a)\nNov 22 10:01:01 h CRON[2]: (u) CMD (b)\n"),
    spew('crontab', "* * * * * a\n0 * * * * b\n"), '--user', 'u', '--tz', 'UTC');
agrees 'status', 'json', on($db, 'status', '--json');
agrees 'list', 'json', on($db, 'list', '--json'), clock('list', $file, '--json');
agrees 'missed', 'json', on($db, 'missed', '--json');
agrees 'history', 'json', on($db, 'history', '--json');
agrees 'dead', 'json', on($db, 'dead', '--json');
agrees 'health', 'json', on($db, 'health', '--json');
agrees 'doctor', 'json', on($db, 'doctor', '--json');
agrees 'migrate', 'json', on($db, 'migrate', '--status', '--json');
is $run->term, 0, 'the clock stops';

done_testing;
