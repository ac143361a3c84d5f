package Cli;

# Runs clock as its users do, and compares what it printed with what stands beside the test.
#
# A golden file (tests/cli/NAME.golden) holds one transcript a case: the command line, standard
# output as it is, standard error behind "! ", the exit status last.  CLOCK_BLESS=1 writes it anew;
# read the difference before you commit it.

use strict;
use warnings;

use Exporter qw(import);
use File::Basename qw(basename dirname);
use File::Spec;
use File::Temp qw(tempdir);
use IPC::Run qw(run timeout);
use Terminal;
use Test::More;

our @EXPORT = qw(clock clock_path golden on_terminal refused slurp spew timeless work_dir);

# A hang is a failure, not a wait.
use constant LIMIT_S => 60;

my $clock = File::Spec->rel2abs($ENV{CLOCK} // 'bin/clock');
my $golden_path = File::Spec->rel2abs($0) =~ s/\.t$/.golden/r;
my %golden;     # name => transcript, as it stands in the file
my @blessed;    # what this run would write
my $work = tempdir('clock-cli-XXXXXX', TMPDIR => 1, CLEANUP => 1);

# Nobody's own database, zone or service manager decides a test.
delete @ENV{ qw(DATABASE_URL TZ TZDIR NO_COLOR JOURNAL_STREAM NOTIFY_SOCKET WATCHDOG_USEC POSIXLY_CORRECT), grep { /^PG/ } keys %ENV };
umask 022;    # servers and workers of other users read what a test writes

sub clock_path { return $clock }

# An empty folder in which every command is run.
sub work_dir { return $work }

sub spew {
    my ($name, $text) = @_;
    my $path = File::Spec->file_name_is_absolute($name) ? $name : "$work/$name";
    open my $out, '>:raw', $path or die "cannot write '$path': $!\n";
    print {$out} $text;
    close $out or die "cannot write '$path': $!\n";
    return $path;
}

sub slurp {
    my ($path) = @_;
    open my $in, '<:raw', $path or die "cannot read '$path': $!\n";
    local $/;
    return scalar <$in>;
}

# clock(ARGUMENT..., {stdin => TEXT, env => {NAME => VALUE}, before => sub}) gives
# {args, out, err, status, signal}.
sub clock {
    my @args = @_;
    my %option = ref $args[-1] ? %{ pop @args } : ();
    local %ENV = (%ENV, %{ $option{env} // {} });
    my ($in, $out, $err) = ($option{stdin} // '', '', '');
    my $limit = timeout(LIMIT_S);
    my $before = $option{before} // sub { };
    eval {
        run [ $clock, @args ], \$in, \$out, \$err,
            init => sub { chdir $work or die "cannot enter '$work': $!\n"; $before->() }, $limit;
    };
    BAIL_OUT("clock @args: $@") if $@;
    return { args => \@args, out => $out, err => $err, status => $? >> 8, signal => $? & 127 };
}

# What a command shows on a terminal that is so many columns wide; undef where there is none.
sub on_terminal {
    my ($columns, @args) = @_;
    my $master = terminal() // return undef;
    my $terminal = $master->slave;
    $terminal->set_winsize(40, $columns);
    $terminal->set_raw;
    my $child = fork // die "fork: $!\n";
    if ($child == 0) {
        alarm LIMIT_S;
        chdir $work or die "cannot enter '$work': $!\n";
        open STDOUT, '>&', $terminal or die "dup: $!\n";
        exec $clock, @args;
    }
    close $terminal;
    my $shown = '';
    while (sysread $master, my $more, 65536) { $shown .= $more }
    waitpid $child, 0;
    return $shown;
}

# Exit status and words of a refusal: refused(NAME, RESULT, STATUS, QR...).
sub refused {
    my ($name, $result, $status, @words) = @_;
    subtest $name => sub {
        is $result->{status}, $status, "exit status $status";
        is $result->{signal}, 0, 'no signal';
        is $result->{out}, '', 'nothing on standard output';
        like $result->{err}, $_, "says $_" for @words;
        unlike $result->{err}, qr/[\x00-\x09\x0b-\x1f\x7f]/, 'no control byte';
    };
    return;
}

sub quoted {
    my ($word) = @_;
    return $word =~ /^[\w.:\/=+-]+$/ ? $word : $word =~ /[\\\$"`]/ ? "'$word'" : "\"$word\"";
}

# How far away an instant is depends on today: transcripts leave it out.
sub timeless {
    my ($text) = @_;
    $text =~ s/(T[\d:]+\S*)  +(?:in \d+[dhms](?: \d+[hms])?|\d+[dhms](?: \d+[hms])? ago|now) +/$1  in -  /g;
    $text =~ s/"in_s":-?\d+/"in_s":0/g;
    return $text;
}

sub golden {
    my ($name, $result) = @_;
    my $transcript = join '', '$ clock', (map { ' ' . quoted($_) } @{ $result->{args} }), "\n",
        timeless($result->{out}), (map { "! $_\n" } split /\n/, $result->{err}),
        "[exit $result->{status}]\n";
    push @blessed, "=== $name\n$transcript\n";
    return pass("$name (blessed)") if $ENV{CLOCK_BLESS};
    load_golden() unless %golden;
    is $transcript, $golden{$name} // '', $name;
    return;
}

sub load_golden {
    my (undef, @parts) = split /^=== (.*)\n/m, slurp($golden_path);
    while (my ($name, $transcript) = splice @parts, 0, 2) {
        $golden{$name} = $transcript =~ s/\n\z//r;
    }
    return;
}

END {
    if ($ENV{CLOCK_BLESS} && @blessed) {
        spew($golden_path, join '', @blessed);
        diag "wrote $golden_path";
    }
}

1;
