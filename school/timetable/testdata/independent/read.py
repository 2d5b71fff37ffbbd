"""Makes calendars by chance, and reads them by another program's eyes.

What is read stands in calendars.json, which a test holds against our own reading.
To make it anew (Python 3.11 or later):

    pip install icalendar==7.3.2 recurring-ical-events==3.8.2 x-wr-timezone==2.0.1 tzdata==2026.6
    python read.py > calendars.json
"""

import json
import random
import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
import x_wr_timezone

SEED = 20260801
CALENDARS = 200
FROM = datetime(2026, 8, 1, tzinfo=timezone.utc)
UNTIL = datetime(2027, 4, 1, tzinfo=timezone.utc)
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]

# Each zone with what an event names it by; the last two are told by the file.
ZONES = ["Europe/Oslo", "Europe/London", "America/New_York", "W. Europe Standard Time", "GMT Standard Time",
         "FLE Standard Time", "Eastern Standard Time", "UTC", None, "Skolens klokke", "Fast tid"]

OURS = """BEGIN:VTIMEZONE
TZID:Skolens klokke
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VTIMEZONE
TZID:Fast tid
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0530
TZOFFSETTO:+0530
END:STANDARD
END:VTIMEZONE"""


def stamp(at):
    return at.strftime("%Y%m%dT%H%M%S")


def weekly(r, start):
    days = sorted(r.sample(range(5), r.randint(1, 3)))
    start += timedelta(days=(days[0] - start.weekday()) % 7)
    rule = f"FREQ=WEEKLY;BYDAY={','.join(DAYS[d] for d in days)}"
    if r.random() < 0.4:
        rule += f";WKST={r.choice(['SU', 'MO'])}"
    return rule, start


def monthly(r, start):
    if r.random() < 0.5:
        n = r.choice([1, 2, 3, 4, -1])
        day = r.randrange(5)
        start = nth(start, n, day)
        by = f"BYDAY={n}{DAYS[day]}" if r.random() < 0.5 else f"BYDAY={DAYS[day]};BYSETPOS={n}"
        return f"FREQ=MONTHLY;{by}", start
    day = r.randint(1, 31)
    start = start.replace(day=min(day, 28))
    return f"FREQ=MONTHLY;BYMONTHDAY={start.day}" if r.random() < 0.5 else "FREQ=MONTHLY", start


def nth(start, n, weekday):
    first = start.replace(day=1)
    found = [first + timedelta(days=i) for i in range(31)]
    found = [d for d in found if d.month == start.month and d.weekday() == weekday]
    return found[n - 1 if n > 0 else n]


def rule_of(r, start):
    kind = r.random()
    if kind < 0.2:
        rule = "FREQ=DAILY"
        if r.random() < 0.5:
            start += timedelta(days=(7 - start.weekday()) % 7 if start.weekday() > 4 else 0)
            rule += ";BYDAY=MO,TU,WE,TH,FR"
    elif kind < 0.7:
        rule, start = weekly(r, start)
    elif kind < 0.9:
        rule, start = monthly(r, start)
    else:
        rule = "FREQ=YEARLY"
        if r.random() < 0.5:
            rule += f";BYMONTH={start.month};BYMONTHDAY={start.day}"
    if r.random() < 0.4:
        rule += f";INTERVAL={r.randint(2, 5)}"
    return rule, start


def ends(r, rule, start, zone):
    kind = r.random()
    if kind < 0.35:
        return rule + f";COUNT={r.randint(1, 30)}"
    if kind < 0.8:
        last = start + timedelta(days=r.randint(5, 300))
        return rule + (f";UNTIL={stamp(last)}Z" if zone else f";UNTIL={stamp(last)}")
    return rule


def event(r, number):
    zone = r.choice(ZONES)
    start = datetime(r.choice([2025, 2026, 2026]), r.randint(1, 12), r.randint(1, 28), r.randint(7, 15), r.choice([0, 15, 30, 45]))
    rule, start = rule_of(r, start)
    rule = ends(r, rule, start, zone)
    name = f";TZID={zone}" if zone and zone != "UTC" else ""
    z = "Z" if zone == "UTC" else ""
    length = timedelta(minutes=r.choice([45, 60, 90]))
    lines = [f"UID:{number}@chance", "DTSTAMP:20260101T000000Z", f"DTSTART{name}:{stamp(start)}{z}"]
    if r.random() < 0.5:
        lines.append(f"DTEND{name}:{stamp(start + length)}{z}")
    else:
        lines.append(f"DURATION:PT{int(length.total_seconds() // 60)}M")
    out = [lines]
    if r.random() < 0.85:
        lines.append(f"RRULE:{rule}")
        days = 1 if "DAILY" in rule else 7
        if r.random() < 0.4:
            gone = start + timedelta(days=days * r.randint(1, 5))
            lines.append(f"EXDATE;VALUE=DATE:{gone.strftime('%Y%m%d')}" if r.random() < 0.3 else f"EXDATE{name}:{stamp(gone)}{z}")
        if r.random() < 0.25:
            lines.append(f"RDATE{name}:{stamp(start + timedelta(days=r.randint(1, 60), hours=1))}{z}")
        if r.random() < 0.25 and "MONTHLY" not in rule and "YEARLY" not in rule:
            moved = start + timedelta(days=r.randint(1, 6), hours=2)
            out.append([f"UID:{number}@chance", "DTSTAMP:20260101T000000Z", f"RECURRENCE-ID{name}:{stamp(start)}{z}",
                        f"DTSTART{name}:{stamp(moved)}{z}", f"DTEND{name}:{stamp(moved + length)}{z}"])
    return out


def calendar(r):
    events = []
    for number in range(r.randint(1, 4)):
        for one in event(r, number):
            events += ["BEGIN:VEVENT", *one, "END:VEVENT"]
    told = [line for zone in OURS.split("BEGIN:VTIMEZONE\n")[1:] if zone.split("\n")[0][5:] in "".join(events)
            for line in ["BEGIN:VTIMEZONE", *zone.strip().split("\n")]]
    lines = told + events if r.random() < 0.5 else events + told  # zones may be told after the events
    return "\n".join(["BEGIN:VCALENDAR", *lines, "END:VCALENDAR", ""])


def instant(at, floating):
    if not isinstance(at, datetime):
        raise ValueError(f"{at} is a date")
    if at.tzinfo is None:
        at = at.replace(tzinfo=floating)
    return at.astimezone(timezone.utc)


def read(text):
    """The occurrences as another program reads them, by UTC. Times without a zone are
    those of Oslo."""
    oslo = ZoneInfo("Europe/Oslo")
    found = set()
    calendar = x_wr_timezone.to_standard(icalendar.Calendar.from_ical(text))
    # A year around, for what has no zone is found by its own clock.
    for e in recurring_ical_events.of(calendar).between(FROM - timedelta(days=2), UNTIL + timedelta(days=2)):
        start, end = instant(e.start, oslo), instant(e.end, oslo)
        if FROM <= start < UNTIL:
            found.add(f"{start:%y%m%d %H:%M}-{end:%H:%M}")
    return ", ".join(sorted(found))


def main():
    r = random.Random(SEED)
    out = []
    for _ in range(CALENDARS):
        text = calendar(r)
        out.append({"calendar": text, "occurrences": read(text)})
    json.dump(out, sys.stdout, indent=0)
    print()


main()
