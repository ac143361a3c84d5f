package Pair;

# A primary and its streaming standby, each on a port that it keeps, and how they change places.

use strict;
use warnings;

use ClockTest;
use Cluster;

my $SETTINGS = "track_commit_timestamp = on\n";

# new(synchronous => 1): with it no COMMIT is answered before the standby has it.
sub new {
    my ($class, %option) = @_;
    my $primary = Cluster->new(tcp => 1, settings => $SETTINGS);
    my $self = bless { primary => $primary, synchronous => $option{synchronous} }, $class;
    $self->{ports} = [ $primary->port, Cluster::free_port() ];
    $self->add_standby($self->{ports}[1]);
    return $self;
}

sub primary { return $_[0]{primary} }
sub standby { return $_[0]{standby} }
sub ports   { return @{ $_[0]{ports} } }

sub add_standby {
    my ($self, $port) = @_;
    my $primary = $self->{primary};
    $self->{standby} = $primary->standby(tcp => $port, settings => $SETTINGS);
    return if !$self->{synchronous};
    $primary->configure("synchronous_standby_names = '*'\n");
    $primary->reload;
    my $dbh = $primary->dbh('postgres');
    poll_until(sub { one($dbh, q(SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync')) },
        30, 'a synchronous standby');
    $dbh->do(q(SELECT pg_logical_emit_message(true, 'pair', '')));    # waits: all before it is there too
}

# Promotes the standby, whose primary should be dead or silent; returns when, by its own clock, it
# took writes.
sub promote {
    my ($self) = @_;
    my $standby = $self->{standby};
    my $dbh = $standby->dbh('postgres');
    $standby->command('pg_ctl', 'promote', '-W', '-D', $standby->{data});
    my $at = poll_until(sub { one($dbh, 'SELECT clock_timestamp() WHERE NOT pg_is_in_recovery()') }, 30,
        'the promotion');
    @{$self}{qw(old primary standby)} = ($self->{primary}, $standby, undef);
    return $at;
}

# After a promotion: makes sure that the old primary is gone, and a new standby stands in its place.
sub rebuild {
    my ($self) = @_;
    my $old = delete $self->{old};
    my $port = $old->port;
    $old->stop('kill');
    $old->destroy;
    $self->add_standby($port);
}

1;
