"""iCalendar as we write it, read by a library of others."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.ical import document, offset, parameter, text
from chassis.zones import _names
from services.events.calendars.rules import (
    MOST,
    Entry,
    excerpt,
    feed,
    part_of,
    reads_how_to_join,
    sequence_of,
    single,
)
from services.events.calendars.zone_rules import changes_in, time_zone
from tests.support.calendar_program import read_ical

NOON = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


def an_entry(**facts):
    usual: dict[str, Any] = {
        "uid": "one",
        "sequence": 1,
        "changed_at": NOON,
        "title": "怎么讲课",
        "starts_at": NOON,
        "ends_at": NOON + timedelta(hours=2),
        "time_zone": "Asia/Shanghai",
        "status": "announced",
        "part": "seated",
    }
    return Entry(**usual | facts)


def read(entries, locale="zh-CN"):
    calendar = read_ical(feed(entries, locale))
    return calendar.walk("VEVENT")


@given(st.text(max_size=400))
def test_a_text_comes_out_as_it_went_in(value):
    [entry] = read([an_entry(title=value, description=value)])
    plain = read_ical(feed([an_entry(title="x", description="x")], "en"))
    assert plain.walk("VEVENT")[0]["SUMMARY"] == "x"
    wanted = _readable(value)
    assert entry["SUMMARY"] == wanted
    assert entry.get("DESCRIPTION", "") == wanted


def _readable(value):
    """A line ends one way, and what no text may hold is left out."""
    for end in ("\r\n", "\r", "\u2028", "\u2029", "\x85", "\x0b", "\x0c"):
        value = value.replace(end, "\n")
    return "".join(one for one in value if one in "\n\t" or not (ord(one) < 32 or ord(one) == 127))


@given(st.text(alphabet=st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=600))
def test_no_line_is_longer_than_75_octets_and_no_character_is_cut(value):
    line = "DESCRIPTION:" + value
    written = document([line])
    pieces = written.split(b"\r\n")
    assert pieces.pop() == b""
    assert all(len(piece) <= 75 for piece in pieces)
    assert [piece.decode() for piece in pieces]
    assert written.replace(b"\r\n ", b"").decode() == line + "\r\n"


def test_a_line_of_75_octets_is_left_whole_and_one_of_76_is_not():
    assert document(["X:" + "a" * 73]) == b"X:" + b"a" * 73 + b"\r\n"
    assert document(["X:" + "a" * 74]) == b"X:" + b"a" * 73 + b"\r\n a\r\n"
    assert document(["X:" + "群" * 25]) == b"X:" + "群".encode() * 24 + b"\r\n " + "群".encode() + b"\r\n"


def test_what_would_end_a_value_or_a_line_is_written_otherwise():
    assert text("a;b,c\\d\r\ne\x00f\tg") == "a\\;b\\,c\\\\d\\nef\tg"
    assert parameter('读书会 "甲"; b^\nc') == "\"读书会 ^'甲^'; b^^^nc\""
    assert [offset(timedelta(seconds=value)) for value in (28800, -12600, 29143, 0)] == [
        "+0800",
        "-0330",
        "+080543",
        "+0000",
    ]


def test_a_title_cannot_add_a_line_of_its_own():
    [entry] = read([an_entry(title="x\r\nATTENDEE:mailto:a@b.example\r\nEND:VEVENT")])
    assert "ATTENDEE" not in entry


SOME_ZONES = [
    "Asia/Shanghai",
    "America/New_York",
    "Europe/Berlin",
    "Europe/Dublin",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "America/St_Johns",
    "Pacific/Apia",
    "Africa/Monrovia",
    "Asia/Gaza",
]


def shown_by(zone, moments):
    """What a program shows that knows no zones but those of the calendar."""
    years = frozenset(at.astimezone(ZoneInfo(zone)).year for at in moments)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *time_zone(zone, years), "END:VCALENDAR"]
    told = read_ical(document(lines)).walk("VTIMEZONE")[0]
    there = told.to_tz(lookup_tzid=False)
    return [at.astimezone(ZoneInfo(zone)).replace(tzinfo=None).replace(tzinfo=there) for at in moments]


@pytest.mark.parametrize("zone", SOME_ZONES)
@given(
    st.lists(
        st.integers(32_000_000, 4_102_444_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
        min_size=1,
        max_size=4,
    )
)
def test_a_time_zone_is_told_so_that_nobody_needs_to_know_it(zone, moments):
    # What a clock shows twice is written in UTC.
    moments = [at for at in moments if at.astimezone(ZoneInfo(zone)).fold == 0]
    for at, local in zip(moments, shown_by(zone, moments), strict=True):
        assert local.utcoffset() == at.astimezone(ZoneInfo(zone)).utcoffset(), at


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (datetime(2026, 3, 8, 6, 59, tzinfo=UTC), "TZID=America/New_York:20260308T015900"),
        (datetime(2026, 3, 8, 7, 0, tzinfo=UTC), "TZID=America/New_York:20260308T030000"),
        (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "TZID=America/New_York:20261101T013000"),
    ],
)
def test_daylight_saving_is_right_to_the_minute(at, shown):
    written = feed([an_entry(starts_at=at, ends_at=at + timedelta(minutes=10), time_zone="America/New_York")], "en")
    assert f"DTSTART;{shown}\r\n".encode() in written
    [entry] = read_ical(written).walk("VEVENT")
    assert entry["DTSTART"].dt.astimezone(UTC) == at


def test_what_a_clock_shows_for_the_second_time_is_written_in_utc():
    at = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    written = feed([an_entry(starts_at=at, ends_at=at + timedelta(hours=2), time_zone="America/New_York")], "en")
    assert b"DTSTART:20261101T063000Z\r\nDTEND:20261101T083000Z\r\n" in written
    assert b"VTIMEZONE" not in written


def test_each_zone_is_told_once_for_the_years_that_are_there():
    entries = [
        an_entry(uid=str(n), starts_at=NOON.replace(year=year), ends_at=NOON.replace(year=year, hour=5), time_zone=zone)
        for n, (year, zone) in enumerate([(2026, "Europe/Berlin"), (2199, "Europe/Berlin"), (2026, "Asia/Shanghai")])
    ]
    zones = read_ical(feed(entries, "en")).walk("VTIMEZONE")
    assert {str(one["TZID"]): len(one.subcomponents) for one in zones} == {"Asia/Shanghai": 1, "Europe/Berlin": 6}


@pytest.mark.slow
def test_no_zone_changes_its_clock_and_changes_it_back_unnoticed():
    for name in sorted(_names()):
        zone, at = ZoneInfo(name), datetime(2024, 1, 1, tzinfo=UTC)
        noticed, before = 0, at.astimezone(zone).utcoffset()
        while at < datetime(2030, 1, 1, tzinfo=UTC):
            at += timedelta(hours=24)
            now = at.astimezone(zone).utcoffset()
            noticed += now != before
            before = now
        told = [one for year in range(2023, 2031) for one in changes_in(name, year)]
        within = [one for one in told if one.before.offset != one.after.offset]
        assert (
            len(
                [one for one in within if datetime(2024, 1, 1, tzinfo=UTC) < one.at <= datetime(2030, 1, 1, tzinfo=UTC)]
            )
            == noticed
        ), name


def test_what_a_registration_is_to_a_calendar():
    parts = {
        status: part_of(status, unconfirmed=False)
        for status in ("confirmed", "assigned", "offered", "waitlisted", "excused", "cancelled", "expired", None)
    }
    assert list(parts.values()) == ["seated", "seated", "offered", "waiting", "gone", "gone", "gone", "none"]
    assert part_of("assigned", unconfirmed=True) == "asked_again"
    assert part_of("waitlisted", unconfirmed=True) == "waiting"


def test_only_who_has_a_seat_reads_how_to_join_and_nobody_once_it_is_cancelled():
    joins = {
        part
        for part in ("seated", "asked_again", "offered", "waiting", "gone", "none")
        if reads_how_to_join(part, "announced")
    }
    assert joins == {"seated", "asked_again"}
    assert not reads_how_to_join("seated", "cancelled")


@pytest.mark.parametrize(
    ("part", "status", "transparency", "title"),
    [
        ("seated", "CONFIRMED", "OPAQUE", "怎么讲课"),
        ("asked_again", "TENTATIVE", "OPAQUE", "怎么讲课"),
        ("offered", "TENTATIVE", "TRANSPARENT", "怎么讲课（待确认名额）"),
        ("waiting", "TENTATIVE", "TRANSPARENT", "怎么讲课（候补）"),
        ("gone", "CANCELLED", "TRANSPARENT", "怎么讲课"),
        ("none", "CONFIRMED", "TRANSPARENT", "怎么讲课"),
    ],
)
def test_a_seat_takes_time_and_a_place_in_the_line_does_not(part, status, transparency, title):
    [entry] = read([an_entry(part=part)])
    assert (entry["STATUS"], entry["TRANSP"], entry["SUMMARY"]) == (status, transparency, title)


def test_what_is_cancelled_says_only_what_takes_it_away():
    said = an_entry(
        status="cancelled", description="秘密", location={"name": "楼"}, tags=["教学"], join_url="https://a.example"
    )
    [entry] = read([said])
    assert set(entry) == {
        "UID",
        "DTSTAMP",
        "LAST-MODIFIED",
        "SEQUENCE",
        "SUMMARY",
        "DTSTART",
        "DTEND",
        "STATUS",
        "TRANSP",
    }


def test_one_that_is_cancelled_comes_as_a_cancellation_by_the_community():
    written = single(an_entry(part="gone"), "en", community='读书会 "A"', community_id="c")
    calendar = read_ical(written)
    assert calendar["METHOD"] == "CANCEL"
    [entry] = calendar.walk("VEVENT")
    assert str(entry["ORGANIZER"]) == "urn:uuid:c"
    assert "METHOD" not in read_ical(single(an_entry(), "en", community="x", community_id="c"))


def test_all_that_is_said_of_it_is_read():
    place = {"name": "总部", "address": "长江路 1 号", "room": "301"}
    url = "https://meet.example/a?b=c;d,e"
    [entry] = read([an_entry(location=place, description="带上\n笔记", tags=["教学", "a,b"], join_url=url)], "en")
    assert entry["LOCATION"] == "总部, 长江路 1 号, 301"
    assert entry["DESCRIPTION"] == f"带上\n笔记\n\nJoin: {url}"
    assert [str(one) for one in entry["CATEGORIES"].cats] == ["教学", "a,b"]
    assert entry["URL"] == url
    assert entry["CONFERENCE"] == url


@given(st.lists(st.booleans(), max_size=50))
def test_a_sequence_grows_whoever_of_the_two_changes(changes):
    version, told, sequences = 1, 0, []
    for of_activity in changes:
        version, told = (version + 1, told) if of_activity else (version, told + 1)
        sequences.append(sequence_of(version, told))
    assert sequences == sorted(set(sequences))


def test_a_long_description_is_cut_where_many_are_sent():
    assert excerpt("a" * 500) == "a" * 500
    assert len(excerpt("b" * 501)) == 500
    assert excerpt("b" * 501).endswith("…")
    assert MOST == 2000
