# What src/dist holds for those who run clock: the units are what systemd takes, the manifest is
# what a YAML parser takes, and no command or option is named there that clock does not have.

use strict;
use warnings;

use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Test::More;
use YAML::XS;

use Cli;
use Make;

my $dir = tempdir('clock-dist-XXXXXX', TMPDIR => 1, CLEANUP => 1);

sub have {
    my ($program) = @_;
    return grep { -x "$_/$program" } split /:/, "$ENV{PATH}:/usr/bin:/bin";
}

# ---- what is named there exists ----

my %options;    # command => {option => 1}

sub knows {
    my ($where, @words) = @_;
    my $command = shift @words;
    $options{$command} //= do {
        my $help = clock($command, '--help');
        +{ ($help->{status} ? () : ('' => 1)), map { $_ => 1 } $help->{out} =~ /^  (?:-\w, |    )(--[a-z-]+)/mg };
    };
    return "$where: no clock $command" unless $options{$command}{''};
    return map { "$where: clock $command has no $_" }
        grep { !$options{$command}{$_} } map { /^(--[a-z-]+)/ ? $1 : () } @words;
}

# Lines that are commands: of a Procfile, of a unit, indented in a comment or in the README.
my %commands = (
    'src/dist/Procfile' => qr/^\w+: (.*)/m,
    'README.md' => qr/^(?: {4}|\$ )(.*)/m,
    'man/clock.1' => qr/^[\$#] (.*)/m,
    map { ($_ => qr/^(?:#   |ExecStart=\/usr\/bin\/)(.*)/m) } glob('src/dist/*.*'), 'src/dist/Containerfile',
);
my (@unknown, $named);
for my $path (sort keys %commands) {
    for my $line (slurp($path) =~ s/\\\n#? */ /gr =~ /$commands{$path}/g) {
        for my $command ($line =~ /(?:^|&& |\| |-- )clock ([a-z]+\b[^&|;`>]*)/g) {
            $named++;
            push @unknown, knows($path, split ' ', $command);
        }
    }
}
is_deeply \@unknown, [], 'every command and option named there exists';
cmp_ok $named, '>=', 10, 'and there are some';

# ---- units ----

make("PREFIX=$dir/usr", 'install');
my $dist = "$dir/usr/share/doc/clock/dist";
my @services = qw(clock.service clock-worker.service clock-worker@.service);

for my $name (@services) {
    my ($program) = slurp("$dist/$name") =~ m{^ExecStart=(\S+) }m;
    is $program, "$dir/usr/bin/clock", "$name starts the clock that was installed";
}

sub unit_for_systemd {
    my ($name) = @_;
    make_path("$dir/units");
    my $text = slurp("$dist/$name");
    return spew("$dir/units/" . ($name =~ s/@/\@www-data/r), $text);
}

SKIP: {
    skip 'no systemd-analyze here', 4 unless have('systemd-analyze');
    my @units = map { unit_for_systemd($_) } @services;
    is `systemd-analyze verify --man=no @units 2>&1`, '', 'systemd has nothing to say about the units';
    my $score = sub {
        my ($told) = `cd '$dir/units' && SYSTEMD_COLORS=0 systemd-analyze security --no-pager --offline=true './$_[0]' 2>&1`
            =~ /Overall exposure level for \S+: ([\d.]+)/;
        return $told // 10;
    };
    cmp_ok $score->('clock.service'), '<=', 1.5, 'clock.service is exposed by 1.5 at most';
    my $open = $score->('clock-worker.service');
    make_path("$dir/units/clock-worker.service.d");
    spew("$dir/units/clock-worker.service.d/strict.conf", slurp("$dist/clock-worker-strict.conf"));
    cmp_ok $score->('clock-worker.service'), '<=', 2, 'the strict drop-in leaves little open';
    is `systemd-analyze verify --man=no '$dir/units/clock-worker.service' 2>&1`, '', 'and systemd takes it';
}

# systemd.exec(5): these set NoNewPrivileges for a unit with User=, or a mount namespace, and then
# sudo, mail and mount do not work in a crontab's line.
my $takes_away = qr/^(?:NoNewPrivileges|SystemCall\w+|Restrict\w+|MemoryDeny\w+|LockPersonality|DynamicUser
    |Private\w+|Protect\w+|Read\w+Paths|Inaccessible\w+|Temporary\w+|Bind\w+|Root\w+|ProcSubset)=/mx;
for my $name (grep { /worker/ } @services) {
    my $text = slurp("src/dist/$name");
    unlike $text, $takes_away, "$name takes nothing away that a crontab's line needs";
    like $text, qr/^KillMode=mixed$/m, "$name tells the worker alone to stop";
}
like slurp('src/dist/clock-worker-strict.conf'), $takes_away, 'the strict drop-in does';
for my $name (@services) {
    my ($limit_s) = slurp("src/dist/$name") =~ /^TimeoutStopSec=(\d+)s$/m;
    cmp_ok $limit_s, '>=', $name =~ /worker/ ? 20 + 5 + 2 : 2, "$name is left the time that its stop may take";
}

# ---- Kubernetes ----

subtest 'the manifest' => sub {
    my @documents = YAML::XS::Load(slurp('src/dist/kubernetes.yaml'));
    my %by = map { ("$_->{kind} $_->{metadata}{name}" => $_) } @documents;
    is_deeply [ sort keys %by ], [ 'ConfigMap clockfile', 'Deployment clock', 'Deployment clock-worker',
        'Job clock-migrate', 'PodDisruptionBudget clock' ], 'is whole';
    my $file = $by{'ConfigMap clockfile'}{data}{'Clockfile.yml'};
    is clock('check', '--strict', '-', { stdin => $file })->{status}, 0, 'its Clockfile is right';
    my ($name) = $file =~ /^name: (\S+)$/m;

    my $clock = $by{'Deployment clock'}{spec};
    cmp_ok $clock->{replicas}, '>=', 2, 'two clocks';
    is_deeply $clock->{strategy}, { type => 'RollingUpdate', rollingUpdate => { maxSurge => 1, maxUnavailable => 0 } },
        'a new one comes before an old one goes';
    my ($container) = @{ $clock->{template}{spec}{containers} };
    ok scalar(grep { $_ eq '--watch' } @{ $container->{args} }), 'an edit of the ConfigMap is seen';
    ok !(grep { exists $_->{subPath} } @{ $container->{volumeMounts} }), 'since the folder is mounted';
    for my $probe (qw(readinessProbe livenessProbe)) {
        my $command = join ' ', @{ $container->{$probe}{exec}{command} };
        like $command, qr/\bclock health --name \Q$name\E /, "the $probe asks for this Clockfile";
        cmp_ok $container->{$probe}{timeoutSeconds}, '>', 5, 'and outlasts clock health';
    }
    my @wrong;
    for my $document (grep { $_->{spec}{template} } @documents) {
        my $pod = $document->{spec}{template};
        is_deeply $pod->{metadata}{labels}, $document->{spec}{selector}{matchLabels},
            "$document->{metadata}{name} selects its own pods" if $document->{kind} eq 'Deployment';
        for my $it (@{ $pod->{spec}{containers} }) {
            push @wrong, knows("$document->{kind} $it->{name}", @{ $it->{args} });
            my $secured = $it->{securityContext};
            push @wrong, "$it->{name} is not secured" unless $secured->{runAsNonRoot}
                && $secured->{readOnlyRootFilesystem} && !$secured->{allowPrivilegeEscalation}
                && "@{ $secured->{capabilities}{drop} }" eq 'ALL';
        }
    }
    is_deeply \@wrong, [], 'what the containers run exists, and may do little';
    my $worker = $by{'Deployment clock-worker'}{spec}{template}{spec};
    my ($grace_s) = "@{ $worker->{containers}[0]{args} }" =~ /--grace (\d+)s/;
    cmp_ok $worker->{terminationGracePeriodSeconds}, '>=', $grace_s + 7, 'workers are left their grace';
};

# ---- the image ----

my ($first, $last) = slurp('src/dist/Containerfile') =~ s/^#.*\n//mgr =~ s/\\\n//gr =~ /^(FROM .*?)^(FROM .*)/ms;

sub packages {
    my ($stage) = @_;
    return map { split ' ' } $stage =~ /install -y --no-install-recommends ([a-z0-9 .+-]+)/g;
}

my ($needs) = slurp('.ci/deps') =~ /^    build\)\n(.*?);;/ms;
is_deeply [ grep { my $name = $_; !grep { $_ eq $name } packages($first) } $needs =~ /^ +need ([a-z]\S+)/mg ], [],
    'the image is built with what .ci/deps knows to be needed';
my %shipped = map { $_ => 1 } packages($last);
ok $shipped{$_}, "$_ is in the image" for qw(ca-certificates libpq5 libyaml-0-2 tzdata);
ok -e $_, "$_ is there to be copied" for $first =~ /^COPY (\S+) /mg;
like $last, qr/^USER [1-9]\d*:[1-9]\d*$/m, 'it runs as a user that is not root, and a number';
my ($entry, $command) = map { $last =~ /^$_ \[(.*)\]$/m } 'ENTRYPOINT', 'CMD';
is $entry, '"clock"', 'it is a clock';
is_deeply [ knows('CMD', $command =~ /"([^"]+)"/g) ], [], 'and what it runs exists';

done_testing;
