package Plot;

# Lines over two logarithmic axes, as SVG that needs nothing else: no script, no font, and colours
# that keep their contrast on a dark page.

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(plot);

use constant { WIDTH => 760, HEIGHT => 440, LEFT => 70, RIGHT => 170, TOP => 50, BOTTOM => 50 };

my @COLOURS = map { "#$_" } qw(d1495b 2e86ab 3d9970 b8860b 8e5ea2 6c757d d2691e 20a0a0);

sub escape {
    my ($text) = @_;
    my %as = ('&' => '&amp;', '<' => '&lt;', '>' => '&gt;', '"' => '&quot;');
    return $text =~ s/([&<>"])/$as{$1}/gr;
}

# 0.1, 1, 10, ...: the decades that hold all the values.
sub decades {
    my (@values) = sort { $a <=> $b } @_;
    my ($low, $high) = (0, 0);
    $low-- while 10**$low > $values[0];
    $low++ while 10**($low + 1) <= $values[0];
    $high++ while 10**$high < $values[-1];
    $high = $low + 1 if $high <= $low;
    return $low .. $high;
}

sub scale {
    my ($value, $decades, $from, $to) = @_;
    my $share = (log($value) / log(10) - $decades->[0]) / ($decades->[-1] - $decades->[0]);
    return $from + $share * ($to - $from);
}

sub text {
    my ($x, $y, $anchor, $what, $more) = @_;
    return sprintf qq(<text x="%.1f" y="%.1f" text-anchor="%s"%s>%s</text>\n), $x, $y, $anchor, $more // '',
        escape($what);
}

sub grid {
    my ($x, $y) = @_;
    my $svg = '';
    for my $decade (@$x) {
        my $at = scale(10**$decade, $x, LEFT, WIDTH - RIGHT);
        $svg .= sprintf qq(<path class="grid" d="M%.1f %d V%d"/>\n), $at, TOP, HEIGHT - BOTTOM;
        $svg .= text($at, HEIGHT - BOTTOM + 18, 'middle', 10**$decade);
    }
    for my $decade (@$y) {
        my $at = scale(10**$decade, $y, HEIGHT - BOTTOM, TOP);
        $svg .= sprintf qq(<path class="grid" d="M%d %.1f H%d"/>\n), LEFT, $at, WIDTH - RIGHT;
        $svg .= text(LEFT - 8, $at + 4, 'end', 10**$decade);
    }
    return $svg;
}

# Names at the ends of their lines, moved apart where they would touch.
sub labels {
    my (@ends) = sort { $a->{y} <=> $b->{y} } @_;
    my $free = TOP;
    for my $end (@ends) {
        $end->{at} = $end->{y} < $free ? $free : $end->{y};
        $free = $end->{at} + 15;
    }
    return join '', map {
        text(WIDTH - RIGHT + 12, $_->{at} + 4, 'start', $_->{name}, qq( fill="$_->{colour}"))
    } @ends;
}

# plot(title, x, y, NAME => [[x, y], ...], ...): the words are the title and the axes' names.
sub plot {
    my ($title, $x_name, $y_name, @lines) = @_;
    my (@names, %points);
    while (my ($name, $points) = splice @lines, 0, 2) {
        push @names, $name if @$points;
        $points{$name} = $points;
    }
    my @x = decades(map { $_->[0] } map { @{ $points{$_} } } @names);
    my @y = decades(map { $_->[1] } map { @{ $points{$_} } } @names);
    my $svg = sprintf qq(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" )
        . qq(font-family="sans-serif" font-size="12" fill="#808080">\n<style>.grid { stroke: #808080; )
        . qq(stroke-opacity: .3 } .line { fill: none; stroke-width: 2 }</style>\n), WIDTH, HEIGHT;
    $svg .= text(LEFT, 20, 'start', $title, ' font-size="15"');
    $svg .= text(LEFT, 38, 'start', $y_name) . text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, 'middle', $x_name);
    $svg .= grid(\@x, \@y);
    my @ends;
    for my $i (0 .. $#names) {
        my $colour = $COLOURS[ $i % @COLOURS ];
        my @at = map { [ scale($_->[0], \@x, LEFT, WIDTH - RIGHT), scale($_->[1], \@y, HEIGHT - BOTTOM, TOP) ] }
            @{ $points{ $names[$i] } };
        $svg .= sprintf qq(<path class="line" stroke="%s" d="M%s"/>\n), $colour,
            join ' L', map { sprintf '%.1f %.1f', @$_ } @at;
        $svg .= sprintf qq(<circle cx="%.1f" cy="%.1f" r="3.5" fill="%s"/>\n), @$_, $colour for @at;
        push @ends, { name => $names[$i], y => $at[-1][1], colour => $colour };
    }
    return $svg . labels(@ends) . "</svg>\n";
}

1;
