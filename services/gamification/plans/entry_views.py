"""How what participants hand in becomes answers, by who reads."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, select
from sqlmodel import col

from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from chassis.projections.members import embedded
from chassis.texts import Hidden
from chassis.web.schemas import MemberEmbed, Viewer
from chassis.web.work import Work
from services.gamification.base import texts
from services.gamification.plans.entry_access import Reader, SeenEntry, refusal
from services.gamification.plans.evidence_files import shown_files
from services.gamification.plans.models import PlanComment, PlanEntry, PlanLike
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
    if day is not None:
        conditions.append(col(PlanEntry.day) == day)
    if member_id is not None:
        conditions.append(col(PlanEntry.member_id) == member_id)
    if status is not None:
        conditions.append(col(PlanEntry.status) == status)
    return Listing(select(PlanEntry).where(*conditions), [col(PlanEntry.submitted_at).desc(), col(PlanEntry.id).desc()])


async def entries_shown(work: Work, rows: Sequence[PlanEntry], reader: Reader) -> list[PlanEntryPublic]:
    """Days as their reader sees them."""
    members = await embedded(work.session, {one for row in rows for one in (row.member_id, row.reviewer_id) if one})
    hidden = await texts.hidden(work.session, {row.text_id for row in rows if row.text_id is not None})
    liked: set[UUID] = set()
    if reader.standing.member_id is not None and rows:
        found = await _LIKED.all(work.session, entries=[row.id for row in rows], member_id=reader.standing.member_id)
        liked = set(found)
    return [_shown(work, SeenEntry(row, reader), members, hidden, liked) for row in rows]


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
