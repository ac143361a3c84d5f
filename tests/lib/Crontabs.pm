package Crontabs;

# The crontabs of tests/tables/crontabs, and cron's log of what they run.

use strict;
use warnings;

use Exporter qw(import);
use File::Basename qw(basename);
use POSIX qw(strftime tzset);
use Time::Local qw(timegm);

use Cli;

our @EXPORT = qw(crontabs cron_log cron_runs epoch kind_of);

# Puts all of them into work_dir(); gives their names.
sub crontabs {
    my @names;
    for my $path (sort glob 'tests/tables/crontabs/*.crontab') {
        push @names, basename($path);
        spew($names[-1], slurp($path));
    }
    return @names;
}

# What clock import wants to be told of it.
sub kind_of {
    my ($name) = @_;
    return $name =~ /^(?:etc-crontab|cron\.d|suse)\./ ? ('--system') : ();
}

# Seconds since 1970 of an instant in RFC 3339.
sub epoch {
    my ($text) = @_;
    my ($y, $mo, $d, $h, $mi, $s, $sign, $oh, $om) =
        $text =~ /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)(?:Z|([+-])(\d+):(\d+))$/
        or die "no instant: $text\n";
    my $offset = defined $sign ? "${sign}1" * ($oh * 3600 + $om * 60) : 0;
    return timegm($s, $mi, $h, $d, $mo - 1, $y) - $offset;
}

# ---- a cron of our own ----

my %macro = ('@hourly' => '0 * * * *', '@daily' => '0 0 * * *', '@midnight' => '0 0 * * *', '@weekly' => '0 0 * * 0',
    '@monthly' => '0 0 1 * *', '@yearly' => '0 0 1 1 *', '@annually' => '0 0 1 1 *');
my %number;
@number{qw(jan feb mar apr may jun jul aug sep oct nov dec)} = 1 .. 12;
@number{qw(sun mon tue wed thu fri sat)} = 0 .. 6;

# The values of a field, as a set.
sub values_of {
    my ($field, $low, $high) = @_;
    my %set;
    for my $item (split /,/, $field) {
        my ($range, $step) = split m{/}, $item;
        my ($from, $to) = $range eq '*' ? ($low, $high) : map { $number{ lc $_ } // $_ } split /-/, $range;
        $to //= $from;
        for (my $v = $from; $v <= $to; $v += $step // 1) { $set{$v} = 1 }
    }
    return \%set;
}

# The entries of a user's crontab that are not commented out: {fields, command}; the command as cron
# hands it to the shell, without what stands behind a '%'.
sub entries_of {
    my ($text) = @_;
    my @entries;
    for my $line (split /\n/, $text) {
        next if $line =~ /^\s*(?:#|$)/ || $line =~ /^\s*\w+\s*=/;
        my ($when, $command) = $line =~ /^\s*(\@\w+|\S+(?:\s+\S+){4})\s+(.*)$/ or die "no entry: $line\n";
        my @field = split ' ', $macro{$when} // $when;
        $command =~ s/(?<!\\)%.*//;
        $command =~ s/\\%/%/g;
        push @entries, { command => $command,
            wild => scalar("@field[0, 1]" =~ /^\*| \*/), star => scalar("@field[2, 4]" =~ /^\*| \*/),
            minute => values_of($field[0], 0, 59), hour => values_of($field[1], 0, 23), day => values_of($field[2], 1, 31),
            month => values_of($field[3], 1, 12), weekday => values_of($field[4], 0, 7) };
        $entries[-1]{weekday}{0} = 1 if $entries[-1]{weekday}{7};
    }
    return @entries;
}

sub is_now {
    my ($entry, $minute) = @_;
    my (undef, $m, $h, $day, $month, undef, $weekday) = gmtime $minute * 60;
    return unless $entry->{minute}{$m} && $entry->{hour}{$h} && $entry->{month}{ $month + 1 };
    my ($by_day, $by_weekday) = ($entry->{day}{$day}, $entry->{weekday}{$weekday});
    return $entry->{star} ? $by_day && $by_weekday : $by_day || $by_weekday;
}

# What Debian's cron runs of a user's crontab from the first instant to before the second, as
# [EPOCH, COMMAND]...: it wakes up each minute and looks how far the wall clock is from where it left
# off.  Within three hours, entries with a time of day follow slowly and those with a star at once.
sub cron_runs {
    my ($text, $zone, $from, $until) = @_;
    my @entries = entries_of($text);
    local $ENV{TZ} = $zone;
    tzset();
    my ($virtual, @runs) = (undef);
    for (my $at = $from - 86_400; $at < $until; $at += 60) {
        my $wall = timegm((localtime $at)[ 0 .. 5 ]) / 60;
        $virtual //= $wall - 1;
        my $late = $wall - $virtual;
        my (@minutes, @wild) = ();
        if ($late > 180 || $late <= -180) { @minutes = @wild = $virtual = $wall }
        elsif ($late <= 0) { @wild = $wall }
        elsif ($late > 5) { @wild = $wall; @minutes = $virtual + 1 .. $wall; $virtual = $wall }
        else { @minutes = @wild = $virtual + 1 .. $wall; $virtual = $wall }
        next if $at < $from;
        for my $entry (@entries) {
            my $due = $entry->{wild} ? \@wild : \@minutes;
            push @runs, [ $at, $entry->{command} ] if grep { is_now($entry, $_) } @$due;
        }
    }
    $ENV{TZ} = 'UTC';
    tzset();
    return @runs;
}

# cron_log(ZONE, STAMP, [EPOCH, USER, COMMAND]...): the lines of syslog, late by some seconds, and
# those of one minute not quite in order.
sub cron_log {
    my ($zone, $format, @runs) = @_;
    local $ENV{TZ} = $zone;
    tzset();
    my ($text, $n) = ('', 0);
    for (@runs) {
        my ($at, $user, $command) = @$_;
        my $late = $n++ % 7;
        $text .= strftime($format, localtime $at + $late) . " host CRON[$n]: ($user) CMD ($command)\n";
    }
    $ENV{TZ} = 'UTC';
    tzset();
    return $text;
}

1;
