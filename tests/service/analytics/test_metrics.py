"""Metrics through the API: definitions, values by period, what may be asked."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from chassis.ids import new_id
from chassis.testing import SettableClock
from services.analytics.definition import definition
from services.analytics.metrics.marks import MARKS
from tests.service.analytics.counted import Counted
from tests.service.stage import JOINED, NOON


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Counted(harness)
        await stage.open()
        await stage.prepare()
        yield stage


async def test_every_metric_has_a_definition_with_a_version_in_the_readers_language(stage):
    listed = (await stage.operator.get("/v1/metrics", params=stage.here)).json()["items"]
    chinese = await stage.operator.get("/v1/metrics", params=stage.here, headers={"Accept-Language": "zh-CN"})
    in_chinese = {one["code"]: one for one in chinese.json()["items"]}
    assert {"members", "joined", "left", "active_members"} <= {one["code"] for one in listed}
    for one in listed:
        assert one["version"] >= 1
        assert one["title"].isascii(), one["code"]
        assert one["definition"].isascii(), one["code"]
        assert not in_chinese[one["code"]]["title"].isascii()
        assert not in_chinese[one["code"]]["definition"].isascii()


async def test_members_are_a_stock_at_the_end_of_the_period_and_the_operator_is_none_unless_asked(stage):
    one, *_ = await stage.members(3, joined_at=JOINED)
    stage.harness.clock.now = NOON
    await stage.leaves(one, at=NOON - timedelta(days=1))
    values = await stage.values("members", "2023-12-31", "2024-05-06", grain="month")
    assert [item["value"] for item in values] == [0, 3, 3, 3, 3, 2]
    assert [(values[0]["from"], values[0]["to"])] == [("2023-12-01", "2023-12-31")]
    assert (await stage.values("members", "2024-05-06", "2024-05-06", staff=True))[0]["value"] == 3


async def test_a_period_that_has_not_begun_is_not_answered(stage):
    values = await stage.values("members", "2024-05-06", "2024-12-31", grain="quarter")
    assert [item["to"] for item in values] == ["2024-06-30"]


async def test_departments_come_with_their_names_and_what_says_itself_without(stage):
    await stage.member()
    await stage.tell_department("D1", "销售部")
    await stage.tell_department("D9", "没有成员的部门")
    asked = stage.here | {"from": "2024-04-01", "to": "2024-04-30"}
    by_department = (await stage.operator.get("/v1/metrics/members", params=asked | {"group_by": "department"})).json()
    assert by_department["group_details"] == [{"group": "D1", "name": "销售部"}]
    by_grade = (await stage.operator.get("/v1/metrics/members", params=asked | {"group_by": "job_grade"})).json()
    assert by_grade["group_details"] == []


async def test_cohorts_and_channels_come_with_their_names_and_of_several_campaigns_the_latest(stage):
    spring, unknown = new_id(), new_id()
    await stage.member(cohort_id=spring, channel="im")
    await stage.member(cohort_id=unknown, channel="poster")
    await stage.tell_cohort(spring, "一期")
    await stage.tell_cohort(spring, "春季班")
    await stage.tell_campaign(new_id(), im="企业微信群")
    stage.harness.clock.advance(timedelta(days=1))
    await stage.tell_campaign(new_id(), im="企业微信", forum="论坛")
    asked = stage.here | {"from": "2024-04-01", "to": "2024-04-30"}
    by_cohort = (await stage.operator.get("/v1/metrics/members", params=asked | {"group_by": "cohort"})).json()
    assert by_cohort["group_details"] == [{"group": str(spring), "name": "春季班"}]
    assert {item["group"] for item in by_cohort["items"]} == {str(spring), str(unknown)}
    by_channel = (await stage.operator.get("/v1/metrics/members", params=asked | {"group_by": "channel"})).json()
    assert by_channel["group_details"] == [{"group": "im", "name": "企业微信"}]


async def test_who_moves_is_counted_where_they_worked_at_the_end_of_each_period(stage):
    one = await stage.member()
    await stage.moves(one, "D2", at=NOON - timedelta(days=10))
    values = await stage.values("members", "2024-04-01", "2024-05-01", grain="month", group_by="department")
    assert [(item["from"], item["group"], item["value"]) for item in values] == [
        ("2024-04-01", "D2", 1),
        ("2024-05-01", "D2", 1),
    ]
    before = await stage.values("members", "2024-02-01", "2024-03-31", grain="month", group_by="department")
    assert [(item["from"], item["group"], item["value"]) for item in before] == [
        ("2024-02-01", "D1", 1),
        ("2024-03-01", "D1", 1),
    ]


@pytest.mark.parametrize(
    ("code", "query", "status", "wrong"),
    [
        ("members", {"to": "2023-12-31"}, 422, ("#/query/to", "before_from")),
        ("members", {"to": "2025-12-31", "grain": "day"}, 422, ("#/query/to", "too_many_periods")),
        ("members", {"to": "2124-01-01"}, 422, ("#/query/to", "too_long")),
        ("members", {"group_by": "tag"}, 422, ("#/query/group_by", "no_such_group")),
        ("members", {"working": True}, 422, ("#/query/working", "no_working_time")),
        ("happiness", {}, 404, None),
    ],
)
async def test_what_a_metric_does_not_have_is_refused_by_name(stage, code, query, status, wrong):
    asked = stage.here | {"from": "2024-01-01", "to": "2024-01-31"} | query
    for language in ("en", "zh-CN"):
        response = await stage.operator.get(f"/v1/metrics/{code}", params=asked, headers={"Accept-Language": language})
        assert response.status_code == status
        if wrong is None:
            assert response.json()["code"] == "unknown_metric"
        else:
            (error,) = response.json()["errors"]
            assert (error["pointer"], error["code"]) == wrong
            assert error["detail"].isascii() is (language == "en")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_parts_are_listed_with_what_they_are_called_and_what_they_are_in(stage, language):
    listed = await stage.operator.get("/v1/metrics", params=stage.here, headers={"Accept-Language": language})
    metrics = {one["code"]: one for one in listed.json()["items"]}
    for one in metrics.values():
        assert [part["part"] for part in one["part_details"]] == one["parts"]
        assert {part["title"].isascii() for part in one["part_details"]} <= {language == "en"}
    units = {part["part"]: part["unit"] for part in metrics["content_interest"]["part_details"]}
    assert units == {"reads": "deeds", "finishing": "share", "rating": "rating", "reactions": "deeds"}
    assert {part["unit"] for part in metrics["response_time"]["part_details"]} == {"seconds"}


async def test_a_dashboard_is_one_call_and_compares_whole_months_with_as_many_months(stage):
    await stage.members(2)
    response = await stage.operator.get(
        "/v1/metrics/values",
        params=stage.here
        | {"codes": "members,joined", "from": "2024-03-01", "to": "2024-04-30", "compare": "previous"},
    )
    found = response.json()
    assert response.status_code == 200
    assert found["previous"] == {"from": "2024-01-01", "to": "2024-02-29"}
    assert [(one["code"], one["items"][0]["value"], one["previous"][0]["value"]) for one in found["items"]] == [
        ("members", 2, 2),
        ("joined", 0, 2),
    ]


async def test_a_dashboard_names_the_code_that_there_is_not(stage):
    response = await stage.operator.get(
        "/v1/metrics/values",
        params=stage.here | {"codes": "members,happiness", "from": "2024-03-01", "to": "2024-04-30"},
    )
    (error,) = response.json()["errors"]
    assert (response.status_code, error["pointer"], error["code"]) == (422, "#/query/codes", "unknown_metric")
    assert "happiness" in error["detail"]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_a_dashboard_says_which_of_its_metrics_have_whole_periods_alone(stage, language):
    asked = stage.here | {"codes": "members,culture", "from": "2024-03-02", "to": "2024-04-30"}
    response = await stage.operator.get("/v1/metrics/values", params=asked, headers={"Accept-Language": language})
    (error,) = response.json()["errors"]
    assert (response.status_code, error["pointer"], error["code"]) == (422, "#/query/codes", "whole_periods_alone")
    assert "culture" in error["detail"]
    assert error["detail"].isascii() is (language == "en")
    whole = asked | {"from": "2024-03-01", "to": "2024-03-31", "compare": "previous"}
    assert (await stage.operator.get("/v1/metrics/values", params=whole)).status_code == 200


async def test_a_dashboard_has_at_most_twenty_metrics(stage):
    response = await stage.operator.get(
        "/v1/metrics/values",
        params=stage.here
        | {"codes": ",".join(f"m{number}" for number in range(21)), "from": "2024-03-01", "to": "2024-04-30"},
    )
    (error,) = response.json()["errors"]
    assert (response.status_code, error["code"]) == (422, "too_many_codes")


async def test_plain_members_read_no_metrics(stage):
    one = await stage.member()
    response = await one.client.get("/v1/metrics", params=stage.here)
    assert response.status_code == 403


async def test_whatever_comes_first_of_a_member_and_their_department_is_counted_alike(stage):
    early = await stage.member(joined_at=JOINED)
    await stage.moves(early, "D3", at=JOINED + timedelta(days=40), version=9)
    await stage.moves(early, "D2", at=JOINED + timedelta(days=20), version=8)
    values = await stage.values("members", "2024-01-15", "2024-02-29", grain="month", group_by="department")
    assert [(item["from"], item["group"]) for item in values] == [("2024-01-01", "D2"), ("2024-02-01", "D3")]


async def touched(stage):
    async with stage.harness.runtime.database.reading() as session:
        return (await session.execute(select(MARKS.c.touched))).scalar_one()


async def test_a_new_name_of_the_community_counts_nobody_anew_and_another_day_does(stage):
    await stage.member(joined_at=datetime(2024, 3, 1, 17, tzinfo=UTC))
    before = await touched(stage)
    await stage.change(name="读书会二期")
    assert await touched(stage) == before
    assert [one["value"] for one in await stage.values("members", "2024-03-01", "2024-03-02", grain="day")] == [0, 1]
    await stage.harness.deliver(*await stage.told_from_the_beginning(time_zone="UTC"))
    assert await touched(stage) > before
    assert [one["value"] for one in await stage.values("members", "2024-03-01", "2024-03-02", grain="day")] == [1, 1]


async def test_who_is_heard_of_before_their_community_is_counted_by_its_days(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Counted(harness)
        # Half past one at night in Shanghai.
        await stage.member(joined_at=datetime(2024, 3, 1, 17, 30, tzinfo=UTC))
        await stage.open()
        await stage.prepare()
        values = await stage.values("members", "2024-03-01", "2024-03-02", grain="day")
        assert [one["value"] for one in values] == [0, 1]
