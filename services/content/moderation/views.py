"""How items become answers."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, get_args
from uuid import UUID

from chassis.ids import COMPANY
from chassis.projections.members import embedded
from chassis.security.authority import Standing
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.content.company import may_decide, named
from services.content.discussions.access import is_by
from services.content.holding.models import ModerationItem
from services.content.holding.schemas import ModeratedText
from services.content.holding.service import HERE
from services.content.moderation.queries import Root, reports_of, roots_of
from services.content.moderation.rules import Verdict, refusal
from services.content.moderation.schemas import (
    MemberReport,
    ModerationContext,
    ModerationListed,
    ModerationPublic,
    ScanMatch,
)
from services.content.moderation.things import href_of, wrote
from services.content.unnamed.masks import behind


async def listed(work: Work, rows: Sequence[ModerationItem], standing: Standing) -> list[ModerationListed]:
    """Items as the queue shows them."""
    people = {row.author_id for row in rows} | {row.decided_by_id for row in rows if row.decided_by_id}
    members = await embedded(work.session, people)
    roots = await roots_of(work.session, {row.root_id for row in rows})
    mine = await _asked_unnamed(work, roots, standing)
    return [ModerationListed(**_fields(row, members, roots, mine, standing)) for row in rows]


async def shown(work: Work, row: ModerationItem, standing: Standing) -> ModerationPublic:
    """An item with who reported it."""
    reports = await reports_of(work.session, row.id)
    people = {row.author_id, *filter(None, [row.decided_by_id]), *(one.member_id for one in reports)}
    members = await embedded(work.session, people)
    roots = await roots_of(work.session, {row.root_id})
    mine = await _asked_unnamed(work, roots, standing)
    told = [MemberReport(member=members[one.member_id], **one.model_dump()) for one in reports]
    return ModerationPublic(**_fields(row, members, roots, mine, standing), reported=told)


async def _asked_unnamed(work: Work, roots: Mapping[UUID, Root], standing: Standing) -> set[UUID]:
    """Which of these the caller asked without a name: they decide about nothing there."""
    owners = await behind(work.session, filter(None, (root.author_id for root in roots.values())))
    mine = {mask for mask, member_id in owners.items() if is_by(standing, member_id)}
    return {key for key, root in roots.items() if root.author_id in mine}


def _fields(
    row: ModerationItem, members: Any, roots: Mapping[UUID, Root], mine: Collection[UUID], standing: Standing
) -> dict[str, Any]:
    root = roots.get(row.root_id)
    return row.model_dump() | {
        "community_id": named(row.community_id),
        # Of what is no community's the author and who decided are no members; the audit trail has both.
        "author": None if row.community_id == COMPANY else members[row.author_id],
        "text": ModeratedText(**row.text),
        "released_text": ModeratedText(**{name: two[1] for name, two in row.edited.items()}) if row.edited else None,
        "text_before": ModeratedText(**row.text_before) if row.text_before is not None else None,
        "matches": [ScanMatch(**one) for one in row.matches],
        "context": ModerationContext(
            title=root.title if root is not None else None, href=href_of(row.kind, row.object_id)
        ),
        "decided_by": None if row.decided_by_id is None or row.community_id == COMPANY else members[row.decided_by_id],
        "viewer": _viewer(row, standing, own=wrote(standing, row) or row.root_id in mine),
    }


def _viewer(row: ModerationItem, standing: Standing, *, own: bool) -> Viewer:
    answers = {verdict: _answer(row, verdict, standing, own=own) for verdict in get_args(Verdict)}
    return Viewer.of(answers)


def _answer(row: ModerationItem, verdict: str, standing: Standing, *, own: bool) -> str | None:
    if not may_decide(standing):
        return "forbidden"
    if standing.community.status == "archived":
        return "community_archived"
    return refusal(verdict, status=row.status, held=row.held, own=own, here=row.service == HERE)
