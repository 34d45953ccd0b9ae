"""A metric that is made of what people answered: what would tell of few of them is hidden, whoever reads it in which way."""

from datetime import UTC, datetime

import pytest

from chassis.testing import SettableClock
from services.analytics.definition import definition
from services.analytics.metrics.catalogue import METRICS
from services.analytics.metrics.frame import Group, Metric, Said, cells, ratio
from services.analytics.metrics.rules import Grain
from tests.service.analytics.counted import Counted
from tests.service.stage import NOON

PEOPLE = {1: {"D1": 9, "D2": 6, "D3": 5}, 2: {"D1": 8, "D2": 3, "D3": 7}, 3: {"D1": 9}, 4: {"D1": 3}, 5: {"D2": 8}}
"""How many answered, by month and department."""
AFTER_THE_QUARTER = datetime(2024, 7, 1, 4, tzinfo=UTC)
"""Noon in Shanghai; before it is May 6th."""


async def answered(_session, asked, periods):
    found = {}
    for period in periods:
        months = range(period.starts_on.month, period.ends_on.month + 1)
        for department in ("D1", "D2", "D3"):
            group = department if asked.group_by is Group.DEPARTMENT else None
            n = sum(PEOPLE.get(month, {}).get(department, 0) for month in months)
            found[period, group] = found.get((period, group), 0) + n
    return [ratio(cell, 4.0 * found[cell], found[cell], found[cell]) for cell in cells(asked, periods, found)]


@pytest.fixture
async def stage(start_service, monkeypatch):
    metric = Metric(
        code="pulse",
        version=1,
        unit="rating",
        kind="ratio",
        title=Said("Pulse", "脉搏"),
        definition=Said("What people answered.", "问卷结果。"),
        compute=answered,
        groups=frozenset({Group.DEPARTMENT}),
        grains=(Grain.MONTH, Grain.QUARTER),
        ranges=False,
        protected=True,
        staffed=False,
    )
    monkeypatch.setitem(METRICS, "pulse", metric)
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Counted(harness)
        await stage.open()
        await stage.prepare()
        yield stage


def test_no_metric_is_made_of_single_answers_before_such_metrics_are_frozen():
    """Decision 0043: what came late would be told by the difference of two answers."""
    assert not [metric.code for metric in METRICS.values() if metric.protected]


def shown(values):
    return [(one["from"][5:7], one["group"], one["n"]) for one in values if not one["suppressed"] and one["n"] != 0]


def hidden(values):
    return [one for one in values if one["suppressed"]]


async def test_a_month_of_few_is_hidden_with_another_of_its_quarter_so_that_nothing_can_be_subtracted(stage):
    stage.harness.clock.now = AFTER_THE_QUARTER
    months = await stage.values("pulse", "2024-01-01", "2024-05-06", grain="month")
    assert shown(months) == [("01", None, 20), ("02", None, 18), ("03", None, 9)]
    assert [(one["value"], one["n"]) for one in hidden(months)] == [(None, None)] * 2
    # The quarter of both together says of nobody what they answered.
    assert shown(await stage.values("pulse", "2024-01-01", "2024-05-06", grain="quarter")) == [
        ("01", None, 47),
        ("04", None, 11),
    ]


async def test_a_month_asked_for_alone_is_hidden_as_it_is_among_others(stage):
    stage.harness.clock.now = AFTER_THE_QUARTER
    (april,) = await stage.values("pulse", "2024-04-01", "2024-04-30")
    (may,) = await stage.values("pulse", "2024-05-01", "2024-05-31", grain="month")
    assert (april["suppressed"], may["suppressed"], may["value"], may["n"]) == (True, True, None, None)


async def test_who_asks_each_day_does_not_learn_what_those_answered_who_came_in_between(stage, monkeypatch):
    told = []
    for month, there in ((4, 6), (4, 7), (5, 8), (5, 9), (6, 1)):
        monkeypatch.setitem(PEOPLE, month, {"D1": there})
        for grain in ("month", "quarter"):
            for query in ({}, {"group_by": "department"}):
                told += shown(await stage.values("pulse", "2024-04-01", "2024-06-30", grain=grain, **query))
    assert told == []


async def test_a_month_is_shown_once_it_is_known_what_is_hidden_with_it(stage, monkeypatch):
    # Had April's seven been told in May, June's one would be what is left of a quarter without them.
    monkeypatch.setitem(PEOPLE, 4, {"D1": 7})
    monkeypatch.setitem(PEOPLE, 6, {"D1": 1})
    assert shown(await stage.values("pulse", "2024-04-01", "2024-04-30")) == []
    stage.harness.clock.now = AFTER_THE_QUARTER
    assert [one[0] for one in shown(await stage.values("pulse", "2024-04-01", "2024-06-30", grain="month"))] == ["05"]
    assert shown(await stage.values("pulse", "2024-04-01", "2024-06-30", grain="quarter")) == [("04", None, 16)]


async def test_a_department_of_few_is_hidden_in_the_whole_quarter_with_another_one(stage):
    query = {"grain": "month", "group_by": "department"}
    by_month = await stage.values("pulse", "2024-01-01", "2024-03-31", **query)
    by_quarter = await stage.values("pulse", "2024-01-01", "2024-03-31", **query | {"grain": "quarter"})
    # Three of D2 answered in February; without D3 as well they would be what is left.
    assert {group for _, group, _ in (*shown(by_month), *shown(by_quarter))} == {"D1"}
    assert {one["group"] for one in hidden(by_quarter)} == {"D2", "D3"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"from": "2024-01-01", "to": "2024-02-15"}, "grain_needed"),
        ({"from": "2024-01-01", "to": "2024-02-29", "grain": "day"}, "no_such_grain"),
        ({"from": "2024-01-01", "to": "2024-02-29", "grain": "week"}, "no_such_grain"),
        ({"from": "2024-01-01", "to": "2024-01-31", "staff": "true"}, "staff_apart"),
        ({"from": "2024-01-01", "to": "2024-01-31", "group_by": "job_grade"}, "no_such_group"),
    ],
)
async def test_no_other_days_and_no_other_dimension_are_answered(stage, query, code):
    response = await stage.operator.get("/v1/metrics/pulse", params=stage.here | query)
    assert (response.status_code, [one["code"] for one in response.json()["errors"]]) == (422, [code])


async def test_a_dashboard_an_export_and_a_goal_hide_the_same(stage):
    days = {"from": "2024-04-01", "to": "2024-04-30"}
    dashboard = await stage.operator.get("/v1/metrics/values", params=stage.here | days | {"codes": "pulse"})
    assert [one["value"] for one in dashboard.json()["items"][0]["items"]] == [None]
    job = await stage.operator.post(
        "/v1/reports/exports", json=stage.here | days | {"subject": "metric", "code": "pulse"}
    )
    await stage.harness.run_jobs()
    file = await stage.operator.get(job.headers["Location"] + "/file")
    assert file.text.splitlines()[1].split(",")[4:10] == ["2024-04-01", "2024-04-30", "", "", "", ""]
    goal = await stage.operator.post(
        "/v1/goals",
        json=stage.here
        | {"title": "好评", "horizon": "short", "due_on": "2024-06-30", "relevance": "大家愿意来。", "target": 4.5}
        | {"metric": {"code": "pulse"}},
    )
    assert goal.status_code == 201, goal.text
    assert [goal.json()[name] for name in ("value", "n", "baseline")] == [None, None, None]
