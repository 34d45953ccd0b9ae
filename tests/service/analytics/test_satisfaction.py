"""What members think of activities: weighted by their answers, and never of fewer than five."""

from datetime import timedelta

import pytest

from chassis.testing import SettableClock
from contracts import events
from services.analytics.definition import definition
from tests.service.analytics.counted import Counted
from tests.service.analytics.courses import START, Telling, named


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(START + timedelta(days=30))) as harness:
        stage = Counted(harness)
        await stage.open()
        await stage.prepare()
        yield stage


def measured(stage, name, kind, *means):
    return events.SatisfactionMeasured(
        community_id=stage.community_id,
        activity_id=named(name),
        survey_id=named(f"survey of {name}"),
        kind=kind,
        means=tuple(events.Mean(code=f"question{number}", mean=mean, n=n) for number, (mean, n) in enumerate(means)),
    )


async def test_each_survey_weighs_as_much_as_it_has_answers(stage):
    telling = Telling(here=stage.community_id)
    telling.tell(measured(stage, "a", "workshop", (5, 10), (4, 10)))
    telling.tell(measured(stage, "b", "workshop", (3, 30)))
    telling.tell(measured(stage, "c", "meeting", (2, 5)))
    await stage.harness.deliver(*telling.told, times=2)
    (all_,) = await stage.values("satisfaction", "2024-03-01", "2024-03-31")
    assert (all_["value"], all_["n"]) == (pytest.approx((4.5 * 10 + 3 * 30 + 2 * 5) / 45), 45)
    by_kind = await stage.values("satisfaction", "2024-03-01", "2024-03-31", group_by="kind")
    assert {item["group"]: (item["value"], item["n"]) for item in by_kind} == {
        "workshop": (pytest.approx(135 / 40), 40),
        "meeting": (pytest.approx(2), 5),
    }


async def test_what_fewer_than_five_answered_counts_nowhere_so_that_no_difference_shows_it(stage):
    telling = Telling(here=stage.community_id)
    telling.tell(measured(stage, "a", "workshop", (5, 10)))
    before = await stage.values("satisfaction", "2024-03-01", "2024-03-31")
    await stage.harness.deliver(*telling.told)
    alone = await stage.values("satisfaction", "2024-03-01", "2024-03-31")
    few = telling.tell(measured(stage, "b", "meeting", (1, 4)))
    await stage.harness.deliver(few)
    assert await stage.values("satisfaction", "2024-03-01", "2024-03-31") == alone != before
    by_kind = await stage.values("satisfaction", "2024-03-01", "2024-03-31", group_by="kind")
    assert [item["group"] for item in by_kind] == ["workshop"]


async def test_who_asks_again_after_something_late_learns_of_nobody_alone(stage):
    """Of a quarter that is over, too: what a value moved by is a whole survey, of five people or more."""
    stage.harness.clock.now = START + timedelta(days=120)
    telling = Telling(here=stage.community_id)
    telling.tell(measured(stage, "a", "workshop", (5, 10)))
    await stage.harness.deliver(*telling.told)
    seen = []
    for name, n in (("b", 1), ("c", 4), ("d", 5), ("e", 2)):
        await stage.harness.deliver(telling.tell(measured(stage, name, "workshop", (1, n))))
        (value,) = await stage.values("satisfaction", "2024-01-01", "2024-03-31", grain="quarter")
        (group,) = await stage.values("satisfaction", "2024-01-01", "2024-03-31", grain="quarter", group_by="kind")
        assert group["n"] == value["n"]
        seen.append(value["n"])
    assert seen == [10, 10, 15, 15]


async def test_nobody_asks_for_what_staff_alone_thinks(stage):
    query = stage.here | {"from": "2024-03-01", "to": "2024-03-31", "staff": True}
    assert (await stage.operator.get("/v1/metrics/satisfaction", params=query)).status_code == 422
