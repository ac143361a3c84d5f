package Bench;

# What the benchmarks share: a server that keeps what it commits, programs that take turns on it,
# figures, and a page to put them in.

use strict;
use warnings;

use Cluster;
use ClockTest;
use Exporter qw(import);
use POSIX ();

our @EXPORT = qw(bare ended figures hurried median missed node note percentile server start table target
    write_page write_plot);

# As a server of this size would be set up; nothing is lost at a crash.
my $SETTINGS = <<'END';
fsync = on
synchronous_commit = on
full_page_writes = on
wal_compression = on
shared_buffers = 512MB
max_wal_size = 16GB
min_wal_size = 1GB
checkpoint_timeout = 30min
max_connections = 200
track_commit_timestamp = on
jit = off
END

sub server {
    my ($more) = @_;
    return Cluster->new(settings => $SETTINGS . ($more // ''));
}

# From here on this process and all that it starts come before whatever else the machine does, if
# it may: a benchmark then measures the programs, and not their neighbours.
sub hurried {
    return system("chrt -r -p 1 $$ >/dev/null 2>&1") == 0;
}

# --- programs ---

sub start {
    my ($program, $db, @args) = @_;
    my %env = (PGHOST => $db->{cluster}{sock}, PGPORT => $db->{cluster}->port,
        PGUSER => 'postgres', PGDATABASE => $db->{name},
        BENCH_MODULES => POSIX::getcwd() . '/build/bench');
    return clock_start(@args, { db => $db, program => $program, env => \%env });
}

# A bare program of tests/bench in the background.
sub bare {
    my ($db, $name, @args) = @_;
    return start(build_path("tests/bench/$name"), $db, @args);
}

# A peer of tests/bench/peers on Node, whose modules are in build/bench.
sub node {
    my ($db, $name, @args) = @_;
    return start('node', $db, "tests/bench/peers/$name.mjs", @args);
}

# Waits for a program's good end, and gives what it has written, as lists of cells.
sub ended {
    my ($process, $seconds) = @_;
    my $status = $process->wait($seconds // 120);
    die "it ended with $status: " . $process->log . "\n" if $status != 0;
    return map { [ split /\t/ ] } split /\n/, $process->out;
}

# --- figures ---

sub percentile {
    my ($share, @figures) = @_;
    my @sorted = sort { $a <=> $b } @figures;
    return $sorted[ POSIX::ceil($share / 100 * @sorted) - 1 ];
}

sub median { return percentile(50, @_) }

# p50, p99 and the most.
sub figures { return map { my $share = $_; percentile($share, @_) } 50, 99, 100 }

# Three digits, and a space at the thousands.
sub cell {
    my ($n) = @_;
    return '-' if !defined $n;
    return $n  if $n !~ /^-?\d+\.?\d*(?:e[-+]?\d+)?$/;
    my $digits = $n == 0 ? 0 : 2 - POSIX::floor(log(abs $n) / log 10);
    my $text = sprintf '%.*f', $digits < 0 ? 0 : $digits > 2 ? 2 : $digits, $n;
    $text =~ s/\.0+$// if $n == int $n;
    1 while $text =~ s/^(-?\d+)(\d{3})/$1 $2/;
    return $text;
}

# A table as Markdown has it.
sub table {
    my ($head, @rows) = @_;
    my @all = ($head, map { [ map { cell($_) } @$_ ] } @rows);
    my @width = map { my $i = $_; percentile(100, map { length($_->[$i] // '-') } @all) } 0 .. $#$head;
    my @lines = map {
        my $row = $_;
        '| ' . join(' | ', map { sprintf $_ ? '%*s' : '%-*s', $_ ? $width[$_] : $width[0], $row->[$_] // '-' }
                0 .. $#width) . " |\n"
    } @all;
    splice @lines, 1, 0, '|' . join('|', map { '-' x ($width[$_] + 1) . ($_ ? ':' : '-') } 0 .. $#width) . "|\n";
    return join('', @lines) . "\n";
}

# What a run has to say, as it goes along; all of it is the page's results.
my $said = '';

sub note {
    my ($text) = @_;
    $said .= $text;
    print $text;
    STDOUT->flush;
}

# A promise, and whether it is kept: at least (or, "at most") so much.
sub target {
    my ($what, $value, $how, $bound) = @_;
    my $kept = defined $value && ($how eq 'at least' ? $value >= $bound : $value <= $bound);
    return [ $what, $value, "$how $bound", $kept ? 'met' : 'missed' ];
}

# The exit status of a run: 1 when a target is missed.
sub missed { return (grep { $_->[3] eq 'missed' } @_) ? 1 : 0 }

# --- pages ---

sub spew {
    my ($path, $text) = @_;
    open my $out, '>:utf8', $path or die "cannot write '$path': $!\n";
    print {$out} $text;
    close $out or die "cannot write '$path': $!\n";
}

# With SAVE=1 a run's results take the place of those on its page.
sub write_page {
    my ($path) = @_;
    return if !$ENV{SAVE};
    open my $in, '<:utf8', $path or die "cannot read '$path': $!\n";
    my $page = do { local $/; <$in> };
    $page =~ s/(<!-- results -->\n).*?(<!-- end -->)/$1\n$said$2/s or die "'$path' has no place for results\n";
    spew($path, $page);
}

sub write_plot {
    my ($path, $svg) = @_;
    spew($path, $svg) if $ENV{SAVE};
}

1;
