# clock completion: in each shell itself, every command, every option, and the names of jobs.

use strict;
use warnings;

use IPC::Run qw(run);
use Test::More;
use Time::HiRes qw(time);

use Cli;
use Terminal;

my @commands = clock('--help')->{out} =~ /^  ([a-z]+) /mg;
my $dir = work_dir();
spew('Clockfile.yml', "jobs:\n  nightly-report: {schedule: \"\@daily\"}\n  sweep: {schedule: \"\@daily\"}\n");
spew('other.yml', "jobs: {elsewhere: {schedule: \"\@daily\"}}\n");
mkdir "$dir/bin";
symlink clock_path(), "$dir/bin/clock";
$ENV{PATH} = "$dir/bin:$ENV{PATH}";
my %script = map { $_ => spew("script.$_", clock('completion', $_)->{out}) } qw(bash zsh fish);

sub in_dir { chdir $dir or die "cannot enter '$dir': $!\n" }

# What the shell would offer for these words, the last of them being completed.

sub bash_offers {
    my (@words) = @_;
    my $list = join ' ', map { "'$_'" } @words;
    my $ask = "source '$script{bash}'\nCOMP_WORDS=($list)\nCOMP_CWORD=$#words\n_clock\nprintf '%s\\n' \"\${COMPREPLY[\@]}\"\n";
    my ($out, $err) = ('', '');
    run [ 'bash', '--norc', '-c', $ask ], \undef, \$out, \$err, init => \&in_dir;
    is $err, '', "bash has no complaint about @words";
    return grep { $_ ne '' } split /\n/, $out;
}

sub fish_offers {
    my (@words) = @_;
    my ($out, $err) = ('', '');
    local $ENV{HOME} = $dir;
    run [ 'fish', '--no-config', '-c', "source '$script{fish}'; complete -C '@words'" ], \undef, \$out, \$err, init => \&in_dir;
    is $err, '', "fish has no complaint about @words";
    return map { (split /\t/)[0] } split /\n/, $out;
}

# zsh completes at a terminal only: Tab lists what there is, or fills in the only one.
my ($zsh, $zsh_pid);
sub zsh_starts {
    $zsh = terminal();
    $zsh_pid = fork // die "cannot fork: $!\n";
    if ($zsh_pid == 0) {
        in_dir();
        $zsh->make_slave_controlling_terminal;
        my $terminal = $zsh->slave;
        open STDIN, '<&', $terminal;
        open STDOUT, '>&', $terminal;
        open STDERR, '>&', $terminal;
        $ENV{TERM} = 'vt100';
        exec 'zsh', '-f', '-i' or POSIX::_exit(127);
    }
    $zsh->close_slave;
    $zsh->set_winsize(1000, 200);
    print {$zsh} "PS1=; fpath=('$dir/functions' \$fpath); autoload -Uz compinit; compinit -u -D; LISTMAX=1000;"
        . " zstyle ':completion:*' list-separator '=='; dump() { print -r -- \"LINE\"\"<\$BUFFER>\" };"
        . " zle -N dump; bindkey '^T' dump; print REA''DY\n";
    expect($zsh, qr/READY/);
}
END { kill 'KILL', $zsh_pid if $zsh_pid }

sub zsh_offers {
    my (@words) = @_;
    zsh_starts() unless $zsh;
    print {$zsh} "\cU@words\t\cT";
    my $text = expect($zsh, qr/LINE<.*>/);
    $text =~ tr/\0//d;    # a terminal's patience
    $text =~ s/\e\[[\d;?]*[A-Za-z]|[\r\a]|\eE?/\n/g;
    my ($list, $line) = $text =~ /\A(.*)LINE<(.*)>/s or return;
    return (split ' ', $line)[-1] if $line =~ / $/ && $line ne "@words";    # there was one only
    my %offer;
    for my $shown (split /\n/, $list) {
        $offer{$_} = 1 for $shown =~ /(\S+) +== / ? $1 : split ' ', $shown;
    }
    my %typed = map { $_ => 1 } @words, 'c';    # it draws the first letter twice
    return sort grep { !$typed{$_} } keys %offer;
}

sub expect {
    my ($pty, $pattern) = @_;
    my ($text, $until) = ('', time + 120);
    $pty->blocking(0);
    until ($text =~ $pattern) {
        die "waited for $pattern in vain: $text\n" if time > $until;
        my $ready = '';
        vec($ready, fileno $pty, 1) = 1;
        sysread $pty, $text, 65536, length $text if select $ready, undef, undef, 0.1;
    }
    return $text;
}

mkdir "$dir/functions";
spew('functions/_clock', slurp($script{zsh}));

my %offers = (bash => \&bash_offers, zsh => \&zsh_offers, fish => \&fish_offers);
for my $shell (sort keys %offers) {
    SKIP: {
        skip "no $shell here", 1 unless grep { -x "$_/$shell" } split /:/, $ENV{PATH};
        skip NO_TERMINAL, 1 if $shell eq 'zsh' && !terminal();
        subtest $shell => sub {
            my $offers = $offers{$shell};
            my %top = map { $_ => 1 } $offers->('clock', '');
            is_deeply [ grep { !$top{$_} } @commands ], [], 'every command';
            is_deeply [ $offers->('clock', 'vers') ], ['version'], 'by its beginning';
            for my $command (qw(next run import grants completion)) {
                my @options = clock($command, '--help')->{out} =~ /^  (?:-\w,|   ) (--[a-z-]+)/mg;
                my %offered = map { $_ => 1 } $offers->('clock', $command, '--');
                is_deeply [ grep { !$offered{$_} } @options ], [], "the options of $command";
            }
            is_deeply [ $offers->('clock', 'fire', '') ], [qw(nightly-report sweep)], 'the jobs of the Clockfile here';
            is_deeply [ $offers->('clock', 'pause', 'ni') ], ['nightly-report'], 'by their beginning';
            is_deeply [ $offers->('clock', 'fire', '-f', 'other.yml', '') ], ['elsewhere'], 'of the one that is named';
            is_deeply [ $offers->('clock', 'next', '--job', 'sw') ], ['sweep'], 'as the value of --job';
            is_deeply [ $offers->('clock', 'grants', '--role', 'd') ], ['dispatcher'], 'roles';
            is_deeply [ $offers->('clock', 'help', 'clock-') ], ['clock-worker'], 'topics';
            is_deeply [ $offers->('clock', 'completion', 'z') ], ['zsh'], 'shells';
            is_deeply [ grep { /Clockfile/ } $offers->('clock', 'check', 'Clockf') ], ['Clockfile.yml'], 'files';
        };
    }
}

for my $shell (qw(bash zsh fish)) {
    my $script = slurp($script{$shell});
    for my $command (@commands) {
        my @options = clock($command, '--help')->{out} =~ /^  (?:-\w,|   ) --([a-z-]+)/mg;
        my @lacking = grep { $shell eq 'fish' ? $script !~ /from $command' -l $_\b/ : $script !~ /--$_\b/ } @options;
        is "@lacking", '', "$shell knows the options of $command";
    }
}
refused 'another shell', clock('completion', 'csh'), 2, qr/'csh'/, qr/bash, zsh or fish/;
refused 'none', clock('completion'), 2, qr/which shell/;

done_testing;
