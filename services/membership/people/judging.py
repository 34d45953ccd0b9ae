"""What follows when moderation has decided about a name, or begins to."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_new
from chassis.database.context import moment_of
from chassis.database.rows import existing
from chassis.messaging.handlers import Received
from chassis.messaging.outbox import emit
from contracts.content import CompanyRulesChanged
from contracts.membership import PersonUpdated
from services.membership.people import naming
from services.membership.people.indexing import index
from services.membership.people.models import CompanyRules, Person
from services.membership.people.names import sort_key
from services.membership.people.rules import Status
from services.membership.people.snapshots import state_of

_TABLE: Any = CompanyRules.__table__  # type: ignore[attr-defined]
CLOCKS: Final = timedelta(minutes=1)
"""How much clocks may differ."""
_AT_ONCE: Final = 500


async def lock(session: AsyncSession, person_id: UUID) -> Person:
    """The person, as every change of them locks them."""
    return await existing(session, Person, person_id, lock=True)


async def take_verdict(session: AsyncSession, person: Any, verdict: str) -> None:
    """Let others read what was written, or a stand-in."""
    if person.status == Status.ERASED:
        return
    before = (person.display_name, person.name_hidden)
    anew = naming.decided(person, verdict)
    if before == (person.display_name, person.name_hidden):
        return
    now = moment_of(session)
    person.version += 1
    person.updated_at = now
    if anew:
        person.sort_key = sort_key(person.display_name)
        await session.flush()
        await index(session, person)
        await emit(session, PersonUpdated(**state_of(person)), version=person.bump(), occurred_at=now)


async def follow_rules(session: AsyncSession, message: Received[CompanyRulesChanged]) -> None:
    """Remember whether names are looked through, and ask about those that were written since that began and before it was heard."""
    await insert_new(session, _TABLE, [{"id": 1, "judges": False, "version": 0}], key=["id"])
    rules = (await session.exec(select(CompanyRules).with_for_update())).one()
    if rules.version >= message.version:
        return
    begins = message.data.judges and not rules.judges
    change = update(_TABLE).values(judges=message.data.judges, version=message.version)
    await session.execute(change)
    if begins:
        await _ask(session, message.occurred_at - CLOCKS, moment_of(session))


async def _ask(session: AsyncSession, since: datetime, now: datetime) -> None:
    after = UUID(int=0)
    while True:
        some = (
            select(Person.id, Person.display_name)
            .where(col(Person.updated_at) >= since, col(Person.hidden_name).is_(None), col(Person.id) > after)
            .where(col(Person.status) != Status.ERASED.value)
            .order_by(col(Person.id))
            .limit(_AT_ONCE)
        )
        names = dict((await session.exec(some)).all())
        await naming.tell(session, names, now)
        if len(names) < _AT_ONCE:
            return
        after = max(names)
