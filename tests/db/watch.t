# clock run --watch: a changed file is put in force by itself, a half-written one is not read.

use strict;
use warnings;

use Test::More;

use ClockTest;

my $dir = temp_dir() . '/watched';
mkdir $dir or die;

sub yaml {
    return "jobs:\n  kept: {schedule: \"\@every 1s\"}\n" . join '', map { "  $_: {schedule: \"\@every 1h\"}\n" } @_;
}

sub put_in_force {
    my ($clock, $job) = @_;
    return $clock->says(qr/\bput_in_force\b.*added=\Q$job\E\b/);
}

subtest 'a rename and a rewrite' => sub {
    my $db = database();
    my $path = "$dir/Clockfile.yml";
    write_file($path, yaml());
    my $clock = clock_start('run', '--watch', $path, { db => $db });
    $clock->says(qr/\bentered\b/);

    write_file("$path.new", yaml('renamed'));
    rename "$path.new", $path or die;
    ok put_in_force($clock, 'renamed'), 'a file renamed over it';

    write_file($path, yaml('rewritten'));
    ok put_in_force($clock, 'rewritten'), 'a file rewritten in place';

    open my $slow, '>', $path or die;
    $slow->autoflush(1);
    print {$slow} yaml('slow');
    my $mark = one($db, 'SELECT clock_timestamp()');
    poll_until(sub { one($db, q(SELECT clock_timestamp() > ?::timestamptz + interval '2 seconds'), $mark) }, 10, 'two seconds');
    unlike $clock->log, qr/added=slow/, 'one still being written is left alone';
    print {$slow} "  whole: {schedule: \"\@every 1h\"}\n";
    close $slow or die;
    like put_in_force($clock, 'slow'), qr/whole/, 'until its writer has closed it';

    write_file($path, "jobs: [\n");
    $clock->says(qr/\bkept\b/);
    write_file($path, yaml('mended'));
    ok put_in_force($clock, 'mended'), 'a wrong file changes nothing, the next one does';
    is $clock->term, 0, 'stops';
};

subtest 'another file of the folder, written all the time' => sub {
    my $db = database();
    my $path = "$dir/busy.yml";
    write_file($path, yaml());
    my $clock = clock_start('run', '--watch', $path, { db => $db });
    $clock->says(qr/\bentered\b/);
    open my $log, '>', "$dir/busy.log" or die;
    $log->autoflush(1);
    write_file($path, yaml('beside'));
    poll_until(sub {
        print {$log} "a line\n";
        write_file("$dir/busy.other", 'another');
        $clock->log =~ /\bput_in_force\b.*added=beside\b/;
    }, 20, 'the file put in force beside it');
    close $log or die;
    is $clock->term, 0, 'stops';
};

subtest 'a link that is swapped, as a ConfigMap does' => sub {
    my $db = database();
    my $mount = "$dir/mount";
    mkdir $mount or die;
    mkdir "$mount/..1" or die;
    write_file("$mount/..1/Clockfile.yml", yaml('first'));
    symlink '..1', "$mount/..data" or die;
    symlink '..data/Clockfile.yml', "$mount/Clockfile.yml" or die;
    my $clock = clock_start('run', '--watch', "$mount/Clockfile.yml", { db => $db });
    $clock->says(qr/\bentered\b/);
    for my $n (2, 3) {
        mkdir "$mount/..$n" or die;
        write_file("$mount/..$n/Clockfile.yml", yaml("swap$n"));
        symlink "..$n", "$mount/..data_tmp" or die;
        rename "$mount/..data_tmp", "$mount/..data" or die;
        ok put_in_force($clock, "swap$n"), "swap $n";
    }
    is $clock->term, 0, 'stops';
};

done_testing;
