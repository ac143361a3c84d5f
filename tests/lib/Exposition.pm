package Exposition;

# Reads the text format of Prometheus, version 0.0.4, and is strict: what it says of a text is
# what a scraper, promtool and the textfile collector would mind, and what its guide to names
# asks for.

use strict;
use warnings;

use Exporter qw(import);
use IPC::Run qw(run);
use Test::More;

our @EXPORT = qw(metrics_ok);

my $NAME = qr/[a-zA-Z_:][a-zA-Z0-9_:]*/;
my $LABEL = qr/[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"/;
my $VALUE = qr/[-+]?(?:[0-9]+(?:\.[0-9]+)?(?:e[-+]?[0-9]+)?|Inf|NaN)/;

# The complaints about a text, and its samples: "name{labels}" => value.
sub parse {
    my ($text) = @_;
    my (@bad, %sample, %seen, $family, $type, $labels);
    push @bad, 'the last line has no end' if $text !~ /\n\z/;
    push @bad, 'bytes that are not UTF-8' unless utf8::decode(my $copy = $text);
    for my $line (split /\n/, $text, -1) {
        if ($line =~ /^# HELP ($NAME) \S.*\.$/) {
            push @bad, "$family: has no TYPE" if defined $family && !defined $type;
            ($family, $type, $labels) = ($1, undef, undef);
            push @bad, "$family: twice" if $seen{$family}++;
        } elsif ($line =~ /^# TYPE ($NAME) (counter|gauge)$/) {
            my $name = $1;
            $type = $2;
            push @bad, "$name: TYPE without HELP" if $name ne ($family // '');
            push @bad, "$name: a counter's name ends in _total" if ($type eq 'counter') != ($name =~ /_total$/);
            push @bad, "$name: not a base unit" if $name =~ /_(?:ms|us|millis\w*|minutes|hours|days)(?:_|$)/;
            push @bad, "$name: not our name" if $name !~ /^clock_/;
        } elsif ($line =~ /^($NAME)(?:\{($LABEL(?:,$LABEL)*)\})? ($VALUE)$/) {
            my ($name, $list, $value) = ($1, $2 // '', $3);
            push @bad, "$name: not in a family of its own" if $name ne ($family // '') || !defined $type;
            my $names = join ',', $list =~ /([a-zA-Z0-9_]+)="/g;
            push @bad, "$name: labels $names and $labels" if $names ne ($labels //= $names);
            my $series = $list eq '' ? $name : "$name\{$list}";
            push @bad, "$series: twice" if exists $sample{$series};
            push @bad, "$series: negative" if ($type // '') eq 'counter' && $value < 0;
            $sample{$series} = $value;
        } elsif ($line ne '') {
            push @bad, "not a line of the format: $line";
        }
    }
    return \@bad, \%sample;
}

# metrics_ok(TEXT, NAME): nothing is wrong with it, by this checker and, where it is installed, by
# promtool.  Gives its samples.
sub metrics_ok {
    my ($text, $name) = @_;
    my ($bad, $sample) = parse($text);
    my ($promtool) = grep { -x } map { "$_/promtool" } split /:/, $ENV{PATH};
    if ($promtool) {
        my $said = '';
        run [ $promtool, 'check', 'metrics' ], \$text, \$said, '2>&1';
        push @$bad, "promtool: $_" for split /\n/, $said;
    }
    is join("\n", @$bad), '', $name;
    return %$sample;
}

1;
