# clock completion: each shell's script is one, and completes every command and option.

use strict;
use warnings;

use IPC::Run qw(run);
use Test::More;

use Cli;

my @commands = clock('--help')->{out} =~ /^  ([a-z]+) /mg;

# What bash would offer for these words, the last of them being completed.
sub offered {
    my @words = @_;
    my $script = clock('completion', 'bash')->{out};
    my $list = join ' ', map { "'$_'" } @words;
    my $ask = "$script\nCOMP_WORDS=($list)\nCOMP_CWORD=$#words\n_clock\nprintf '%s\\n' \"\${COMPREPLY[\@]}\"\n";
    my ($out, $err) = ('', '');
    run [ 'bash', '-c', $ask ], \undef, \$out, \$err;
    is $err, '', "bash has no complaint about @words";
    return split /\n/, $out;
}

my %top = map { $_ => 1 } offered('clock', '');
is_deeply [ grep { !$top{$_} } @commands ], [], 'bash completes every command';
is_deeply [ offered('clock', 'vers') ], ['version'], 'by its beginning';
is_deeply [ offered('clock', 'next', '--cou') ], ['--count'], 'and its options';
my $path = spew('Clockfile-x.yml', '');
is_deeply [ offered('clock', 'check', substr $path, 0, -4) ], [$path], 'and files';

for my $shell (qw(bash zsh fish)) {
    my $script = clock('completion', $shell)->{out};
    for my $command (@commands) {
        my @options = clock($command, '--help')->{out} =~ /^  (?:-\w,|   ) --([a-z-]+)/mg;
        my @lacking = grep { $shell eq 'fish' ? $script !~ /from $command' -l $_\b/ : $script !~ /--$_\b/ } @options;
        is "@lacking", '', "$shell knows the options of $command";
    }
}
refused 'another shell', clock('completion', 'csh'), 2, qr/'csh'/, qr/bash, zsh or fish/;
refused 'none', clock('completion'), 2, qr/which shell/;

for my $shell (qw(zsh fish)) {
    SKIP: {
        skip "no $shell here", 1 unless grep { -x "$_/$shell" } split /:/, $ENV{PATH};
        my ($out, $err) = ('', '');
        run [ $shell, '-n', spew("script.$shell", clock('completion', $shell)->{out}) ], \undef, \$out, \$err;
        is $err, '', "$shell reads its script";
    }
}

done_testing;
