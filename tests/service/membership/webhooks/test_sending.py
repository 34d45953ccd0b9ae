"""What endpoints are sent, how often, and what becomes of those that do not take it."""

import asyncio
from datetime import timedelta
from time import monotonic
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, insert, select
from sqlmodel import col

from contracts.content import DiscussionRemoved, DiscussionRestored, ReplyPosted
from contracts.membership import MemberJoined, PersonLeft
from services.membership.webhooks import progress, sending
from services.membership.webhooks.models import Webhook, WebhookDelivery
from services.membership.webhooks.telling import wanted_types
from tests.service.membership.webhooks.conftest import body
from tests.service.membership.webhooks.receiving import STARTED, is_signed_by

PATH = "/v1/webhooks"


async def test_a_message_is_sent_as_others_verify_it(told):
    message = told.message()
    await told.tell(message, times=2)
    [seen] = told.receiver.seen
    assert is_signed_by(seen, told.hook["secret"])
    assert (seen.method, seen.header("content-type")) == ("POST", "application/json")
    [said] = told.receiver.said()
    assert said["id"] == seen.header("webhook-id") == str(message.id)
    assert (said["type"], said["community_id"]) == (STARTED, told.community["id"])
    assert (said["subject"], said["version"]) == (message.subject, 1)
    assert said["time"] == message.occurred_at.isoformat()
    assert said["data"] == message.data.model_dump(mode="json", exclude_none=True)
    [line] = await told.log()
    assert (line["status"], line["answered"], line["attempts"], line["error"]) == ("delivered", 204, 1, None)
    assert line["milliseconds"] >= 0
    assert "周报" not in str(line)


async def test_both_secrets_sign_for_24_hours(told):
    rotated = await told.scene.send(told.scene.again("owner"), f"{PATH}/{told.hook['id']}/rotate")
    await told.tell(told.message())
    assert is_signed_by(told.receiver.seen[0], told.hook["secret"])
    assert is_signed_by(told.receiver.seen[0], rotated["secret"])
    told.scene.harness.clock.advance(timedelta(hours=24))
    await told.tell(told.message())
    assert not is_signed_by(told.receiver.seen[1], told.hook["secret"])
    assert is_signed_by(told.receiver.seen[1], rotated["secret"])


async def test_an_endpoint_is_told_its_types_of_its_community_alone(told):
    other = await told.scene.community()
    joined = await told.listen(MemberJoined.TYPE)
    await told.tell(told.message(told.discussion(community_id=UUID(other["id"]))), told.message())
    assert [one["community_id"] for one in told.receiver.said()] == [told.community["id"]]
    assert await told.log(joined) == []


async def test_an_administrator_is_told_of_people_and_nothing_of_communities(told):
    asked = {"url": told.url, "types": [PersonLeft.TYPE]}
    await told.scene.send(told.scene.admin, PATH, asked)
    left = PersonLeft(person_id=uuid4(), display_name="甲", kind="employee", status="left")
    await told.tell(told.message(left), told.message())
    assert sorted(one["type"] for one in told.receiver.said()) == sorted([PersonLeft.TYPE, STARTED])


@pytest.mark.parametrize(
    "fields", [{"group_id": UUID(int=1)}, {"audience": {"roles": ["mentor"]}}, {"visibility": "private"}]
)
async def test_what_not_every_member_reads_is_told_nobody(told, fields):
    await told.scene.change(
        told.scene.again("owner"), f"/v1/communities/{told.community['id']}", {"visibility": "internal"}
    )
    await told.tell(told.message(told.discussion(**fields)))
    assert await told.log() == []


async def test_what_was_taken_away_while_it_waited_is_not_sent(told):
    told.receiver.fails = 500
    message = told.message()
    await told.tell(message)
    told.receiver.fails = None
    gone = {"id": UUID(message.subject), "root_id": UUID(message.subject), "author_ids": (), "cause": "author"}
    removed = DiscussionRemoved.model_validate({"community_id": told.community["id"], "kind": "discussion", **gone})
    await told.tell(told.message(removed, version=2))
    await told.work(hours=2)
    assert len(told.receiver.seen) == 1
    assert [one["status"] for one in await told.log()] == ["left_out"]


async def test_what_comes_back_is_sent_after_all_as_long_as_it_would_have_been_tried(told):
    told.receiver.fails = 500
    message = told.message()
    await told.tell(message)
    told.receiver.fails = None
    gone = {"id": UUID(message.subject), "root_id": UUID(message.subject), "author_ids": (), "cause": "hold"}
    gone = {"community_id": told.community["id"], "kind": "discussion", **gone}
    await told.tell(told.message(DiscussionRemoved.model_validate(gone), version=2))
    await told.work(hours=2)
    assert [one["status"] for one in await told.log()] == ["left_out"]
    await told.tell(told.message(DiscussionRestored.model_validate(gone), version=3))
    assert [one["status"] for one in await told.log()] == ["delivered"]
    assert told.receiver.ids() == [str(message.id)] * 2


@pytest.mark.parametrize(
    ("versions", "sent"), [((2, 1), False), ((2, 3, 1), True), ((3, 2, 1), True), ((3, 1, 2), True)]
)
async def test_whatever_comes_first_the_newest_says_whether_it_is_taken_away(told, versions, sent):
    started = told.message()
    gone = {"id": UUID(started.subject), "root_id": UUID(started.subject), "author_ids": (), "cause": "hold"}
    gone = {"community_id": told.community["id"], "kind": "discussion", **gone}
    messages = {
        1: started,
        2: told.message(DiscussionRemoved.model_validate(gone), version=2),
        3: told.message(DiscussionRestored.model_validate(gone), version=3),
    }
    for version in versions:
        await told.tell(messages[version])
    assert told.receiver.ids() == ([str(started.id)] if sent else [])


async def test_history_is_not_told(told):
    await told.tell(told.message(backfill=True))
    assert await told.log() == []


async def test_where_nobody_has_an_endpoint_nothing_is_wanted(told):
    database = told.scene.harness.runtime.database
    async with database.reading() as session:
        wanted = await wanted_types(session)
    assert {STARTED, DiscussionRemoved.TYPE} <= wanted
    assert ReplyPosted.TYPE not in wanted
    await told.scene.again("owner").delete(f"{PATH}/{told.hook['id']}")
    async with database.reading() as session:
        assert await wanted_types(session) == frozenset()
    await told.tell(told.message())
    async with database.reading() as session:
        inbox = told.scene.harness.runtime.service.tables.messaging.inbox
        found = select(func.count()).where(inbox.c.handler == "tell_endpoints")
        assert (await session.execute(found)).scalar_one() == 0


# --- again ---------------------------------------------------------------------------------------------------------


async def test_what_was_not_taken_is_sent_again_by_the_same_id_until_it_is(told):
    told.receiver.fails = 503
    await told.tell(told.message())
    await told.work()
    assert len(told.receiver.seen) == 1, "it rests"
    await told.work(seconds=6)
    told.receiver.fails = None
    await told.work(minutes=2)
    assert len(told.receiver.seen) == 3
    assert len(set(told.receiver.ids())) == 1
    [line] = await told.log()
    assert (line["status"], line["attempts"], line["answered"]) == ("delivered", 3, 204)


async def test_a_redirect_is_not_followed_and_no_delivery(told):
    told.receiver.answers["/hook"] = lambda _seen: (307, {"location": "/other"}, b"")
    await told.tell(told.message())
    assert [one.path for one in told.receiver.seen] == ["/hook"]
    assert [(one["status"], one["answered"]) for one in await told.log()] == [("waiting", 307)]


async def test_an_address_that_turns_out_to_be_inside_is_not_called(told):
    runtime = told.scene.harness.runtime
    runtime.settings = runtime.settings.model_copy(update={"webhook_networks": ()})
    await told.tell(told.message())
    assert told.receiver.seen == []
    assert [(one["status"], one["error"]) for one in await told.log()] == [("waiting", "address_refused")]


async def test_one_that_takes_a_message_no_more_is_sent_the_others(told):
    poison = told.message()
    told.receiver.answers["/hook"] = lambda seen: (400 if seen.header("webhook-id") == str(poison.id) else 204, {}, b"")
    await told.tell(poison, *(told.message() for _ in range(3)))
    await told.work(seconds=10)
    assert sorted(one["status"] for one in await told.log()) == ["delivered"] * 3 + ["waiting"]


async def test_after_three_days_it_has_failed_and_after_five_the_endpoint_is_off(told):
    told.receiver.fails = 500
    await told.tell(told.message())
    for _ in range(13):
        await told.work(hours=6)
    assert [one["status"] for one in await told.log()] == ["failed"]
    assert (await told.read())["status"] == "active"
    for _ in range(8):
        await told.work(hours=6)
    hook = await told.read()
    assert (hook["status"], hook["off_cause"]) == ("off", "failing")
    calls = len(told.receiver.seen)
    await told.tell(told.message())
    assert len(told.receiver.seen) == calls
    assert "webhook.switch_off" in [entry["action"] for entry in await told.scene.audit(told.community["id"])]


async def test_one_that_says_it_is_gone_is_switched_off_at_once(told):
    told.receiver.fails = 410
    await told.tell(told.message(), told.message())
    assert len(told.receiver.seen) == 1
    assert (await told.read())["off_cause"] == "gone"
    assert {one["status"] for one in await told.log()} == {"failed"}


async def test_what_came_during_a_pause_is_sent_after_it(told):
    owner = told.scene.again("owner")
    await told.scene.send(owner, f"{PATH}/{told.hook['id']}/pause")
    await told.tell(told.message())
    assert told.receiver.seen == []
    await told.scene.send(owner, f"{PATH}/{told.hook['id']}/resume")
    await told.work()
    assert len(told.receiver.seen) == 1


async def _inbox(told, name):
    """What somebody was told of endpoints and has not read."""
    lines = await told.scene.see(told.scene.again(name), "/v1/notifications", unread=True)
    return [one["text"] for one in lines["items"] if one["template"].endswith("webhook.off")]


async def _ended(told, cause):
    """Whether the endpoint is off, and nothing waits for it any more."""
    hook = await told.scene.see(told.scene.again("乙"), f"{PATH}/{told.hook['id']}")
    log = await told.scene.see(told.scene.again("乙"), f"{PATH}/{told.hook['id']}/deliveries")
    assert {one["status"] for one in log["items"]} == {"failed"}
    return (hook["status"], hook["off_cause"]) == ("off", cause)


YOURS, OURS = "A webhook of yours was switched off", "A webhook of your community was switched off"


async def test_what_waits_for_an_owner_ends_when_the_role_is_taken_from_them_and_both_owners_are_told(told):
    grant = await told.scene.role("乙", told.community, "owner")
    told.receiver.fails = 500
    await told.tell(told.message())
    roles = await told.scene.see(
        told.scene.again("乙"), "/v1/role-grants", community_id=told.community["id"], role="owner"
    )
    (mine,) = [one for one in roles["items"] if one["id"] != grant["id"]]
    await told.scene.send(told.scene.again("乙"), f"/v1/role-grants/{mine['id']}/revoke")
    assert await _ended(told, "owner_lost_role")
    assert (await _inbox(told, "owner"), await _inbox(told, "乙")) == ([YOURS], [OURS])


async def test_what_waits_ends_when_the_community_is_archived(told):
    await told.scene.role("乙", told.community, "owner")
    told.receiver.fails = 500
    await told.tell(told.message())
    await told.scene.send(told.scene.again("owner"), f"/v1/communities/{told.community['id']}/archive")
    assert await _ended(told, "community_archived")
    assert (await _inbox(told, "owner"), await _inbox(told, "乙")) == ([YOURS], [OURS])


async def test_what_waits_for_an_administrator_ends_when_they_are_suspended(told):
    person = await told.scene.send(told.scene.admin, "/v1/people", {"display_name": "管", "employee_no": "a2"})
    await told.scene.send(told.scene.admin, f"/v1/people/{person['id']}/platform-roles", {"role": "admin"})
    other = told.scene.harness.as_person(UUID(person["id"]), platform=["admin"])
    asked = body(None, url=told.url, types=[PersonLeft.TYPE])
    hook = await told.scene.send(other, PATH, asked)
    told.receiver.fails = 500
    await told.tell(told.message(PersonLeft(person_id=uuid4(), display_name="走", kind="employee", status="left")))
    await told.scene.send(told.scene.admin, f"/v1/people/{person['id']}/suspend")
    async with told.scene.harness.runtime.database.reading() as session:
        there = await session.get(Webhook, UUID(hook["id"]))
        log = select(col(WebhookDelivery.status)).where(col(WebhookDelivery.webhook_id) == UUID(hook["id"]))
        assert (there.status, there.off_cause) == ("off", "owner_lost_role")
        assert list((await session.execute(log)).scalars()) == ["failed"]


async def test_an_owner_who_lost_the_role_is_told_nothing_more(told):
    await told.scene.role("乙", told.community, "owner")
    grants = await told.scene.see(
        told.scene.again("乙"), "/v1/role-grants", community_id=told.community["id"], role="owner"
    )
    mine = next(one for one in grants["items"] if one["member"]["display_name"] == "owner")
    await told.scene.send(told.scene.again("乙"), f"/v1/role-grants/{mine['id']}/revoke")
    await told.tell(told.message())
    assert told.receiver.seen == []
    hook = await told.scene.see(told.scene.again("乙"), f"{PATH}/{told.hook['id']}")
    assert (hook["status"], hook["off_cause"]) == ("off", "owner_lost_role")
    resumed = await told.scene.send(told.scene.again("乙"), f"{PATH}/{told.hook['id']}/resume")
    assert (resumed["status"], resumed["owner"]["display_name"]) == ("active", "乙")


async def test_an_owner_who_leaves_leaves_no_endpoint_at_work(told):
    await told.scene.role("乙", told.community, "owner")
    members = await told.scene.see(told.scene.again("乙"), "/v1/members", community_id=told.community["id"], q="owner")
    await told.scene.send(told.scene.again("owner"), f"/v1/members/{members['items'][0]['id']}/leave")
    hook = await told.scene.see(told.scene.again("乙"), f"{PATH}/{told.hook['id']}")
    assert (hook["status"], hook["off_cause"]) == ("off", "owner_lost_role")


# --- the log -------------------------------------------------------------------------------------------------------


async def test_what_failed_is_replayed_and_nothing_else(told):
    owner, path = told.scene.again("owner"), f"{PATH}/{told.hook['id']}"
    await told.tell(told.message())
    began = told.scene.harness.clock()
    told.receiver.fails = 500
    missed = [told.message() for _ in range(3)]
    await told.tell(*missed)
    for _ in range(13):
        await told.work(hours=6)
    told.receiver.fails = None
    assert len(await told.log(status="failed")) == 3
    before = len(told.receiver.seen)
    job = await told.scene.send(owner, f"{path}/replay", {"since": began.isoformat()}, status=202)
    again = await told.scene.send(owner, f"{path}/replay", {"since": began.isoformat()}, status=202)
    assert again["id"] == job["id"]
    await told.work()
    await told.work(hours=2)
    job = await told.scene.see(owner, f"{PATH}/replays/{job['id']}")
    assert (job["state"], job["done"]) == ("succeeded", 3)
    assert sorted(told.receiver.ids()[before:]) == sorted(str(one.id) for one in missed)
    assert {one["status"] for one in await told.log()} == {"delivered"}


async def test_one_message_is_replayed_by_the_same_id(told):
    await told.tell(told.message())
    [line] = await told.log()
    path = f"{PATH}/{told.hook['id']}/deliveries/{line['id']}/replay"
    assert (await told.scene.send(told.scene.again("owner"), path))["status"] == "waiting"
    await told.scene.send(told.scene.again("owner"), path)
    await told.work()
    assert told.receiver.ids() == [line["message_id"]] * 2
    other = await told.listen()
    foreign = f"{PATH}/{other['id']}/deliveries/{line['id']}/replay"
    await told.scene.send(told.scene.again("owner"), foreign, status=404)


async def test_a_try_is_sent_once_as_long_as_it_waits(told):
    owner, path = told.scene.again("owner"), f"{PATH}/{told.hook['id']}/test"
    first = await told.scene.send(owner, path, status=201)
    assert (await told.scene.send(owner, path, status=200))["id"] == first["id"]
    await told.work()
    [said] = told.receiver.said()
    assert (said["type"], said["data"]) == ("qunxue.membership.webhook.tested.v1", {"webhook_id": told.hook["id"]})


async def test_the_log_goes_back_30_days(told):
    await told.tell(told.message())
    await told.work(days=31)
    assert await told.log() == []


# --- many ----------------------------------------------------------------------------------------------------------


async def test_a_slow_endpoint_keeps_no_other_waiting(told):
    release = asyncio.Event()

    async def slow(scope, receive, send):
        if scope["path"] == "/slow":
            await release.wait()
        await told.receiver._record(scope, receive, send)

    told.receiver.behaves = slow
    other = await told.listen()
    await told.scene.change(
        told.scene.again("owner"), f"{PATH}/{told.hook['id']}", {"url": told.url.replace("hook", "slow")}
    )
    await told.scene.harness.deliver(*(told.message() for _ in range(30)))
    await told.scene.harness.run_timers()
    work = asyncio.create_task(told.scene.harness.run_jobs())
    began = monotonic()
    while len(await told.log(other, status="delivered")) < 30:
        assert monotonic() - began < 60
        await asyncio.sleep(0.05)
    assert await told.log(status="delivered") == []
    assert len(told.receiver.started) - len(told.receiver.seen) == 1, "one call at a time"
    release.set()
    await work
    assert len(await told.log(status="delivered")) == 30


async def test_ten_thousand_messages_for_a_dead_endpoint_cost_a_call_for_each_rest(told, monkeypatch):
    told.receiver.fails = 500
    now, hook_id = told.scene.harness.clock(), UUID(told.hook["id"])
    async with told.scene.harness.runtime.database.transaction() as session:
        rows = [
            {"id": uuid4(), "webhook_id": hook_id, "message_id": uuid4(), "type": STARTED, "status": "waiting",
             "attempts": 0, "since": now, "next_at": now, "created_at": now}
            for _ in range(10_000)
        ]  # fmt: skip
        await session.execute(insert(WebhookDelivery), rows)
    looked = []
    original = sending._due

    async def due(*args):
        looked.append(args)
        return await original(*args)

    monkeypatch.setattr(sending, "_due", due)
    await told.tell(told.message())
    # Those without a message are left out; the one with a message is called, and the endpoint rests.
    for _ in range(3):
        await told.work()
    assert len(told.receiver.seen) <= 1
    assert len(looked) < 30


async def test_a_worker_that_is_killed_while_it_sends_sends_once_more_and_loses_nothing(told, monkeypatch):
    messages = [told.message() for _ in range(5)]
    original, calls = progress.record, []

    async def dying(*args):
        calls.append(args)
        if len(calls) == 3:
            raise asyncio.CancelledError
        return await original(*args)

    monkeypatch.setattr(sending, "record", dying)
    await told.scene.harness.deliver(*messages)
    await told.scene.harness.run_timers()
    with pytest.raises(asyncio.CancelledError):
        await told.scene.harness.run_jobs()
    assert len(told.receiver.seen) == 3
    await told.work(minutes=10)
    await told.work(minutes=10)
    ids = told.receiver.ids()
    assert set(ids) == {str(one.id) for one in messages}
    assert len(ids) == 6
    async with told.scene.harness.runtime.database.reading() as session:
        assert (await session.execute(select(col(Webhook.next_at)))).scalar_one() is None
