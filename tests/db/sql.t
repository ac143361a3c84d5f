#!/usr/bin/env perl
# Every statement of src/sql is one that the migrated database understands.  Nothing but pg_catalog
# is on the search path, so that a name without its schema does not pass.

use strict;
use warnings;

use ClockTest;
use Test::More;

my $db = database();
my @files = sort glob 'src/sql/*.sql';
cmp_ok scalar(@files), '>', 10, 'there are statements';
sql($db, q(SET search_path = ''));

# The statement without the comment that it opens with.
sub statement {
    my ($path) = @_;
    open my $in, '<:utf8', $path or die "cannot read '$path': $!\n";
    local $/;
    my $text = <$in>;
    $text =~ s/\A(?:--[^\n]*\n|\s*\n)+//;
    return $text;
}

for my $path (@files) {
    my $text = statement($path);
    subtest $path => sub {
        sql($db, 'BEGIN');
        my $fine = eval {
            if ($text =~ /\A(?:SELECT|INSERT|UPDATE|DELETE|WITH)\b/) {
                $db->{dbh}->do("PREPARE checked AS $text");
                my $types = one($db, q(SELECT parameter_types::text[] FROM pg_prepared_statements));
                my $nulls = join ', ', ('NULL') x @$types;
                $db->{dbh}->do('EXPLAIN EXECUTE checked' . ($nulls eq '' ? '' : "($nulls)"));
                unlike $text, qr/;\s*\z/, 'one statement, no semicolon';
            } else {
                $db->{dbh}->do($text);
            }
            1;
        };
        ok $fine, 'is understood' or diag $@;
        $db->{dbh}->do('ROLLBACK');
        $db->{dbh}->do('DEALLOCATE ALL');
    };
}

done_testing;
