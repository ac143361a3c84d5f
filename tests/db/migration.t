# The way of a crontab of 200 entries to clock and back: imported, held against cron's log of the days
# on which the clocks change, worked by clock, and exported to the crontab that it was.

use strict;
use warnings;

use Test::More;

use Cli;
use ClockTest;
use Crontabs;
use Worker qw(ended runs_of);

my $zone = 'Europe/Berlin';
my @tz = ('--tz', $zone);
my $home = work_dir() . '/ops';

# The machine's own folder is one of this test; every program in it says how it was called.
my $crontab = slurp('tests/tables/migration.crontab') =~ s{/srv/ops}{$home}gr;
mkdir $_ or die "cannot make $_: $!\n" for map { "$home$_" } '', '/bin', '/log';
spew("$home/bin/program", <<'END');
#!/bin/sh
echo "${0##*/} $*"
pwd
cat
END
chmod 0755, "$home/bin/program";
link "$home/bin/program", "$home/bin/$_" for 'shop', 'note';

# ---- import ---------------------------------------------------------------------------------------

spew('raw.crontab', "\@reboot $home/bin/mount-backups\n0 12 * * * $home/bin/dump > dump-\$(date +%F)\n$crontab");
my $raw = clock('import', @tz, 'raw.crontab');
is $raw->{status}, 1, 'what a person has to look at is exit status 1';
is_deeply [ $raw->{err} =~ /^raw\.crontab:(\d+):\d+: (?:decision|refused): /mg ], [ 1, 2 ], 'two lines, each at its place';

spew('ops.crontab', $crontab);
my $import = clock('import', @tz, 'ops.crontab');
is $import->{status}, 0, 'with these two settled nothing is left to decide';
like $import->{err}, qr/: 200 jobs \(4 not enabled\), .* 0 refused; 0 need a decision$/m, 'all 200 entries are there';
spew('Clockfile.yml', $import->{out});
is clock('check')->{status}, 0, 'check takes the Clockfile';

# ---- shadow ---------------------------------------------------------------------------------------

sub shadow {
    my ($stamp, @runs) = @_;
    spew('syslog', cron_log($zone, $stamp, map { [ $_->[0], 'ops', $_->[1] ] } @runs));
    return clock('import', @tz, '--year', 2026, '--shadow', 'syslog', 'ops.crontab');
}

my ($old, $new) = ('%b %e %H:%M:%S', '%Y-%m-%dT%H:%M:%S%z');
my %day = ('in summer' => [ '2026-06-10T22:00:00Z', 24, $new ], 'that lacks an hour' => [ '2026-03-28T23:00:00Z', 23, $old ],
    'with one hour twice' => [ '2026-10-24T22:00:00Z', 25, $old ]);
my @runs;
for my $name (sort keys %day) {
    my ($begin, $hours, $stamp) = @{ $day{$name} };
    @runs = cron_runs($crontab, $zone, epoch($begin), epoch($begin) + $hours * 3600);
    cmp_ok scalar @runs, '>', 25_000, "a day $name: cron has much to do";
    my $same = shadow($stamp, @runs);
    is $same->{status}, 0, "a day $name: clock does the same" or diag $same->{out}, $same->{err};
    like $same->{err}, qr/: ${\ scalar @runs} matched, 0 by cron only, 0 by clock only,/, 'run by run';
}
my ($forgotten) = grep { $runs[$_][1] =~ /rotate-dumps --daily/ } 0 .. $#runs;
my $differs = shadow($new, @runs[ 0 .. $forgotten - 1, $forgotten + 1 .. $#runs ]);
is $differs->{status}, 1, 'a difference is not passed over';
like $differs->{out}, qr/^\S+T04:30:00\S+ +clock +rotate-dumps\n\z/m, 'and told with its instant';

# ---- switch over ----------------------------------------------------------------------------------

my $db = database();
# Minutes become seconds for what runs each minute; everything else is as imported.
my $quick = $import->{out} =~ s/schedule: "\* \* \* \* \*"/schedule: "\@every 2s"/gr;
my @each_minute = $quick =~ /^  (\S+):\n    schedule: "\@every 2s"/mg;
is scalar @each_minute, 10, 'ten jobs are due at once, again and again';
my $file = clockfile($quick);
my $run = clock_start('run', $file, { db => $db });
my $worker = clock_start('work', $file, '--allow-root', { db => $db });
poll_until(
    sub {
        one($db, q(SELECT count(*) FROM (SELECT job FROM clock.runs WHERE outcome = 'done' AND job = ANY (?)
            GROUP BY job HAVING count(*) >= 3) AS job), \@each_minute) == 10;
    },
    60, 'three runs of each',
);
# Another job may be due just now, whose programs are not here.
is one($db, q(SELECT count(*) FROM clock.runs WHERE outcome <> 'done' AND job = ANY (?)), \@each_minute), 0, 'none has failed';
is one($db, 'SELECT count(*) - count(DISTINCT (job, scheduled_at)) FROM clock.runs WHERE job = ANY (?)', \@each_minute), 0,
    'and none ran twice';

# What must not wait for its hour is fired by hand.
sub fired {
    my ($job) = @_;
    my $fire = clock('fire', $job, '--file', $file, { env => { DATABASE_URL => $db->{url} } });
    is $fire->{status}, 0, "$job is fired by hand" or diag $fire->{err};
    my $id = poll_until(sub { one($db, 'SELECT row_id FROM clock.runs WHERE job = ? ORDER BY id DESC LIMIT 1', $job) }, 20, $job);
    return ended($db, $id);
}
my $note = fired('note');
is $note->{output}, "note operator\n$home\nGood morning,\n\nplease put in the tape of today.\nThank you.\n",
    "with its arguments, in HOME, and what stands behind '%' on its input";
is fired('echo')->{outcome}, 'done', "a '\\%' is a percent sign";
like slurp("$home/log/days"), qr/\A(?:[A-Z][a-z]+day\n)+\z/, 'for date';

# ---- and back -------------------------------------------------------------------------------------

is $run->term, 0, 'the clock stops';
poll_until(sub { one($db, 'SELECT count(*) FROM clock.jobs WHERE job = ANY (?)', \@each_minute) == 0 }, 30, 'an empty queue');
is $worker->term, 0, 'the worker stops, and nothing is left to do';

my $export = clock('export', '--crontab', @tz);
is $export->{status}, 0, 'a crontab says all of it' or diag $export->{err};
is clock('import', @tz, '-', { stdin => $export->{out} })->{out}, $import->{out}, 'which is the same to clock';
my ($begin, $hours) = @{ $day{'with one hour twice'} };
my @span = ($zone, epoch($begin), epoch($begin) + $hours * 3600);
is_deeply [ sort map { "@$_" } cron_runs($export->{out}, @span) ], [ sort map { "@$_" } cron_runs($crontab, @span) ],
    'and to cron';

# ---- a system crontab: a worker for each user -----------------------------------------------------

SKIP: {
    my ($uid, $gid) = (getpwnam 'nobody')[ 2, 3 ];
    skip 'only root can be several users', 6 if $> != 0 || !defined $uid;
    chmod 0755, my $wrapper = spew('as-nobody', <<"END");
#!/bin/sh
exec setpriv --reuid=$uid --regid=$gid --clear-groups '@{[ clock_path() ]}' "\$@"
END
    chmod 0755, work_dir();
    skip 'nobody may not run what is built here', 6 if system("'$wrapper' version >/dev/null 2>&1") != 0;
    my $system = "*/5 * * * * root id -un\n0 4 * * * nobody id -un; pwd\n";
    my $both = clock('import', '--system', @tz, '-', { stdin => $system });
    is $both->{status}, 0, 'a system crontab is imported';
    like $both->{err}, qr/^worked by: clock work --queues user-root --allow-root \(as root\)$/m, 'with whom to start as root';
    like $both->{err}, qr/^worked by: clock work --queues user-nobody \(as nobody\)$/m, 'and as nobody';
    my $other = database();
    my $shared = clockfile($both->{out} =~ s/schedule: "[^"]*"/schedule: "\@every 1s"/gr);
    chmod 0755, temp_dir();
    my @workers = (
        clock_start('work', $shared, '--queues', 'user-root', '--allow-root', { db => $other }),
        clock_start('work', $shared, '--queues', 'user-nobody', { db => $other, program => $wrapper }),
    );
    my $clock = clock_start('run', $shared, { db => $other });
    poll_until(sub { one($other, q(SELECT count(DISTINCT job) FROM clock.runs)) == 2 }, 120, 'both jobs')
        or diag map { $_->log } @workers;
    is one($other, q(SELECT output FROM clock.runs WHERE queue = 'user-root' LIMIT 1)), "root\n", "root's line runs as root";
    like one($other, q(SELECT output FROM clock.runs WHERE queue = 'user-nobody' LIMIT 1)), qr/^nobody\n/, "nobody's as nobody";
    is_deeply [ map { $_->term } $clock, @workers ], [ 0, 0, 0 ], 'all stop when told';
}

done_testing;
