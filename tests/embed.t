#!/usr/bin/env perl
# What stands in src/sql comes out of the binary byte for byte, whichever awk embedded it.

use strict;
use warnings;

use File::Temp qw(tempdir);
use Test::More;

my $dir = tempdir(CLEANUP => 1);
my $cc = $ENV{CC} // 'cc';
mkdir "$dir/migrations";

sub spew {
    my ($name, $text) = @_;
    open my $out, '>:raw', "$dir/$name" or die "cannot write '$name': $!\n";
    print {$out} $text;
    close $out or die "cannot write '$name': $!\n";
}

my $nasty = <<'END';
SELECT 'a\b', "q", '??=', '\\', E'\'', $$	tab $$ -- stays
-- this too: é ÿ 漢
WHERE '%' <> '&' AND '/*' <> '\n' || "" || ''''
END
my $long = join '', map { "SELECT $_ AS a_column_of_a_long_statement;\n" } 1 .. 2000;

spew('nasty_one.sql', "-- For people.\n--   and more\n\n$nasty");
spew('plain.sql', "SELECT 1\n");
spew('migrations/001_begin.sql', $long);
spew('migrations/012_go_on.sql', "-- Version 12.\nSELECT 12;\n");
spew('main.c', <<'END');
#include <stdio.h>

#include "sql.h"

int
main(void)
{
    printf("%s%s%zu\n", SQL_nasty_one, SQL_plain, sql_migrations_n);
    for (size_t i = 0; i < sql_migrations_n; i++)
        printf("%d %s\n%s", sql_migrations[i].version, sql_migrations[i].name,
            sql_migrations[i].text);
    return 0;
}
END

my @awks = grep {
    my ($program) = split ' ';
    grep { -x "$_/$program" } split /:/, $ENV{PATH};
} ('awk', 'mawk', 'gawk --posix', 'busybox awk', 'original-awk');
ok @awks, 'there is an awk';

for my $awk (@awks) {
    my $files = join ' ', map { "$dir/$_" } 'nasty_one.sql', 'plain.sql',
        'migrations/001_begin.sql', 'migrations/012_go_on.sql';
    for my $part ('h', 'c') {
        system "$awk -v part=$part -f src/sql/embed.awk $files > $dir/sql.$part";
        is $?, 0, "$awk makes sql.$part";
    }
    my $flags = '-std=c11 -Wall -Wextra -Wpedantic -Werror';
    my $said = qx($cc $flags -I$dir -o $dir/main $dir/main.c $dir/sql.c 2>&1);
    is $?, 0, "$awk: compiles without a warning" or diag $said;
    my ($got, $want) =
        (scalar qx($dir/main), "${nasty}SELECT 1\n2\n1 begin\n${long}12 go_on\nSELECT 12;\n");
    my ($same) = ($got ^ $want) =~ /^(\0*)/;
    ok $got eq $want, "$awk: the same bytes"
        or diag "they part at byte ", length $same, ": ", substr $got, length $same, 60;
}

done_testing;
