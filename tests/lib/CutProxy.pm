package CutProxy;

# A man in the middle between a clock and its server, who cuts each connection after so many bytes:
# each at another place, in both directions, by an orderly close and by a reset.  A connection that
# ends before its place leaves the place to another.  When there is no place left he cuts no more by
# himself; cut_now cuts half of what is open.

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Socket qw(SOL_SOCKET SO_LINGER);

# new(to => PORT, from => BYTES, step => BYTES, up => BYTES, down => BYTES, beyond => TEXT): listens on
# a port of its own; up and down are the last places on the way to the server and on the way back.
sub new {
    my ($class, %option) = @_;
    my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 20, ReuseAddr => 1)
        or die "cannot listen: $!\n";
    pipe my $reader, my $writer or die "no pipe: $!\n";
    my $pid = fork // die "cannot fork: $!\n";
    if ($pid == 0) {
        close $reader;
        $SIG{PIPE} = 'IGNORE';
        serve($listen, $writer, \%option);
        POSIX::_exit(0);
    }
    close $writer;
    $reader->blocking(0);
    return bless { pid => $pid, port => $listen->sockport, said => $reader, cuts => 0, u => 0, d => 0 }, $class;
}

sub port { return $_[0]{port} }

# Cuts half of the connections that are open, by turns closed and reset.
sub cut_now {
    my ($self) = @_;
    kill 'USR1', $self->{pid};
}

# Passes nothing on, and says nothing, until resume.
sub pause  { my ($self) = @_; kill 'STOP', $self->{pid}; return }
sub resume { my ($self) = @_; kill 'CONT', $self->{pid}; return }

# How many connections were cut so far; how many of them up, and how many down, when the text had
# gone to the server.
sub cuts {
    my ($self) = @_;
    while (my $n = sysread $self->{said}, my $bytes, 4096) {
        $self->{cuts} += $n;
        $self->{u} += () = $bytes =~ /u/g;
        $self->{d} += () = $bytes =~ /d/g;
    }
    return $self->{cuts};
}

sub cuts_beyond {
    my ($self) = @_;
    $self->cuts;
    return @{$self}{qw(u d)};
}

sub DESTROY {
    my ($self) = @_;
    local ($?, $!);
    kill 'KILL', $self->{pid};
    waitpid $self->{pid}, 0;
}

# All cuts, early and late places by turns: clocks that are cut too early for a fire again and again
# would have nothing to be cut in.
sub plan {
    my ($option) = @_;
    my @cuts;
    for my $way (qw(up down)) {
        for (my $at = $option->{from}; $at <= $option->{$way}; $at += $option->{step}) {
            push @cuts, map { { at => $at, way => $way, how => $_ } } qw(close reset);
        }
    }
    return map { $cuts[ $_ * 7919 % @cuts ] } 0 .. $#cuts;    # 7919 is prime: each once
}

sub serve {
    my ($listen, $writer, $option) = @_;
    my @cuts = plan($option);
    my $select = IO::Select->new($listen);
    my %link;    # a socket => its connection
    my $told = 0;
    local $SIG{USR1} = sub { $told++ };
    my $part = sub {
        my ($link, $how) = @_;
        for my $socket (@{$link}{qw(client server)}) {
            $select->remove($socket);
            delete $link{$socket};
            setsockopt $socket, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0) if $how eq 'reset';
            close $socket;
        }
    };
    while (1) {
        for (; $told > 0; $told--) {
            my %open = map { $_ => $_ } values %link;
            syswrite $writer, 'c' and $part->($_, $told % 2 ? 'reset' : 'close')
                for grep { rand() < 0.5 } values %open;
        }
        for my $ready ($select->can_read(0.2)) {
            if ($ready == $listen) {
                my $client = $listen->accept or next;
                my $server = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $option->{to});
                if (!$server) { close $client; next }
                my $cut = shift @cuts;
                my $link = { client => $client, server => $server, cut => $cut, left => $cut && $cut->{at} };
                $link{$_} = $link for $client, $server;
                $select->add($client, $server);
                next;
            }
            my $link = $link{$ready} or next;
            my $alive = pass($link, $ready, $option->{beyond});
            next if $alive eq 'open';
            if ($alive eq 'cut') { syswrite $writer, $link->{beyond} ? substr $link->{cut}{way}, 0, 1 : 'c' }
            elsif ($link->{cut}) { push @cuts, $link->{cut} }
            $part->($link, $alive eq 'cut' ? $link->{cut}{how} : 'close');
        }
    }
}

# Passes on what has come: 'open', 'ended' by one of the two, or 'cut' by us.
sub pass {
    my ($link, $from, $beyond) = @_;
    my $way = $from == $link->{client} ? 'up' : 'down';
    my $got = sysread $from, my $bytes, 65536;
    return 'ended' unless $got;
    my $cut = $link->{cut};
    my $mine = $cut && $cut->{way} eq $way;
    $bytes = substr $bytes, 0, $link->{left} if $mine && $got > $link->{left};
    $link->{beyond} ||= defined $beyond && $way eq 'up' && index($bytes, $beyond) >= 0;
    syswrite $way eq 'up' ? $link->{server} : $link->{client}, $bytes;
    $link->{left} -= length $bytes if $mine;
    return $mine && $link->{left} <= 0 ? 'cut' : 'open';
}

1;
