# clock schema: valid JSON Schema with every key of the reader's table, that takes what the reader
# takes and marks what editors can mark.  JSON is YAML: one text is given to both.

use strict;
use warnings;

use IPC::Run qw(run);
use JSON::PP;
use Test::More;

use Cli;

my $shown = clock('schema');
is $shown->{status}, 0, 'exit status 0';
is $shown->{err}, '', 'nothing on standard error';
my $schema = decode_json($shown->{out});
is $schema->{'$schema'}, 'http://json-schema.org/draft-07/schema#', 'it says which draft it is';

# ---- a validator of the words that the schema uses ----

my %known = map { $_ => 1 } qw($schema $ref title description default definitions type enum pattern required
    properties additionalProperties propertyNames items anyOf allOf oneOf not minimum maximum minLength
    maxLength minItems maxItems minProperties maxProperties);

sub kind {
    my ($value) = @_;
    return 'boolean' if JSON::PP::is_bool($value);
    return { HASH => 'object', ARRAY => 'array' }->{ ref $value } if ref $value;
    return 'null' unless defined $value;
    return JSON::PP->new->allow_nonref->encode($value) =~ /^"/ ? 'string' : $value =~ /^-?\d+$/ ? 'integer' : 'number';
}

# The first thing that is wrong, or ''.
sub fault {
    my ($at, $value, $path) = @_;
    return $at ? '' : "$path: not allowed" if JSON::PP::is_bool($at);
    for my $word (keys %$at) { die "the schema has '$word', which this test does not know\n" unless $known{$word} }
    return fault($schema->{definitions}{ $at->{'$ref'} =~ s{^#/definitions/}{}r }, $value, $path) if $at->{'$ref'};
    my $kind = kind($value);
    my @types = ref $at->{type} ? @{ $at->{type} } : $at->{type} // ();
    return "$path: $kind" if @types && !grep { $_ eq $kind || $_ eq 'number' && $kind eq 'integer' } @types;
    return "$path: none of the words" if $at->{enum} && ($kind ne 'string' || !grep { $_ eq $value } @{ $at->{enum} });
    my @deep = map { fault($_, $value, $path) } @{ $at->{allOf} // [] };
    for my $list (grep { $at->{$_} } qw(anyOf oneOf)) {
        my $right = grep { fault($_, $value, $path) eq '' } @{ $at->{$list} };
        push @deep, "$path: $right of $list" if $list eq 'anyOf' ? $right < 1 : $right != 1;
    }
    push @deep, "$path: what must not be" if $at->{not} && fault($at->{not}, $value, $path) eq '';
    push @deep, fault_of($at, $kind, $value, $path);
    return (grep { $_ ne '' } @deep)[0] // '';
}

sub size_fault {
    my ($at, $what, $size, $path) = @_;
    return "$path: too small" if defined $at->{"min$what"} && $size < $at->{"min$what"};
    return "$path: too large" if defined $at->{"max$what"} && $size > $at->{"max$what"};
    return ();
}

sub fault_of {
    my ($at, $kind, $value, $path) = @_;
    return size_fault($at, 'imum', $value, $path) if $kind eq 'integer' || $kind eq 'number';
    if ($kind eq 'string') {
        return "$path: pattern" if $at->{pattern} && $value !~ /$at->{pattern}/;
        return size_fault($at, 'Length', length $value, $path);
    }
    if ($kind eq 'array') {
        my @deep = map { fault($at->{items}, $value->[$_], "$path/$_") } $at->{items} ? 0 .. $#$value : ();
        return (size_fault($at, 'Items', scalar @$value, $path), @deep);
    }
    return () if $kind ne 'object';
    my @deep = size_fault($at, 'Properties', scalar keys %$value, $path);
    push @deep, map { exists $value->{$_} ? () : "$path: no $_" } @{ $at->{required} // [] };
    for my $key (sort keys %$value) {
        push @deep, fault($at->{propertyNames}, $key, "$path/$key") if $at->{propertyNames};
        my $next = $at->{properties}{$key} // $at->{additionalProperties};
        push @deep, fault($next, $value->{$key}, "$path/$key") if defined $next;
    }
    return @deep;
}

# ---- every key ----

# The reader's own table: [KEY_NAME] = {"name", LEVELS, TYPE, ...,
my %levels = (LEVEL_TOP => $schema, LEVEL_JOB => $schema->{definitions}{job},
    LEVEL_DEFAULTS => $schema->{definitions}{defaults}, LEVEL_SCHEDULE => $schema->{definitions}{rule});
my %also = (ANY_JOB => [qw(LEVEL_JOB LEVEL_DEFAULTS)], ANY_WHEN => [qw(LEVEL_JOB LEVEL_DEFAULTS LEVEL_SCHEDULE)]);
my (%want, $keys);
for (slurp('src/file/keys.c') =~ /^ *\[KEY_\w+\] = \{(.*)/mg) {
    my ($name, $where) = /^"(\w+)", ([A-Z_| ]+),/ or die "cannot read the key $_\n";
    $want{$_}{$name} = 1 for map { @{ $also{$_} // [$_] } } split / \| /, $where;
    $keys++;
}
cmp_ok $keys, '>', 30, 'the table of keys was read';
for my $level (sort keys %levels) {
    my $at = $levels{$level};
    is_deeply [ sort keys %{ $at->{properties} } ], [ sort keys %{ $want{$level} } ], "the keys of $level, and no other";
    is $at->{additionalProperties}, JSON::PP::false, "no other is allowed at $level";
    is_deeply [ grep { ($at->{properties}{$_}{description} // '') eq '' } keys %{ $at->{properties} } ], [],
        "each key of $level is explained";
}

# ---- what it takes, and what it marks ----

sub marks { return fault($schema, decode_json($_[0]), '') }

# A job with these keys beside its schedule.
sub job { return qq({"jobs":{"a":{"schedule":"\@daily",$_[0]}}}) }
sub when { return qq({"jobs":{"a":{"schedule":$_[0]}}}) }

my @good = (
    when('"0 0 * * *"'), when('["0 0 * * *",{"cron":"30 8 * * *","timezone":"Asia/Tokyo"}]'),
    when('{"every":"37m","phase":"3m"}'), when('{"every":"2 weeks","day":"friday","at":"09:00","starts":"2027-01-08"}'),
    when('{"at":"2027-01-08T09:00:00"}'), when('{"every":"1 month","day":25,"starts":"2027-01-01"}'),
    job('"timeout":"none","backoff":"10s..1h","within":"2h30m"'), job('"timeout":"1w2d","backoff":"5s"'),
    job('"tags":"x","exclude":["2026-12-25","2027-01-01..2027-01-03","* 12 * * *"]'), job('"tags":["x","y"]'),
    job('"env":{"A":1,"b_2":true,"C":"x"},"command":["/bin/true","-n",5]'), job('"command":"true"'),
    job('"payload":null'), job('"payload":[1,{"a":"${X}"}]'), job('"task":5,"queue":"a.b:c-d"'),
    job('"enabled":"${CLOCK_NONE:-true}","priority":"${CLOCK_NONE:-3}","missed":"${CLOCK_NONE:-all}"'),
    job('"priority":-32768,"limit":100000,"max_attempts":1000,"jitter":"0s"'),
    '{"name":"x","timezone":"Etc/GMT+5","retention":"14d","defaults":{},"schedules":{"s":"@daily"},"jobs":{"a":{"schedule":"s"}}}',
);
for my $text (@good) {
    my $checked = clock('check', '-', { stdin => $text });
    is $checked->{status}, 0, "check takes $text" or diag $checked->{err};
    is marks($text), '', 'and so does the schema';
}

my @bad = (
    '[]', '{}', '{"jobs":{}}', '{"jobs":{"a b":{"schedule":"@daily"}}}', '{"jobs":{"a":{}}}', '{"job":{}}',
    when('""'), when('[]'), when('{}'), when('5'), when('{"cron":"* * * * *","every":"5m"}'), when('[["@daily"]]'),
    when('{"cron":"@daily","dst":"never"}'), job('"querue":"x"'), job('"missed":"none"'), job('"enabled":"yes"'),
    job('"priority":32768'), job('"priority":"3"'), job('"max_attempts":0'), job('"timeout":5'), job('"timeout":"5"'),
    job('"within":"1h1d"'), job('"within":""'), job('"backoff":"a..b"'), job('"timezone":"Europe Paris"'),
    job('"env":{"1A":"x"}'), job('"command":[]'), job('"task":""'), job('"starts":"tomorrow"'), job('"queue":"-x"'),
    '{"defaults":{"task":"x"},"jobs":{"a":{"schedule":"@daily"}}}', '{"retention":"7","jobs":{"a":{"schedule":"@daily"}}}',
);
for my $text (@bad) {
    is clock('check', '-', { stdin => $text })->{status}, 3, "check refuses $text";
    isnt marks($text), '', 'and the schema marks it';
}

# ---- the example ----

SKIP: {
    my ($python) = grep { system("$_ -c 'import yaml' 2>/dev/null") == 0 } 'python3', '/usr/bin/python3';
    skip 'python3-yaml is not installed', 3 unless defined $python;
    my $program = <<'END';
import json, sys, yaml
class Core(yaml.SafeLoader):    # YAML 1.2 has no dates
    pass
Core.yaml_implicit_resolvers = {first: [it for it in all if not it[0].endswith(':timestamp')]
    for first, all in yaml.SafeLoader.yaml_implicit_resolvers.items()}
print(json.dumps(yaml.load(sys.stdin.read(), Core)))
END
    for my $file ('clockfile.yml.example', 'tests/demo.yml') {
        my ($yaml, $json) = (slurp($file), '');
        run [ $python, '-c', $program ], \$yaml, \$json or die "cannot read $file\n";
        is marks($json), '', "the schema takes $file";
        next if $file ne 'clockfile.yml.example';
        my $wrong = $json =~ s/"queue"/"querue"/r;
        like marks($wrong), qr{/querue}, 'and marks a key misspelt in it';
    }
}

refused 'an operand', clock('schema', 'x'), 2, qr/./;

done_testing;
