"""How ideas become answers, for whoever reads them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.projections.members import embedded
from chassis.security.authority import Standing
from chassis.security.permissions import Permission, Reach
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.content.attachments.showing import of_bodies
from services.content.discussions.access import is_by
from services.content.discussions.schemas import shown_status
from services.content.discussions.views import merged_into
from services.content.holding.queries import held_of
from services.content.ideas.access import SeenIdea
from services.content.ideas.models import Idea, IdeaText
from services.content.ideas.queries import ends_of, voted
from services.content.ideas.schemas import IdeaListed, IdeaMine, IdeaPublic, IdeaVotedPublic
from services.content.ideas.service import refused_by
from services.content.mentions import ids_of, shown_today
from services.content.permissions import CONTENT_EDIT, CONTENT_REMOVE, CONTENT_RESTORE, IDEAS_DECIDE, IDEAS_VOTE

ACTIONS: dict[str, Permission] = {
    "update": CONTENT_EDIT,
    "vote": IDEAS_VOTE,
    "decide": IDEAS_DECIDE,
    "merge": IDEAS_DECIDE,
    "remove": CONTENT_REMOVE,
    "restore": CONTENT_RESTORE,
}
"""What the caller may be able to do, and by which permission."""
_NOT_OF_OWN = frozenset({"decide", "merge"})


async def listed(work: Work, rows: Sequence[Idea], standing: Standing | None) -> list[IdeaListed]:
    """Ideas as lists show them; without a standing they are the caller's own."""
    members = await embedded(work.session, _named(rows))
    return [IdeaListed(**fields) for fields in await _fields(work, rows, members, standing)]


async def shown(work: Work, found: SeenIdea) -> IdeaPublic:
    """An idea with its text and what the caller can do."""
    idea = found.idea
    members = await embedded(work.session, _named([idea]) | ids_of(idea.mentions))
    text = await work.session.get_one(IdeaText, idea.id)
    [fields] = await _fields(work, [idea], members, found.standing)
    told = (await held_of(work.session, [idea.id] if found.reads_held else [])).get(idea.id)
    if told is not None and text.waiting is not None:
        fields["status"] = "held"
    files = await of_bodies(work, {idea.id: text.body})
    fields["mentions"] = [members[UUID(one)] for one in idea.mentions]
    return IdeaPublic(
        **fields,
        body=text.body,
        body_html=shown_today(text.body_html, idea.mentions, members),
        attachments=files.get(idea.id, []),
        held=told,
        viewer=viewer_of(found),
    )


async def voted_on(work: Work, found: SeenIdea) -> IdeaVotedPublic:
    """What a vote came to."""
    idea = found.idea
    member_ids = [found.standing.member_id] if found.standing.member_id is not None else []
    mine = IdeaMine(author=found.mine, voted=idea.id in await voted(work.session, member_ids, [idea.id]))
    return IdeaVotedPublic(idea_id=idea.id, votes=idea.votes, mine=mine)


def viewer_of(found: SeenIdea) -> Viewer:
    """What the caller can do with an idea, by the same rules as the commands."""
    answers = {action: _answer(found, action, wanted) for action, wanted in ACTIONS.items()}
    return Viewer.of(answers)


def _answer(found: SeenIdea, action: str, wanted: Permission) -> str | None:
    votes = action == "vote" and Reach.OWN in wanted.reach(found.standing.columns)
    if not votes and not found.may(wanted):
        return "forbidden"
    if found.standing.community.status == "archived":
        return "community_archived"
    if action in _NOT_OF_OWN and found.mine:
        return "conflict_of_interest"
    return refused_by(found, action)


def is_overdue(idea: Idea, now: datetime) -> bool:
    """Whether somebody should have taken it up by now."""
    due = idea.answer_due_at
    return due is not None and due <= now and idea.status == "open" and idea.removed_at is None


def _named(rows: Sequence[Idea]) -> set[UUID]:
    return {one for row in rows for one in (row.author_id, row.sponsor_id, row.decided_by_id) if one is not None}


async def _fields(
    work: Work, rows: Sequence[Idea], members: Mapping[UUID, Any], standing: Standing | None
) -> list[dict[str, Any]]:
    mine = await _mine(work, rows, standing)
    ends = await ends_of(work.session, [row.id for row in rows if row.merged_into_id is not None])
    return [
        row.model_dump()
        | {
            "author": members[row.author_id],
            "status": shown_status(row),
            "overdue": is_overdue(row, work.now),
            "sponsor": members[row.sponsor_id] if row.sponsor_id else None,
            "decided_by": members[row.decided_by_id] if row.decided_by_id else None,
            "merged_into": merged_into(ends.get(row.id), standing),
            "mine": mine(row),
        }
        for row in rows
    ]


async def _mine(work: Work, rows: Sequence[Idea], standing: Standing | None) -> Any:
    readers: Collection[UUID] = {row.author_id for row in rows}
    if standing is not None:
        readers = [standing.member_id] if standing.member_id is not None else []
    given = await voted(work.session, readers, [row.id for row in rows])

    def of(row: Idea) -> IdeaMine | None:
        own = standing is None or is_by(standing, row.author_id)
        return IdeaMine(author=own, voted=row.id in given) if readers else None

    return of
