package Terminal;

# A terminal for the tests that need one: a machine without devpts, such as a bare chroot, has
# none to give.

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw(NO_TERMINAL terminal);

use constant NO_TERMINAL => 'this machine gives no terminal (/dev/pts), or Perl has no IO::Pty';

# The master side, or undef.
sub terminal {
    local $SIG{__WARN__} = sub { };    # all the ways in which there is none
    return eval { require IO::Pty; IO::Pty->new };
}

1;
