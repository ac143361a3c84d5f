package Crontabs;

# The crontabs of tests/tables/crontabs, and cron's log of what they run.

use strict;
use warnings;

use Exporter qw(import);
use File::Basename qw(basename);
use POSIX qw(strftime tzset);
use Time::Local qw(timegm);

use Cli;

our @EXPORT = qw(crontabs cron_log epoch kind_of);

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

# cron_log(ZONE, STAMP, [EPOCH, USER, COMMAND]...): the lines of syslog, each a few seconds late.
sub cron_log {
    my ($zone, $format, @runs) = @_;
    local $ENV{TZ} = $zone;
    tzset();
    my ($text, $n) = ('', 0);
    for (@runs) {
        my ($at, $user, $command) = @$_;
        my $late = $n++ % 40;
        $text .= strftime($format, localtime $at + $late) . " host CRON[$n]: ($user) CMD ($command)\n";
    }
    $ENV{TZ} = 'UTC';
    tzset();
    return $text;
}

1;
