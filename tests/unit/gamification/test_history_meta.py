"""The rules against a real community: every figure of its README comes out of the fold exactly."""

import gzip
import json
import os
from collections import Counter, defaultdict
from datetime import date, datetime
from pathlib import Path

import pytest

from chassis.days import day_began_at, local_day
from services.gamification.checkins.rules import CheckinDay, fold

ZONE = "Asia/Shanghai"
CHECKIN_POINTS = 5
BONUS_POINTS = 20
LADDER = {"新芽": 0, "学员": 100, "骨干": 500, "达人": 1500, "导师": 4000, "领航": 10000}

pytestmark = pytest.mark.real_data


def every_day(_day: date) -> bool:
    return True


@pytest.fixture(scope="module")
def members():
    """The streak of every member who ever wrote, and what each of their days did."""
    default = Path(__file__).resolve().parents[3] / ".." / "shared" / "data"
    path = Path(os.environ.get("QUNXUE_SHARED_DATA", default)) / "history-meta.ndjson.gz"
    if not path.exists():
        pytest.skip(f"no real data at {path}")
    days = defaultdict(set)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["kind"] != "person":
                days[row["author"]].add(local_day(datetime.fromisoformat(row["at"]), time_zone=ZONE))
    return {
        author: fold(
            [CheckinDay(day, ZONE, day_began_at(day, time_zone=ZONE)) for day in dates],
            is_workday=every_day,
        )
        for author, dates in days.items()
    }


def bonuses(member):
    return sum(each.pays_bonus for each in member[1])


def xp(member):
    return CHECKIN_POINTS * member[0].checkins + BONUS_POINTS * bonuses(member)


def test_the_community_has_its_members_checkins_xp_bonuses_and_freezes(members):
    assert len(members) == 378
    assert sum(state.checkins for state, _ in members.values()) == 2_818
    assert sum(map(xp, members.values())) == 14_130
    assert sum(map(bonuses, members.values())) == 2
    assert sum(state.freezes_used for state, _ in members.values()) == 32


def test_the_longest_streak_is_nine_days(members):
    longest = {author: state.longest for author, (state, _) in members.items()}
    assert max(longest.values()) == 9
    assert [author for author, length in longest.items() if length == 9] == ["1933"]


@pytest.mark.parametrize(("author", "checkins", "earned", "weeks"), [("771", 319, 1_595, 0), ("1401", 200, 1_020, 1)])
def test_the_busiest_members_have_their_figures(members, author, checkins, earned, weeks):
    member = members[author]
    assert (member[0].checkins, xp(member), bonuses(member)) == (checkins, earned, weeks)


def test_the_levels_hold_their_members(members):
    levels = Counter(
        max((name for name, least in LADDER.items() if xp(member) >= least), key=LADDER.__getitem__)
        for member in members.values()
    )
    assert levels == {"新芽": 349, "学员": 25, "骨干": 3, "达人": 1}
