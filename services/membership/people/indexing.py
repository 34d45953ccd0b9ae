"""Writing the keys under which a person is found."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.membership.people.models import Person, PersonSearchKey
from services.membership.people.names import name_keys


async def index(session: AsyncSession, person: Person) -> None:
    """Have a person found by what others read as their name, and by their number."""
    await session.execute(delete(PersonSearchKey).where(col(PersonSearchKey.person_id) == person.id))
    rows: Sequence[dict[str, Any]] = [
        {"key": key, "person_id": person.id} for key in name_keys(person.display_name, person.employee_no)
    ]
    if rows:
        await session.execute(insert(PersonSearchKey), rows)
