"""Metrics that are reported: defined by the operator, said by hand, by a program or from a file, corrected without losing what was said."""

from datetime import time

import pytest

from chassis.testing import SettableClock
from services.analytics.definition import definition
from tests.service.analytics.counted import Counted
from tests.service.stage import NOON

PATH = "/v1/metrics/followers/values"


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Counted(harness)
        await stage.open()
        await stage.prepare()
        await define(stage)
        yield stage


async def define(stage, code="followers", **body):
    said = {"code": code, "name": "公众号粉丝", "unit": "人", "source": "公众号后台"} | body
    return await stage.operator.post("/v1/metrics", json=stage.here | said)


async def report(stage, at, value, client=None, **body):
    said = {"at": at, "value": value} | body
    return await (client or stage.operator).post(PATH, json=stage.here | said)


async def history(stage):
    listed = await stage.operator.get(PATH, params=stage.here)
    return [(one["value"], one["revision"], one["current"]) for one in listed.json()["items"]]


async def test_a_metric_of_the_community_is_listed_with_its_source(stage):
    listed = (await stage.operator.get("/v1/metrics", params=stage.here)).json()["items"]
    assert [(one["code"], one["title"], one["unit"], one["kind"], one["source"]) for one in listed[-1:]] == [
        ("followers", "公众号粉丝", "人", "reported", "公众号后台")
    ]


async def test_a_code_is_taken_once_and_never_one_of_the_products_own(stage):
    assert (await define(stage)).json()["code"] == "already_exists"
    for code in ("active_members", "values", "imports"):
        response = await define(stage, code)
        assert (response.status_code, response.json()["errors"][0]["code"]) == (422, "reserved_code")


async def test_the_last_value_of_a_period_counts_and_a_period_without_one_has_none(stage):
    for at, value in [("2024-02-28T09:00:00Z", 100), ("2024-02-02T09:00:00Z", 90), ("2024-04-30T16:30:00Z", 130)]:
        assert (await report(stage, at, value)).status_code == 201
    values = await stage.values("followers", "2024-02-01", "2024-05-06", grain="month")
    # Half past midnight on the first of May in Shanghai.
    assert [(one["value"], one["n"]) for one in values] == [(100, 2), (None, 0), (None, 0), (130, 1)]
    assert [(one["value"], one["n"]) for one in await stage.values("followers", "2024-02-01", "2024-05-06")] == [
        (130, 3)
    ]


async def test_a_correction_keeps_the_old_value_and_saying_the_same_again_changes_nothing(stage):
    first = await report(stage, "2024-05-01T00:00:00Z", 100)
    again = await report(stage, "2024-05-01T08:00:00+08:00", 100)
    assert (first.status_code, again.status_code, again.json()["id"]) == (201, 200, first.json()["id"])
    assert (await report(stage, "2024-05-01T00:00:00Z", 101, note="重新统计")).status_code == 201
    assert await history(stage) == [(101, 2, True), (100, 1, False)]
    assert [one["value"] for one in await stage.values("followers", "2024-05-01", "2024-05-01")] == [101]


async def test_a_program_reports_and_is_named(stage):
    program = stage.service("metric_values.write")
    assert (await report(stage, "2024-05-01T00:00:00Z", 7, program)).json()["by"]["kind"] == "service"


async def test_what_is_reported_counts_nobody_with_staff_or_without(stage):
    days = {"from": "2024-05-01", "to": "2024-05-01", "staff": True}
    refused = await stage.operator.get("/v1/metrics/followers", params=stage.here | days)
    assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [("#/query/staff", "nobody_counted")]


async def test_who_reported_is_named_as_the_member_they_are(stage):
    said = (await report(stage, "2024-05-01T00:00:00Z", 7)).json()
    listed = (await stage.operator.get(PATH, params=stage.here)).json()["items"]
    for one in (said, *listed):
        assert one["community_id"] == stage.here["community_id"]
        assert one["by"]["member_id"] is not None


async def test_what_is_computed_or_unknown_or_to_come_is_not_reported(stage):
    body = stage.here | {"at": "2024-05-01T00:00:00Z", "value": 1}
    computed = await stage.operator.post("/v1/metrics/active_members/values", json=body)
    unknown = await stage.operator.post("/v1/metrics/happiness/values", json=body)
    future = await report(stage, "2024-05-06T04:00:01Z", 1)
    assert (computed.status_code, computed.json()["code"]) == (409, "computed_metric")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_metric")
    assert (future.status_code, future.json()["errors"][0]["code"]) == (422, "in_the_future")
    assert await history(stage) == []


async def test_a_community_has_no_more_than_a_hundred_of_its_own(stage):
    for number in range(99):
        assert (await define(stage, f"m{number}")).status_code == 201
    response = await define(stage, "one_more")
    assert (response.status_code, response.json()["code"], response.json()["limit"]) == (409, "too_many_metrics", 100)


async def test_values_move_with_the_communitys_day(stage):
    await report(stage, "2024-04-30T17:00:00Z", 5)
    await stage.change(day_starts_at=time(3))
    assert (await stage.values("followers", "2024-05-01", "2024-05-01"))[0]["value"] == 5
    # What was so from the beginning is told late.
    await stage.harness.deliver(*await stage.told_from_the_beginning(day_starts_at=time(3)))
    assert (await stage.values("followers", "2024-04-30", "2024-04-30"))[0]["value"] == 5


async def imported(stage, *rows, header="code,at,value,note"):
    client = stage.service("metric_values.write")
    response = await client.post(
        "/v1/metrics/imports",
        params=stage.here,
        content="\n".join([header, *rows]).encode(),
        headers={"Content-Type": "text/csv"},
    )
    assert response.status_code == 202, response.text
    await stage.harness.run_jobs()
    job = (await client.get(response.headers["Location"])).json()
    errors = (await client.get(f"{response.headers['Location']}/errors")).json()["items"]
    return job["result"], [(error["row"], error["code"]) for error in errors]


async def test_a_file_reports_and_corrects_and_the_same_file_again_changes_nothing(stage):
    rows = ['followers,2024-03-01T09:00:00,"1,280",公众号后台', "followers,2024-04-01 09:00,1300,"]
    counts, errors = await imported(stage, *rows)
    assert (counts["created"], errors) == (2, [])
    counts, _ = await imported(stage, *rows)
    assert (counts["created"], counts["changed"], counts["unchanged"]) == (0, 0, 2)
    counts, _ = await imported(stage, "followers,2024-03-01T09:00:00,1281,")
    assert (counts["created"], counts["changed"]) == (0, 1)
    assert await history(stage) == [(1300, 1, True), (1281, 2, True), (1280, 1, False)]


async def test_a_file_without_notes_changes_none_and_an_empty_one_says_that_there_is_none(stage):
    at = "2024-03-01T09:00:00"
    await imported(stage, f"followers,{at},1280,公众号后台")
    counts, _ = await imported(stage, f"followers,{at},1280", header="code,at,value")
    assert (counts["changed"], counts["unchanged"]) == (0, 1)
    await imported(stage, f"followers,{at},1281", header="code,at,value")
    counts, _ = await imported(stage, f"followers,{at},1281,")
    assert counts["changed"] == 1
    listed = (await stage.operator.get(PATH, params=stage.here)).json()["items"]
    assert [(one["value"], one["note"]) for one in listed] == [(1281, None), (1281, "公众号后台"), (1280, "公众号后台")]


async def test_rows_that_say_no_value_are_refused_by_name(stage):
    _, errors = await imported(
        stage,
        "followers,2024-03-01T09:00:00,many,",
        "followers,2024-03-01T09:00:00,nan,",
        "happiness,2024-03-01T09:00:00,1,",
        "followers,2034-03-01T09:00:00,1,",
        "active_members,2024-03-01T09:00:00,1,",
    )
    assert sorted(errors) == [
        (2, "invalid_value"),
        (3, "invalid_value"),
        (4, "unknown_metric"),
        (5, "in_the_future"),
        (6, "unknown_metric"),
    ]
    assert await history(stage) == []


@pytest.mark.parametrize(
    "written",
    [
        "1e308",
        "-1e16",
        "1e999",
        "inf",
        "Infinity",
        "1_000",
        '"1,5"',
        '"1,28,0"',
        '"12,3456"',
        "٣",
        "1e",
        "0x10",
        "45%",
        "=1+1",
    ],
)
async def test_what_is_no_number_that_one_could_report_is_refused_in_a_file_too(stage, written):
    _, errors = await imported(stage, f"followers,2024-03-01T09:00:00,{written},")
    assert errors == [(2, "invalid_value")]
    assert await history(stage) == []


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ('"1,234,567.5"', 1234567.5),
        ("１２３４", 1234),
        ("１，２３４．５", 1234.5),
        ("1.28E3", 1280),
        ("-.5", -0.5),
        ("1e15", 1e15),
    ],
)
async def test_numbers_are_taken_as_people_and_spreadsheets_write_them(stage, written, value):
    _, errors = await imported(stage, f"followers,2024-03-01T09:00:00,{written},")
    assert (errors, await history(stage)) == ([], [(value, 1, True)])
