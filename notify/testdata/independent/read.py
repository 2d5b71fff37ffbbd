"""Reads calendars that Undring wrote by another program's eyes, and notes beside each what it found.

A test holds that against what was meant. To make both anew (Python 3.11 or later):

    go test . -run AnotherProgramReadsOurCalendars -made     # in the folder notify
    pip install icalendar==7.3.2
    python testdata/independent/read.py
"""

import json
import pathlib
from datetime import timezone

import icalendar

file = pathlib.Path(__file__).with_name("feeds.json")
feeds = json.loads(file.read_text())
for feed in feeds:
    calendar = icalendar.Calendar.from_ical(feed["Calendar"])
    assert not calendar.errors and calendar["METHOD"] == "PUBLISH"
    entries, titles = [], []
    for event in calendar.walk("VEVENT"):
        assert not event.errors, event.errors
        start, end = (event[k].dt.astimezone(timezone.utc).strftime("%y%m%d %H:%M") for k in ("DTSTART", "DTEND"))
        entries.append(f"{start}-{end} {event['STATUS']} {event['SEQUENCE']}")
        titles.append(str(event["SUMMARY"]))
    feed["Entries"], feed["Titles"] = sorted(entries), sorted(titles)
file.write_text(json.dumps(feeds, indent=1, ensure_ascii=False) + "\n")
