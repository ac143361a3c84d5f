# The manual pages and the program say the same: every command, option and exit status of --help
# stands in clock(1) and none beyond; every key that the reader knows stands in clockfile(5) and
# none beyond; both pages are what mandoc calls clean.

use strict;
use warnings;

use Test::More;

use Cli;

my $clock1 = slurp('man/clock.1');
my $clockfile5 = slurp('man/clockfile.5');
my $help = clock('--help')->{out};

# `  next [FILE|SCHEDULE]  show ...` between one heading and the next.
sub under {
    my ($text, $heading) = @_;
    my ($part) = $text =~ /^\Q$heading\E:\n((?:  .*\n)+)/m;
    return split /\n/, $part // '';
}

sub long_options {
    my ($text) = @_;
    return sort map { /^  (?:-\w, |    )--([a-z-]+)/ ? $1 : () } under($text, 'options');
}

# The text of one `.Ss clock NAME ...`, and what stands before the first of them.
my ($before, @sections) = split /^\.Ss /m, $clock1;
my %section = map { /^clock (\S+)/ ? ($1 => $_) : () } @sections;

my @groups = grep { $_ ne 'options' && $_ ne 'exit status' } $help =~ /^(\w.*):$/mg;
my @commands = map { /^  (\S+)/ ? $1 : () } map { under($help, $_) } @groups;
cmp_ok scalar @commands, '>=', 5, 'clock --help lists commands';
is_deeply [ sort keys %section ], [ sort @commands ], 'clock(1) has a section for each command, and no other';

for my $command (@commands) {
    my $shown = clock($command, '--help');
    is $shown->{status}, 0, "clock $command --help ends with 0";
    my @documented = ($section{$command} // '') =~ /^\.It (?:Fl \w , )?Fl -([a-z-]+)/mg;
    my @options = grep { $_ ne 'help' } long_options($shown->{out});
    is_deeply [ sort @documented ], \@options, "clock(1) has the options of $command, and no other";
    is clock('help', $command)->{out}, $shown->{out}, "clock help $command says the same";
    like $section{$command} // '', qr/^\.Bd -literal.*\n\$ .*clock $command\b/m, "clock(1) has an example of $command";
    like $section{$command} // '', qr/Exit status/, "clock(1) tells the exit statuses of $command";
}

my @documented = $before =~ /^\.It Fl (?:\w , Fl )?-([a-z-]+)/mg;
is_deeply [ sort @documented ], [ long_options($help) ], 'clock(1) has what stands before a command, and no other';

# ---- exit statuses ----

my @statuses = map { /^ +(\d+)  / ? $1 : () } under($help, 'exit status');
my ($part) = $clock1 =~ /^\.Sh EXIT STATUS\n(.*?)^\.Sh/ms;
is_deeply [ $part =~ /^\.It (\d+)/mg ], \@statuses, 'clock(1) has the exit statuses of --help, and no other';
is "@statuses", '0 1 2 3 4 5 70 71 74', 'they are those that scripts rely on';

# ---- keys of the Clockfile ----

# The reader's own table: [KEY_NAME] = {"name", LEVELS, KIND, LEAST, MOST, WORDS, DEFAULT,
my %known;
for my $row (slurp('src/file/keys.c') =~ /^ *\[KEY_\w+\] = (\{.*)/mg) {
    my ($name, $default) = $row =~ /^\{"([a-z_]+)",.*, (NULL|"[^"]*"),$/ or die "cannot read the key $row\n";
    $known{$name} = $default eq 'NULL' ? undef : substr $default, 1, -1;
}
cmp_ok scalar keys %known, '>', 30, 'the table of keys was read';
my %told;
for my $item (split /^(?=\.It Ic )/m, $clockfile5) {
    my ($names) = $item =~ /^\.It Ic ([a-z_]+(?: , [a-z_]+)*)/ or next;
    $told{$_} .= $item for split / , /, $names;
}
is_deeply [ sort keys %told ], [ sort keys %known ], 'clockfile(5) has the keys of the reader, and no other';
for my $key (sort grep { defined $known{$_} } keys %known) {
    like $told{$key}, qr/^\.(?:Ql|Cm) \Q$known{$key}\E\b/m, "clockfile(5) has the default of $key";
}
my @without = qw(schedules jobs defaults schedule cron every at day);    # what one must write, or what goes with it
for my $key (sort keys %told) {
    next if grep { $_ eq $key } @without;
    like $told{$key}, qr/^\.Em Default :\n(?:\.(?:Ql|Cm) \S+ [,:;]\n|[a-z' ]+[,:] )[a-z]\S* \S+/m,
        "clockfile(5) has the default of $key and its reason";
}

# ---- examples ----

my @hashes = $clockfile5 =~ /^([a-z-]+)  +((?:\S+ ){4}\S+)  +((?:\S+ ){4}\S+)$/mg;
is @hashes, 15, 'clockfile(5) has five examples of H';
while (my ($job, $hashed, $fixed) = splice @hashes, 0, 3) {
    my @rest = ('--job', $job, '--from', '2027-01-01T00:00:00Z', '-n', 50, '--json');
    my ($is, $want) = map { timeless(clock('next', $_, @rest)->{out}) =~ s/"schedule":"[^"]*"//gr } $hashed, $fixed;
    is $is, $want, "$hashed is $fixed for $job";
}

my ($synopsis, $examples) = $clockfile5 =~ /^\.Bd -literal(?: -offset indent)?\n((?:schedules|timezone):.*?)^\.Ed/msg;
for my $text ($synopsis, $examples) {
    my $checked = clock('check', '-', { stdin => $text });
    is $checked->{status}, 0, 'an example Clockfile of clockfile(5) is right' or diag $checked->{err};
}

# ---- form ----

for my $page (glob 'man/*.[1-9]') {
    # A host whose date is wrong says nothing of the page.
    my $complaints = join '', grep { !/date in the future/ } `mandoc -T lint -W warning $page 2>&1`;
    is $complaints, '', "$page is clean";
}

done_testing;
