"""What the company's HR system tells of people comes in as messages, and does what an import of people does."""

from datetime import date, timedelta
from itertools import permutations

import pytest

from chassis.messaging.dead_letters import list_dead_letters
from chassis.testing.harness import received
from contracts.corporate import HrPersonHired, HrPersonLeft, HrPersonMoved
from qunxue.installation import Installation
from qunxue.upkeep import replay_letters

NUMBER = "00123"


def hired(**fields):
    return HrPersonHired(**{"employee_no": NUMBER, "display_name": "张伟"} | fields)


def moved(**fields):
    return HrPersonMoved(**{"employee_no": NUMBER} | fields)


def left(**fields):
    return HrPersonLeft(**{"employee_no": NUMBER} | fields)


class Hr:
    """The HR system: tells what happens, a minute later each time."""

    def __init__(self, scene):
        self.scene = scene
        self.minutes = 0

    def message(self, event, **envelope):
        self.minutes += 1
        moment = self.scene.harness.clock() - timedelta(days=1) + timedelta(minutes=self.minutes)
        return received(event, **{"occurred_at": moment, "version": 0} | envelope)

    async def tells(self, *events, **envelope):
        await self.scene.harness.deliver(*(self.message(event, **envelope) for event in events))

    async def is_refused(self, event, **envelope):
        """The dead letter of a message."""
        harness = self.scene.harness
        harness.dead_letters_expected += 1
        await harness.deliver(self.message(event, **envelope))
        async with harness.runtime.database.reading() as session:
            letter = (await list_dead_letters(session))[-1]
        assert (letter.reason, letter.attempts) == ("refused", 1)
        return letter.detail.partition(":")[0]

    async def person(self, number=NUMBER):
        """Somebody as they are kept; None for a number that nobody has."""
        found = (await self.scene.see(self.scene.admin, "/v1/people", limit=100))["items"]
        return next((person for person in found if person["employee_no"] == number), None)

    async def told(self):
        return [message.type.split(".")[3] for message in await self.scene.harness.published("person.")][1:]


@pytest.fixture
def hr(scene):
    return Hr(scene)


async def test_who_is_hired_is_registered(hr):
    await hr.tells(hired(email="ZW@Example.com", phone="138-0013-8000", job_grade="P6", hired_on=date(2026, 1, 5)))
    person = await hr.person()
    assert (person["display_name"], person["email"], person["phone"]) == ("张伟", "zw@example.com", "13800138000")
    assert (person["status"], person["hired_on"], person["job_grade"]) == ("active", "2026-01-05", "P6")
    assert await hr.told() == ["registered"]


async def test_who_moved_keeps_what_the_message_does_not_name_and_loses_what_it_clears(hr, scene):
    await scene.send(scene.admin, "/v1/departments", {"code": "D1", "name": "研发部"})
    await hr.tells(hired(title="工程师", site="上海"), moved(department_code="D1", site=None))
    person = await hr.person()
    assert (person["title"], person["site"], person["department_code"]) == ("工程师", None, "D1")
    assert await hr.told() == ["registered", "updated"]


async def test_who_left_is_a_member_nowhere(hr, scene):
    community = await scene.community()
    await scene.member("李雷", community)
    person = await scene.see(scene.admin, f"/v1/people/{scene.people['李雷']}")
    await hr.tells(left(employee_no=person["employee_no"], left_on=date(2026, 1, 5)))
    person = await hr.person(person["employee_no"])
    assert (person["status"], person["left_on"]) == ("left", "2026-01-05")
    assert [m.data["person_id"] for m in await scene.harness.published("member.left")] == [str(scene.people["李雷"])]


async def test_who_left_keeps_no_session(membership):
    await membership.activated(employee_no=NUMBER)
    session = await membership.log_in(NUMBER)
    await Hr(membership).tells(left())
    tried = await membership.anonymous.post(
        "/v1/sessions/refresh", json={"refresh_token": session.json()["refresh_token"]}
    )
    assert tried.status_code == 401
    assert (await membership.log_in(NUMBER)).status_code == 401


async def test_who_is_hired_again_is_who_they_were(hr):
    await hr.tells(hired())
    before = await hr.person()
    await hr.tells(left(), hired(hired_on=date(2026, 1, 5)))
    person = await hr.person()
    assert (person["id"], person["status"], person["left_on"]) == (before["id"], "active", None)
    assert await hr.told() == ["registered", "left", "reinstated"]


async def test_being_employed_lets_nobody_back_in_whom_an_administrator_suspended(hr, scene):
    await hr.tells(hired())
    person = await hr.person()
    await scene.send(scene.admin, f"/v1/people/{person['id']}/suspend")
    await hr.tells(hired(title="经理"))
    person = await hr.person()
    assert (person["status"], person["title"]) == ("suspended", "经理")


async def test_messages_in_any_order_and_twice_end_in_the_same(hr, scene):
    events = [
        hired(title="工程师", job_grade="P5", grade_since=date(2025, 1, 1)),
        moved(title="经理", job_grade="P6"),
        left(left_on=date(2026, 1, 5)),
        hired(site="上海", hired_on=date(2026, 1, 7)),
    ]
    ends = []
    for number, order in enumerate(permutations(range(4))):
        about = [event.model_copy(update={"employee_no": f"n{number}"}) for event in events]
        messages = [hr.message(event) for event in about]
        for place in order:
            try:
                await scene.harness.deliver(messages[place], times=2)
            except AssertionError:
                scene.harness.dead_letters_expected += 1
        await replay_all(scene)
        person = await hr.person(f"n{number}")
        ends.append({name: person[name] for name in KEPT})
    assert ends == [ends[0]] * 24
    assert (ends[0]["status"], ends[0]["title"], ends[0]["site"]) == ("active", "经理", "上海")


KEPT = ("display_name", "title", "job_grade", "site", "hired_on", "left_on", "status")


async def replay_all(scene):
    runtime = scene.harness.runtime
    installation = Installation(runtime.settings, {"membership": runtime})
    results = [line async for line in replay_letters(installation, {"service": "membership"})]
    assert all(line["replayed"] for line in results), results
    scene.harness.dead_letters_expected = 0


async def test_a_sender_that_counts_is_followed_by_its_count(hr):
    await hr.tells(hired(title="新"), version=7)
    await hr.tells(hired(title="旧"), version=6)
    assert (await hr.person())["title"] == "新"


async def test_what_an_import_would_refuse_is_put_aside_with_its_reason(hr, scene):
    await scene.client("王芳", email="wf@example.com")
    assert await hr.is_refused(moved(title="经理")) == "unknown_employee_no"
    assert await hr.is_refused(left()) == "unknown_employee_no"
    assert await hr.is_refused(hired(department_code="D9")) == "unknown_department"
    assert await hr.is_refused(hired(email="wf@example.com")) == "email_taken"
    assert await hr.is_refused(hired(email="no address")) == "invalid_email"
    assert await hr.is_refused(hired(kind="robot")) == "invalid_kind"
    assert await hr.is_refused(moved(display_name=None)) == "invalid_display_name"
    tomorrow = scene.harness.clock() + timedelta(days=1)
    assert await hr.is_refused(hired(), occurred_at=tomorrow) == "in_the_future"
    now, soon = scene.harness.clock(), scene.harness.clock() + timedelta(minutes=30)
    assert await hr.is_refused(hired(), occurred_at=soon, recorded_at=now) == "in_the_future"
    assert await hr.person() is None


async def test_a_sender_whose_clock_is_ahead_of_ours_by_an_hour_is_followed(hr, scene):
    await hr.tells(hired(), occurred_at=scene.harness.clock() + timedelta(hours=1))
    assert (await hr.person())["display_name"] == "张伟"


async def test_a_last_day_that_is_to_come_is_put_aside_until_it_has_come(hr, scene):
    await hr.tells(hired())
    day = (scene.harness.clock() + timedelta(days=3)).date()
    assert await hr.is_refused(left(left_on=day)) == "left_on_in_future"
    scene.harness.clock.advance(timedelta(days=3))
    await replay_all(scene)
    assert (await hr.person())["status"] == "left"


async def test_no_message_removes_who_has_a_platform_role(hr, scene):
    await hr.tells(hired())
    person = await hr.person()
    await scene.send(scene.admin, f"/v1/people/{person['id']}/platform-roles", {"role": "hr"})
    assert await hr.is_refused(left()) == "account_protected"
    assert (await hr.person())["status"] == "active"


async def test_one_that_is_refused_holds_up_none_of_the_others(hr, scene):
    scene.harness.dead_letters_expected = 1
    events = [hired(employee_no=f"n{number}") for number in range(6)]
    events[2] = moved(employee_no="n2")
    await hr.tells(*events)
    assert [bool(await hr.person(f"n{number}")) for number in range(6)] == [True, True, False, True, True, True]


async def test_the_audit_says_what_the_hr_system_changed(hr, scene):
    await hr.tells(hired(email="zw@example.com"), moved(title="经理"), left(), hired())
    person = await hr.person()
    found = (await scene.see(scene.admin, "/internal/audit", object_id=person["id"]))["items"]
    assert [entry["action"] for entry in reversed(found)] == [
        "person.register",
        "person.update",
        "person.leave",
        "person.rehire",
    ]
    assert {(entry["actor"]["kind"], entry["on_behalf_of"]) for entry in found} == {("system", "/corporate/hr")}
    assert found[-2]["changes"] == {"title": [None, "经理"]}
    assert found[-1]["changes"]["email"] == [None, "***"]


async def test_the_manager_of_a_department_is_known_once_the_hr_system_has_hired_them(hr, scene):
    body = {"code": "D1", "name": "研发部", "manager_employee_no": NUMBER}
    await scene.send(scene.admin, "/v1/departments", body)
    await hr.tells(hired())
    told = await scene.harness.published("department.updated")
    assert told[-1].data["manager_person_id"] == (await hr.person())["id"]
