"""What cannot be applied is put aside with a reason, holds nobody up, and can be replayed."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.engine import Database
from chassis.messaging import codec, dispatch
from chassis.messaging.dead_letters import DeadLetter, ReplayFailedError, replay, show_dead_letter
from chassis.messaging.envelope import Received, Record
from chassis.messaging.handlers import Handlers
from tests.support.messaging import ThingCounted, World, a_record, write_entries
from tests.support.waiting import eventually

POISON: dict[str, dict[str, Any]] = {
    "bad_encoding": {"data": b'{"thing_id": "\xff\xfe"}'},
    "bad_json": {"data": b'{"thing_id": '},
    "too_deep": {"data": b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}"},
    "wrong_schema": {"data": b'{"thing_id": 7, "amount": "many"}'},
    "wrong_source": {"source": "/qunxue/gamification"},
}


class Breakable:
    """A handler with a bug that can be mended."""

    def __init__(self, *bad: int) -> None:
        self.bad = set(bad)
        self.error: Exception = RuntimeError("a bug")
        self.calls = 0
        self.handlers = Handlers()

        @self.handlers.on(ThingCounted)
        async def count_things(messages: Sequence[Received[ThingCounted]], session: AsyncSession) -> None:
            self.calls += 1
            await write_entries(messages, session)
            if self.bad & {message.version for message in messages}:
                raise self.error


def good(world: World, number: int) -> list[Record]:
    return [a_record(ThingCounted(thing_id=world.things.ids[0], amount=1), version=n + 1) for n in range(number)]


async def versions(world: World) -> list[int]:
    return [entry.version for entry in await world.entries()]


@pytest.mark.fault(7)
async def test_each_kind_of_poison_is_put_aside_with_its_reason(world: World):
    records = good(world, 300)
    for index, changes in enumerate(POISON.values()):
        records.insert(index * 55, a_record(ThingCounted(thing_id=world.things.ids[0], amount=1), **changes))
    async with world.consuming():
        await world.send(*records)
        await world.applied(300)
        await eventually(lambda: has_letters(world, len(POISON)))
    assert await versions(world) == list(range(1, 301))
    assert sorted(letter.reason for letter in await world.dead_letters()) == sorted(POISON)


ODD_HEADERS: dict[str, tuple[str, bytes]] = {
    "a moment that no calendar in UTC can hold": ("ce_time", b"0001-01-01T00:00:00+14:00"),
    "one at the other end": ("ce_recordedtime", b"9999-12-31T23:59:59-14:00"),
    "a version beyond 64 bits": ("ce_aggregateversion", b"99999999999999999999"),
    "a character that no column keeps": ("ce_id", b"a\x00b"),
    "a subject longer than its column": ("ce_subject", b"x" * 1000),
    "no text": ("ce_actorid", b"\xff\xfe"),
}


async def test_whatever_a_header_holds_is_a_dead_letter_and_holds_nobody_up(world: World):
    records = good(world, 3)
    for name, value in ODD_HEADERS.values():
        odd = a_record(ThingCounted(thing_id=world.things.ids[0], amount=1))
        headers = tuple((key, value if key == name else kept) for key, kept in odd.headers)
        records.insert(1, odd._replace(headers=headers))
    async with world.consuming():
        await world.send(*records)
        await world.applied(3)
        await eventually(lambda: has_letters(world, len(ODD_HEADERS)))
    assert await versions(world) == [1, 2, 3]
    assert {letter.reason for letter in await world.dead_letters()} == {"bad_envelope"}


class NoText(str):
    """The name of a header as a client writes it that does not care about UTF-8."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return b"\xff\xfe"


# The local log keeps names as text.
@pytest.mark.parametrize("log", [pytest.param("kafka", marks=pytest.mark.kafka)], indirect=True)
async def test_a_header_whose_name_is_no_text_is_a_dead_letter_and_holds_nobody_up(world: World):
    records = good(world, 3)
    odd = a_record(ThingCounted(thing_id=world.things.ids[0], amount=1))
    records[1:1] = [odd._replace(headers=((NoText(), b"\xff"), *odd.headers))]
    records[3:3] = [odd._replace(headers=(*odd.headers, (NoText(), b"")))]
    async with world.consuming():
        await world.send(*records)
        await world.applied(3)
        await eventually(lambda: has_letters(world, 2))
    assert await versions(world) == [1, 2, 3]
    assert {letter.reason for letter in await world.dead_letters()} == {"bad_envelope"}


async def test_a_mark_of_a_moment_that_no_calendar_can_hold_is_a_dead_letter(world: World):
    mark = a_record(ThingCounted(thing_id=world.things.ids[0], amount=1), type="qunxue.testing.relay.passed.v1")
    headers = tuple((key, b"0001-01-01T00:00:00+14:00" if key == "ce_time" else kept) for key, kept in mark.headers)
    async with world.consuming():
        await world.send(mark._replace(headers=headers), *good(world, 2))
        await world.applied(2)
        await eventually(lambda: has_letters(world, 1))


async def test_what_reading_a_record_raises_is_a_dead_letter_whatever_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    def receive(delivery: Any, message: Any, event_class: Any) -> Any:
        if message.version == 2:
            raise RecursionError("nobody foresaw this")
        return codec.receive(delivery, message, event_class)

    monkeypatch.setattr(dispatch, "receive", receive)
    async with world.consuming():
        await world.send(*good(world, 3))
        await world.applied(2)
        await eventually(lambda: has_letters(world, 1))
    assert [letter.reason for letter in await world.dead_letters()] == ["unreadable"]


@pytest.mark.parametrize(
    "error", [IsADirectoryError(21, "the zone Asia"), OSError(36, "a zone of 300 characters"), OverflowError("a day")]
)
async def test_an_error_about_a_value_is_no_passing_error_even_if_the_system_says_it(world: World, error: Exception):
    broken = Breakable(1)
    broken.error = error
    async with world.consuming(broken.handlers):
        await world.send(*good(world, 3))
        await world.applied(2)
        await eventually(lambda: has_letters(world, 1))


async def has_letters(world: World, number: int) -> bool:
    return len(await world.dead_letters()) == number


async def test_a_dead_letter_keeps_the_bytes_the_headers_and_the_place(world: World):
    (poison,) = [a_record(ThingCounted(thing_id=world.things.ids[0], amount=1), data=b"\xff not json \x00")]
    async with world.consuming():
        await world.send(poison)
        await eventually(lambda: has_letters(world, 1))
    (listed,) = await world.dead_letters()
    async with world.consumer.reading() as session:
        letter = await show_dead_letter(session, listed.id)
    assert letter is not None
    assert letter.delivery.value == poison.value
    assert letter.delivery.key == poison.key
    assert set(letter.delivery.headers) == set(poison.headers)
    assert letter.type == ThingCounted.TYPE


async def test_a_mended_handler_gets_its_message_by_replay_and_once_only(world: World):
    broken = Breakable(5)
    async with world.consuming(broken.handlers):
        await world.send(*good(world, 9))
        await world.applied(8)
        await eventually(lambda: has_letters(world, 1))
    (letter,) = await world.dead_letters()
    with pytest.raises(ReplayFailedError, match="a bug"):
        await replay_letter(world.consumer, broken.handlers, letter)
    broken.bad.clear()
    await replay_letter(world.consumer, broken.handlers, letter)
    assert sorted(await versions(world)) == list(range(1, 10))
    assert await world.dead_letters() == []
    with pytest.raises(ReplayFailedError, match="was replayed"):
        await replay_letter(world.consumer, broken.handlers, letter)
    assert await world.entry_count() == 9


async def test_a_second_copy_of_a_bad_message_makes_no_second_dead_letter(world: World):
    broken = Breakable(1)
    record = good(world, 1)[0]
    async with world.consuming(broken.handlers):
        await world.send(record)
        await eventually(lambda: has_letters(world, 1))
        await world.send(record)
        await world.send(a_record(ThingCounted(thing_id=world.things.ids[0], amount=1), version=2))
        await world.applied(1)
    assert len(await world.dead_letters()) == 1


async def test_replay_is_audited_in_its_own_transaction(world: World):
    broken = Breakable(1)
    async with world.consuming(broken.handlers):
        await world.send(*good(world, 1))
        await eventually(lambda: has_letters(world, 1))
    (letter,) = await world.dead_letters()
    broken.bad.clear()

    async def audited(session: AsyncSession, replayed: DeadLetter) -> None:
        raise PermissionError("no audit, no replay")

    with pytest.raises(PermissionError):
        await replay(
            world.consumer, broken.handlers, letter.id, now=datetime.now(UTC), actor="person:x", audited=audited
        )
    assert await world.entry_count() == 0
    assert len(await world.dead_letters()) == 1


async def replay_letter(database: Database, handlers: Handlers, letter: DeadLetter) -> None:
    await replay(database, handlers, letter.id, now=datetime.now(UTC), actor="system")


async def test_poison_stays_poison_when_replayed(world: World):
    async with world.consuming():
        await world.send(a_record(ThingCounted(thing_id=world.things.ids[0], amount=1), **POISON["bad_json"]))
        await eventually(lambda: has_letters(world, 1))
    (letter,) = await world.dead_letters()
    with pytest.raises(ReplayFailedError, match="bad_json"):
        await replay_letter(world.consumer, Breakable().handlers, letter)
    assert len(await world.dead_letters()) == 1


@pytest.mark.fault(8)
async def test_nothing_is_dropped_while_dead_letters_cannot_be_written(world: World, monkeypatch: pytest.MonkeyPatch):
    failures = []

    async def refuse(*_arguments: object) -> None:
        failures.append(1)
        raise RuntimeError("no room for dead letters")

    with monkeypatch.context() as patched:
        patched.setattr(dispatch, "put_aside", refuse)
        consuming = world.consuming(Breakable(3).handlers)
        await consuming.__aenter__()
        await world.send(*good(world, 5))
        await eventually(lambda: len(failures) >= 2)
        assert await world.dead_letters() == []
    await eventually(lambda: has_letters(world, 1))
    await consuming.__aexit__(None, None, None)
    assert sorted(await versions(world)) == [1, 2, 4, 5]


async def test_a_passing_error_is_waited_out_and_nothing_is_put_aside(world: World):
    broken = Breakable(1)
    broken.error = ConnectionResetError("the network is away")
    async with world.consuming(broken.handlers):
        await world.send(*good(world, 3))
        await eventually(lambda: broken.calls >= 3)
        assert await world.dead_letters() == []
        assert await world.entry_count() == 0
        broken.bad.clear()
        await world.applied(3)
    assert await versions(world) == [1, 2, 3]


async def test_stopping_does_not_wait_for_an_error_that_does_not_pass(world: World):
    broken = Breakable(1)
    broken.error = ConnectionResetError("the network is away")
    async with asyncio.timeout(120):
        async with world.consuming(broken.handlers):
            await world.send(*good(world, 1))
            await eventually(lambda: broken.calls >= 2)
    broken.bad.clear()
    async with world.consuming(broken.handlers):
        await world.applied(1)


async def test_a_statement_that_can_never_work_is_a_bug_and_no_passing_error(world: World):
    handlers = Handlers()

    @handlers.on(ThingCounted)
    async def misspelt(messages: Sequence[Received[ThingCounted]], session: AsyncSession) -> None:
        await (await session.connection()).execute(text("SELECT no_such_column FROM ledger"))

    async with world.consuming(handlers):
        await world.send(*good(world, 1))
        await eventually(lambda: has_letters(world, 1))
    (letter,) = await world.dead_letters()
    assert "no_such_column" in letter.detail
