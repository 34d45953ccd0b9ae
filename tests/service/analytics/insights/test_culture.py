"""The culture index of an operating team: the month's pulse beside what the team does."""

import pytest

from chassis.ids import new_id
from chassis.testing import received
from contracts.events import Mean, SurveyAbout, SurveyClosed
from services.analytics.facts.verbs import Verb
from tests.service.analytics.insights.conftest import TODAY
from tests.service.analytics.insights.test_rounds import day_of, write

DIMENSIONS = ("goals", "trust", "collaboration", "innovation", "atmosphere", "learning")


async def pulse(office, month, means, n=6):
    told = SurveyClosed(
        community_id=office.stage.community_id,
        survey_id=new_id(),
        about=SurveyAbout(kind="month", month=month),
        anonymity="anonymous",
        asked=8,
        answered=n,
        means=tuple(Mean(code=code, mean=mean, n=n) for code, mean in means.items()),
    )
    await office.stage.harness.deliver(received(told, occurred_at=office.now))


async def culture(office, month="2024-05", last="2024-05-31"):
    query = {"community_id": office.community, "from": f"{month}-01", "to": last, "grain": "month"}
    answer = await office.see("运营", "/v1/metrics/culture", **query)
    return {(one["from"], one["part"]): one for one in answer["items"]}


async def test_a_month_has_an_index_and_six_dimensions_of_what_they_say_and_do(office):
    await office.stage.change(kind="operations_team")
    team = [await office.joins(f"同事{n}") for n in range(5)]
    await pulse(office, "2024-05", dict.fromkeys(DIMENSIONS, 4.0))
    await pulse(office, "2024-04", dict.fromkeys(DIMENSIONS, 2.0))
    # Of eight members four helped somebody, one of them twice; nobody did anything else.
    await write(
        office,
        *(day_of(office, one.id, Verb.REPLIED, TODAY) for one in team[:4]),
        day_of(office, team[0].id, Verb.COMMENTED, TODAY),
    )
    found = await culture(office)
    assert found["2024-05-01", "collaboration_pulse"]["value"] == 4
    assert found["2024-05-01", "collaboration_behaviour"]["value"] == pytest.approx(3)
    assert found["2024-05-01", "collaboration"]["value"] == pytest.approx(0.6 * 4 + 0.4 * 3)
    assert found["2024-05-01", "trust"]["value"] == pytest.approx(0.6 * 4 + 0.4 * 1)
    assert found["2024-05-01", "index"]["value"] == pytest.approx((3.6 + 5 * 2.8) / 6)
    assert found["2024-05-01", "index"]["n"] == 6
    assert len(found) == 19


async def test_months_are_never_pooled(office):
    await office.stage.change(kind="operations_team")
    for n in range(5):
        await office.joins(f"同事{n}")
    await pulse(office, "2024-05", dict.fromkeys(DIMENSIONS, 4.0))
    await pulse(office, "2024-04", dict.fromkeys(DIMENSIONS, 2.0))
    found = await culture(office, "2024-04")
    assert [found[month, "trust_pulse"]["value"] for month in ("2024-04-01", "2024-05-01")] == [2, 4]


async def test_of_a_month_without_a_pulse_there_is_no_index(office):
    await office.stage.change(kind="operations_team")
    for n in range(5):
        await office.joins(f"同事{n}")
    found = await culture(office)
    assert (found["2024-05-01", "index"]["value"], found["2024-05-01", "index"]["suppressed"]) == (None, True)
    assert found["2024-05-01", "trust_behaviour"]["value"] == 1


async def test_of_a_team_under_five_nothing_is_told(office):
    await office.stage.change(kind="operations_team")
    await pulse(office, "2024-05", {}, n=4)
    assert {one["value"] for one in (await culture(office)).values()} == {None}


async def test_a_community_that_is_no_operating_team_has_none(office):
    await pulse(office, "2024-05", dict.fromkeys(DIMENSIONS, 4.0))
    assert await culture(office) == {}
