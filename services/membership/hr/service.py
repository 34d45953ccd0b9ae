"""Following the HR system by the rules, and with the consequences, of an import of people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import bindparam, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import AuditObject, Changes, audit
from chassis.database.bulk import insert_many
from chassis.database.context import moment_of
from chassis.imports import RowRefused
from chassis.messaging.errors import Refused
from chassis.messaging.handlers import Received
from contracts.corporate import HrPersonHired, HrPersonLeft
from services.membership.directory.imports import people_import
from services.membership.directory.schemas import PersonPatch
from services.membership.directory.upserting import PeopleUpsert, Prepared, prepare
from services.membership.hr import rules
from services.membership.hr.models import HrRecord
from services.membership.people.rules import Status, identifier_key

_Known = Mapping[str, Sequence[Any]]
_TABLE: Any = HrRecord.__table__  # type: ignore[attr-defined]
_UPDATE = (
    update(_TABLE)
    .where(_TABLE.c.employee_key == bindparam("b_key"))
    .values(known=bindparam("known"), updated_at=bindparam("updated_at"))
)

AHEAD = timedelta(minutes=5)
"""How far in its sender's future a message may claim to have happened: it would outdo every later one until then."""
CLOCKS = timedelta(hours=1)
"""How much further a sender's clock may be ahead of ours: an hour, as where summer time was set by hand."""


@dataclass(frozen=True)
class _Word:
    """A message as its sender means it."""

    employee_no: str
    key: str
    values: dict[str, Any]
    at: list[Any]
    source: str


async def follow(session: AsyncSession, messages: Sequence[Received[Any]]) -> None:
    """Register, change, let leave and take back whom the messages name. Raises `Refused` for what an import would refuse."""
    now = moment_of(session)
    for words in _one_each([_word(message, now) for message in messages]):
        await _follow(session, words, now)


def _word(message: Received[Any], now: datetime) -> _Word:
    if message.occurred_at > min(message.recorded_at, now + CLOCKS) + AHEAD:
        raise Refused("in_the_future: the message says that it happens later than now.")
    told = message.data.model_dump(exclude_unset=True)
    left_on = {"left_on": told.pop("left_on")} if "left_on" in told else {}
    try:
        values = PersonPatch.model_validate(told).model_dump(exclude_unset=True)
    except ValidationError as error:
        raise Refused(f"invalid_{error.errors()[0]['loc'][0]}: the value cannot be one.") from None
    if isinstance(message.data, HrPersonHired):
        values["status"] = Status.ACTIVE.value
    elif isinstance(message.data, HrPersonLeft):
        values |= {"status": Status.LEFT.value} | left_on
    number = values.pop("employee_no")
    at = rules.place(message.version, message.occurred_at, str(message.id))
    return _Word(number, identifier_key(number), values, at, message.source)


def _one_each(words: Sequence[_Word]) -> Iterator[list[_Word]]:
    """The messages in rounds, each person once a round: who left and was hired again did both."""
    rounds: list[dict[str, _Word]] = []
    taken: dict[str, int] = {}
    for word in words:
        number = taken[word.key] = taken.get(word.key, -1) + 1
        if number == len(rounds):
            rounds.append({})
        rounds[number][word.key] = word
    yield from (list(one.values()) for one in rounds)


async def _follow(session: AsyncSession, words: Sequence[_Word], now: datetime) -> None:
    known = await _known(session, [word.key for word in words])
    items = [_prepared(known.get(word.key, {}), word) for word in words]
    upsert = PeopleUpsert(session, now)
    await upsert.read(items)
    done = {word.key: _take(upsert, item) for word, item in zip(words, items, strict=True)}
    await upsert.write()
    await _keep(session, words, known, now)
    for word in words:
        if word.key in upsert.changes:
            person_id, changes = upsert.changes[word.key]
            action = f"person.{_action(done[word.key], changes)}"
            what = AuditObject("person", person_id)
            await audit(session, None, what, action, changes, now, on_behalf_of=word.source)


async def _known(session: AsyncSession, keys: Sequence[str]) -> dict[str, _Known]:
    """Up to where each of these numbers was followed, locked."""
    statement = (
        select(HrRecord.employee_key, HrRecord.known)
        .where(col(HrRecord.employee_key).in_(keys))
        .order_by(col(HrRecord.employee_key))
        .with_for_update()
    )
    return dict((await session.exec(statement)).all())


async def _keep(session: AsyncSession, words: Sequence[_Word], known: Mapping[str, _Known], now: datetime) -> None:
    rows = [
        {
            "employee_key": word.key,
            "known": rules.followed(known.get(word.key, {}), rules.spoken_of(word.values), word.at),
            "updated_at": now,
        }
        for word in words
    ]
    await insert_many(session, _TABLE, [row for row in rows if row["employee_key"] not in known])
    if again := [{"b_key": row.pop("employee_key"), **row} for row in rows if row["employee_key"] in known]:
        await (await session.connection()).execute(_UPDATE, again)


def _prepared(known: _Known, word: _Word) -> Prepared:
    return prepare({"employee_no": word.employee_no} | rules.news(known, word.values, word.at))


def _take(upsert: PeopleUpsert, item: Prepared) -> str:
    now = upsert.status_of(item.employee_key)
    if rules.keeps_status(now, item.values.get("status")):
        del item.values["status"]
    if now is None and not item.values.keys() - {"employee_no"}:
        return "unchanged"
    if now is None and item.values.get("display_name") is None:
        raise Refused("unknown_employee_no: nobody has this employee number.")
    try:
        return upsert.take(item)
    except RowRefused as refused:
        raise Refused(f"{refused.code}: {people_import.text(refused.code, 'en', refused.values)}") from None


def _action(done: str, changes: Changes) -> str:
    if done == "created":
        return "register"
    if "status" in changes:
        return "leave" if changes["status"][1] == Status.LEFT else "rehire"
    return "update"
