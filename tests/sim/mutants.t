#!/usr/bin/env perl
# Planted bugs: each breaks one rule of the protocol, and the simulation must find it.
#
# A flaw is a rule that the model of the database leaves out (of the SQL, or of an operator's
# command).  The others are one exact change of one source: a copy of it is compiled and linked
# before the library.  A change whose text is not found fails: the list must follow the code.
#
# Arguments: only those whose names match one of these.
# SIM_SEEDS   how many seeds each may take (1000)
# SIM_MISSED  how many may go unfound (one in twenty)

use strict;
use warnings;

use Test::More;

my $build = $ENV{CLOCK_BUILD} || 'build/rel';
my $seeds = $ENV{SIM_SEEDS} || 1000;

my @flaws = qw(
    no-lock two-transactions fired-unchecked version-unchecked now-unchecked no-guard
    put-keeps-version put-unchecked counter t-before-lock two-looks tombstone takeover-blind
    pause-flag pause-silent resume-forgets resume-early backfill-ahead
);

my @changes = (
    ['memory over a look', 'due/protocol.c',
        'dispatch_horizon(protocol->dispatch) != horizon->fired_through_s',
        'dispatch_horizon(protocol->dispatch) < 0'],
    ['a take-over makes older files younger', 'due/protocol.c',
        'protocol->taking_us = protocol_db_us(protocol, mono_us);',
        'protocol->started_us = protocol->taking_us = protocol_db_us(protocol, mono_us);'],
    ['the last to connect wins', 'due/protocol.c',
        'int64_t started_us = protocol_db_us(protocol, protocol->born_us);',
        'int64_t started_us = protocol->horizon.db_us;'],
    ['the local clock for the database\'s', 'due/protocol.c',
        'int64_t offset_us = horizon->db_us - horizon->answered_us;',
        'int64_t offset_us = horizon->wall_us - horizon->answered_us;'],
    ['a jump is believed at once', 'due/jump.c', 'if (!is_far(ahead_us) ||', 'if (true ||'],
    ['a look an hour', 'due/protocol.c',
        'horizon->answered_us + PROTOCOL_LOOK_US * 3 / 4', 'horizon->answered_us + PROTOCOL_LOOK_US * 360'],
    ['two instants are armed', 'due/protocol.c',
        'protocol->tick, next_s, protocol->max_rows', 'protocol->tick, next_s + 1, protocol->max_rows'],
    ['a jump seen twice is believed', 'due/jump.c', 'same && mono_us >= jump->until_us', 'same'],
    ['nobody takes over', 'due/vigil.c',
        'vigil->looks >= PROTOCOL_GRACE_LOOKS', 'vigil->looks >= 1000000'],
    ['a promise is not kept', 'due/dispatch.c',
        'dispatch->promised_s > done_s && dispatch->promised_s < due_s',
        'dispatch->promised_s > done_s && dispatch->promised_s < 0'],
    ['since itself is fired', 'due/dispatch.c',
        'if (due_s <= state->since_s)', 'if (due_s < state->since_s)'],
    ['since is passed over', 'due/dispatch.c',
        'if (due_s <= state->since_s)', 'if (false)'],
    ['what failed is not taken back', 'due/dispatch.c',
        'timeline_seek(dispatch->timeline, dispatch->horizon_s);',
        'timeline_seek(dispatch->timeline, timeline_next(dispatch->timeline) - 1);'],
    ['an instant is split', 'due/dispatch.c',
        'while (timeline_next(dispatch->timeline) == due_s &&',
        'if (timeline_next(dispatch->timeline) == due_s &&'],
    ['a slice goes as far as now', 'due/dispatch.c',
        'batch->new_s = due_s;', 'batch->new_s = now_s;'],
    ['the end of a pause records nothing', 'due/dispatch.c',
        'job->name, job->schedule, pause->since_s, until_s, MISS_PAUSED, &miss)',
        'job->name, job->schedule, until_s, until_s, MISS_PAUSED, &miss)'],
    ['a paused job fires', 'due/dispatch.c', 'skip[index] = rows[i].paused;', 'skip[index] = false;'],
    ['what is fresh is dropped', 'due/dispatch.c',
        'catchup->fresh_s = now_s - DISPATCH_FRESH_S;', 'catchup->fresh_s = now_s;'],
    ['a catch-up never begins anew', 'due/dispatch.c',
        'if (first_s == INT64_MAX || unasked)', 'if (first_s == INT64_MAX)'],
    ['a pause is passed over', 'due/dispatch.c', 'if (pause->until_s > until_s)', 'if (pause->until_s >= until_s)'],
    ['the end of a pause is not promised', 'due/dispatch.c',
        'else if (resume_s < batch->next_due_s)', 'else if (false)'],
    ['one more than the limit', 'due/dispatch.c', 'limit-- > 0 &&', 'limit-- >= 0 &&'],
    ['all that is old, not the latest', 'due/dispatch.c',
        'newest(job->schedule, 1, least_s, fresh_s)', 'least_s'],
    ['within is unlimited', 'due/dispatch.c',
        'fresh_s - job->within_s > low_s ? fresh_s - job->within_s : low_s + 1', 'low_s + 1'],
    ['two that must not overlap at once', 'due/dispatch.c',
        'job->overlap == OVERLAP_SKIP && state->fire_look == dispatch->look', 'false'],
    ['the horizon\'s instant again', 'due/timeline.c',
        'schedule_next(timeline->groups[i].schedule, after_s, &due_s)',
        'schedule_next(timeline->groups[i].schedule, after_s - 1, &due_s)'],
    ['a change records nothing', 'due/change.c', 'if (low_s >= at_s)', 'if (true)'],
    ['a change moves unchanged rules', 'due/change.c', 'return same;', 'return false;'],
    ['a change forgets that a job was paused', 'due/change.c',
        'row->paused || row->since_s > fired_through_s', 'row->since_s > fired_through_s'],
    ['a change promises nothing', 'due/change.c',
        'due_s < change->next_due_s', 'due_s < INT64_MIN'],
    ['a change promises nothing that it found', 'due/change.c',
        'promise(change, job->schedule, same ? low_s : at_s)', 'promise(change, job->schedule, at_s)'],
    ['rules are dated by a jump', 'proc/dispatcher.c', 'if (!held || protocol_jumped(d->protocol, at_s, now_mono_us()))', 'if (!held)'],
    ['the first rules are dated by a jump', 'proc/dispatcher.c', 'if (!first || protocol_jumped(d->protocol, at_s, now_mono_us()))', 'if (!first)'],
    ['the second to start starts too', 'proc/dispatcher.c', 'if (!first || protocol_jumped(', 'if (protocol_jumped('],
    ['told before COMMIT', 'proc/dispatcher.c',
        "if (!commit(d, error))\n        return false;\n    fired(d, step->batch);",
        "fired(d, step->batch);\n    if (!commit(d, error))\n        return false;"],
    ['rows without the horizon', 'proc/dispatcher.c',
        "if (!*held)\n        return true;", '*held = true;'],
    ['a reload keeps what is armed', 'proc/dispatcher.c',
        'if (protocol_is_armed(d->protocol))', 'if (false)'],
);

sub slurp {
    my ($path) = @_;
    open(my $in, '<', $path) or die "cannot read '$path': $!\n";
    local $/;
    return <$in>;
}

# The command that compiles, as the Makefile has written it down; its libraries come last.
sub words {
    my $flags = slurp("$build/flags");
    chomp $flags;
    my @libs = map { /^-l/ ? $_ : () } split ' ', $flags;
    return ($flags, join ' ', @libs);
}

sub run {
    my ($command) = @_;
    my $said = `$command 2>&1`;
    return ($? == 0, $said);
}

# Makes a simulation of a changed source; returns its path.
sub plant {
    my ($number, $file, $from, $to) = @_;
    my $text = slurp("src/$file");
    my $found = () = $text =~ /\Q$from\E/g;
    return (undef, "src/$file has that text $found times: '$from'") if $found != 1;
    $text =~ s/\Q$from\E/$to/;
    my $made = "$build/tests/sim/mutant$number";
    open(my $out, '>', "$made.c") or die "cannot write '$made.c': $!\n";
    print $out $text;
    close $out;
    my ($flags, $libs) = words();
    my ($ok, $said) = run("$flags -w -c -o $made.o $made.c");
    return (undef, $said) if !$ok;
    my @objects = glob "$build/tests/sim/[a-z]*.o";
    @objects = grep { !/mutant/ } @objects;
    ($ok, $said) = run("$flags -Wl,--wrap=clockfile_load,--wrap=getpid -o $made @objects $made.o "
        . "$build/libclock.a $libs");
    return ($ok ? $made : undef, $said);
}

plan(skip_all => 'the plain build hunts them') if slurp("$build/flags") =~ /-fsanitize|--coverage/;
my @missed;

sub hunt {
    my ($name, $program, @args) = @_;
    my ($found, $said) = run("$program --find @args $seeds");
    chomp $said;
    $said =~ s/\n.*//s;
    push @missed, $name if !$found;
    diag("$name: $said") if !$found;
    pass("$name: $said");
}

sub wanted {
    my ($name) = @_;
    return !@ARGV || grep { $name =~ /$_/ } @ARGV;
}

for my $flaw (grep { wanted($_) } @flaws) {
    hunt($flaw, "$build/tests/sim/sim", '--flaw', $flaw);
}
for my $i (0 .. $#changes) {
    my ($name, @change) = @{$changes[$i]};
    next if !wanted($name);
    my ($program, $said) = plant($i, @change);
    if (!defined $program) {
        fail("$name: $said");
        next;
    }
    hunt($name, $program);
    unlink $program, "$program.o", "$program.c";
}

my $allowed = $ENV{SIM_MISSED} // int((@flaws + @changes) / 20);
cmp_ok(scalar @missed, '<=', $allowed,
    sprintf('%d planted bugs, %d not found', @flaws + @changes, scalar @missed));
done_testing();
