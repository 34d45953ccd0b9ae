"""What waits is sent once, by any number of workers, whatever the channel does meanwhile."""

import asyncio
from base64 import b64decode
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import text

from chassis.errands import run_errand
from services.membership.deliveries import rules, sending
from services.membership.deliveries.channels import Again, Content, Message, Outcome, Refused, Taken
from services.membership.deliveries.occasions import Later, Pointless
from services.membership.deliveries.sending import Sender
from services.membership.deliveries.service import withdraw
from services.membership.deliveries.sweeping import sweep
from tests.support.waiting import eventually

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


async def run(post, sender: Sender | None = None) -> Sender:
    sender = sender or Sender(post.outlet)
    await sender.run_due(post.scene.harness.runtime, asyncio.Event())
    return sender


async def test_a_message_goes_to_its_person_when_it_is_due_and_once(post):
    now_due, later = (await post.leave("ann"))[0], (await post.leave("bob", due=10 * MINUTE))[0]
    sender = await run(post)
    assert [message.to for message in post.pigeons.sent] == [f"loft-{post.scene.people['ann']}"]
    assert (await post.state(now_due), await post.state(later)) == ("taken", "waiting")
    post.later(10 * MINUTE)
    await run(post, sender)
    await run(post, sender)
    assert [message.content.paragraphs for message in post.pigeons.sent] == [[str(now_due)], [str(later)]]
    assert [(one.kind, one.state) for one in post.ended] == [("notification", "taken")] * 2


async def test_what_is_left_twice_is_one_message(post):
    (subject,) = await post.leave("ann")
    row = (await post.rows())[subject]
    from services.membership.deliveries.service import Parcel, leave

    async with post.scene.harness.runtime.database.transaction() as session:
        parcel = Parcel(row.channel, row.person_id, "notification", subject, row.due_at, row.lapses_at)
        assert await leave(session, [parcel, parcel], post.scene.harness.clock()) == 0
    await run(post)
    assert len(post.pigeons.sent) == 1


async def test_a_worker_that_dies_while_it_sends_leaves_one_that_may_come_twice_under_the_same_id_and_loses_none(post):
    subjects = await post.leave("ann", "bob", "cat")

    def die(_message: Message) -> Outcome:
        raise asyncio.CancelledError

    post.pigeons.answers = die
    with suppress(asyncio.CancelledError):
        await run(post)
    assert sorted([row.state for row in (await post.rows()).values()]) == ["sending", "waiting", "waiting"]
    post.pigeons.answers = lambda _message: Taken()
    await run(post)
    assert len(post.pigeons.sent) == 3, "whoever had it may still be at it"
    post.later(rules.LEASE)
    await run(post)
    assert {row.state for row in (await post.rows()).values()} == {"taken"}
    assert len(post.pigeons.sent) == 4
    assert len({message.id for message in post.pigeons.sent}) == len(subjects)


async def test_who_was_paused_past_their_lease_changes_nothing_that_another_wrote(post):
    (subject,) = await post.leave("ann")
    other = Sender(post.outlet)

    async def pause(_message: Message) -> Outcome:
        post.pigeons.answers = lambda _again: Taken()
        post.later(rules.LEASE)
        await run(post, other)
        return Refused("too_late", address=False)

    post.pigeons.answers = pause
    await run(post)
    assert await post.state(subject) == "taken"
    assert [one.state for one in post.ended] == ["taken"]


async def test_many_workers_send_each_message_once(post):
    await post.leave(*[f"p{number}" for number in range(12)])

    async def slowly(_message: Message) -> Outcome:
        await asyncio.sleep(0)
        return Taken()

    post.pigeons.answers = slowly
    await asyncio.gather(*[run(post) for _ in range(4)])
    assert len(post.pigeons.sent) == len({message.id for message in post.pigeons.sent}) == 12
    assert {row.state for row in (await post.rows()).values()} == {"taken"}


async def test_a_channel_that_was_away_for_a_day_gets_everything_afterwards_and_is_asked_seldom_meanwhile(post):
    subjects = await post.leave("ann", "bob", "cat")
    sender = Sender(post.outlet)
    post.pigeons.answers = lambda _message: Again("away", away=True)
    for _ in range(120):
        await run(post, sender)
        post.later(12 * MINUTE)
    assert 60 < len(post.pigeons.sent) <= 120
    subjects += await post.leave(*["ann"] * 40)
    tried = len(post.pigeons.sent)
    for _ in range(30):
        await run(post, sender)
        post.later(timedelta(seconds=10))
    assert len(post.pigeons.sent) - tried <= 3, "every 5 minutes, less what chance takes off"
    post.pigeons.answers = lambda _message: Taken()
    post.later(15 * MINUTE)
    await run(post, sender)
    rows = await post.rows()
    assert {rows[subject].state for subject in subjects} == {"taken"}


async def test_one_message_that_is_put_off_holds_back_no_other_and_waits_longer_each_time(post):
    slow, quick = await post.leave("ann", "bob")
    post.pigeons.answers = lambda one: Again("busy") if one.content.paragraphs == [str(slow)] else Taken()
    sender = await run(post)
    assert (await post.state(slow), await post.state(quick)) == ("waiting", "taken")
    waits = []
    for _ in range(10):
        row = (await post.rows())[slow]
        waits.append(row.next_at - post.scene.harness.clock())
        post.later(waits[-1])
        await run(post, sender)
    assert waits[0] <= timedelta(seconds=15)
    assert timedelta(minutes=7.5) <= waits[-1] <= 15 * MINUTE
    assert (await post.rows())[slow].code == "busy"


async def test_the_other_side_says_how_long_to_wait(post):
    (subject,) = await post.leave("ann")
    post.pigeons.answers = lambda _message: Again("busy", after=timedelta(hours=2))
    await run(post)
    row = (await post.rows())[subject]
    assert row.next_at == post.scene.harness.clock() + timedelta(hours=2)


async def test_what_is_not_taken_in_time_lapses_is_told_and_its_code_is_gone(post):
    (subject,) = await post.leave("ann", kind="code", lasts=timedelta(hours=1), secret=b"K7Q2")
    post.pigeons.answers = lambda _message: Again("busy")
    sender = await run(post)
    post.later(timedelta(hours=1))
    await run(post, sender)
    row = (await post.rows())[subject]
    assert (row.state, row.sealed, row.code) == ("lapsed", None, "busy")
    assert [(one.state, one.code) for one in post.ended] == [("lapsed", "busy")]


async def test_a_code_waits_sealed_goes_before_everything_else_and_vanishes_when_it_is_taken(post):
    await post.leave("ann", "bob")
    post.later(MINUTE)
    (code,) = await post.leave("cat", kind="code", secret=b"K7Q2")
    async with post.scene.harness.runtime.database.reading() as session:
        kept = (await session.execute(text("SELECT sealed FROM deliveries WHERE sealed IS NOT NULL"))).scalars().all()
    assert len(kept) == 1
    assert b"K7Q2" not in b64decode(kept[0])
    assert "K7Q2" not in kept[0]
    await run(post)
    assert [turn.secret for turn in post.turns] == [b"K7Q2", None, None]
    assert (await post.rows())[code].sealed is None


async def test_a_refused_address_gets_nothing_but_codes_until_it_changes(post):
    post.pigeons.answers = lambda _message: Refused("recipient_550", address=True)
    await post.leave("ann")
    await run(post)
    assert [(one.state, one.code) for one in post.ended] == [("refused", "recipient_550")]
    post.pigeons.answers = lambda _message: Taken()
    (news,) = await post.leave("ann")
    (code,) = await post.leave("ann", kind="code", secret=b"K7Q2")
    await run(post)
    rows = await post.rows()
    assert (rows[news].state, rows[news].code) == ("refused", "address_refused")
    assert rows[code].state == "taken"
    post.addresses[post.scene.people["ann"]] = "another loft"
    (again,) = await post.leave("ann")
    await run(post)
    assert await post.state(again) == "taken"


async def test_a_refusal_of_one_message_says_nothing_of_the_address(post):
    post.pigeons.answers = lambda _message: Refused("data_554")
    await post.leave("ann")
    await run(post)
    post.pigeons.answers = lambda _message: Taken()
    (next_one,) = await post.leave("ann")
    await run(post)
    assert await post.state(next_one) == "taken"


async def test_who_has_no_address_and_who_has_left_get_nothing(post):
    nowhere, gone = await post.leave("ann", "bob")
    post.addresses[post.scene.people["ann"]] = None
    await post.scene.send(post.scene.admin, f"/v1/people/{post.scene.people['bob']}/suspend")
    await run(post)
    rows = await post.rows()
    assert [(rows[one].state, rows[one].code) for one in (nowhere, gone)] == [
        ("refused", "no_address"),
        ("withdrawn", "person_inactive"),
    ]
    assert post.pigeons.sent == []


async def test_whoever_left_it_says_at_the_last_moment_that_it_is_pointless_or_too_early(post):
    read, early = await post.leave("ann", "bob")
    at = post.scene.harness.clock() + timedelta(hours=9)
    said = {read: Pointless("read"), early: Later(at)}
    post.says = lambda turn: said.get(turn.subject_id) or Content("en", "News", [])
    sender = await run(post)
    rows = await post.rows()
    assert (rows[read].state, rows[read].code) == ("withdrawn", "read")
    assert (rows[early].state, rows[early].next_at, rows[early].attempts) == ("waiting", at, 0)
    said.clear()
    post.later(timedelta(hours=9))
    await run(post, sender)
    assert await post.state(early) == "taken"


async def test_what_is_taken_back_is_not_sent(post):
    gone, stays = await post.leave("ann", "bob")
    async with post.scene.harness.runtime.database.transaction() as session:
        await withdraw(session, "notification", [gone], post.scene.harness.clock())
    await run(post)
    assert (await post.state(gone), await post.state(stays)) == ("withdrawn", "taken")
    assert len(post.pigeons.sent) == 1


async def test_a_message_that_cannot_be_written_stands_in_nobodys_way_and_says_nothing_in_the_log(post, caplog):
    broken, sound = await post.leave("ann", "bob")

    def write(turn):
        if turn.subject_id == broken:
            raise ValueError("canary K7Q2")
        return Content("en", "News", [])

    post.says = write
    await run(post)
    assert (await post.state(broken), await post.state(sound)) == ("waiting", "taken")
    assert (await post.rows())[broken].code == "not_written"
    assert "canary" not in caplog.text


async def test_what_a_channel_runs_into_loses_no_message_and_says_nothing_in_the_log(post, caplog):
    def fall(_message: Message) -> Outcome:
        raise RuntimeError("canary ann@example.com")

    post.pigeons.answers = fall
    (subject,) = await post.leave("ann")
    await run(post)
    assert (await post.state(subject), (await post.rows())[subject].code) == ("waiting", "RuntimeError")
    assert "canary" not in caplog.text


async def test_a_channel_that_hangs_is_left_alone_after_its_time_and_what_it_had_waits(post, monkeypatch):
    monkeypatch.setattr(rules, "SEND_SECONDS", 0.05)

    async def hang(_message: Message) -> Outcome:
        await asyncio.Event().wait()
        raise AssertionError

    post.pigeons.answers = hang
    subjects = await post.leave("ann", "bob")
    await run(post)
    assert [await post.state(subject) for subject in subjects] == ["waiting", "waiting"]
    assert len(post.pigeons.sent) == 1, "the channel rests"


async def test_a_worker_that_must_stop_gives_back_what_is_on_its_way(post, monkeypatch):
    monkeypatch.setattr(sending, "_STOP_SECONDS", 0.05)
    (subject,) = await post.leave("ann")
    stop = asyncio.Event()

    async def hang(_message: Message) -> Outcome:
        stop.set()
        await asyncio.Event().wait()
        raise AssertionError

    post.pigeons.answers = hang
    await Sender(post.outlet).run_due(post.scene.harness.runtime, stop)
    assert await post.state(subject) == "waiting"


async def test_the_loop_is_woken_by_what_is_left_and_comes_again_when_it_is_due(post):
    stop = asyncio.Event()
    runtime = post.scene.harness.runtime
    loop = asyncio.create_task(run_errand(Sender(post.outlet), runtime, stop))
    try:
        await post.leave("ann")
        await eventually(lambda: len(post.pigeons.sent) == 1)
        await post.leave("bob", due=MINUTE)
        await eventually(lambda: post.pigeons.rests > 0)
        assert len(post.pigeons.sent) == 1
        post.later(MINUTE)
        await eventually(lambda: len(post.pigeons.sent) == 2)
    finally:
        stop.set()
        runtime.database.errands.ring()
        await loop


async def test_the_hourly_sweep_ends_what_lapsed_where_no_channel_is_set_and_forgets_what_ended_long_ago(post):
    lapsed, taken = (
        (await post.leave("ann", kind="code", secret=b"K7Q2", lasts=MINUTE))[0],
        (await post.leave("bob"))[0],
    )
    post.later(MINUTE)

    async def swept() -> None:
        from chassis.timers import Timer

        now = post.scene.harness.clock()
        async with post.scene.harness.runtime.database.transaction() as session:
            await sweep(
                session, Timer(post.scene.people["ann"], "deliveries.sweep", post.scene.people["ann"], now, now)
            )

    await swept()
    rows = await post.rows()
    assert (rows[lapsed].state, rows[lapsed].sealed) == ("lapsed", None)
    await run(post)
    post.later(31 * DAY)
    await swept()
    assert taken not in await post.rows()


@pytest.mark.parametrize("attempts", [1, 5, 1000])
@pytest.mark.parametrize("jitter", [0.0, 1.0])
def test_a_wait_is_never_longer_than_what_it_is_for(scene, attempts, jitter):
    now = scene.harness.clock()
    lapses_at = now + timedelta(seconds=20)
    again = rules.try_again_at("code", now, attempts, None, jitter=jitter, lapses_at=lapses_at)
    assert now < again <= lapses_at
