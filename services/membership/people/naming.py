"""What people are called: written by the company, and read as written until a list of the company's holds it.

Then a stand-in is their name everywhere, and who keeps people reads what was written. So no other service has to know that anything is hidden.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared
from chassis.web.patches import changed_by
from services.membership.base import texts
from services.membership.people.models import CompanyRules, Person

KIND: Final = "person"
STAND_IN: Final = "姓名未公开"

_JUDGES: Prepared[Any] = Prepared(
    # Whoever hears that names matter now waits for those who write some, and tells of them.
    select(col(CompanyRules.judges)).with_for_update(read=True)
)


def as_written(person: Person) -> str:
    """What was written last, whatever others read."""
    return person.display_name if person.hidden_name is None else person.hidden_name


def rewritten(changes: Mapping[str, Any], person: Person) -> dict[str, list[Any]]:
    """The fields to which these changes give another value than was written, with [before, after]."""
    changed = changed_by({name: value for name, value in changes.items() if name != "display_name"}, person)
    before, after = as_written(person), changes.get("display_name", as_written(person))
    return changed | ({"display_name": [before, after]} if before != after else {})


def shown() -> dict[str, Any]:
    """What a name that was just written is beside itself: not hidden."""
    return {"hidden_name": None, "name_hidden": None}


def decided(person: Person, verdict: str) -> bool:
    """Take an answer about what was written last. Returns whether others read something else now."""
    written, hidden = as_written(person), person.hidden_name is not None
    if verdict in {"allow", "release"}:
        person.display_name = written
        person.sqlmodel_update(shown())
        return hidden
    person.name_hidden = "removed" if verdict == "remove" else "waiting"
    if not hidden:
        person.hidden_name, person.display_name = written, STAND_IN
    return not hidden


async def tell(
    session: AsyncSession, names: Mapping[UUID, str], now: datetime, *, rewritten: Collection[UUID] = ()
) -> None:
    """Ask moderation about names that were written just now, some of them anew. The people are locked, or new.

    As long as the company looks for nothing, nobody is asked, except where an answer to what they were called before may be under way.
    """
    if not names:
        return
    if not await _JUDGES.first(session):
        before = await texts.told_of(session, rewritten)
        names = {person_id: name for person_id, name in names.items() if person_id in before}
    if names:
        of_each = {person_id: {"name": name} for person_id, name in names.items()}
        await texts.written_nowhere(session, kind=KIND, texts=of_each, now=now)
