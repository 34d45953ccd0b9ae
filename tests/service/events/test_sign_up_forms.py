"""What activities ask of who registers, and what they answer."""

import asyncio

import pytest
from sqlalchemy import func, select

from services.events.registrations.models import RegistrationAnswers
from tests.service.events.conftest import ACTIVITIES, REGISTRATIONS

FORM = {
    "type": "object",
    "required": ["diet"],
    "additionalProperties": False,
    "properties": {"diet": {"enum": ["素食", "不限"]}, "note": {"type": "string", "maxLength": 20}},
}
VEGETARIAN, ANYTHING = {"diet": "素食"}, {"diet": "不限"}
DEAR = {"type": "object", "properties": {"x": {"items": {"anyOf": [{"const": index} for index in range(300)]}}}}


def forms(activity, version=""):
    return f"{ACTIVITIES}/{activity['id']}/forms{version and '/' + str(version)}"


def answers(registration):
    return f"{REGISTRATIONS}/{registration['id']}/answers"


async def put(hall, name, registration, body, *, status=200):
    answer = await hall[name].client.put(answers(registration), json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def kept(hall):
    async with hall.stage.harness.runtime.database.reading() as session:
        return (await session.execute(select(func.count()).select_from(RegistrationAnswers))).scalar_one()


async def test_who_registers_fills_in_the_form_and_those_who_run_it_read_what_they_answered(hall):
    activity = await hall.announces(form=FORM)
    assert (activity["form"], activity["form_version"]) == (FORM, 1)
    refused = await hall.registers("甲", activity, status=422)
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("answers_invalid", "/answers/diet")
    assert (await hall.see("甲", REGISTRATIONS, activity_id=activity["id"]))["items"] == []
    mine = await hall.registers("甲", activity, answers=VEGETARIAN)
    assert (mine["answers"]["answers"], mine["answers"]["form_version"]) == (VEGETARIAN, 1)
    await hall.registers("乙", activity, answers=ANYTHING, form_version=1)
    listed = (await hall.see("群主", REGISTRATIONS, activity_id=activity["id"]))["items"]
    assert [one["answers"]["answers"] for one in listed] == [VEGETARIAN, ANYTHING]
    # Nobody reads those of another.
    assert [one["id"] for one in (await hall.see("甲", REGISTRATIONS, activity_id=activity["id"]))["items"]] == [
        mine["id"]
    ]
    await hall.see("乙", f"{REGISTRATIONS}/{mine['id']}", answered=404)


async def test_a_form_that_could_harm_is_refused_and_changes_nothing(hall):
    harmful = {"type": "object", "properties": {"x": {"pattern": "(a+)+$"}}}
    refused = await hall.prepares(form=harmful, status=422)
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("form_refused", "/form/properties/x/pattern")
    activity = await hall.announces()
    refused = await hall.send("群主", forms(activity), {"form": harmful}, status=422)
    assert refused["code"] == "form_refused"
    seen = await hall.see("群主", f"{ACTIVITIES}/{activity['id']}")
    assert (seen["form"], seen["form_version"]) == (None, None)


async def test_answers_belong_to_the_version_of_the_form_that_they_were_given_to(hall):
    activity = await hall.announces(form=FORM)
    mine = await hall.registers("甲", activity, answers=VEGETARIAN)
    other = {"type": "object", "required": ["size"], "properties": {"size": {"enum": ["S", "M"]}}}
    assert (await hall.send("群主", forms(activity), {"form": other}, status=201))["version"] == 2
    changed = await hall.registers("乙", activity, answers=VEGETARIAN, form_version=1, status=409)
    assert (changed["code"], changed["form_version"]) == ("form_changed", 2)
    await hall.registers("乙", activity, answers={"size": "M"}, form_version=2)
    seen = await hall.see("群主", f"{REGISTRATIONS}/{mine['id']}")
    assert (seen["answers"]["form_version"], seen["answers"]["answers"]) == (1, VEGETARIAN)
    assert (await hall.see("甲", forms(activity, 1)))["form"] == FORM
    await hall.see("甲", forms(activity, 3), answered=404)
    again = await put(hall, "甲", mine, {"answers": {"size": "S"}})
    assert (again["answers"]["form_version"], again["answers"]["answers"]) == (2, {"size": "S"})
    await put(hall, "甲", mine, {"answers": {"size": "XXL"}}, status=422)
    await put(hall, "乙", mine, {"answers": {"size": "S"}}, status=404)
    assert (await hall.see("甲", f"{REGISTRATIONS}/{mine['id']}"))["answers"] == again["answers"]


async def test_where_nothing_is_asked_nothing_is_answered(hall):
    activity = await hall.announces(form=FORM)
    deleted = await hall["群主"].client.delete(forms(activity, "current"))
    assert (deleted.status_code, deleted.json()["form_version"], deleted.json()["form"]) == (200, None, None)
    assert (await hall["甲"].client.delete(forms(activity, "current"))).status_code == 403
    refused = await hall.registers("甲", activity, answers=VEGETARIAN, status=422)
    assert refused["errors"][0]["code"] == "nothing_asked"
    mine = await hall.registers("甲", activity)
    assert mine["answers"] is None
    assert mine["viewer"]["cannot"]["answer"] == "illegal_transition"
    await put(hall, "甲", mine, {"answers": {}}, status=409)
    # The next form is the second, not the first again.
    assert (await hall.send("群主", forms(activity), {"form": FORM}, status=201))["version"] == 2


async def test_who_was_assigned_answers_afterwards_and_nobody_once_it_has_started(hall):
    activity = await hall.announces(form=FORM)
    body = {"activity_id": activity["id"], "member_ids": [str(hall["甲"].id)]}
    await hall.send("群主", f"{REGISTRATIONS}/assign", body)
    [mine] = (await hall.see("甲", REGISTRATIONS, activity_id=activity["id"]))["items"]
    assert "answer" in mine["viewer"]["can"]
    assert (await put(hall, "甲", mine, {"answers": VEGETARIAN}))["answers"]["answers"] == VEGETARIAN
    hall.later(days=3)
    late = await put(hall, "甲", mine, {"answers": ANYTHING}, status=409)
    assert late["code"] == "illegal_transition"


@pytest.mark.parametrize("ended", ["given back", "cancelled"])
async def test_answers_go_with_the_registration(hall, ended):
    activity = await hall.announces(form=FORM)
    mine = await hall.registers("甲", activity, answers=VEGETARIAN)
    if ended == "given back":
        await hall.cancels("甲", mine)
        assert (await hall.registers("甲", activity, status=422))["code"] == "answers_invalid"
    else:
        await hall.send("群主", f"{ACTIVITIES}/{activity['id']}/cancel", {"reason": "讲师生病"}, version=2)
    assert (await hall.see("甲", f"{REGISTRATIONS}/{mine['id']}"))["answers"] is None
    assert await kept(hall) == 0


async def test_answers_go_half_a_year_after_the_activity(hall):
    activity = await hall.announces(form=FORM)
    mine = await hall.registers("甲", activity, answers=VEGETARIAN)
    running = hall.stage.harness.runtime
    async with running.database.transaction() as session:
        await running.service.timers.set_periodic(session, hall.now)
    hall.later(days=183)
    await hall.stage.harness.run_timers()
    assert await kept(hall) == 1
    hall.later(hours=3)
    await hall.stage.harness.run_timers()
    assert (await hall.see("甲", f"{REGISTRATIONS}/{mine['id']}"))["answers"] is None
    assert await kept(hall) == 0


async def test_answers_are_of_the_size_of_a_form_and_dear_ones_are_refused(hall):
    activity = await hall.announces(form={"type": "object"})
    refused = await hall.registers("甲", activity, answers={"x": "长" * 3000}, status=422)
    assert (refused["errors"][0]["pointer"], refused["errors"][0]["code"]) == ("/answers", "too_large")
    dear = await hall.announces(form=DEAR)
    answered = await hall.registers("甲", dear, answers={"x": [-1] * 199}, status=422)
    assert answered["code"] in {"too_costly", "answers_invalid"}
    assert await kept(hall) == 0


async def test_who_registers_while_the_form_changes_answers_one_of_both(hall):
    activity = await hall.announces(form=FORM)
    other = {"type": "object", "required": ["size"], "properties": {"size": {"enum": ["S", "M"]}}}
    body = {"activity_id": activity["id"], "answers": VEGETARIAN, "form_version": 1}
    answered = await asyncio.gather(
        hall["群主"].client.post(forms(activity), json={"form": other}),
        *(hall[name].client.post(REGISTRATIONS, json=body) for name in "甲乙丙丁"),
    )
    assert {one.status_code for one in answered} <= {201, 409}
    listed = (await hall.see("群主", REGISTRATIONS, activity_id=activity["id"]))["items"]
    assert len(listed) == sum(one.status_code == 201 for one in answered[1:])
    assert all((one["answers"]["form_version"], one["answers"]["answers"]) == (1, VEGETARIAN) for one in listed)


async def test_what_somebody_answered_and_why_they_asked_for_leave_goes_with_them(hall):
    activity = await hall.announces(form=FORM)
    theirs = await hall.registers("甲", activity, answers=VEGETARIAN)
    others = await hall.registers("乙", activity, answers=ANYTHING)
    await hall.send(
        "群主", f"{REGISTRATIONS}/assign", {"activity_id": activity["id"], "member_ids": [str(hall["甲"].id)]}
    )
    await hall.send("甲", f"{REGISTRATIONS}/{theirs['id']}/leave-request", {"reason": "住院"})
    await hall.erases("甲")
    seen = await hall.see("群主", f"{REGISTRATIONS}/{theirs['id']}")
    assert (seen["answers"], seen["leave"]["reason"], seen["status"]) == (None, "", "assigned")
    assert (await hall.see("群主", f"{REGISTRATIONS}/{others['id']}"))["answers"]["answers"] == ANYTHING
