# clock export: the way back to a crontab.  What import made comes back the same, and what a crontab
# cannot say is named.

use strict;
use warnings;

use Test::More;

use Cli;
use Crontabs;

# ---- import, export, import ---------------------------------------------------------------------

for my $name (crontabs()) {
    my @kind = kind_of($name);
    for my $zone ('Europe/Prague', 'UTC') {
        for my $cron ([], [ '--cron', 'debian' ], [ '--cron', 'cronie' ]) {
            my $what = "$name in $zone, " . ($cron->[1] // 'either');
            my $first = clock('import', @kind, @$cron, '--tz', $zone, $name);
            next unless $first->{out};
            spew('first.yml', $first->{out});
            my $back = clock('export', '--crontab', @$cron, '--tz', $zone, 'first.yml');
            is $back->{status}, 0, "$what: a crontab says all of it" or diag $back->{err};
            my $second = clock('import', @kind, @$cron, '--tz', $zone, '-', { stdin => $back->{out} });
            is $second->{out}, $first->{out}, "$what: import, export, import";
            my @left = grep { /: (?:decision|refused): / && !/the user root|ends the command at the '%'/ } split /\n/, $second->{err};
            is "@left", '', "$what: without a decision left";
        }
    }
}

# On a host in another zone the crontab says in which zone its fields are.
spew('first.yml', clock('import', '--tz', 'Asia/Tokyo', 'hosting.crontab')->{out});
my $elsewhere = clock('export', '--crontab', '--tz', 'UTC', 'first.yml');
like $elsewhere->{out}, qr/^CRON_TZ=Asia\/Tokyo$/m, 'a crontab for another host names its zone';
like $elsewhere->{err}, qr/Debian's cron runs the jobs/, 'and that only cronie reads it';
is clock('import', '--tz', 'UTC', '-', { stdin => $elsewhere->{out} })->{out}, slurp(work_dir() . '/first.yml'), 'so that it comes back the same';
is clock('export', '--crontab', '--cron', 'debian', '--tz', 'UTC', 'first.yml')->{status}, 1, "Debian's cron cannot say it";

# ---- what a crontab cannot say ------------------------------------------------------------------

spew('rich.yml', <<'END');
timezone: Europe/Prague
defaults: {missed: skip, max_attempts: 1}
schedules:
  office: "*/15 9-17 * * MON-FRI"
jobs:
  plain:
    schedule: "30 2 * * *"
    command: /usr/bin/plain --date=%F
    description: |-
      Two lines
      of description
  words:
    schedule: "@daily"
    command: [/usr/bin/words, --a, "b c", "it's", ""]
  named:
    schedule: office
    command: echo named
  hashed:
    schedule: "H 3 * * *"
    command: echo hashed
  several:
    schedule: ["0 9 * * 1", "0 10 * * 2"]
    command: echo several
  keys:
    schedule: "0 3 * * *"
    command: echo keys
    task: other
    payload: {a: 1}
    queue: reports
    priority: 5
    max_attempts: 3
    missed: all
    overlap: skip
    timeout: 2h
    jitter: 90s
    tags: [a]
  minutes:
    schedule: "0 3 * * *"
    command: echo minutes
    jitter: 15m
  shells:
    schedule: "0 3 * * *"
    command: [/bin/bash, -c, "echo $BASH_VERSION"]
  zsh:
    schedule: "0 3 * * *"
    command: [/bin/zsh, -c, "echo $ZSH_VERSION"]
    env: {SHELL: /bin/zsh, A: "1", B: " x "}
  without-a:
    schedule: "0 3 * * *"
    command: echo without
  off:
    schedule: "0 3 L * *"
    command: echo off
    enabled: false
  elapsed: {schedule: "@every 37m", command: echo elapsed}
  once: {schedule: "@at 2027-01-01T00:00:00", command: echo once}
  last-day: {schedule: "0 3 L * *", command: echo last}
  both-days: {schedule: {cron: "0 3 13 * 5", days: and}, command: echo both}
  bounded: {schedule: "0 3 * * *", starts: 2027-01-01, command: echo bounded}
  excluded: {schedule: "0 3 * * *", exclude: [2026-12-25], command: echo excluded}
  clocks: {schedule: {cron: "0 3 * * *", dst: all}, command: echo clocks}
  seconds: {schedule: {cron: "30 0 3 * * *", dialect: seconds}, command: echo seconds}
  worked: {schedule: "0 3 * * *"}
  lines: {schedule: "0 3 * * *", command: "echo a\necho b"}
  starred: {schedule: "0 3 * * *", command: "*x"}
  backslashes: {schedule: "0 3 * * *", command: 'echo \\ \%'}
END
golden 'what a crontab can say, and what not', clock('export', '--crontab', '--tz', 'Europe/Prague', 'rich.yml');
golden 'the same for cronie', clock('export', '--crontab', '--cron', 'cronie', '--tz', 'Europe/Prague', 'rich.yml');

spew('users.yml', <<'END');
defaults: {missed: skip, max_attempts: 1, queue: user-root}
jobs:
  a: {schedule: "0 3 * * *", command: echo a}
  b: {schedule: "0 4 * * *", command: echo b, queue: user-www-data}
END
golden 'queues of users', clock('export', '--crontab', '--tz', 'UTC', 'users.yml');
golden 'a queue that is no user', clock('export', '--crontab', '--system', '--tz', 'UTC', '-', { stdin => <<'END' });
defaults: {missed: skip, max_attempts: 1}
jobs:
  a: {schedule: "0 3 * * *", command: echo a}
END
golden 'no format', clock('export', 'users.yml');

done_testing;
