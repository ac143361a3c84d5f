#!/usr/bin/env python3
"""Random expressions in UTC against croniter, where it and we mean the same: no day field that
begins with a star and a step (croniter takes it as restricted), none that holds every value
without being a star (croniter takes it for one), no steps that go beyond.

    oracle.py PROGRAM [COUNT [SEED]]     PROGRAM is build/*/tests/diff/cron
"""
import random
import subprocess
import sys
import time

FIRES = 5


def plain(low, high, names=()):
    items = []
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        a, b = sorted((random.randint(low, high), random.randint(low, high)))
        shape = random.randrange(4)
        if shape == 0 and a < b:
            items.append(f"{a}-{b}")
        elif shape == 1 and a + 1 < b:
            items.append(f"{a}-{b}/{random.randint(1, b - a)}")
        elif names and random.random() < 0.5:
            items.append(names[a - low])
        else:
            items.append(str(a))
    return ",".join(items)


def holds_all(field, low, high, names=()):
    """True for 0-6, or 0-6,sun: a restricted field that restricts nothing."""
    held = set()
    for item in field.split(","):
        ends = [names.index(v) + low if v in names else int(v)
                for v in item.split("/")[0].split("-")]
        held.update(range(ends[0], ends[-1] + 1, int(item.partition("/")[2] or 1)))
    return len(held) == high - low + 1


def restricted(low, high, names=()):
    while True:
        field = plain(low, high, names)
        if not holds_all(field, low, high, names):
            return field


def expression():
    months = "jan feb mar apr may jun jul aug sep oct nov dec".split()
    weekdays = "sun mon tue wed thu fri sat".split()
    minute = random.choice(("*", f"*/{random.randint(2, 30)}", plain(0, 59), plain(0, 59)))
    hour = random.choice(("*", f"*/{random.randint(2, 12)}", plain(0, 23), plain(0, 23)))
    day = random.choice(("*", "*", restricted(1, 31)))
    month = random.choice(("*", "*", plain(1, 12, months)))
    weekday = random.choice(("*", "*", restricted(0, 6, weekdays)))
    return " ".join((minute, hour, day, month, weekday))


def main():
    try:
        from croniter import croniter
    except ImportError:
        print("1..0 # SKIP python3-croniter is not installed")
        return 0
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else int(time.time())
    random.seed(seed)
    print(f"1..1\n# seed {seed}")
    cases = [(expression(), random.randrange(0, 4102444800)) for _ in range(count)]
    text = "".join(f"{e}\tUTC\t{start}\t{FIRES}\n" for e, start in cases)
    ours = subprocess.run([sys.argv[1], "--answer"], input=text, capture_output=True, text=True,
                          check=True).stdout.splitlines()
    wrong = compared = 0
    for (e, start), line in zip(cases, ours, strict=True):
        try:
            walk = croniter(e, float(start))
            theirs = [int(walk.get_next(float)) for _ in range(FIRES)]
        except Exception:  # croniter gives up on dates that are years away, or never come
            continue
        compared += FIRES
        if [int(x) for x in line.split()] != theirs:
            wrong += 1
            print(f"# '{e}' after {start}: {line.strip()}, but croniter says {theirs}")
    ok = wrong == 0 and compared >= FIRES * count // 2
    print(f"{'ok' if ok else 'not ok'} 1 - {wrong} of {compared} instants differ from croniter")
    return 0 if ok else 1


sys.exit(main())
