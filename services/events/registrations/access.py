"""A registration and what the caller is to it."""

from uuid import UUID

from chassis.database.rows import existing
from chassis.problems import FORBIDDEN, NOT_FOUND
from chassis.security.permissions import Permission
from chassis.web.work import Work
from services.events.activities.access import SeenActivity, seen_activity
from services.events.permissions import REGISTRATIONS_LIST
from services.events.registrations.models import Registration
from services.events.registrations.settling import write_down


async def own_registration(work: Work, key: UUID, *, lock: bool = False) -> tuple[Registration, SeenActivity]:
    """The caller's own registration, its activity locked if asked. Raises `NOT_FOUND` for another's, and what `authorize` raises."""
    noted = await existing(work.session, Registration, key)
    found = await seen_activity(work, noted.activity_id, lock=lock)
    row = await existing(work.session, Registration, key, lock=lock)
    if row.member_id != found.standing.member_id:
        raise NOT_FOUND()
    if lock:
        write_down(found.activity, row)
    return row, found


async def locked_registration(work: Work, key: UUID, *, of: Permission) -> tuple[Registration, SeenActivity]:
    """A registration for an activity that the caller runs, both locked.

    Raises `FORBIDDEN` for their own, `NOT_FOUND` for another's where they run nothing, and what `authorize` raises.
    """
    row, found = await seen_registration(work, key, lock=True)
    if not found.may(of):
        raise FORBIDDEN()
    return row, found


async def seen_registration(work: Work, key: UUID, *, lock: bool = False) -> tuple[Registration, SeenActivity]:
    """A registration that the caller may see: their own, or one for an activity that they run; with its activity locked if asked."""
    row = await existing(work.session, Registration, key)
    found = await seen_activity(work, row.activity_id, lock=lock)
    if lock:
        row = await existing(work.session, Registration, key, lock=True)
        write_down(found.activity, row)
    if row.member_id != found.standing.member_id and not found.may(REGISTRATIONS_LIST):
        raise NOT_FOUND()
    return row, found
