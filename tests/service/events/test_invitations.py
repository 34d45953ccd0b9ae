"""Links of speakers from outside: who has one sees one activity, until it ends, and nothing else."""

import asyncio
import base64
import hashlib
import logging
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from chassis.ids import new_id
from contracts.invitations import is_invitation
from services.events.invitations.models import SpeakerLink
from tests.service.events.conftest import ACTIVITIES
from tests.service.events.test_activities import path
from tests.service.events.test_speakers import OUTSIDE, invites, member, withdraws

VOUCH = "/internal/invitations/vouch"


async def links(hall, activity, speaker, *, by="群主", status=201):
    return await hall.send(by, path(activity, f"speakers/{speaker['id']}/invitation"), status=status)


async def vouched(hall, made, *, status=200):
    """What membership is told of a link."""
    asking = hall.stage.harness.as_service("internal")
    digest = hashlib.sha256(made["invitation"].encode()).hexdigest()
    answer = await asking.post(VOUCH, json={"secret_hash": digest})
    assert answer.status_code == status, answer.text
    return answer.json()


async def guest(hall, made):
    """Who came by a link: a client with the token that membership would sign."""
    told = await vouched(hall, made)
    ids = {"invitation_id": UUID(told["invitation_id"]), "link_id": UUID(told["link_id"])}
    return hall.stage.harness.as_guest(UUID(told["activity_id"]), **ids)


async def invited(hall, **fields):
    """An announced activity, somebody from outside who speaks there, and their link."""
    activity = await hall.announces(**fields)
    speaker = await invites(hall, activity, OUTSIDE)
    return activity, speaker, await links(hall, activity, speaker)


async def sees(client, activity):
    answer = await client.get(path(activity))
    return answer.status_code if answer.is_success else (answer.status_code, answer.json()["code"])


async def test_a_guest_sees_the_activity_that_they_speak_at_and_how_to_join(hall):
    activity, speaker, made = await invited(hall, join_url="https://meet.example.com/1")
    seen = await (await guest(hall, made)).get(path(activity))
    assert seen.status_code == 200
    body = seen.json()
    assert (body["title"], body["join_url"], body["mine"]) == (activity["title"], "https://meet.example.com/1", None)
    assert [one["id"] for one in body["speakers"]] == [speaker["id"]]
    assert body["viewer"]["can"] == []


async def test_a_guest_sees_a_draft_too(hall):
    activity = await hall.prepares()
    made = await links(hall, activity, await invites(hall, activity, OUTSIDE))
    assert await sees(await guest(hall, made), activity) == 200


async def test_what_opens_the_door_is_shown_once_and_kept_nowhere(hall):
    _, speaker, made = await invited(hall)
    assert is_invitation(made["invitation"])
    assert len(base64.urlsafe_b64decode(made["invitation"].removeprefix("qxi_") + "=")) == 32
    assert (made["speaker_id"], made["link"]) == (speaker["id"], None)
    harness = hall.stage.harness
    async with harness.runtime.database.reading() as session:
        rows = [row for table in harness.runtime.metadata.sorted_tables for row in await session.execute(select(table))]
    assert rows
    assert made["invitation"] not in str(rows)


async def test_the_link_holds_what_opens_the_door_where_a_browser_sends_it_to_nobody(hall):
    hall.stage.harness.runtime.settings = hall.stage.harness.runtime.settings.model_copy(
        update={"app_url": "https://app.example/"}
    )
    _, _, made = await invited(hall)
    assert made["link"] == f"https://app.example/invitations#{made['invitation']}"


async def test_no_log_line_and_no_message_holds_what_opens_the_door(hall, caplog):
    caplog.set_level(logging.DEBUG)
    activity, _, made = await invited(hall)
    await sees(await guest(hall, made), activity)
    said = caplog.text + str([vars(record) for record in caplog.records])
    assert made["invitation"] not in said
    assert made["invitation"] not in str(await hall.stage.harness.published())
    owner = hall["群主"].client
    trail = await owner.get("/internal/audit", params={"community_id": str(hall.stage.community_id)})
    assert "activity.make_link" in trail.text
    assert made["invitation"] not in trail.text
    assert hashlib.sha256(made["invitation"].encode()).hexdigest() not in trail.text + said


async def test_a_repeated_request_is_answered_with_another_link(hall):
    """Its answer is a secret, so it is not kept."""
    activity = await hall.announces()
    speaker = await invites(hall, activity, OUTSIDE)
    where, key = path(activity, f"speakers/{speaker['id']}/invitation"), {"Idempotency-Key": str(new_id())}
    first, second = [await hall["群主"].client.post(where, headers=key) for _ in "12"]
    assert first.headers["cache-control"] == "no-store"
    assert first.json()["invitation"] != second.json()["invitation"]
    await vouched(hall, first.json(), status=404)


async def test_another_link_ends_the_one_before_and_who_came_by_it(hall):
    activity, speaker, old = await invited(hall)
    inside = await guest(hall, old)
    assert await sees(inside, activity) == 200
    new = await links(hall, activity, speaker)
    await vouched(hall, old, status=404)
    assert await sees(inside, activity) == (401, "session_revoked")
    assert await sees(await guest(hall, new), activity) == 200


async def test_a_link_that_is_taken_back_is_worth_nothing_at_once(hall):
    activity, speaker, made = await invited(hall)
    inside = await guest(hall, made)
    where = path(activity, f"speakers/{speaker['id']}/invitation")
    for _ in "12":
        assert (await hall["群主"].client.delete(where)).status_code == 204
    assert await sees(inside, activity) == (401, "session_revoked")
    await vouched(hall, made, status=404)
    assert [one["id"] for one in (await hall.see("群主", path(activity)))["speakers"]] == [speaker["id"]]


async def test_who_is_withdrawn_comes_in_no_more(hall):
    activity, speaker, made = await invited(hall)
    inside = await guest(hall, made)
    await withdraws(hall, activity, speaker)
    assert await sees(inside, activity) == (401, "session_revoked")
    await vouched(hall, made, status=404)
    await links(hall, activity, speaker, status=409)


async def test_nobody_comes_to_what_was_cancelled(hall):
    activity, speaker, made = await invited(hall)
    inside = await guest(hall, made)
    await hall.send("群主", path(activity, "cancel"), {"reason": "讲师生病"}, version=2)
    assert await sees(inside, activity) == (401, "session_revoked")
    await vouched(hall, made, status=404)
    await links(hall, activity, speaker, status=409)


async def test_a_link_ends_thirty_days_after_the_activity(hall):
    activity, speaker, made = await invited(hall)
    inside = await guest(hall, made)
    hall.later(days=33, hours=1, minutes=59)
    assert await sees(inside, activity) == 200
    await vouched(hall, made)
    hall.later(minutes=1)
    assert await sees(inside, activity) == (401, "session_revoked")
    await vouched(hall, made, status=404)
    refused = await links(hall, activity, speaker, status=409)
    assert refused["code"] == "invitation_over"


async def test_a_link_is_moved_with_its_activity(hall):
    activity, _, made = await invited(hall)
    moved = {"starts_at": hall.after(days=10), "ends_at": hall.after(days=10, hours=2)}
    await hall.send("群主", path(activity, "move"), moved, version=2)
    hall.later(days=39)
    assert (await vouched(hall, made))["invitation_id"]


async def test_another_activity_is_not_there_for_a_guest(hall):
    activity, _, made = await invited(hall)
    other, _, theirs = await invited(hall, title="别的课")
    inside = await guest(hall, made)
    assert await sees(inside, other) == (404, "not_found")
    assert (await inside.get(f"{ACTIVITIES}/{new_id()}")).status_code == 404
    told, elsewhere = await vouched(hall, made), await vouched(hall, theirs)
    # Ids that do not belong together, as if somebody could choose them.
    for mixed in (
        {"activity_id": elsewhere["activity_id"], "invitation_id": told["invitation_id"], "link_id": told["link_id"]},
        {"activity_id": told["activity_id"], "invitation_id": elsewhere["invitation_id"], "link_id": told["link_id"]},
        {"activity_id": told["activity_id"], "invitation_id": told["invitation_id"], "link_id": elsewhere["link_id"]},
    ):
        client = hall.stage.harness.as_guest(**{name: UUID(value) for name, value in mixed.items()})
        for one in (activity, other):
            assert await sees(client, one) == (401, "session_revoked")


async def test_a_guest_does_nothing_and_lists_nothing(hall):
    activity, speaker, made = await invited(hall)
    inside = await guest(hall, made)
    tried = [
        await inside.get(ACTIVITIES, params={"community_id": str(hall.stage.community_id)}),
        await inside.patch(path(activity), json={"title": "我的课"}, headers={"If-Match": '"2"'}),
        await inside.get(path(activity, "speakers")),
        await inside.post(path(activity, f"speakers/{speaker['id']}/invitation")),
        await inside.delete(path(activity, f"speakers/{speaker['id']}/invitation")),
        await inside.post("/v1/registrations", json={"activity_id": activity["id"]}),
        await inside.post("/v1/activities", json={}),
        await inside.post(VOUCH, json={"secret_hash": "0" * 64}),
    ]
    assert {answer.status_code for answer in tried} <= {403, 404}


async def test_only_who_invites_speakers_makes_links(hall):
    activity = await hall.announces()
    speaker = await invites(hall, activity, OUTSIDE)
    await links(hall, activity, speaker, by="甲", status=403)
    other = await hall.announces(title="别的课")
    await links(hall, other, speaker, status=404)
    await links(hall, activity, {"id": str(new_id())}, status=404)


async def test_who_belongs_to_the_company_logs_in(hall):
    activity = await hall.announces()
    speaker = await invites(hall, activity, member(hall, "甲"))
    assert (await links(hall, activity, speaker, status=409))["code"] == "speaker_logs_in"


async def test_membership_alone_is_told_whose_a_link_is(hall):
    _, _, made = await invited(hall)
    digest = hashlib.sha256(made["invitation"].encode()).hexdigest()
    for client in (hall["群主"].client, hall.stage.harness.as_service("activities.read")):
        assert (await client.post(VOUCH, json={"secret_hash": digest})).status_code == 404
    assert (await hall.stage.harness.anonymous().post(VOUCH, json={"secret_hash": digest})).status_code == 401
    asking = hall.stage.harness.as_service("internal")
    for wrong in (digest.upper(), digest[:-1], "%" * 64, made["invitation"]):
        assert (await asking.post(VOUCH, json={"secret_hash": wrong})).status_code == 422


async def test_others_are_told_which_link_is_good(hall):
    activity, speaker, made = await invited(hall)
    link = (await vouched(hall, made))["link_id"]
    await hall["群主"].client.delete(path(activity, f"speakers/{speaker['id']}/invitation"))
    told = [one.data["speaker"] for one in await hall.stage.harness.published("speaker.invited")]
    named = {"invitation_id": speaker["id"], "name": "李娜"}
    assert told == [named, named | {"link_id": link}, named]


async def test_links_that_ended_are_forgotten(hall):
    async def kept():
        async with hall.stage.harness.runtime.database.reading() as session:
            return list(await session.scalars(select(col(SpeakerLink.activity_id))))

    activity, _, _ = await invited(hall)
    gone, speaker, _ = await invited(hall, title="退出的课")
    off, _, _ = await invited(hall, title="取消的课")
    await withdraws(hall, gone, speaker)
    await hall.send("群主", path(off, "cancel"), {"reason": "讲师生病"}, version=2)
    running = hall.stage.harness.runtime
    async with running.database.transaction() as session:
        await running.service.timers.set_periodic(session, hall.now)
    hall.later(hours=2)
    await hall.stage.harness.run_timers()
    assert [str(one) for one in await kept()] == [activity["id"]]
    hall.later(days=34)
    await hall.stage.harness.run_timers()
    assert await kept() == []


async def test_of_links_that_are_made_at_one_moment_the_last_one_is_good(hall):
    activity = await hall.announces()
    speaker = await invites(hall, activity, OUTSIDE)
    made = await asyncio.gather(*(links(hall, activity, speaker) for _ in range(5)))
    asking = hall.stage.harness.as_service("internal")
    good = [
        (await asking.post(VOUCH, json={"secret_hash": hashlib.sha256(one["invitation"].encode()).hexdigest()}))
        for one in made
    ]
    assert sorted(answer.status_code for answer in good) == [200, 404, 404, 404, 404]


async def test_in_an_archived_community_nobody_is_given_a_link(hall):
    activity, speaker, made = await invited(hall)
    inside = await guest(hall, made)
    await hall.stage.change(status="archived")
    assert (await links(hall, activity, speaker, status=409))["code"] == "community_archived"
    assert await sees(inside, activity) == 200
