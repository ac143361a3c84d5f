#!/usr/bin/env perl
# The schedule engine and the reader of Clockfiles beside the least that each can cost, all in
# one run: see README.md here.
#
#   engine.pl FOLDER [SECONDS]     FOLDER: where the bench programs were built; SECONDS of
#                                  processor time for each case, 0.05

use strict;
use warnings;

use File::Basename qw(dirname);
use File::Temp qw(tempdir);

my ($built, $seconds) = (@ARGV, 0.05);
die "usage: engine.pl FOLDER [SECONDS]\n" unless @ARGV && -x "$built/engine";
my $here  = dirname(__FILE__);
my $tmp   = tempdir(CLEANUP => 1);
my @ZONES = qw(UTC Europe/Berlin America/New_York Australia/Lord_Howe);
my $END   = 16725225600;    # 2500-01-01: the bare engine knows no change of the clocks behind it

sub lines {
    my @command = @_;
    open my $out, '-|', @command or die "cannot run $command[0]: $!\n";
    chomp(my @lines = <$out>);
    close $out or $? >> 8 == 1 or die "@command: status ", $? >> 8, "\n";
    return @lines;
}

# id => the last cell of its row
sub answers {
    my ($program, $mode, $count, $most_s) = @_;
    return map { my @cell = split /\t/, $_, -1; ($cell[0] => $cell[3]) }
        lines("$built/$program", $mode, "$tmp/cases", $count, $most_s // $seconds);
}

sub median {
    my @sorted = sort { $a <=> $b } @_;
    return $sorted[@sorted / 2];
}

# ---- the cases ----------------------------------------------------------------------------

my (%class, %zone, %text);
open my $in,  '<', "$here/cases.tsv" or die "cases.tsv: $!\n";
open my $out, '>', "$tmp/cases"      or die "$tmp/cases: $!\n";
while (<$in>) {
    chomp;
    my ($class, $text) = split /\t/;
    for my $zone (@ZONES) {
        my $id = "$.@" . $zone;
        ($class{$id}, $zone{$id}, $text{$id}) = ($class, $zone, $text);
        print {$out} join("\t", $id, $class, $zone, $text), "\n";
    }
}
close $out or die "$tmp/cases: $!\n";

# ---- next and parse -----------------------------------------------------------------------

sub differs {
    my ($one, $other) = map { join ',', grep { $_ < $END } split /,/ } @_;
    return $one ne $other;
}

sub compare_fires {
    my %ours   = answers('engine', 'fires', 1000, 5);
    my %least  = answers('least',  'fires', 1000, 5);
    my @differ = grep { differs($ours{$_}, $least{$_}) } sort keys %class;
    printf "%d cases of 1000 instants: %d differ%s\n\n", scalar keys %class, scalar @differ,
        @differ ? ": @differ" : '';
    return !@differ;
}

sub print_rows {
    my ($title, $ours, $least, @rows) = @_;
    printf "%-24s %8s %8s %8s %8s %6s\n", $title, 'clock', 'most', 'bare', 'most', 'ratio';
    for my $row (@rows) {
        my ($name, @ids) = @$row;
        my @mine = map { $ours->{$_} } @ids;
        my @bare = map { $least->{$_} } @ids;
        my ($most) = sort { $b <=> $a } @mine;
        my ($bare_most) = sort { $b <=> $a } @bare;
        printf "%-24s %8.0f %8.0f %8.0f %8.0f %6.2f\n", $name, median(@mine), $most,
            median(@bare), $bare_most, median(@mine) / median(@bare);
    }
    print "\n";
}

sub print_next {
    # In turn, twice: the better time of each case counts, for neighbours only add.
    my (%ours, %least);
    for (1, 2) {
        for (['engine', \%ours], ['least', \%least]) {
            my ($program, $best) = @$_;
            my %now = answers($program, 'bench', 1000);
            for my $id (keys %now) {
                $best->{$id} = $now{$id} if !$best->{$id} || $now{$id} < $best->{$id};
            }
        }
    }
    my @rows;
    for my $class (qw(common sparse worst never)) {
        my @ids = grep { $class{$_} eq $class && $text{$_} ne '0 0 29 2 *' } sort keys %class;
        push @rows, ["$class, UTC", grep { $zone{$_} eq 'UTC' } @ids],
            ["$class, other zones", grep { $zone{$_} ne 'UTC' } @ids];
    }
    push @rows, ['29 February', grep { $text{$_} eq '0 0 29 2 *' } sort keys %class];
    print_rows('next, ns', \%ours, \%least, @rows);
}

sub print_parse {
    my %ours  = answers('engine', 'parse', 1);
    my %least = answers('least',  'parse', 1);
    print_rows('parse, ns', \%ours, \%least,
        ['all expressions', grep { $zone{$_} eq 'UTC' } sort keys %class]);
}

# ---- the timeline, and a large Clockfile ----------------------------------------------------

sub print_timeline {
    my ($heading, $built_row, undef, @rows) = lines("$built/timeline");
    my ($jobs, $schedules, $build_ms, $bytes) = split /\t/, $built_row;
    my ($ours, $least) = map { [split /\t/] } @rows;
    printf "timeline of %d jobs, %d schedules: built in %.0f ms, %.1f bytes a job\n", $jobs,
        $schedules, $build_ms, $bytes;
    printf "%-24s %8s %8s %8s %8s %6s\n", 'a minute, ms', 'clock', 'most', 'bare', 'most',
        'ratio';
    printf "%-24s %8.3f %8.3f %8.3f %8.3f %6.2f\n\n", "$ours->[4] jobs due", $ours->[1],
        $ours->[3], $least->[1], $least->[3], $ours->[1] / $least->[1];
}

sub print_load {
    print "Clockfile of 100000 jobs beside libyaml's events\n";
    for my $order ([], ['--sorted']) {
        system("$^X $here/clockfile.pl @$order > $tmp/Clockfile.yml") == 0
            or die "cannot write $tmp/Clockfile.yml\n";
        printf "%-12s %s\n", @$order ? 'by name' : 'in no order',
            join ' ', lines("$built/load", "$tmp/Clockfile.yml");
    }
}

my $agree = compare_fires();
print_next();
print_parse();
print_timeline();
print_load();
exit !$agree;
