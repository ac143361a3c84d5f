#!/usr/bin/env perl
# The Debian package: what is in it, what it needs, that lintian has nothing against it, and that it
# is the same to the byte when it is made again.

use strict;
use warnings;

use Digest::SHA;
use File::Temp qw(tempdir);
use Test::More;

use Make;

my $build = $ENV{CLOCK_BUILD} // 'build/rel';
sub have { return system("command -v $_[0] >/dev/null 2>&1") == 0 }
plan skip_all => 'no dpkg-deb and dpkg-shlibdeps here' unless have('dpkg-deb') && have('dpkg-shlibdeps');
plan skip_all => 'not of a build with sanitizers or for coverage' if $build !~ m{(?:^|/)rel$};

my $dir = tempdir(CLEANUP => 1);

# Made below our folder, by a umask that must not matter.
sub made {
    my ($umask) = @_;
    my $old = umask $umask;
    make("DEB=$dir/clock.deb", "DEBROOT=$dir/stage", 'deb');
    umask $old;
    return Digest::SHA->new(256)->addfile("$dir/clock.deb")->hexdigest;
}
is(made(0077), made(0002), 'made again it is the same');

my %content = map { my @column = split ' ', $_, 6; ($column[5] =~ s/^\.//r => "$column[0] $column[1]") }
    split /\n/, `dpkg-deb -c '$dir/clock.deb'`;
my @wanted = (
    qw(/usr/bin/clock /usr/bin/clock-dev /etc/clock/ /etc/default/clock),
    (map {"/lib/systemd/system/$_.service"} qw(clock clock-worker clock-worker@)),
    (map { "/usr/share/man/man" . s/.*\.//r . "/$_.gz" } qw(clock.1 clockfile.5 clock-worker.7)),
    (map {"/usr/share/doc/clock/$_"} qw(README.md clockfile.yml.example copyright changelog.gz dist/kubernetes.yaml)),
    qw(/usr/share/bash-completion/completions/clock /usr/share/zsh/vendor-completions/_clock
        /usr/share/fish/vendor_completions.d/clock.fish),
);
is_deeply([ grep { !$content{$_} } @wanted ], [], 'all is in it');
is_deeply([ grep { $content{$_} !~ m{^[-dl]r.xr.[-x]r.[-x] root/root$|^-rw-r--r-- root/root$|^l} } sort keys %content ],
    [], "everybody may read it, and it is root's");

my ($version) = `cat Makefile` =~ /^VERSION\s*:=\s*(\S+)$/m;
is(`dpkg-deb -f '$dir/clock.deb' Version`, "$version\n", 'it has the version of the Makefile');
my %needs = map { /^(\S+)/ ? ($1 => 1) : () } split /, /, `dpkg-deb -f '$dir/clock.deb' Depends`;
chomp %needs;
is_deeply([ sort keys %needs ], [qw(adduser libc6 libpq5 libyaml-0-2 tzdata)], 'it needs no more than it must');

system("dpkg-deb -x '$dir/clock.deb' '$dir/root' && dpkg-deb -e '$dir/clock.deb' '$dir/root/DEBIAN'") == 0 or die;
is(`'$dir/root/usr/bin/clock' version`, "clock $version\n", 'its program runs');
like(`cat '$dir/root/lib/systemd/system/clock.service'`, qr{^ExecStart=/usr/bin/clock run }m, 'and is what the unit runs');
is(system("cd '$dir/root' && md5sum --quiet -c DEBIAN/md5sums"), 0, 'its sums are right');
is(`cat '$dir/root/DEBIAN/conffiles'`, "/etc/default/clock\n", 'what the administrator edits is kept');
my $scripts = join '', map {`cat '$dir/root/DEBIAN/$_'`} qw(postinst prerm postrm);
unlike($scripts, qr/psql|dropdb|clock migrate(?! --drop does)/, 'no script touches a database');

# The same words as the README's: one licence.
my $words = sub { join ' ', grep { $_ ne '.' } split ' ', $_[0] };
my ($licence) = `cat README.md` =~ /^(Permission is hereby.*?)\n(?:\z|#)/ms;
my ($packaged) = `cat '$dir/root/usr/share/doc/clock/copyright'` =~ /^ (Permission is hereby.*)/ms;
is($words->($packaged), $words->($licence), 'the licence is that of the README');

SKIP: {
    skip 'no lintian here', 1 unless have('lintian');
    is(`lintian --allow-root '$dir/clock.deb' 2>&1`, '', 'lintian has nothing against it');
}

done_testing;
