"""Enrolment by rule: who matches joins, who was a member is left alone, and nobody is removed by machine."""

import asyncio
from datetime import datetime, time, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from chassis.messaging.outbox import emit_many
from services.membership.enrolment import queries, rules, service
from services.membership.enrolment.models import EnrolmentRound
from services.membership.enrolment.rules import Employee, rule_of
from services.membership.people.models import Person
from services.membership.roster.models import Member
from tests.service.membership.scene import DAY

MANAGERS = {"departments": ["D1"], "job_grades": ["M1", "M2"]}


@pytest.fixture
async def departments(scene):
    """D1 with D11 below it, and D2."""
    for code, parent in (("D1", None), ("D11", "D1"), ("D2", None)):
        await scene.send(scene.admin, "/v1/departments", {"code": code, "name": code, "parent_code": parent})


@pytest.fixture
async def community(scene, departments):
    """An open community with a rule, which is not switched on."""
    made = await scene.community(join="campaign")
    await assign(scene, made, MANAGERS)
    return made


def day(scene, days=0):
    return (scene.harness.clock() + timedelta(hours=8) + days * DAY).date().isoformat()


async def assign(scene, community, rule, *, by="owner", status=200):
    return await scene.change(scene.again(by), f"/v1/communities/{community['id']}", {"assigned": rule}, status=status)


async def switch_on(scene, community):
    await scene.change(scene.again("owner"), f"/v1/communities/{community['id']}", {"join": "assigned"})
    await scene.harness.run_timers()


async def change(scene, name, **fields):
    await scene.change(scene.admin, f"/v1/people/{scene.people[name]}", fields)


async def roster(scene, community, **query):
    listed = await scene.see(scene.again("owner"), "/v1/members", community_id=community["id"], limit=100, **query)
    return {one["display_name"] for one in listed["items"]} - {"owner"}


async def enrolment(scene, community, what="", **query):
    found = await scene.see(scene.again("owner"), f"/v1/communities/{community['id']}/enrolment{what}", **query)
    return found if not what else found["items"]


async def gone_by_rule(scene, community):
    return [one["member"]["display_name"] for one in await enrolment(scene, community, "/no-longer-matching")]


# --- the rule ------------------------------------------------------------------------------------------------------


async def test_before_it_is_switched_on_it_says_how_many_would_join_and_who(scene, community):
    await scene.client("甲", department_code="D11", job_grade="M1")
    await scene.client("乙", department_code="D1", job_grade="P5")
    await scene.client("丙", department_code="D2", job_grade="M1")
    await scene.client("丁", department_code="D1", job_grade="M2", kind="external")
    await scene.harness.run_timers()
    shown = await enrolment(scene, community)
    assert (shown["on"], shown["matching"], shown["joining"]) == (False, 1, 1)
    assert [one["display_name"] for one in await enrolment(scene, community, "/people")] == ["甲"]
    assert await roster(scene, community) == set()
    await switch_on(scene, community)
    assert await roster(scene, community) == {"甲"}
    shown = await enrolment(scene, community)
    assert (shown["on"], shown["matching"], shown["joining"]) == (True, 1, 0)
    told = (await scene.told("member.joined"))[-1]
    assert (told["via"], told["roles"], told["status"]) == ("assigned", [], "active")


@pytest.mark.parametrize(
    ("rule", "code", "pointer"),
    [
        ({"departments": ["D9"]}, "invalid", "/assigned/departments/0"),
        ({"departments": [], "job_grades": []}, "invalid", "/assigned"),
        ({"hired_within_days": 0}, "invalid", "/assigned/hired_within_days"),
        ({"job_grades": ["M1"] * 51}, "invalid", "/assigned/job_grades"),
        ({"cohort_id": "00000000-0000-4000-8000-000000000000"}, "unknown_cohort", "/assigned/cohort_id"),
    ],
)
async def test_a_rule_that_means_nothing_is_refused_and_changes_nothing(scene, community, rule, code, pointer):
    refused = await assign(scene, community, rule, status=422)
    assert (refused["code"], [one["pointer"] for one in refused["errors"]]) == (code, [pointer])
    assert (await enrolment(scene, community))["assigned"]["departments"] == ["D1"]


async def test_a_patch_keeps_what_it_does_not_name_and_null_ends_the_rule(scene, community):
    await assign(scene, community, {"departments": None, "hired_within_days": 90})
    assert (await enrolment(scene, community))["assigned"] == {
        "departments": [], "job_grades": ["M1", "M2"], "hired_within_days": 90, "grade_since_days": None, "cohort_id": None,
    }  # fmt: skip
    before = len(await scene.told("community.updated"))
    await assign(scene, community, None)
    shown = await enrolment(scene, community)
    assert (shown["assigned"], shown["matching"]) == (None, 0)
    assert len(await scene.told("community.updated")) == before


async def test_who_runs_the_community_alone_reads_whom_it_enrols(scene, community):
    await scene.member("甲", community)
    for what in ("", "/people", "/no-longer-matching"):
        await scene.see(scene.again("甲"), f"/v1/communities/{community['id']}/enrolment{what}", status=403)
    assert "assigned" not in await scene.see(scene.again("甲"), f"/v1/communities/{community['id']}")


# --- who joins -----------------------------------------------------------------------------------------------------


async def test_people_join_when_they_come_to_match_by_request_by_import_and_by_a_department_that_moves(
    scene, community
):
    await switch_on(scene, community)
    await scene.client("甲", department_code="D2", job_grade="M1")
    await scene.client("乙", department_code="D11", job_grade="P5")
    await scene.harness.run_timers()
    assert await roster(scene, community) == set()
    await change(scene, "乙", job_grade="M2")
    await scene.harness.run_timers()
    assert await roster(scene, community) == {"乙"}
    await scene.change(scene.admin, "/v1/departments/D2", {"parent_code": "D11"})
    await scene.harness.run_timers()
    assert await roster(scene, community) == {"甲", "乙"}
    table = "employee_no,display_name,department_code,job_grade\nx1,丙,D1,M1\nx2,丁,D1,P1\n"
    await scene.send_csv("/v1/people/imports", table)
    await scene.harness.run_timers()
    assert await roster(scene, community) == {"甲", "乙", "丙"}
    await scene.send_csv("/v1/people/imports", "employee_no,job_grade\nx2,M1\n")
    await scene.harness.run_timers()
    assert await roster(scene, community) == {"甲", "乙", "丙", "丁"}


async def test_who_left_or_was_removed_or_expelled_is_not_enrolled_again(scene, community):
    for name in ("甲", "乙", "丙"):
        await scene.client(name, department_code="D1", job_grade="M1")
    await switch_on(scene, community)
    listed = await scene.see(scene.again("owner"), "/v1/members", community_id=community["id"])
    ids = {one["display_name"]: one["id"] for one in listed["items"]}
    await scene.send(scene.again("甲"), f"/v1/members/{ids['甲']}/leave")
    await scene.send(scene.again("owner"), f"/v1/members/{ids['乙']}/remove", {"reason": "转岗"})
    async with scene.harness.runtime.database.transaction() as session:
        await session.execute(update(Member).where(col(Member.id) == UUID(ids["丙"])).values(status="expelled"))
    for name in ("甲", "乙", "丙"):
        await change(scene, name, job_grade="M2")
    await assign(scene, community, {"job_grades": ["M2"]})
    await scene.harness.run_timers()
    scene.harness.clock.advance(DAY)
    await scene.harness.run_timers()
    assert await roster(scene, community) == set()
    shown = await enrolment(scene, community)
    assert (shown["matching"], shown["joining"], shown["left_out"]) == (3, 0, 3)
    assert len(await enrolment(scene, community, "/people", left_out=True)) == 3
    assert await enrolment(scene, community, "/people") == []


async def test_days_count_by_the_clock_on_the_communitys_days(scene, departments):
    community = await scene.community(join="assigned")
    await assign(scene, community, {"hired_within_days": 30})
    await scene.client("甲", hired_on=day(scene, 2))
    await scene.client("乙", hired_on=day(scene, -30))
    await scene.client("丙", hired_on=day(scene, -31))
    await scene.harness.run_timers()
    assert await roster(scene, community) == {"乙"}
    scene.harness.clock.advance(2 * DAY)
    await scene.harness.run_timers()
    assert await roster(scene, community) == {"甲", "乙"}
    assert await gone_by_rule(scene, community) == ["乙"]


async def test_when_the_days_of_a_community_begin_earlier_nobody_waits_for_the_old_midnight(scene, departments):
    zone = ZoneInfo("America/Los_Angeles")
    community = await scene.community(join="assigned", time_zone="Asia/Shanghai")
    await assign(scene, community, {"hired_within_days": 30})
    now = scene.harness.clock().astimezone(zone)
    midnight = datetime.combine(now.date() + DAY, time(), tzinfo=zone)
    await scene.change(scene.again("owner"), f"/v1/communities/{community['id']}", {"time_zone": zone.key})
    await scene.client("甲", hired_on=midnight.date().isoformat())
    for left, there in ((timedelta(seconds=1), set()), (timedelta(0), {"甲"})):
        scene.harness.clock.advance(midnight - left - scene.harness.clock())
        await scene.harness.run_timers()
        assert await roster(scene, community) == there


async def test_whom_a_rule_is_not_about_does_not_join_until_it_is_about_them(scene, community):
    """Suspended people, people from outside and those who left the company; and no change is missed that ends this."""
    for name in ("停职", "离职"):
        await scene.client(name, department_code="D1", job_grade="M1")
    await scene.client("外部", department_code="D1", job_grade="M1", kind="external")
    people = {name: f"/v1/people/{scene.people[name]}" for name in ("停职", "离职", "外部")}
    await scene.send(scene.admin, f"{people['停职']}/suspend")
    await scene.send(scene.admin, f"{people['离职']}/leave")
    await switch_on(scene, community)
    assert await roster(scene, community) == set()
    assert (await enrolment(scene, community))["matching"] == 0
    await scene.send(scene.admin, f"{people['停职']}/reinstate")
    await scene.send(scene.admin, f"{people['离职']}/rehire")
    await scene.change(scene.admin, people["外部"], {"kind": "employee"})
    await scene.harness.run_timers()
    assert await roster(scene, community) == {"停职", "离职", "外部"}
    await scene.send(scene.admin, f"{people['停职']}/suspend")
    await scene.change(scene.admin, people["外部"], {"kind": "external"})
    assert await gone_by_rule(scene, community) == ["外部"]


async def test_who_matches_no_more_is_listed_stays_a_member_and_may_be_kept(scene, community):
    await scene.client("甲", department_code="D1", job_grade="M1")
    await scene.client("乙", department_code="D1", job_grade="M1")
    await switch_on(scene, community)
    await scene.member("丙", community)
    await change(scene, "甲", department_code="D2")
    await change(scene, "乙", job_grade=None)
    await scene.harness.run_timers()
    assert await roster(scene, community) == {"甲", "乙", "丙"}
    assert await gone_by_rule(scene, community) == ["甲", "乙"]
    desk = await scene.harness.as_person(scene.people["owner"]).get(
        "/internal/desk", params={"community_id": community["id"]}
    )
    queue = next(one for one in desk.json() if one["code"] == "members_no_longer_matching")
    assert queue["count"] == 2
    listed = await enrolment(scene, community, "/no-longer-matching")
    keep = f"/v1/communities/{community['id']}/enrolment/keep"
    kept = await scene.again("owner").post(keep, json={"member_ids": [listed[0]["member"]["member_id"]]})
    assert kept.status_code == 204
    assert await gone_by_rule(scene, community) == ["乙"]
    others = await scene.see(scene.again("owner"), "/v1/members", community_id=community["id"], q="丙")
    refused = await scene.again("owner").post(keep, json={"member_ids": [others["items"][0]["id"]]})
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_member")


async def test_who_joins_is_put_into_the_cohort_that_the_rule_names_and_told_why(scene, community):
    cohort = await scene.send(
        scene.again("owner"), "/v1/cohorts", {"community_id": community["id"], "code": "2026-2", "name": "秋季"}
    )
    await assign(scene, community, {"cohort_id": cohort["id"]})
    await scene.client("甲", department_code="D1", job_grade="M1")
    await switch_on(scene, community)
    assert await roster(scene, community, cohort_id=cohort["id"]) == {"甲"}
    assert (await scene.told("member.joined"))[-1]["cohort_id"] == cohort["id"]


async def test_nobody_is_enrolled_in_a_draft_or_an_archive_or_after_it_is_switched_off(scene, departments):
    community = await scene.community(join="assigned", opened=False)
    await assign(scene, community, MANAGERS)
    await scene.client("甲", department_code="D1", job_grade="M1")
    await scene.harness.run_timers()
    assert await roster(scene, community) == set()
    await scene.send(scene.again("owner"), f"/v1/communities/{community['id']}/open")
    await scene.harness.run_timers()
    assert await roster(scene, community) == {"甲"}
    await scene.change(scene.again("owner"), f"/v1/communities/{community['id']}", {"join": "invitation"})
    await scene.client("乙", department_code="D1", job_grade="M1")
    scene.harness.clock.advance(2 * DAY)
    await scene.harness.run_timers()
    assert await roster(scene, community) == {"甲"}


# --- many, killed, together ----------------------------------------------------------------------------------------


async def people_in(scene, number, **fields):
    columns = ["employee_no", "display_name", *fields]
    rows = [",".join([f"n{n:04}", f"员工{n:04}", *fields.values()]) for n in range(number)]
    await scene.send_csv("/v1/people/imports", "\n".join([",".join(columns), *rows]))


async def numbers(scene, community):
    """How many are members, and how many of them were told of."""
    async with scene.harness.runtime.database.reading() as session:
        there = select(col(Member.person_id)).where(
            col(Member.community_id) == UUID(community["id"]), col(Member.via) == "assigned"
        )
        members = (await session.execute(there)).scalars().all()
        left = (await session.execute(select(EnrolmentRound))).scalars().all()
    told = [one["person_id"] for one in await scene.told("member.joined") if one["via"] == "assigned"]
    assert sorted(told) == sorted(str(one) for one in members)
    return len(members), len(left)


async def test_many_join_in_steps_and_a_worker_that_dies_leaves_none_twice_and_none_out(scene, community, monkeypatch):
    monkeypatch.setattr(service, "STEP", 20)
    await people_in(scene, 50, department_code="D1", job_grade="M1")
    # What followed from the import is over: from here on it is the community's round alone.
    await scene.harness.run_timers()
    await scene.change(scene.again("owner"), f"/v1/communities/{community['id']}", {"join": "assigned"})
    calls = 0

    async def dying(session, messages):
        nonlocal calls
        calls += 1
        if calls == 2:
            raise asyncio.CancelledError
        await emit_many(session, messages)

    monkeypatch.setattr(service, "emit_many", dying)
    with pytest.raises(asyncio.CancelledError):
        await scene.harness.run_timers()
    assert (await numbers(scene, community))[0] == 20
    scene.harness.clock.advance(timedelta(minutes=1))
    await scene.harness.run_timers()
    assert await numbers(scene, community) == (50, 0)


async def test_two_workers_at_once_enrol_everybody_once(scene, community, monkeypatch):
    monkeypatch.setattr(service, "STEP", 10)
    await people_in(scene, 40, department_code="D1", job_grade="M1")
    await switch_on_only(scene, community)
    await change_many(scene)
    await asyncio.gather(*(scene.harness.run_timers() for _ in range(3)))
    scene.harness.clock.advance(timedelta(minutes=5))
    await scene.harness.run_timers()
    assert await numbers(scene, community) == (40, 0)


async def switch_on_only(scene, community):
    await scene.change(scene.again("owner"), f"/v1/communities/{community['id']}", {"join": "assigned"})


async def change_many(scene):
    await people_in(scene, 40, department_code="D11", job_grade="M2")


# --- any order -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("between", [False, True])
async def test_any_order_of_changes_ends_in_the_same_roster(scene, departments, between):
    changes = [
        ("甲", {"job_grade": "M1"}),
        ("甲", {"department_code": "D1"}),
        ("乙", {"department_code": "D2"}),
        ("乙", {"job_grade": "M2"}),
    ]
    ends = set()
    for number, order in enumerate(list(permutations(changes))[::5]):
        community = await scene.community(join="assigned", owner="owner")
        await assign(scene, community, MANAGERS)
        for name in ("甲", "乙"):
            await scene.client(f"{name}{number}")
        for name, fields in order:
            await change(scene, f"{name}{number}", **fields)
            if between:
                await scene.harness.run_timers()
        await scene.harness.run_timers()
        there = {one[0] for one in await roster(scene, community) if one.endswith(str(number))}
        ends.add(frozenset(there))
    assert ends == {frozenset({"甲"})}


async def test_sql_says_of_each_person_what_the_rule_says(scene, departments):
    now = scene.harness.clock()
    today = now.date()
    people: list[dict[str, Any]] = [
        {"department_code": code, "job_grade": grade, "hired_on": hired, "grade_since": since}
        for code in (None, "D1", "D11", "D2")
        for grade in (None, "M1")
        for hired in (None, today - 10 * DAY, today - 11 * DAY, today + DAY)
        for since in (None, today)
    ]
    above = {None: (), "D1": ("D1",), "D11": ("D11", "D1"), "D2": ("D2",)}
    async with scene.harness.runtime.database.transaction() as session:
        rows = [
            Person(display_name=f"p{n}", sort_key=f"p{n}", employee_key=f"k{n}", created_at=now, updated_at=now, **one)
            for n, one in enumerate(people)
        ]
        session.add_all(rows)
        await session.flush()
        asked: list[dict[str, Any]] = [
            {"departments": ["D1"]},
            {"departments": ["D11", "D2"]},
            {"job_grades": ["M1"]},
            {"hired_within_days": 10},
            {"grade_since_days": 1, "job_grades": ["M1"], "departments": ["D1"]},
        ]
        for one in asked:
            rule = rule_of(one)
            found = await session.execute(select(col(Person.display_name)).where(queries.matching(rule, today)))
            meant = {
                person.display_name
                for person in rows
                if rules.matches(
                    rule,
                    Employee(above[person.department_code], person.job_grade, person.hired_on, person.grade_since),
                    today,
                )
            }
            assert {name for name in found.scalars() if name.startswith("p")} == meant
            assert meant
