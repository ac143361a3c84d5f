#!/usr/bin/env perl
# The house of src/: floors, doors, and what each file owes to its readers.

use strict;
use warnings;

use File::Basename qw(basename dirname);
use Test::More;

my @FLOORS = qw(base time plan file due db proc cmd);
my %floor = map { $FLOORS[$_] => $_ } 0 .. $#FLOORS;
my $build = $ENV{CLOCK_BUILD} // 'build/rel';
my $clock = $ENV{CLOCK} // 'bin/clock';

my @sources = sort glob 'src/*.c src/*/*.c';
my @headers = sort glob 'src/*.h src/*/*.h';
my (%text, %code);
for my $path (@sources, @headers) {
    $text{$path} = text_of($path);
    $code{$path} = code_of($text{$path});
}

sub text_of {
    my ($path) = @_;
    open my $file, '<', $path or die "cannot read $path: $!\n";
    local $/;
    return <$file> // '';
}

# C without its comments and the insides of its strings; every line stays on its number.
sub code_of {
    my ($text) = @_;
    $text =~ s{(/\*.*?\*/|//[^\n]*)|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')}
              {defined $1 ? $1 =~ tr/\n//cdr : substr($2, 0, 1) . substr($2, -1)}gse;
    return $text;
}

# "path:line: what" for each match of the pattern in the code of these files.
sub matches {
    my ($pattern, @paths) = @_;
    my @found;
    for my $path (@paths) {
        my $line = 0;
        for (split /\n/, $code{$path}, -1) {
            $line++;
            push @found, "$path:$line: $1" if /($pattern)/;
        }
    }
    return @found;
}

sub except {
    my ($allowed, @paths) = @_;
    return grep { !/$allowed/ } @paths;
}

sub none {
    my ($promise, @found) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    is(join("\n", @found), '', $promise);
}

sub folder_of {
    my ($path) = @_;
    return $path =~ m{^src/(\w+)/} ? $1 : '';
}

sub calls {
    my (@names) = @_;
    my $any = join '|', @names;
    return qr/(?<![\w.>])(?:$any)\s*\(/;
}

cmp_ok(scalar @sources, '>', 20, 'there are sources to look at');

# ---- floors and doors ---------------------------------------------------------------------------

my (@unknown, @uphill);
for my $path (@sources, @headers) {
    my $from = folder_of($path) eq '' ? @FLOORS : $floor{ folder_of($path) };
    push @unknown, $path unless defined $from;
    while ($text{$path} =~ /^\s*#\s*include\s+"([^"]+)"/mg) {
        my ($include, $to) = ($1, $floor{ dirname($1) });
        next if $include eq 'sql.h';    # the statements, generated, below all
        push @uphill, "$path includes $include" unless defined $to && $to <= ($from // -1);
    }
}
none('every folder of src/ has its floor', @unknown);
none('no file includes from a floor above its own', @uphill);

sub includes {
    my ($header) = @_;
    return grep { $text{$_} =~ /^\s*#\s*include\s+[<"]\Q$header\E[>"]/m } @sources, @headers;
}

is_deeply([ includes('libpq-fe.h') ], ['src/db/pg.c'], 'libpq has one door');
is_deeply([ includes('yaml.h') ], ['src/file/tree.c'], 'libyaml has one door');
my $clocks = calls(qw(clock_gettime clock_nanosleep gettimeofday timespec_get time ftime clock times));
none('the time is read behind one door', matches($clocks, except(qr{^src/base/now\.c}, @sources)));

my @pure = grep { folder_of($_) =~ /^(plan|due)$/ } @sources;
my $world = calls(qw(getenv secure_getenv open openat fopen read write socket poll ppoll log_\w+));
none('plan/ and due/ touch neither files nor the environment', matches($world, @pure));
none('plan/ and due/ include nothing that could',
    grep { $text{$_} =~ m{^\s*#\s*include\s+<(?:unistd|fcntl|stdio_ext|sys/\w+|poll|pthread)\.h>}m } @pure);

my @quiet = except(qr{^src/base/(?:log|arena)\.c}, grep { (folder_of($_) || 'cmd') !~ /^(proc|cmd)$/ } @sources);
my $speech = calls(qw(log_\w+ printf vprintf puts putchar perror syslog));
none('nobody below proc/ logs or prints', matches($speech, @quiet),
    matches(qr/\b(?:stdout|stderr)\b/, @quiet), grep { $text{$_} =~ /^\s*#\s*include\s+<err(?:or)?\.h>/m } @quiet);

# ---- what is never called -----------------------------------------------------------------------

my @banned = qw(strcpy strcat strncpy strncat sprintf vsprintf gets atoi atol atoll atof strtok
    strtok_r gmtime localtime localtime_r mktime timegm setenv putenv alloca system popen signal);
none('no banned function is called', matches(calls(@banned), @sources, @headers));
my $parsers = calls(qw(strto[a-z]+ sscanf fscanf scanf));
none('text becomes a number in one place', matches($parsers, except(qr{^src/base/text\.c}, @sources)));
my $heap = calls(qw(malloc calloc realloc reallocarray free strdup strndup asprintf vasprintf getline aligned_alloc));
none('memory comes from arenas', matches($heap, except(qr{^src/base/arena\.c}, @sources)));
none('no name is taken from libc or libyaml', matches(qr/^(?:clock|yaml)_\w+\(/, @sources));

# ---- what a file owes its readers ---------------------------------------------------------------

none('each .c opens by saying what it knows', grep { $text{$_} !~ m{\A/\*.{20}}s } @sources);

my (@long, $functions);
for my $path (@sources) {
    my ($line, $start, $name) = (0, 0, '');
    for (split /\n/, $code{$path}, -1) {
        $line++;
        ($start, $name) = ($line, $1) if /^(\w+)\(/;
        next unless /^}/ && $start;
        $functions++;
        my $length = $line - $start + 2;    # with the line of its type
        push @long, "$path:$start: $name has $length lines" if $length > 70;
        $start = 0;
    }
}
cmp_ok($functions, '>', 100, 'functions were found');
none('every function fits a screen', @long);
none('every file fits a head', map { my $n = () = $text{$_} =~ /\n/g; $n > 600 ? "$_ has $n lines" : () } @sources);

# A subcommand is a const Command in the one table; it needs no header.
none('each .c has a header of its name',
    grep { !-e s/c$/h/r && $_ ne 'src/main.c' && $code{$_} !~ /^const Command command_/m } @sources);
none('each header has its guard', grep {
    my $guard = uc(folder_of($_) . '_' . basename($_, '.h') . '_H');
    $text{$_} !~ /\A#ifndef $guard\n#define $guard\n/;
} @headers);
none('each header has a .c of its name', grep { !-e s/h$/c/r } @headers);

my @alone;
my @cc = ($ENV{CC} // 'cc', qw(-std=c11 -fsyntax-only -Wall -Wextra -Werror -D_GNU_SOURCE -Isrc), "-I$build");
for my $header (@headers) {
    open my $cc, '|-', @cc, qw(-x c -) or die "cannot run $cc[0]: $!\n";
    print {$cc} '#include "', $header =~ s{^src/}{}r, "\"\n";
    push @alone, $header unless close $cc;
}
none('each header compiles alone', @alone);

# ---- the tree and the binary --------------------------------------------------------------------

my @tracked = grep { -f && -T } split /\0/, `git ls-files -z 2>/dev/null`;
@tracked = grep { -f && -T } map { chomp; s{^\./}{}r } `find . -path ./build -prune -o -path ./.git -prune -o -type f -print`
    unless @tracked;
cmp_ok(scalar @tracked, '>', 50, 'there is a tree to look at');

my @top = qw(Makefile README.md bin clockfile.yml.example man src tests);
my %top = map { (split m{/})[0] => 1 } grep { !/^\./ && $_ ne 'bin/clock' } @tracked;
none('the top level holds what it should', grep { my $name = $_; !grep { $_ eq $name } @top } sort keys %top);

my (@unfinished, @strange);
for my $path (@tracked) {
    my $text = text_of($path);
    push @unfinished, $path if $text =~ /\b(?:TO)DO\b|\bFIX(?:ME)\b|^\s*#\s*if 0\b/m;
    next if $path =~ m{^tests/(?:tables|fuzz/corpus)/};    # crontabs name the homes of their people
    push @strange, $path if $text =~ m{(?<![\w.~])/(?:home|Users|work|mnt)/\w};
}
none('nothing is left unfinished', @unfinished);
none('no path of one machine', @strange);

# ---- circles ----

# A .c and its header are one; who needs whom, and by way of whom.
my %needs;
for my $path (@sources, @headers) {
    my $name = $path =~ s/\.[ch]\z//r;
    $needs{$name}{"src/$1"} = 1 while $text{$path} =~ /^#include "(\w+\/\w+)\.h"$/mg;
    delete $needs{$name}{$name};
}

sub needs_itself {
    my ($name) = @_;
    my @todo = keys %{ $needs{$name} };
    my %seen;
    while (defined(my $next = pop @todo)) {
        return 1 if $next eq $name;
        push @todo, keys %{ $needs{$next} // {} } unless $seen{$next}++;
    }
    return 0;
}
none('no file about crontabs needs another that needs it', grep { m{^src/file/cron} && needs_itself($_) } sort keys %needs);

my $dynamic = `readelf -d '$clock'`;
my @needed = $dynamic =~ /\(NEEDED\).*\[([^\]]+)\]/g;
SKIP: {
    skip 'sanitizers bring libraries of their own', 1 if grep { /^lib[au]\w*san\./ } @needed;
    is_deeply([ sort map { s/[-.].*//r } grep { !/^ld-/ } @needed ], [qw(libc libpq libyaml)],
        'the binary links libyaml, libpq and libc, no more');
}

done_testing;
