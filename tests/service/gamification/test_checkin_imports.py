"""The import of check-ins."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from chassis.jobs import LeaseLost
from chassis.testing import SettableClock
from services.gamification.checkins.imports import CheckinBatch, checkin_import
from services.gamification.definition import definition
from tests.service.gamification.stage import NOON, Stage


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Stage(harness)
        await stage.open()
        yield stage


async def wallet(one):
    return (await one.client.get(f"/v1/wallets/{one.id}")).json()


def rows(one, *days, hour=12):
    return [f"{one.employee_no},2024-03-{day:02d}T{hour:02d}:00:00+08:00,," for day in days]


async def test_history_is_paid_at_its_own_time_and_told_as_history(stage):
    member = await stage.member()
    job = await stage.import_csv(*rows(member, *range(1, 9)))
    assert (job["state"], job["done"], job["failed"]) == ("succeeded", 8, 0)
    assert job["result"] == {"created": 8, "changed": 0, "unchanged": 0}
    assert (await wallet(member))["xp"] == 8 * 5 + 20
    told = await stage.harness.published("checkin.recorded")
    assert all(each.backfill and each.data["origin"] == "imported" for each in told)
    assert [each.data["day"] for each in told] == [f"2024-03-{day:02d}" for day in range(1, 9)]
    (reached,) = await stage.harness.published("streak.reached")
    assert reached.backfill
    assert reached.occurred_at == datetime(2024, 3, 7, 4, tzinfo=UTC)


async def test_nobody_is_congratulated_today_on_points_a_level_or_a_badge_of_a_history(stage):
    owner, member = await stage.member(roles=("owner",)), await stage.member()
    badge = {"community_id": str(stage.community_id), "code": "regular", "name_zh": "常客", "name_en": "Regular"}
    criteria = [{"counter": "checkins", "at_least": 14}, {"counter": "xp", "at_least": 100}]
    body = badge | {"match": "any", "criteria": criteria}
    assert (await owner.client.post("/v1/badges", json=body)).status_code == 201
    await stage.import_csv(*rows(member, *range(1, 15)))
    # Joining is of today, and pays no xp.
    paid = [each for each in await stage.harness.published("points.awarded") if each.data["xp"]]
    assert sum(each.data["xp"] for each in paid) == 14 * 5 + 2 * 20
    (promoted,) = await stage.harness.published("level.promoted")
    assert all(each.backfill for each in (*paid, promoted))
    assert await stage.harness.published("badge.awarded") == []
    await stage.check_in(member)
    assert not (await stage.harness.published("points.awarded"))[-1].backfill
    (awarded,) = await stage.harness.published("badge.awarded")
    assert not awarded.backfill


async def test_running_it_again_and_again_changes_nothing(stage):
    member = await stage.member()
    lines = rows(member, *range(1, 20))
    await stage.import_csv(*lines)
    before = (await wallet(member), await stage.harness.published())
    for _ in range(2):
        job = await stage.import_csv(*reversed(lines))
        assert job["result"] == {"created": 0, "changed": 0, "unchanged": 19}
    assert (await wallet(member), await stage.harness.published()) == before


async def test_two_moments_of_a_day_count_once_and_the_first_wins(stage):
    member = await stage.member()
    job = await stage.import_csv(*rows(member, 5, hour=15), *rows(member, 5, hour=9), *rows(member, 5, hour=22))
    assert job["result"] == {"created": 1, "changed": 0, "unchanged": 2}
    (told,) = await stage.harness.published("checkin.recorded")
    assert told.occurred_at == datetime(2024, 3, 5, 1, tzinfo=UTC)


async def test_a_late_day_moves_the_bonus_to_its_own_day(stage):
    member = await stage.member()
    await stage.import_csv(*rows(member, 1, 2, 3, *range(5, 12)))
    assert (await wallet(member))["xp"] == 10 * 5 + 20
    await stage.import_csv(*rows(member, 4))
    assert (await wallet(member))["xp"] == 11 * 5 + 20
    entries = (
        await member.client.get("/v1/ledger-entries", params={"member_id": str(member.id), "limit": 100})
    ).json()["items"]
    bonuses = sorted(
        (each["occurred_at"][:10], each["amount"])
        for each in entries
        if each["currency"] == "xp" and abs(each["amount"]) == 20
    )
    assert bonuses == [("2024-03-07", 20), ("2024-03-11", -20), ("2024-03-11", 20)]


async def test_a_bonus_taken_back_is_paid_again_when_it_is_due_again(stage):
    member = await stage.member()
    await stage.import_csv(*rows(member, *range(5, 12)))
    await stage.import_csv(*rows(member, 4))
    assert (await wallet(member))["xp"] == 8 * 5 + 20
    await stage.import_csv(*rows(member, *range(1, 4)))
    await stage.import_csv(*rows(member, *range(12, 15)))
    assert (await wallet(member))["xp"] == 14 * 5 + 2 * 20


@pytest.mark.slow
async def test_any_order_of_arrival_ends_the_same(stage):
    days = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 19, 20]
    one, two, three = await stage.members(3)
    await stage.import_csv(*rows(one, *days))
    for day in reversed(days):
        await stage.import_csv(*rows(two, day))
    await stage.import_csv(*rows(three, *days[::2]))
    await stage.import_csv(*rows(three, *days[1::2]))
    ends = [
        {name: value for name, value in (await wallet(member)).items() if name in ("points", "xp", "level", "streak")}
        for member in (one, two, three)
    ]
    assert ends[0] == ends[1] == ends[2]
    board = await stage.board(one.client, period="all_time")
    assert {item["score"] for item in board["items"]} == {ends[0]["xp"]}


async def test_rows_that_cannot_be_are_errors_and_the_others_count(stage):
    member = await stage.member(joined_at=datetime(2024, 3, 3, tzinfo=UTC))
    job = await stage.import_csv(
        f"{member.employee_no},2024-03-02T10:00:00Z,,",
        f"{member.employee_no},2024-05-06T04:00:01Z,,",
        "NOBODY,2024-03-05T10:00:00Z,,",
        f"{member.employee_no},yesterday,,",
        "1.23E+10,2024-03-05T10:00:00Z,,",
        f"{member.employee_no},2024-03-05T10:00:00Z,good,",
    )
    assert sorted(job["errors"]) == [
        (2, "before_joining"),
        (3, "in_the_future"),
        (4, "unknown_member"),
        (5, "not_a_time"),
        (6, "mangled_number"),
    ]
    assert (job["state"], job["done"], job["failed"], job["total"]) == ("succeeded", 6, 5, 6)
    assert job["result"] == {"created": 1, "changed": 0, "unchanged": 0}


async def test_a_source_reference_counts_once(stage):
    member = await stage.member()
    await stage.import_csv(f"{member.employee_no},2024-03-05T10:00:00Z,,post-1")
    job = await stage.import_csv(f"{member.employee_no},2024-03-09T10:00:00Z,,post-1")
    assert job["result"] == {"created": 0, "changed": 0, "unchanged": 1}


async def test_a_dry_run_counts_and_writes_nothing(stage):
    member = await stage.member()
    job = await stage.import_csv(*rows(member, 1, 2), dry_run=True)
    assert job["result"] == {"created": 2, "changed": 0, "unchanged": 0}
    assert await stage.harness.published("checkin") == []


async def test_ndjson_is_read_too(stage):
    member = await stage.member()
    content = b"\n".join(
        orjson.dumps(
            {"employee_no": member.employee_no.lower(), "occurred_at": f"2024-03-0{day}T04:00:00Z", "note": "n"}
        )
        for day in (1, 2)
    )
    job = await stage.import_content(content, "application/x-ndjson")
    assert job["result"] == {"created": 2, "changed": 0, "unchanged": 0}


async def test_an_unusable_file_is_refused_at_once(stage):
    client = stage.service("checkins.import")
    for content, status in ((b"name\nx", 422), (b"", 422)):
        response = await client.post(
            "/v1/checkins/imports",
            params={"community_id": str(stage.community_id)},
            content=content,
            headers={"Content-Type": "text/csv"},
        )
        assert response.status_code == status


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
async def test_the_file_offered_for_filling_in_can_be_imported(stage, file_format):
    client = stage.service("checkins.import")
    params = {"community_id": str(stage.community_id)}
    offered = await client.get("/v1/checkins/imports/template", params=params | {"format": file_format})
    assert offered.headers["Content-Disposition"] == f'attachment; filename="checkins.{file_format}"'
    answer = await client.post(
        "/v1/checkins/imports",
        params=params,
        content=offered.content,
        headers={"Content-Type": offered.headers["Content-Type"]},
    )
    assert answer.status_code == 202


async def test_a_member_may_not_import(stage):
    member = await stage.member()
    response = await member.client.post(
        "/v1/checkins/imports",
        params={"community_id": str(stage.community_id)},
        content=b"employee_no,occurred_at\nE00001,2024-03-01T04:00:00Z",
        headers={"Content-Type": "text/csv"},
    )
    assert response.status_code == 403


async def test_an_import_killed_half_way_goes_on_where_it_stopped(stage, monkeypatch):
    members = await stage.members(4)
    monkeypatch.setattr(checkin_import, "rows_per_step", 10)
    lines = [line for member in members for line in rows(member, *range(1, 11))]
    lines[5] = "NOBODY,2024-03-05T10:00:00Z,,"
    location = await stage.start_import(
        "\n".join(["employee_no,occurred_at,note,source_ref", *lines]).encode(), "text/csv"
    )
    steps = 0
    write = CheckinBatch.write

    async def die_in_the_third(self):
        nonlocal steps
        steps += 1
        await write(self)
        if steps == 3:
            raise LeaseLost

    monkeypatch.setattr(CheckinBatch, "write", die_in_the_third)
    await stage.harness.run_jobs()
    assert (await stage.job(location))["done"] == 20
    stage.harness.clock.advance(timedelta(minutes=5))
    await stage.harness.run_jobs()
    job = await stage.job(location)
    assert (job["state"], job["done"], job["failed"]) == ("succeeded", 40, 1)
    assert job["errors"] == [(7, "unknown_member")]
    assert job["result"] == {"created": 39, "changed": 0, "unchanged": 0}
    assert len(await stage.harness.published("checkin.recorded")) == 39


async def test_imports_are_listed_to_who_started_them_and_all_of_the_community_to_its_owner(stage):
    owner = await stage.member(roles=("owner",))
    member = await stage.member()
    await stage.import_csv(*rows(member, 1))
    stage.harness.clock.advance(timedelta(minutes=1))
    own = await owner.client.post(
        "/v1/checkins/imports",
        params={"community_id": str(stage.community_id)},
        content="\n".join(["employee_no,occurred_at,note,source_ref", *rows(member, 2)]),
        headers={"Content-Type": "text/csv"},
    )

    async def listed(client, **query):
        answer = await client.get("/v1/checkins/imports", params={"community_id": str(stage.community_id)} | query)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    everyones = await listed(owner.client)
    assert everyones[0] == own.json()["id"]
    assert len(everyones) == 2
    assert await listed(owner.client, mine=True) == everyones[:1]
    assert await listed(stage.service("checkins.import")) == everyones[1:]
    stranger = await member.client.get("/v1/checkins/imports", params={"community_id": str(stage.community_id)})
    assert stranger.status_code == 403


async def test_what_was_wrong_with_a_row_names_no_e_mail_and_no_phone(stage):
    member = await stage.member()
    location = await stage.start_import(
        f"employee_no,occurred_at\n{member.employee_no},zhang.wei@corp.example\n{member.employee_no},13800138000".encode(),
        "text/csv",
    )
    await stage.harness.run_jobs()
    errors = (await stage.service("checkins.import").get(f"{location}/errors")).json()["items"]
    assert len(errors) == 2
    assert not [error for error in errors if "corp.example" in error["text"] or "138" in error["text"]]
