from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.reports.rules import SOMEBODY, Names, grain_of, week_due

LETTERS = st.text(alphabet="欧阳小明a", min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("text", "names", "left"),
    [
        ("请欧阳小明和欧阳来", ["欧阳", "欧阳小明"], f"请{SOMEBODY}和{SOMEBODY}来"),
        ("王", ["王"], "王"),
        ("没有人", [], "没有人"),
        ("欧阳欧阳", ["欧阳"], SOMEBODY * 2),
        ("", ["欧阳"], ""),
    ],
)
def test_names_are_taken_out_the_longest_first(text, names, left):
    assert Names(names).out_of(text) == left


@given(st.text(alphabet="欧阳小明a", max_size=30), st.lists(LETTERS, max_size=5))
def test_no_name_is_left_and_nothing_else_is_lost(text: str, names: list[str]):
    left = Names(names).out_of(text)
    pieces = left.split(SOMEBODY)
    assert not [name for name in names if len(name) >= 2 for piece in pieces if name in piece]
    at = 0
    for piece in pieces:
        assert piece in text[at:]
        at = text.index(piece, at) + len(piece)


@pytest.mark.parametrize(
    ("zone", "starts", "at", "monday"),
    [
        ("Asia/Shanghai", time(0), "2024-05-12T21:59", date(2024, 4, 29)),
        ("Asia/Shanghai", time(0), "2024-05-12T22:00", date(2024, 5, 6)),
        ("Asia/Shanghai", time(4), "2024-05-13T01:59", date(2024, 4, 29)),
        ("Asia/Shanghai", time(4), "2024-05-13T02:00", date(2024, 5, 6)),
        ("America/Los_Angeles", time(0), "2024-05-13T12:59", date(2024, 4, 29)),
        ("America/Los_Angeles", time(0), "2024-05-13T13:00", date(2024, 5, 6)),
        # The clock was put forward on the Sunday before.
        ("Europe/Berlin", time(0), "2024-04-01T03:59", date(2024, 3, 18)),
        ("Europe/Berlin", time(0), "2024-04-01T04:00", date(2024, 3, 25)),
    ],
)
def test_a_week_is_due_six_hours_after_the_communitys_monday_began(zone, starts, at, monday):
    now = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert week_due(now, time_zone=zone, day_starts_at=starts) == monday


def test_a_chart_has_as_many_places_as_one_can_read():
    assert [grain_of(days) for days in (1, 31, 32, 200, 201, 366)] == ["day", "day", "week", "week", "month", "month"]
