package Worker;

# A `clock work` under test: rows for it, and what became of them.

use strict;
use warnings;

use ClockTest;
use Exporter qw(import);
use Time::HiRes qw(time);

our @EXPORT = qw(add alive commands ended job_rows latest_run output_dir runs_of work);

# A Clockfile `test` of jobs NAME => COMMAND (a YAML value), or NAME => {KEY => YAML, ...}.
sub commands {
    my (%job) = @_;
    my $text = "name: test\njobs:\n";
    for my $name (sort keys %job) {
        my %key = ref $job{$name} ? %{ $job{$name} } : (command => $job{$name});
        $text .= "  $name:\n    schedule: \"\@yearly\"\n";
        $text .= "    $_: $key{$_}\n" for sort keys %key;
    }
    return clockfile($text);
}

# A worker, with the folder for its commands to write in: see output_dir.
sub work {
    my ($db, $file, @args) = @_;
    my %option = ref $args[-1] ? %{ pop @args } : ();
    return clock_start('work', $file, '--allow-root', @args,
        { db => $db, %option });
}

# Adds a row of the job; gives its id.
sub add {
    my ($db, $job, %column) = @_;
    %column = (clockfile => 'test', origin => 'manual', task => $job, job => $job,
        backoff_s => 0, backoff_max_s => 0, %column);
    my @names = sort keys %column;
    my $list = join ', ', @names;
    my $marks = join ', ', ('?') x @names;
    my $id = one($db, "INSERT INTO clock.jobs ($list) VALUES ($marks) RETURNING id",
        @column{@names});
    sql($db, q(SELECT clock.wake(ARRAY[?])), $column{queue} // 'default');
    return $id;
}

sub job_rows {
    my ($db, $id) = @_;
    return sql($db, 'SELECT * FROM clock.jobs WHERE id = ?', $id)->[0];
}

sub runs_of {
    my ($db, $id) = @_;
    return @{ sql($db, 'SELECT * FROM clock.runs WHERE row_id = ? ORDER BY id', $id) };
}

# Waits for the n-th run of the row; gives it.
sub ended {
    my ($db, $id, $n, $seconds) = @_;
    $n //= 1;
    ClockTest::poll_until(sub { runs_of($db, $id) >= $n }, $seconds // 20, "run $n of row $id");
    return (runs_of($db, $id))[ $n - 1 ];
}

sub latest_run {
    my ($db, $id) = @_;
    return (runs_of($db, $id))[-1];
}

# True when a process of this number runs.
sub alive {
    my ($pid) = @_;
    open my $stat, '<', "/proc/$pid/stat" or return 0;
    my $line = <$stat> // return 0;
    return $line !~ /\) Z /;
}

sub output_dir { return temp_dir() }

1;
