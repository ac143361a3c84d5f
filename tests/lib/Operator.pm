package Operator;

# What the tests of the operator's commands share.

use strict;
use warnings;

use Exporter qw(import);
use JSON::PP qw(decode_json);
use Test::More;

use Cli;
use ClockTest;

our @EXPORT = qw(at_in_db epoch objects on);

# on($db, ARGUMENT..., {OPTION}): the command against this database.
sub on {
    my ($db, @args) = @_;
    my %option = ref $args[-1] ? %{ pop @args } : ();
    return clock(@args, { %option, env => { DATABASE_URL => $db->{url}, %{ $option{env} // {} } } });
}

# The objects that a command with --json printed, a line each.
sub objects {
    my ($result) = @_;
    return map { decode_json($_) } split /\n/, $result->{out};
}

# An instant by the database's clock, so many seconds from now, as RFC 3339.
sub at_in_db {
    my ($db, $seconds) = @_;
    return one($db, <<'END', $seconds);
SELECT to_char((clock_timestamp() + ?::int * interval '1 second') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
END
}

sub epoch {
    my ($db, $instant) = @_;
    return one($db, 'SELECT extract(epoch FROM ?::timestamptz)::bigint', $instant);
}

1;
