# The schema in the hands of others: YAML 1.2 by the npm package yaml, JSON Schema by ajv in its strict
# mode, as editors and build servers use them.  They take what the reader takes, and mark at its place
# what is wrong in the structure of a file.

use strict;
use warnings;

use File::Spec;
use IPC::Run qw(run);
use JSON::PP;
use Test::More;

use Cli;
use Crontabs;

$ENV{NODE_PATH} //= 'build/node/node_modules:/usr/share/nodejs';
plan skip_all => 'Node.js with its modules ajv and yaml is not installed (.ci/deps ci)'
    if system("node -e 'require(\"ajv\"), require(\"yaml\")' >/dev/null 2>&1") != 0;

# Reads a file's name a line; prints what is wrong with it first, or an empty line.
my $program = <<'END';
const fs = require('fs'), yaml = require('yaml'), Ajv = require('ajv').default || require('ajv');
const [schema, ...files] = fs.readFileSync(0, 'utf8').trim().split('\n');
console.warn = console.error = (...words) => console.log('COMPLAINT ' + words.join(' '));
const strict = require('ajv/package.json').version < '7'
    ? {strictKeywords: true, strictDefaults: true} : {strict: true, strictRequired: true};
const validate = new Ajv({allErrors: true, ...strict}).compile(JSON.parse(schema));

function fault(file) {
    let text;
    try { text = new TextDecoder('utf-8', {fatal: true}).decode(fs.readFileSync(file)); }
    catch { return 'yaml: not UTF-8'; }
    const all = yaml.parseAllDocuments(text, {version: '1.2'});
    if (all.length !== 1) return 'yaml: ' + all.length + ' documents';
    const problem = all[0].errors[0] || all[0].warnings[0];
    if (problem) return 'yaml: ' + problem.message.split('\n')[0];
    try { if (validate(all[0].toJS())) return ''; }
    catch (error) { return 'yaml: ' + error.message; }
    const worst = validate.errors[0];
    return 'schema: ' + (worst.instancePath || worst.dataPath || '') + ' ' + worst.message;
}
for (const file of files) console.log(fault(file));
END

# What the tools say first of each file, by its name.
sub judged {
    my @files = map { File::Spec->rel2abs($_) } @_;
    my $input = join "\n", clock('schema')->{out} =~ s/\n//r, @files;
    my ($out, $err) = ('', '');
    run [ 'node', '-e', $program ], \$input, \$out, \$err or die "node: $err\n";
    my @said = split /\n/, $out, -1;
    my @complaints = grep { /^COMPLAINT/ } @said;
    is "@complaints", '', 'ajv has nothing to say of the schema';
    @said = grep { !/^COMPLAINT/ } @said;
    return map { $_[$_] => $said[$_] } 0 .. $#files;
}

# ---- good files -----------------------------------------------------------------------------------

my $folder = 'tests/tables/bad-input';
my (@good, @bad);
for (split /\n/, slurp("$folder/index.tsv")) {
    next if /^#/;
    my ($file, $kind, $verdict) = split /\t/;
    next if $kind eq 'crontab' || $kind eq 'tzif';
    push @{ $verdict eq 'accept' ? \@good : \@bad }, "$folder/$file";
}
push @good, 'clockfile.yml.example', 'tests/demo.yml';
for my $name (crontabs()) {
    my $imported = clock('import', kind_of($name), '--tz', 'Europe/Prague', $name);
    push @good, spew("$name.yml", $imported->{out});
}
push @good, spew('init.yml', slurp(work_dir() . '/Clockfile.yml')) if clock('init')->{status} == 0;
cmp_ok scalar @good, '>', 25, 'there are good files';
my %of = judged(@good);
is $of{$_}, '', "taken: " . (File::Spec->splitpath($_))[2] for @good;

# ---- bad ones -------------------------------------------------------------------------------------

# What an expression, a zone, a number's spelling or a text means is the reader's to say.
my $meaning = qr{/(?:cron|zone|payload|text)-|/(?:alias-plain|deep-flow-64|good-then-bad|dur-04|int-0[025])\.};
%of = judged(@bad);
my @structure = grep { !/$meaning/ } @bad;
cmp_ok scalar @structure, '>', 60, 'there are files whose structure is wrong';
like $of{$_}, qr/^(?:yaml|schema): /, "marked: " . (File::Spec->splitpath($_))[2] for @structure;

my %place = (
    'key-typo'        => [ "jobs:\n  a: {schedule: '\@daily', querue: x}\n", '/jobs/a' ],
    'a-word'          => [ "jobs:\n  a: {schedule: '\@daily', missed: never}\n", '/jobs/a/missed' ],
    'a-number'        => [ "jobs:\n  a: {schedule: '\@daily', priority: 40000}\n", '/jobs/a/priority' ],
    'two-kinds'       => [ "jobs:\n  a: {schedule: {cron: '\@daily', every: 5m}}\n", '/jobs/a/schedule' ],
    'no-schedule'     => [ "jobs:\n  a: {task: x}\n", '/jobs/a' ],
    'in-the-defaults' => [ "defaults: {task: x}\njobs:\n  a: {schedule: '\@daily'}\n", '/defaults' ],
);
my %path = map { $_ => spew("$_.yml", $place{$_}[0]) } sort keys %place;
%of = judged(map { $path{$_} } sort keys %path);
for my $name (sort keys %place) {
    # ajv 6 writes .jobs['a'] for /jobs/a
    my $at = $of{ $path{$name} } =~ s/\['([^']*)'\]/.$1/gr =~ tr{.}{/}r;
    like $at, qr{^schema: \Q$place{$name}[1]\E[/ ]}, "$name: the place is known";
}

# ---- what editors show ----------------------------------------------------------------------------

my $schema = decode_json(clock('schema')->{out});
for my $level ($schema, @{ $schema->{definitions} }{ sort keys %{ $schema->{definitions} } }) {
    my $keys = $level->{properties} // next;
    is_deeply [ grep { length($keys->{$_}{description} // '') < 10 } sort keys %$keys ], [], 'each key has its description';
}

done_testing;
