"""How what participants hand in becomes answers, by who reads."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, select
from sqlmodel import col

from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from chassis.projections.members import embedded
from chassis.security.authority import Standing
from chassis.texts import Hidden
from chassis.web.schemas import MemberEmbed, Viewer
from chassis.web.work import Work
from services.gamification.base import texts
from services.gamification.plans.entry_access import Reader, SeenEntry, refusal
from services.gamification.plans.evidence_files import shown_files
from services.gamification.plans.models import PlanComment, PlanEntry, PlanLike
from services.gamification.plans.queries import participations, plans_of
from services.gamification.plans.schemas import EntryMine, PlanCommentPublic, PlanEntryPublic

ACTIONS = ("review", "hand_in", "like", "comment")
_LIKED: Prepared[UUID] = Prepared(
    lambda on: select(col(PlanLike.entry_id)).where(
        on.among(col(PlanLike.entry_id), "entries"), col(PlanLike.member_id) == bindparam("member_id")
    )
)


def listing(reader: Reader, *, day: date | None, member_id: UUID | None, status: str | None) -> Listing:
    """The days of a plan that its reader sees, the latest first: what was returned or removed is its member's, and for who reviews."""
    own = col(PlanEntry.member_id) == reader.standing.member_id if reader.standing.member_id else false()
    counts = col(PlanEntry.status).in_(["done", "good"]) & col(PlanEntry.removed).is_(False)
    conditions: list[ColumnElement[bool]] = [col(PlanEntry.plan_id) == reader.plan.id]
    if not reader.reads_everything:
        conditions.append(or_(own, counts) if reader.reads_others else own)
    if member_id is not None:
        conditions.append(col(PlanEntry.member_id) == member_id)
    return _latest(conditions, day, status)


def own_listing(member_id: UUID | None, *, day: date | None, status: str | None) -> Listing:
    """The days that a member handed in, of whatever plan; who is no member has none."""
    return _latest([col(PlanEntry.member_id) == member_id if member_id else false()], day, status)


def _latest(conditions: Sequence[ColumnElement[bool]], day: date | None, status: str | None) -> Listing:
    found = select(PlanEntry).where(*conditions)
    if day is not None:
        found = found.where(col(PlanEntry.day) == day)
    if status is not None:
        found = found.where(col(PlanEntry.status) == status)
    return Listing(found, [col(PlanEntry.submitted_at).desc(), col(PlanEntry.id).desc()])


async def entries_shown(work: Work, rows: Sequence[PlanEntry], reader: Reader) -> list[PlanEntryPublic]:
    """Days of a plan as their reader sees them."""
    return await _all_shown(work, rows, {reader.plan.id: reader}, reader.standing.member_id)


async def own_shown(work: Work, rows: Sequence[PlanEntry], standing: Standing) -> list[PlanEntryPublic]:
    """Days of several plans of one community as who handed them in sees them."""
    plans = await plans_of(work.session, {row.plan_id for row in rows})
    members = [standing.member_id] if standing.member_id else []
    taking_part = await participations(work.session, list(plans), members)
    readers = {key: Reader(plan, standing, key in taking_part) for key, plan in plans.items()}
    return await _all_shown(work, rows, readers, standing.member_id)


async def _all_shown(
    work: Work, rows: Sequence[PlanEntry], readers: Mapping[UUID, Reader], member_id: UUID | None
) -> list[PlanEntryPublic]:
    members = await embedded(work.session, {one for row in rows for one in (row.member_id, row.reviewer_id) if one})
    hidden = await texts.hidden(work.session, {row.text_id for row in rows if row.text_id is not None})
    liked: set[UUID] = set()
    if member_id is not None and rows:
        liked = set(await _LIKED.all(work.session, entries=[row.id for row in rows], member_id=member_id))
    return [_shown(work, SeenEntry(row, readers[row.plan_id]), members, hidden, liked) for row in rows]


def _shown(
    work: Work,
    seen: SeenEntry,
    members: dict[UUID, MemberEmbed],
    hidden: dict[UUID, Hidden],
    liked: set[UUID],
) -> PlanEntryPublic:
    row = seen.entry
    why = hidden.get(row.text_id) if row.text_id is not None else None
    theirs = seen.mine or seen.reader.reads_everything
    evidence = theirs or seen.reader.plan.note_visibility == "plan"
    values: dict[str, Any] = {name: getattr(row, name) for name in _PLAIN}
    return PlanEntryPublic(
        **values,
        member=members[row.member_id],
        counts=row.handed_in.counts,
        made_up=row.origin == "made_up",
        note=row.note if seen.mine or (evidence and why is None) else None,
        note_hidden=why if evidence else None,
        link=row.link if evidence else None,
        files=shown_files(work, row) if evidence else [],
        reviewed_at=row.reviewed_at if theirs else None,
        reviewer=members[row.reviewer_id] if theirs and row.reviewer_id else None,
        reason=row.reason if theirs else None,
        open_until=row.open_until if theirs else None,
        mine=EntryMine(liked=row.id in liked),
        viewer=_viewer(work, seen),
    )


_PLAIN = ("id", "community_id", "plan_id", "checkin_id", "day", "status", "submitted_at", "likes", "comments")


def _viewer(work: Work, seen: SeenEntry) -> Viewer:
    archived = "community_archived" if seen.reader.standing.community.status == "archived" else None
    answers = {}
    for action in ACTIONS:
        refused = refusal(action, seen, work)
        answers[action] = refused.code if refused is not None else archived
    return Viewer.of(answers)


def comments_of(entry_id: UUID) -> Listing:
    """What was said to a day, in its order."""
    return Listing(
        select(PlanComment).where(col(PlanComment.entry_id) == entry_id),
        [col(PlanComment.created_at).asc(), col(PlanComment.id).asc()],
    )


async def comments_shown(work: Work, rows: Sequence[PlanComment], reader: Reader) -> list[PlanCommentPublic]:
    """Comments as their reader sees them: what waits for moderation, or was removed, is read by its author alone."""
    members = await embedded(work.session, {row.author_id for row in rows})
    hidden = await texts.hidden(work.session, [row.id for row in rows])
    return [
        PlanCommentPublic(
            id=row.id,
            entry_id=row.entry_id,
            author=members[row.author_id],
            body=row.body if row.id not in hidden or row.author_id == reader.standing.member_id else None,
            hidden=hidden.get(row.id),
            created_at=row.created_at,
        )
        for row in rows
    ]
