"""How retrospectives become answers."""

from collections.abc import Sequence
from uuid import UUID

from chassis.projections.members import embedded
from chassis.security.authority import Standing
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.events.retrospectives.access import SeenRetrospective
from services.events.retrospectives.models import Retrospective
from services.events.retrospectives.queries import titles_of
from services.events.retrospectives.schemas import RetrospectivePublic


async def shown(work: Work, seen: SeenRetrospective) -> RetrospectivePublic:
    """A retrospective as it is answered."""
    return (await listed(work, [seen.retrospective], seen.standing))[0]


async def listed(work: Work, rows: Sequence[Retrospective], standing: Standing) -> list[RetrospectivePublic]:
    """Retrospectives as they are answered: who reads one writes it."""
    members = await embedded(work.session, {UUID(one) for row in rows for one in row.writer_ids})
    titles = await titles_of(work.session, [row.activity_id for row in rows if row.activity_id is not None])
    archived = standing.community.status == "archived"
    viewer = Viewer.of({"update": "community_archived" if archived else None})
    return [
        RetrospectivePublic(
            **row.model_dump(),
            title=titles.get(row.activity_id) if row.activity_id is not None else None,
            status="due" if row.written_at is None else "written",
            overdue=row.written_at is None and row.due_at <= work.now,
            writers=[members[UUID(one)] for one in row.writer_ids],
            viewer=viewer,
        )
        for row in rows
    ]
