"""names are found as they are asked for: the keys of people who were registered before the rules for them changed."""

from collections import defaultdict
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from services.membership.people.names import name_keys, sort_key

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

AT_ONCE = 1000

people = sa.table(
    "people",
    sa.column("id", sa.Uuid),
    sa.column("display_name", sa.String),
    sa.column("employee_no", sa.String),
    sa.column("sort_key", sa.String),
)
kept = sa.table("person_search_keys", sa.column("key", sa.String), sa.column("person_id", sa.Uuid))


def upgrade() -> None:
    rebuild(op.get_bind())


def rebuild(connection: sa.Connection) -> int:
    """Write what differs, reading a thousand people at a time; returns how many people did."""
    differing, last = 0, UUID(int=0)
    while True:
        following = sa.select(people).where(people.c.id > last).order_by(people.c.id).limit(AT_ONCE)
        read = connection.execute(following).all()
        if not read:
            return differing
        last = read[-1].id
        keys: defaultdict[UUID, set[str]] = defaultdict(set)
        for key, person_id in connection.execute(
            sa.select(kept).where(kept.c.person_id.in_([person.id for person in read]))
        ):
            keys[person_id].add(key)
        differing += sum(_mend(connection, person, keys[person.id]) for person in read)


def _mend(connection: sa.Connection, person: Any, found: set[str]) -> bool:
    wanted, order = set(name_keys(person.display_name, person.employee_no)), sort_key(person.display_name)
    if wanted == found and order == person.sort_key:
        return False
    old = sa.and_(kept.c.person_id == person.id, kept.c.key.in_(sorted(found - wanted)))
    connection.execute(sa.delete(kept).where(old))
    for key in sorted(wanted - found):
        connection.execute(sa.insert(kept).values(key=key, person_id=person.id))
    connection.execute(sa.update(people).where(people.c.id == person.id).values(sort_key=order))
    return True


def downgrade() -> None:
    """The keys are right for either release."""
