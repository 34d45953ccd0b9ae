"""Speakers: who speaks at an activity, from the company or from outside, what they earn by it, and who reads how they are reached."""

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete

from chassis.resolver import MembershipResolver
from services.events.activities.models import Speaker
from services.events.speakers.models import SpeakerContact
from tests.service.events.conftest import ACTIVITIES
from tests.service.events.test_activities import path, titles
from tests.service.events.test_attendances import ATTENDANCES, ends, outcomes, recorded

OUTSIDE = {"name": "李娜", "email": "Li.Na@Example.com"}


async def invites(hall, activity, body, *, by="群主", status=201):
    return await hall.send(by, path(activity, "speakers"), body, status=status)


async def withdraws(hall, activity, speaker, *, by="群主", status=200):
    return await hall.send(by, path(activity, f"speakers/{speaker['id']}/withdraw"), status=status)


def member(hall, name):
    return {"member_id": str(hall[name].id)}


async def changes(hall):
    """What was told of speakers, and of activities that have others."""
    found = await hall.stage.harness.published()
    return [(one.type.split(".", 2)[2], one.data) for one in found if "speaker" in one.type or "activity" in one.type]


async def test_speakers_know_of_a_draft_and_read_how_to_join(hall):
    made = await hall.prepares(join_url="https://meet.example.com/1")
    speaker = await invites(hall, made, member(hall, "甲"))
    assert (speaker["person_id"], speaker["member"]["member_id"]) == (str(hall["甲"].person_id), str(hall["甲"].id))
    seen = await hall.see("甲", path(made))
    assert (seen["join_url"], seen["mine"]) == (
        "https://meet.example.com/1",
        {"organiser": False, "speaker": True, "steward": False, "registration": None, "unmet": []},
    )
    assert seen["speakers"] == [{"id": speaker["id"], "name": speaker["name"], "member": speaker["member"]}]
    await hall.see("乙", path(made), answered=404)
    assert (await titles(hall, "甲"), await titles(hall, "乙")) == ([made["title"]], [])
    mine = await hall.see("甲", ACTIVITIES, speaking=True)
    assert [one["id"] for one in mine["items"]] == [made["id"]]
    assert (await hall.see("乙", ACTIVITIES, speaking=True))["items"] == []
    await hall.change("甲", path(made), {"title": "别的"}, version=1, status=403)
    await hall.send("群主", path(made, "announce"), version=1)
    assert (await hall.see("甲", path(made)))["join_url"] == "https://meet.example.com/1"
    assert (await hall.see("乙", path(made)))["join_url"] is None
    await withdraws(hall, made, speaker)
    assert (await hall.see("甲", path(made)))["join_url"] is None
    assert (await hall.see("甲", ACTIVITIES, speaking=True))["items"] == []


async def test_messages_name_speakers_and_say_nothing_of_how_they_are_reached(hall):
    made = await hall.prepares()
    outsider = await invites(hall, made, OUTSIDE)
    await hall.send("群主", path(made, "announce"), version=1)
    speaker = await invites(hall, made, member(hall, "甲"))
    await withdraws(hall, made, outsider)
    told = await changes(hall)
    assert [kind for kind, _ in told] == [
        "speaker.invited.v1",
        "activity.announced.v1",
        "speaker.invited.v1",
        "activity.updated.v1",
        "speaker.withdrawn.v1",
        "activity.updated.v1",
    ]
    assert told[0][1]["speaker"] == {"invitation_id": outsider["id"], "name": "李娜"}
    assert told[1][1]["speakers"] == [{"name": "李娜"}]
    assert told[2][1]["speaker"] == {
        "invitation_id": speaker["id"],
        "person_id": str(hall["甲"].person_id),
        "member_id": str(hall["甲"].id),
        "name": speaker["name"],
    }
    assert (told[3][1]["changed"], len(told[3][1]["speakers"])) == (["speakers"], 2)
    assert told[4][1]["speaker"] == told[0][1]["speaker"]
    assert [one["member_id"] for one in told[5][1]["speakers"]] == [str(hall["甲"].id)]
    versions = [one.version for one in await hall.stage.harness.published() if not one.type.endswith("text.written.v1")]
    assert versions == list(range(1, len(versions) + 1))
    assert "example.com" not in str(told).lower()


async def test_only_those_who_run_it_read_how_an_outsider_is_reached(hall):
    await hall.joins("讲师", "lecturer")
    activity = await hall.announces()
    outsider = await invites(hall, activity, OUTSIDE)
    assert (outsider["email"], outsider["person_id"], outsider["member"]) == ("li.na@example.com", None, None)
    await hall.see("讲师", path(activity, "speakers"), answered=403)
    await invites(hall, activity, member(hall, "讲师"))
    listed = (await hall.see("讲师", path(activity, "speakers")))["speakers"]
    assert next((one["name"], one["email"]) for one in listed) == ("李娜", None)
    listed = (await hall.see("群主", path(activity, "speakers")))["speakers"]
    assert [one["email"] for one in listed] == ["li.na@example.com", None]
    assert "example.com" not in str(await hall.see("讲师", path(activity)))
    await hall.see("甲", path(activity, "speakers"), answered=403)
    await hall.see("甲", path(activity, f"speakers/{outsider['id']}"), answered=403)
    other = await hall.announces(title="别的")
    await hall.see("群主", path(other, f"speakers/{outsider['id']}"), answered=404)


async def test_an_outsider_who_is_withdrawn_is_forgotten(hall):
    activity = await hall.announces()
    outsider = await invites(hall, activity, OUTSIDE)
    gone = await withdraws(hall, activity, outsider)
    assert (gone["name"], gone["email"], gone["withdrawn_at"] is not None) == (None, None, True)
    assert await withdraws(hall, activity, outsider) == gone
    assert await hall.see("群主", path(activity, f"speakers/{outsider['id']}")) == gone
    assert (await hall.see("群主", path(activity)))["speakers"] == []
    async with hall.stage.harness.runtime.database.transaction() as session:
        kept = [await session.get(model, UUID(outsider["id"])) for model in (Speaker, SpeakerContact)]
    assert (kept[0].name, kept[1]) == (None, None)
    again = await invites(hall, activity, OUTSIDE)
    assert again["id"] != outsider["id"]
    kinds = [kind for kind, _ in await changes(hall)]
    assert kinds.count("speaker.withdrawn.v1") == 1


async def test_addresses_are_forgotten_ninety_days_after_the_activity(hall):
    activity = await hall.announces()
    outsider = await invites(hall, activity, OUTSIDE)
    one = path(activity, f"speakers/{outsider['id']}")
    running = hall.stage.harness.runtime
    async with running.database.transaction() as session:
        await running.service.timers.set_periodic(session, hall.now)
    hall.later(days=92)
    await hall.stage.harness.run_timers()
    assert (await hall.see("群主", one))["email"] == "li.na@example.com"
    hall.later(days=2)
    await hall.stage.harness.run_timers()
    kept = await hall.see("群主", one)
    assert (kept["name"], kept["email"]) == ("李娜", None)


async def test_who_speaks_already_is_not_invited_again(hall):
    activity = await hall.announces()
    first = await invites(hall, activity, member(hall, "甲"))
    assert await invites(hall, activity, {"person_id": str(hall["甲"].person_id)}, status=200) == first
    outsider = await invites(hall, activity, OUTSIDE)
    assert await invites(hall, activity, OUTSIDE | {"email": "ＬＩ.na@example.com"}, status=200) == outsider
    assert len((await hall.see("甲", path(activity)))["speakers"]) == 2
    assert [kind for kind, _ in await changes(hall)].count("speaker.invited.v1") == 2


async def test_who_is_invited_several_times_at_once_speaks_once(hall):
    activity = await hall.announces()
    for body in (member(hall, "甲"), OUTSIDE):
        answers = await asyncio.gather(
            *(hall["群主"].client.post(path(activity, "speakers"), json=body) for _ in range(6))
        )
        assert sorted(one.status_code for one in answers) == [200] * 5 + [201]
        assert len({one.json()["id"] for one in answers}) == 1


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/member_id", "one_speaker"),
        ({"member_id": str(uuid4()), "person_id": str(uuid4())}, "/person_id", "one_speaker"),
        ({"member_id": str(uuid4()), **OUTSIDE}, "/name", "one_speaker"),
        ({"name": "李娜"}, "/email", "name_and_email"),
        ({"email": "li@example.com"}, "/name", "name_and_email"),
        (OUTSIDE | {"email": "li at example"}, "/email", "not_an_email"),
        (OUTSIDE | {"name": "\u200b"}, "/name", "nothing_visible"),
        (OUTSIDE | {"name": "娜" * 121}, "/name", "string_too_long"),
        ({"member_id": str(uuid4())}, "/member_id", "unknown_member"),
        ({"person_id": str(uuid4())}, "/person_id", "unknown_person"),
        (OUTSIDE | {"invited_at": "2024-05-06T00:00:00Z"}, "/invited_at", "extra_forbidden"),
    ],
)
async def test_a_wrong_invitation_is_refused_and_changes_nothing(hall, body, pointer, code):
    activity = await hall.announces()
    refused = await invites(hall, activity, body, status=422)
    assert [(one["pointer"], one["code"]) for one in refused["errors"]] == [(pointer, code)]
    assert (await hall.see("群主", path(activity)))["speakers"] == []
    assert await hall.told() == ["activity.announced"]


async def test_an_activity_has_at_most_twenty_speakers_and_a_cancelled_one_gets_none(hall):
    activity = await hall.announces()
    for n in range(20):
        await invites(hall, activity, {"name": f"讲师{n}", "email": f"s{n}@example.com"})
    assert (await invites(hall, activity, OUTSIDE, status=422))["errors"][0]["code"] == "too_many"
    await hall.send("群主", path(activity, "cancel"), {"reason": "生病"}, version=2)
    assert (await invites(hall, activity, OUTSIDE, status=409))["code"] == "illegal_transition"


async def test_who_speaks_attended_as_a_speaker_and_nobody_from_outside_or_elsewhere(hall):
    activity = await hall.announces(check_out="required", hours=2)
    await invites(hall, activity, member(hall, "甲"))
    await invites(hall, activity, OUTSIDE)
    gone = await invites(hall, activity, member(hall, "乙"))
    await withdraws(hall, activity, gone)
    hall.later(days=3)
    done = await ends(hall, activity)
    assert [one["name"] for one in done["speakers"]][1] == "李娜"
    await hall.stage.harness.run_timers()
    [told] = await hall.stage.harness.published("attendance.")
    assert (told.data["member_id"], told.data["role"], told.data["extent"], told.data["minutes"]) == (
        str(hall["甲"].id),
        "speaker",
        "full",
        120,
    )
    [completed] = [data for kind, data in await changes(hall) if kind == "activity.completed.v1"]
    assert (completed["attended"], len(completed["speakers"])) == (1, 2)


async def test_a_speaker_who_has_a_seat_is_no_no_show(hall):
    activity = await hall.announces()
    await hall.registers("甲", activity)
    await invites(hall, activity, member(hall, "甲"))
    hall.later(days=3)
    await ends(hall, activity)
    [completed] = [data for kind, data in await changes(hall) if kind == "activity.completed.v1"]
    assert completed["no_shows"] == 0


async def test_the_clock_records_speakers_too(hall):
    activity = await hall.announces()
    await invites(hall, activity, member(hall, "甲"))
    hall.later(days=5)
    await hall.stage.harness.run_timers()
    await hall.stage.harness.run_timers()
    assert await outcomes(hall) == [("recorded.v1", str(hall["甲"].id), 1)]


async def test_what_somebody_said_of_a_speaker_stands_until_they_are_invited_again(hall):
    activity = await hall.announces()
    _, second = [await invites(hall, activity, member(hall, name)) for name in "甲乙"]
    hall.later(days=3, hours=1)
    for name in "甲乙":
        came = await recorded(hall, name, activity, role="speaker")
        await hall.send("群主", f"{ATTENDANCES}/{came['id']}/revoke")
    hall.later(minutes=1)
    await withdraws(hall, activity, second)
    await invites(hall, activity, member(hall, "乙"))
    await ends(hall, activity)
    await hall.stage.harness.run_timers()
    # 甲 did not come, as somebody said; 乙 was invited after that.
    assert await outcomes(hall) == [("recorded.v1", str(hall["乙"].id), 1)]


async def test_a_speaker_named_afterwards_earns_it_at_once_and_withdrawn_loses_it(hall):
    activity = await hall.announces()
    await hall.registers("甲", activity)
    hall.later(days=3)
    await ends(hall, activity)
    await hall.stage.harness.run_timers()
    speaker = await invites(hall, activity, member(hall, "甲"))
    await invites(hall, activity, member(hall, "甲"), status=200)
    who = str(hall["甲"].id)
    assert await outcomes(hall) == [("recorded.v1", who, 1)]
    await withdraws(hall, activity, speaker)
    assert await outcomes(hall) == [("recorded.v1", who, 1), ("revoked.v1", who, 2)]
    await invites(hall, activity, member(hall, "甲"))
    assert [kind for kind, _, _ in await outcomes(hall)] == ["recorded.v1", "revoked.v1", "recorded.v1"]
    assert "activity.updated.v1" not in [kind for kind, _ in await changes(hall)]


async def test_what_is_taken_back_before_it_was_told_is_not_told_at_all(hall):
    activity = await hall.announces()
    speaker = await invites(hall, activity, member(hall, "甲"))
    hall.later(days=3)
    await ends(hall, activity)
    await withdraws(hall, activity, speaker)
    await hall.stage.harness.run_timers()
    assert await outcomes(hall) == []


async def test_a_lecturer_who_speaks_may_do_what_those_who_run_it_may(hall):
    await hall.joins("讲师", "lecturer")
    made = await hall.prepares()
    await hall.see("讲师", path(made), answered=404)
    await invites(hall, made, member(hall, "讲师"))
    seen = await hall.see("讲师", path(made))
    assert seen["viewer"]["can"] == ["update", "document", "invite"]
    await hall.change("讲师", path(made), {"title": "讲课"}, version=1)
    await invites(hall, made, member(hall, "甲"), by="讲师")
    await hall.change("甲", path(made), {"title": "备课"}, version=2, status=403)
    await invites(hall, made, member(hall, "乙"), by="甲", status=403)
    await invites(hall, made, member(hall, "乙"), by="乙", status=404)


async def test_a_colleague_who_left_reads_the_draft_and_earns_nothing_here(hall):
    colleague = await hall.joins("戊")
    await hall.stage.leave(colleague)
    made = await hall.prepares(join_url="https://meet.example.com/1")
    await hall.see("戊", path(made), answered=404)
    refused = await invites(hall, made, member(hall, "戊"), status=422)
    assert refused["errors"][0]["code"] == "unknown_member"
    speaker = await invites(hall, made, {"person_id": str(colleague.person_id)})
    assert (speaker["name"], speaker["member"]["left"]) == ("Person E00006", True)
    seen = await hall.see("戊", path(made))
    assert (seen["mine"]["speaker"], seen["join_url"]) == (True, "https://meet.example.com/1")
    assert await titles(hall, "戊") == [made["title"]]
    await hall.send("群主", path(made, "announce"), version=1)
    hall.later(days=3)
    await ends(hall, made)
    await hall.stage.harness.run_timers()
    assert await outcomes(hall) == []


async def test_a_colleague_who_was_never_a_member_knows_the_session_of_a_private_community(hall, monkeypatch):
    """And nothing else of it; who left or was expelled does not either."""
    await hall.stage.change(visibility="private")
    colleague = await hall.joins("戊")
    gone = await hall.joins("己")
    running = hall.stage.harness.runtime
    known = running.service.tables.metadata.tables["known_members"]
    async with running.database.transaction() as session:
        await session.execute(delete(known).where(known.c.id == colleague.id))
        here = hall.stage.community_id
        facts = await running.authority.facts(session, person_id=None, community_id=here, guarded=False, now=hall.now)

    async def membership_says(_resolver, _pair):
        return replace(facts, person_status="active", person_kind="employee")

    monkeypatch.setattr(MembershipResolver, "_ask", membership_says)
    await hall.stage.leave(gone)
    made = await hall.prepares(join_url="https://meet.example.com/1")
    other = await hall.announces(title="别的")
    await hall.see("戊", path(made), answered=404)
    invited = [await invites(hall, made, {"person_id": str(one.person_id)}) for one in (colleague, gone)]
    seen = await hall.see("戊", path(made))
    assert (seen["join_url"], seen["mine"], seen["viewer"]["can"]) == ("https://meet.example.com/1", None, [])
    await hall.see("己", path(made), answered=404)
    await hall.see("戊", path(other), answered=404)
    await hall.see("戊", path(made, "speakers"), answered=403)
    await hall.see("戊", ACTIVITIES, answered=404, community_id=str(hall.stage.community_id))
    await hall.send("群主", path(made, "announce"), version=1)
    await hall.registers("戊", made, status=403)
    assert (await hall.see("戊", ATTENDANCES, activity_id=made["id"]))["items"] == []
    for speaker in invited:
        await withdraws(hall, made, speaker)
    await hall.see("戊", path(made), answered=404)


async def test_nobody_says_afterwards_that_they_spoke_themselves(hall):
    activity = await hall.announces()
    hall.later(days=3, hours=3)
    await ends(hall, activity)
    refused = await invites(hall, activity, member(hall, "群主"), status=403)
    assert refused["code"] == "conflict_of_interest"
    assert (await hall.see("群主", path(activity, "speakers")))["speakers"] == []
    assert (await hall.see("群主", ATTENDANCES, activity_id=activity["id"]))["items"] == []
    await invites(hall, activity, member(hall, "甲"))
