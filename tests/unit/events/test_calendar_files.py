"""Calendars of others: read, or refused with the reason and the line; and what recurs, as another library has it."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil.rrule import rrulestr  # type: ignore[import-untyped]
from hypothesis import assume, given
from hypothesis import strategies as st

from chassis.imports.reading import lines_of
from chassis.imports.refusals import RowRefused
from chassis.problems import Problem
from chassis.tabular import CellError
from services.events.imported.imports import _ERRORS, activity_import
from services.events.imported.reading import AHEAD, CALENDAR_TYPE, MOST_IN_ALL, documents
from services.events.imported.recurrence_rules import MOST, dates_of, rule_of

SENT = datetime(2026, 1, 1, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
FILES = sorted(Path(icalendar.__file__).parent.rglob("tests/**/*.ics"))
"""What that library tries itself with: calendars as programs have written them, and broken ones."""


def read(content):
    """What stands in a file: dates, what is refused at its line, or why it is no calendar."""
    try:
        return list(documents(content, SHANGHAI, SENT)())
    except Problem as problem:
        return problem


def test_the_calendars_that_another_library_tries_itself_with_are_there():
    assert len(FILES) >= 163


@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_every_calendar_is_read_or_refused_with_the_reason_and_the_line(file):
    content = file.read_bytes()
    found = read(content)
    if isinstance(found, Problem):
        assert found.extensions["reason"] in {"not_a_calendar", "wrong_encoding"}
        return
    lines = content.splitlines()
    for number, document in found:
        if isinstance(document, CellError):
            assert lines[number - 1].strip()
            assert _ERRORS[document.code][0].format(**document.values)
        else:
            assert lines[number - 1].upper() == b"BEGIN:VEVENT"
            assert datetime.fromisoformat(document["starts_at"]).tzinfo is not None
            assert document["source_ref"]


def test_most_of_what_can_be_an_activity_is_read():
    read_of = [read(file.read_bytes()) for file in FILES]
    dates = [one for found in read_of if not isinstance(found, Problem) for one in found]
    good = [document for _, document in dates if not isinstance(document, CellError)]
    assert len(good) > 150
    assert len([one for one in read_of if isinstance(one, Problem)]) < 30


def an_event(*lines):
    return "\r\n".join(
        ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:a", "SUMMARY:x", *lines, "END:VEVENT", "END:VCALENDAR"]
    ).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"BEGIN:VCALENDAR\r\n" * 300_000,
        b"BEGIN:VCALENDAR\r\nX:" + b"\r\n a" * 490_000 + b"\r\nEND:VCALENDAR",
        b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\nEND:VEVENT\r\n" * 200_000 + b"END:VCALENDAR",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART" + b';A="b"' * 150_000 + b"\r\nEND:VEVENT\r\nEND:VCALENDAR",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:" + b"\\" * 1_000_000 + b"\r\nEND:VEVENT\r\nEND:VCALENDAR",
        an_event("DTSTART:20200101T000000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=999999999"),
        an_event("DTSTART:19000101T000000Z", "DURATION:PT1H", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"),
        an_event(
            "DTSTART:19000101T000000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;INTERVAL=999999999"
        ),
        an_event("DTSTART:20200101T000000Z", "DURATION:PT1H", *["RRULE:FREQ=DAILY;INTERVAL=2"] * 500),
        an_event("DTSTART:19000101T000000Z", "DURATION:PT1H", *["RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"] * 5_000),
        an_event("DTSTART:20200101T000000Z", "DURATION:PT1H", "RDATE:" + ",".join(["20200102T000000Z"] * 50_000)),
        an_event("DTSTART:20200101T000000Z", "DURATION:P99999D", "RRULE:FREQ=SECONDLY"),
        an_event("DTSTART:99991231T235959Z", "DURATION:P99999D", "RRULE:FREQ=YEARLY"),
        an_event("DTSTART;TZID=" + "A/" * 100_000 + ":20200101T000000", "DURATION:PT1H"),
    ],
    ids=lambda content: content[-60:].decode(errors="replace")[:40],
)
def test_what_is_made_to_take_long_is_over_soon(content):
    began = time.process_time()
    found = read(content)
    assert time.process_time() - began < 10
    assert isinstance(found, Problem) or len(found) <= 200_000


def test_a_file_has_so_many_dates_in_all_and_what_is_beyond_them_is_refused_by_name():
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}\r\nDTSTART:20250901T000000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY\r\nEND:VEVENT\r\n"
        for n in range(40)
    )
    found = read(f"BEGIN:VCALENDAR\r\n{events}END:VCALENDAR\r\n".encode())
    refused = [one for _, one in found if isinstance(one, CellError)]
    assert {(one.code, one.values["limit"]) for one in refused} == {("file_has_too_many_dates", MOST_IN_ALL)}
    assert MOST_IN_ALL - 1000 < len(found) - len(refused) <= MOST_IN_ALL


def test_a_file_with_as_many_dates_as_it_can_say_is_bounded_by_each_event():
    found = read(an_event("DTSTART:20250901T000000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY"))
    assert len(found) == (SENT + AHEAD - datetime(2025, 9, 1, tzinfo=UTC)).days + 1
    [(line, refused)] = read(an_event("DTSTART:20200101T000000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY"))
    assert (line, refused.code, refused.values) == (7, "too_many_dates", {"limit": 1000})


def test_more_rules_than_an_event_means_are_refused_at_the_first_that_is_too_many():
    of = ["DTSTART:20250901T000000Z", "DURATION:PT1H"]
    assert len(read(an_event(*of, *["RRULE:FREQ=DAILY;COUNT=2"] * 10))) == 2
    [(line, refused)] = read(an_event(*of, *["RRULE:FREQ=DAILY;COUNT=2"] * 11))
    assert (line, refused.code, refused.values) == (17, "recurrence_unsupported", {"what": "11 × RRULE"})


@pytest.mark.parametrize("name", ["SUMMARY", "DESCRIPTION", "LOCATION", "URL", "CATEGORIES"])
def test_a_text_that_is_too_long_is_refused_on_each_date_without_being_carried_to_it(name):
    """A file of ten mebibytes would be as many gigabytes to look through."""
    content = an_event(
        "DTSTART:20250901T000000Z",
        "DURATION:PT1H",
        "RRULE:FREQ=DAILY;COUNT=50",
        f"{name}:https://x.example/" + "a," * 250_000,
    ).replace(b"SUMMARY:x\r\n", b"" if name == "SUMMARY" else b"SUMMARY:x\r\n")
    params = {"media_type": CALENDAR_TYPE, "time_zone": "UTC", "sent_at": SENT.isoformat(), "locale": "en"}
    began = time.process_time()
    lines = list(lines_of(activity_import, content, params))
    assert time.process_time() - began < 2
    assert [[fault.code for fault in line.refusals] for line in lines] == [["too_long"]] * 50


weekdays = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
placed = st.tuples(st.sampled_from(["1", "2", "3", "4", "5", "-1", "-2"]), weekdays).map("".join)


@st.composite
def rules(draw):
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 4))}"]
    # What never comes, such as a second Monday on the 3rd, the other library looks for until the year 9999.
    by_number = frequency != "WEEKLY" and draw(st.booleans())
    # Of `MO,1MO` the other library takes what is in both; the standard means what is in either.
    by_place = frequency in {"MONTHLY", "YEARLY"} and not by_number and draw(st.booleans())
    days = placed if by_place else weekdays
    if draw(st.booleans()):
        parts.append("BYDAY=" + ",".join(draw(st.lists(days, min_size=1, max_size=3, unique=True))))
    if by_number:
        numbers = st.integers(-28, 28).filter(bool)
        parts.append("BYMONTHDAY=" + ",".join(map(str, draw(st.lists(numbers, min_size=1, max_size=3, unique=True)))))
    if draw(st.booleans()):
        parts.append(
            "BYMONTH=" + ",".join(map(str, draw(st.lists(st.integers(1, 12), min_size=1, max_size=3, unique=True))))
        )
    if draw(st.booleans()):
        parts.append(f"BYSETPOS={draw(st.sampled_from([1, -1]))}")
    if draw(st.booleans()):
        parts.append(f"WKST={draw(weekdays)}")
    return ";".join(parts)


def test_a_rule_that_ends_in_the_year_9999_has_no_end():
    lines = ["DTSTART:20251001T000000Z", "DURATION:PT1H", "RRULE:FREQ=MONTHLY;UNTIL=99991231T000000Z"]
    assert len(read(an_event(*lines))) == 28


@given(rules(), st.dates(datetime(2019, 1, 1, tzinfo=UTC).date(), datetime(2024, 1, 1, tzinfo=UTC).date()))
def test_what_recurs_is_on_the_dates_on_which_another_library_has_it(text, day):
    start = datetime(day.year, day.month, day.day, 9)  # noqa: DTZ001 - rules go by the clock of a place
    until = start + timedelta(days=700)
    # A yearly rule whose places are counted in months or in the year, by what else it says, is read in one way only.
    assume(not ("FREQ=YEARLY" in text and "BYDAY" in text and ("BYMONTHDAY" in text or "BYSETPOS" in text)))
    theirs = rrulestr(f"RRULE:{text}", dtstart=start).between(start, until, inc=True)
    ours = dates_of(rule_of(text), start, until=until)
    # Of the week in which a rule begins the other library counts places from the start on; the standard, in the whole week.
    after = start + timedelta(days=7) if "FREQ=WEEKLY" in text and "BYSETPOS" in text else start
    assert [at for at in ours if at > after] == [at for at in theirs if at > after]


@pytest.mark.parametrize(("day", "first"), [(1, [7]), (7, [14])])
def test_of_the_week_in_which_a_rule_begins_places_are_counted_in_the_whole_week(day, first):
    start = datetime(2019, 1, day, 9)  # noqa: DTZ001
    found = dates_of(rule_of("FREQ=WEEKLY;BYDAY=MO,WE;BYSETPOS=1"), start, until=start + timedelta(days=8))
    assert [at.day for at in found if at != start] == first


def test_a_weekday_that_is_named_as_each_and_as_the_first_is_each():
    start = datetime(2026, 1, 5, 9)  # noqa: DTZ001
    both, each = (
        dates_of(rule_of(f"FREQ=MONTHLY;BYDAY={days}"), start, until=start + timedelta(days=60))
        for days in ("MO,1MO,MO", "MO")
    )
    assert both == each
    assert len(each) == 9


def test_a_count_has_the_first_date_in_it():
    start = datetime(2026, 1, 5, 9)  # noqa: DTZ001
    assert len(dates_of(rule_of("FREQ=WEEKLY;COUNT=4"), start, until=start + timedelta(days=365))) == 4
    assert MOST == 1000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "FREQ",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;COUNT=-1",
        "FREQ=DAILY;BYMONTH=13",
        "FREQ=DAILY;UNTIL=soon",
        "FREQ=DAILY;" + "A=1;" * 200,
    ],
)
def test_what_is_no_rule_is_refused(text):
    with pytest.raises(RowRefused):
        rule_of(text)
