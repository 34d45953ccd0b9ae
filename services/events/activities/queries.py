"""Reading activities: lists and their order, and who runs them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, exists, false, func, or_, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam, is_postgres
from chassis.projections.members import vouched
from services.events.activities.models import Activity, Organiser, Speaker
from services.events.base import known

Sort = Literal["starts_at", "-starts_at"]

_STATUSES: Prepared[Any] = Prepared(
    lambda on: select(known.members.c.id, known.members.c.community_id, known.members.c.status).where(
        on.among(known.members.c.id, "ids")
    )
)


async def statuses_of(session: AsyncSession, community_id: UUID, ids: Collection[UUID]) -> dict[UUID, str]:
    """What these members of a community are, by id; others are left out."""
    rows = {row.id: row for row in await _STATUSES.all(session, ids=list(ids))}
    rows |= {one: known for one in ids if one not in rows and (known := vouched(session, one))}
    return {key: row.status for key, row in rows.items() if row.community_id == community_id}


_BY_ID: Prepared[Activity] = Prepared(lambda on: select(Activity).where(on.among(col(Activity.id), "ids")))


async def by_id(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Activity]:
    """Activities by their ids."""
    return {one.id: one for one in await _BY_ID.all(session, ids=list(ids))} if ids else {}


_RUNS: Prepared[Any] = Prepared(
    select(col(Organiser.activity_id)).where(
        col(Organiser.activity_id) == bindparam("activity_id"), col(Organiser.member_id) == bindparam("member_id")
    )
)


async def runs(session: AsyncSession, activity_id: UUID, member_id: UUID) -> bool:
    """Whether a member is one of its organisers."""
    return bool(await _RUNS.all(session, activity_id=activity_id, member_id=member_id))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is asked for. `community_ids`: where the caller may read; `organiser_ids`: the members that they are; `speaker_id`: the
    person that they are.

    Drafts are shown to `organiser_ids` and `speaker_id`, and where `sees_drafts`. `theirs`: only where they speak or one of these holds.
    `since` and `until`: what goes on in between.
    """

    community_ids: Sequence[UUID]
    organiser_ids: Sequence[UUID] = ()
    speaker_id: UUID | None = None
    sees_drafts: bool = False
    kind: str | None = None
    mode: str | None = None
    status: str | None = None
    tag: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    organised: bool = False
    speaking: bool = False
    theirs: Sequence[ColumnElement[bool]] | None = None
    series_id: UUID | None = None
    sort: Sort = "starts_at"


def listing(session: AsyncSession, wanted: Wanted) -> Listing:
    """Activities in the order that is asked for."""
    runs = exists().where(
        col(Organiser.activity_id) == col(Activity.id), among(session, col(Organiser.member_id), wanted.organiser_ids)
    )
    speaks: ColumnElement[bool] = false()
    if wanted.speaker_id is not None:
        speaks = exists().where(
            col(Speaker.activity_id) == col(Activity.id),
            col(Speaker.person_id) == wanted.speaker_id,
            col(Speaker.withdrawn_at).is_(None),
        )
    found: list[Any] = [among(session, col(Activity.community_id), wanted.community_ids)]
    if not wanted.sees_drafts:
        shown = col(Activity.announced_at).is_not(None)
        found.append(or_(shown, *([runs] if wanted.organiser_ids else []), speaks))
    if wanted.organised:
        found.append(runs)
    if wanted.speaking:
        found.append(speaks)
    if wanted.theirs is not None:
        found.append(or_(speaks, *wanted.theirs))
    if wanted.tag is not None:
        found.append(_has_tag(session, wanted.tag))
    for name in ("kind", "mode", "status", "series_id"):
        if getattr(wanted, name) is not None:
            found.append(getattr(Activity, name) == getattr(wanted, name))
    if wanted.since is not None:
        found.append(col(Activity.ends_at) > wanted.since)
    if wanted.until is not None:
        found.append(col(Activity.starts_at) < wanted.until)
    starts, key = col(Activity.starts_at), col(Activity.id)
    earliest_first = wanted.sort == "starts_at"
    order: list[ColumnElement[Any]] = [starts.asc(), key.asc()] if earliest_first else [starts.desc(), key.desc()]
    return Listing(select(Activity).where(*found), order)


def _has_tag(session: AsyncSession, tag: str) -> ColumnElement[bool]:
    tags = col(Activity.tags)
    if is_postgres(session):
        return type_coerce(tags, JSONB).contains([tag])
    each = func.json_each(tags).table_valued("value")
    return exists(select(each.c.value).where(each.c.value == tag))
