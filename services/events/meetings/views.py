"""How meetings and action items become answers."""

from collections.abc import Sequence
from uuid import UUID

from chassis.days import local_day
from chassis.projections.members import embedded
from chassis.security.authority import Standing
from chassis.security.permissions import Reach
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.events.meetings.access import SeenItem, SeenMeeting
from services.events.meetings.models import ActionItem
from services.events.meetings.queries import carried_over, of_meeting
from services.events.meetings.schemas import ActionItemPublic, AgendaPointPublic, MeetingPublic
from services.events.permissions import ACTION_ITEMS_ASSIGN, ACTION_ITEMS_COMPLETE, MEETINGS_WRITE


async def meeting_shown(work: Work, seen: SeenMeeting) -> MeetingPublic:
    """A meeting with what came out of it, and what is still open of others."""
    activity, standing = seen.found.activity, seen.found.standing
    items = await of_meeting(work.session, activity.id)
    older = await carried_over(work.session, activity.community_id, activity.id)
    shown = await items_shown(work, [*items, *older], standing, invited=seen.invited)
    archived = standing.community.status == "archived"
    refusal = "forbidden" if not seen.may(MEETINGS_WRITE) else "community_archived" if archived else None
    return MeetingPublic(
        activity_id=activity.id,
        community_id=activity.community_id,
        title=activity.title,
        starts_at=activity.starts_at,
        agenda=[AgendaPointPublic(**point) for point in seen.meeting.agenda],
        minutes=seen.meeting.minutes,
        decisions=seen.meeting.decisions,
        minuted_at=seen.meeting.minuted_at,
        items=shown[: len(items)],
        carried_over=shown[len(items) :],
        viewer=Viewer.of({"update": refusal}),
    )


async def items_shown(
    work: Work, rows: Sequence[ActionItem], standing: Standing | None, *, invited: bool = False
) -> list[ActionItemPublic]:
    """Action items with who does them; without a standing they are the caller's own."""
    members = await embedded(work.session, [row.owner_id for row in rows])
    return [
        ActionItemPublic(
            **row.model_dump(),
            owner=members[row.owner_id],
            overdue=_is_overdue(work, row, standing),
            viewer=_viewer(row, standing, invited=invited),
        )
        for row in rows
    ]


async def item_shown(work: Work, seen: SeenItem) -> ActionItemPublic:
    """One action item."""
    return (await items_shown(work, [seen.item], seen.standing, invited=seen.invited))[0]


def _is_overdue(work: Work, row: ActionItem, standing: Standing | None) -> bool:
    zone = standing.community.time_zone if standing is not None else "UTC"
    return row.status == "open" and row.due_on < local_day(work.now, time_zone=zone)


def _viewer(row: ActionItem, standing: Standing | None, *, invited: bool) -> Viewer:
    mine = standing is None or standing.member_id == row.owner_id
    answers: dict[str, str | None] = {}
    for action, wanted in (
        ("update", ACTION_ITEMS_ASSIGN),
        ("complete", ACTION_ITEMS_COMPLETE),
        ("drop", ACTION_ITEMS_ASSIGN),
    ):
        reach = wanted.reach(standing.columns) if standing is not None else frozenset({Reach.OWN})
        may = Reach.ALL in reach or (Reach.OWN in reach and mine) or (Reach.ASSIGNED in reach and invited)
        answers[action] = "forbidden" if not may else None if row.status == "open" else "illegal_transition"
    return Viewer.of(answers)


def owners_of(standing: Standing) -> list[UUID]:
    """Whose items somebody sees who does not see all."""
    return [standing.member_id] if standing.member_id is not None else []
