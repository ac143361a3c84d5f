#!/usr/bin/env perl
# The inputs of a fuzz target: one line each in a file of the tree, one file each in a folder for
# the fuzzer.
#
#   corpus.pl unpack FOLDER FILE...   write each line's bytes as a file, named by its hash
#   corpus.pl pack FOLDER             print a line for each file, the shortest first
#
# In a line \n, \r, \t, \\ and \xNN stand for bytes; a line that begins with # is a comment.

use strict;
use warnings;

use Digest::SHA qw(sha1_hex);
use File::Path qw(make_path);

my %byte = (n => "\n", r => "\r", t => "\t", '\\' => '\\');
my %escape = map { $byte{$_} => "\\$_" } keys %byte;

sub encode {
    my ($bytes) = @_;
    $bytes =~ s/\A#|([\n\r\t\\])|[^\x20-\x7e]/$1 ? $escape{$1} : sprintf '\\x%02x', ord $&/ge;
    return $bytes;
}

sub decode {
    my ($line) = @_;
    $line =~ s/\\(?:x([0-9a-f]{2})|(.))/defined $1 ? chr hex $1 : $byte{$2}/ge;
    return $line;
}

sub read_bytes {
    my ($path) = @_;
    open my $file, '<:raw', $path or die "cannot read $path: $!\n";
    local $/;
    return <$file> // '';
}

my ($what, $folder, @files) = @ARGV;
die "usage: corpus.pl unpack FOLDER FILE... | pack FOLDER\n"
    unless defined $folder && $what =~ /^(?:un)?pack$/;
if ($what eq 'pack') {
    my %seen = map { read_bytes($_) => 1 } grep { -f } glob "$folder/*";
    print map { encode($_) . "\n" } sort { length $a <=> length $b || $a cmp $b } grep { length } keys %seen;
    exit;
}
make_path($folder);
for my $line (map { grep { !/^(?:#|$)/ } split /\n/, read_bytes($_) } @files) {
    my $bytes = decode($line);
    open my $file, '>:raw', "$folder/" . sha1_hex($bytes) or die "cannot write in $folder: $!\n";
    print {$file} $bytes;
    close $file or die "cannot write in $folder: $!\n";
}
