# clock status --metrics and clock run --metrics-file: true, and in the format to the letter.

use strict;
use warnings;

use Test::More;

use Cli;
use ClockTest;
use Exposition;
use Operator;

subtest 'the checker sees what is wrong' => sub {
    my $fine = "# HELP clock_a_total Fires.\n# TYPE clock_a_total counter\nclock_a_total{job=\"x\\\"\\\\\"} 1\n";
    is_deeply((Exposition::parse($fine))[0], [], 'nothing');
    my %wrong = (
        'no end of line' => [ qr/\n\z/, '' ],
        'no help' => [ qr/^# HELP.*\n/, '' ],
        'no type' => [ qr/^# TYPE.*\n/m, '' ],
        'a raw quote' => [ qr/x\\"/, 'x"' ],
        'an unknown escape' => [ qr/x\\"/, 'x\t' ],
        'the same series twice' => [ qr/\z/, "clock_a_total{job=\"x\\\"\\\\\"} 1\n" ],
        'a counter without _total' => [ qr/_total/, '' ],
        'a timestamp' => [ qr/ 1\n/, " 1 1700000000000\n" ],
        'milliseconds' => [ qr/clock_a/, 'clock_a_ms' ],
        'other labels' => [ qr/\z/, "clock_a_total{task=\"y\"} 1\n" ],
    );
    for my $what (sort keys %wrong) {
        my ($from, $to) = @{ $wrong{$what} };
        my $text = $what =~ /_total|milli/ ? $fine =~ s/$from/$to/gr : $fine =~ s/$from/$to/r;
        isnt scalar @{ (Exposition::parse($text))[0] }, 0, $what;
    }
};

my $text = <<"END";
name: app
jobs:
  often: {schedule: "\@every 1s", queue: q}
  spread: {schedule: "\@every 1s", jitter: 1h}
  nightly: {schedule: "30 @{[ far_hour() ]} * * *"}
  never: {schedule: "\@at 2020-01-01T00:00:00"}
END
my $file = clockfile($text);
my $folder = temp_dir() . '/metrics';
mkdir $folder or die $!;
my $path = "$folder/clock.prom";
my $db = database();

# The samples of the file, once this is true of them.
sub file_says {
    my ($what, $ask) = @_;
    my %sample;
    poll_until(
        sub {
            return unless -e $path;
            (undef, my $found) = Exposition::parse(slurp($path));
            %sample = %$found;
            return $ask->(\%sample);
        }, 30, $what);
    return %sample;
}

my $of = '{clockfile="app"}';

subtest 'a running clock' => sub {
    umask 077;
    my $clock = clock_start('run', $file, '--metrics-file', $path, { db => $db });
    file_says('three fires, one of them armed', sub {
        ($_[0]{"clock_run_fires_total$of"} // 0) >= 3 && $_[0]{"clock_run_armed_fires_total$of"} > 0;
    });
    my %is = metrics_ok(slurp($path), 'its file is in the format');
    is $is{"clock_run_up$of"}, 1, 'up';
    is $is{"clock_run_connected$of"}, 1, 'connected';
    is $is{"clock_run_in_force$of"}, 1, 'in force';
    is $is{"clock_run_connects_total$of"}, 1, 'one connection';
    is $is{"clock_run_rows_total$of"}, 2 * $is{"clock_run_fires_total$of"}, 'two rows a fire';
    cmp_ok $is{"clock_run_armed_fires_total$of"}, '<=', $is{"clock_run_fires_total$of"}, 'so many of them armed ahead';
    cmp_ok $is{"clock_run_late_max_seconds$of"}, '>=', $is{"clock_run_late_seconds$of"}, 'the most is not less than the last';
    cmp_ok $is{"clock_run_late_seconds$of"}, '>=', 0, 'never early';
    is $is{"clock_run_next_due_timestamp_seconds$of"}, $is{"clock_run_fired_through_timestamp_seconds$of"} + 1, 'the next instant';
    my $revision = one($db, 'SELECT revision FROM clock.horizons');
    ok exists $is{qq(clock_run_info{clockfile="app",version="@{[ version() ]}",revision="$revision"})}, 'version and revision';
    is sprintf('%o', (stat $path)[2] & 0777), 644, 'the collector may read it, whatever the umask';

    my $left = one($db, 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ?', 'clock run');
    ok $left, 'a connection that is cut';
    file_says('a reconnect', sub { $_[0]{"clock_run_connects_total$of"} >= 2 });
    spew($file, 'jobs: [');
    $clock->kill('HUP');
    file_says('a reload that was refused', sub { $_[0]{"clock_run_reloads_refused_total$of"} == 1 });
    spew($file, $text =~ s/^  nightly.*\n//mr);
    $clock->kill('HUP');
    file_says('one that was not', sub { $_[0]{"clock_run_reloads_total$of"} == 1 });
    is on($db, 'pause', 'often', '--until', at_in_db($db, 5), '--reason', 'r')->{status}, 0, 'a pause';
    file_says('what it left out', sub { $_[0]{'clock_run_missed_fires_total{clockfile="app",reason="paused"}'} > 0 });
    is $clock->term, 0, 'stops';
    %is = metrics_ok(slurp($path), 'the last file');
    is $is{"clock_run_up$of"}, 0, 'down';
    is_deeply [ glob "$folder/*" ], [$path], 'nothing lies beside it';
    spew($file, $text);
};

sub version { return clock('version')->{out} =~ /(\d[\w.]*)/ }

subtest 'a folder that takes no file' => sub {
    my $away = "$folder/away";
    my $clock = clock_start('run', $file, '--metrics-file', "$away/clock.prom", { db => $db });
    my $before = one($db, 'SELECT count(*) FROM clock.jobs');
    poll_until(sub { one($db, 'SELECT count(*) FROM clock.jobs') > $before + 6 }, 30, 'fires');
    is scalar(grep { /\bunwritten\b/ } $clock->log), 1, 'is said once';
    like $clock->log, qr/unwritten level=warning file=\S+ error="cannot create.*No such file/, 'with its cause';
    mkdir $away or die $!;
    $clock->says(qr/\bwritten file=/);
    metrics_ok(slurp("$away/clock.prom"), 'then it is written');
    is $clock->term, 0, 'stops';
};

subtest 'the database' => sub {
    is on($db, 'pause', 'nightly', '--reason', 'r', '--name', 'app')->{status}, 0, 'one is paused';
    $db->{dbh}->do(q(INSERT INTO clock.jobs (job, task, queue, state) VALUES ('', 'own', ?, 'dead')), undef, qq(a "b" \\ c\nd));
    my $status = on($db, 'status', '--metrics');
    is $status->{status}, 0, 'status --metrics';
    my %is = metrics_ok($status->{out}, 'is in the format');
    my $version = one($db, 'SELECT max(version) FROM clock.schema');
    is $is{clock_schema_version}, $version, 'the version of the schema';
    is $is{'clock_job_paused{clockfile="app",job="nightly"}'}, 1, 'paused';
    is $is{'clock_job_paused{clockfile="app",job="often"}'}, 0, 'not paused';
    ok !exists $is{'clock_job_next_due_timestamp_seconds{clockfile="app",job="never"}'}, 'what is never due has no instant';
    is $is{'clock_rows{clockfile="app",queue="q",state="ready"}'},
        one($db, q(SELECT count(*) FROM clock.jobs WHERE queue = 'q' AND state = 'ready')), 'rows of a queue';
    is $is{'clock_rows{clockfile="",queue="a \\"b\\" \\\\ c\\\\x0ad",state="dead"}'}, 1, 'a name with everything in it';
    is $is{'clock_job_missed_fires{clockfile="app",job="often"}'},
        one($db, q(SELECT coalesce(sum(count), 0) FROM clock.missed WHERE job = 'often')), 'missed';
    my $late = poll_until(
        sub { (on($db, 'status', '--metrics')->{out} =~ /^clock_late_seconds\Q$of\E ([\d.]+)/m)[0] > 0 }, 20, 'lateness');
    ok $late, 'nobody fires: it is late';
    is_deeply [ grep { /^clock_run_/ } keys %is ], [], 'no name that a running clock uses';
    my %one = metrics_ok(on($db, 'status', '--metrics', '--name', 'app')->{out}, 'one Clockfile, in the format');
    is_deeply [ grep { /clockfile=/ && !/clockfile="app"/ } keys %one ], [], 'has nothing of others';
    refused 'two forms', on($db, 'status', '--metrics', '--json'), 2, qr/two forms/;
    refused 'nothing there', on(database(), 'status', '--metrics'), 1, qr/no clock has run/;
};

my %told = map { $_ => 1 } slurp('man/clock.1') =~ /^\.It Li (clock_\w+)/mg;
my @names = map { /^# TYPE (\w+)/mg } slurp($path), on($db, 'status', '--metrics')->{out};
is_deeply [ sort keys %told ], [ sort @names ], 'clock(1) tells every metric, and no other';

done_testing;
