"""Which applications somebody lists, and how these are answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import AuditObject, audit
from chassis.problems import FORBIDDEN, INVALID, NOT_FOUND, FieldError
from chassis.security.authority import Standing, authorize
from chassis.security.caller import Caller
from chassis.web.spans import Bounds, Span, bounds_in
from services.membership.applications import queries, views
from services.membership.applications.moving import is_applicant
from services.membership.applications.schemas import ApplicationPublic
from services.membership.applications.steps import unfinished_steps
from services.membership.campaigns.models import Campaign
from services.membership.campaigns.queries import campaign_of
from services.membership.departments.queries import refs
from services.membership.people.access import require_active
from services.membership.permissions import APPLICATIONS_READ
from services.membership.standing.service import own_standings


@dataclass(frozen=True, slots=True)
class Scope:
    """What a caller lists: everybody's applications, or their own; and their standings by community, as far as they are known."""

    community_id: UUID | None
    campaign_id: UUID | None
    everybodys: bool
    standings: Mapping[UUID, Standing]


async def scope_of(
    session: AsyncSession,
    caller: Caller,
    *,
    community_id: UUID | None,
    campaign_id: UUID | None,
    mine: bool,
    now: datetime,
) -> Scope:
    """What a caller may list of what they ask for. Raises `NOT_FOUND`, `FORBIDDEN`, or `INVALID` where they name no place."""
    campaign = None if campaign_id is None else await campaign_of(session, campaign_id)
    if campaign is not None:
        if community_id not in (None, campaign.community_id):
            raise NOT_FOUND()
        community_id = campaign.community_id
    if community_id is not None:
        scope = await _in_community(session, caller, community_id, campaign, mine, now)
    elif mine:
        await require_active(session, caller)
        scope = Scope(None, None, False, {})
    else:
        raise INVALID(errors=[_NO_PLACE])
    if caller.kind != "person" and not scope.everybodys:
        raise FORBIDDEN()
    return scope


async def _in_community(
    session: AsyncSession, caller: Caller, community_id: UUID, campaign: Campaign | None, mine: bool, now: datetime
) -> Scope:
    standing = await authorize(session, caller, APPLICATIONS_READ, community_id, own=True, now=now)
    if campaign is not None and campaign.status == "draft" and not standing.sees_all:
        raise NOT_FOUND()
    if not standing.visible and not await queries.has_applied(session, caller.id, community_id):
        raise NOT_FOUND()
    return Scope(
        community_id, campaign.id if campaign else None, standing.sees_all and not mine, {community_id: standing}
    )


def bounds_of(scope: Scope, span: Span) -> Bounds:
    """The moments that are asked for, in days of the community."""
    return bounds_in(scope.standings.get(scope.community_id) if scope.community_id else None, span)


def refuse_for_own(**asked: Any) -> None:
    """Refuse filters and orders of the caller's own applications: they would tell what an applicant may not read yet. Raises `INVALID`."""
    errors = [
        FieldError(
            f"#/query/{name}",
            "not_for_own",
            "Your own applications are listed whole, the newest first.",
            "本人的申请会全部列出，最新的在前。",
        )
        for name, value in asked.items()
        if value
    ]
    if errors:
        raise INVALID(errors=errors)


async def record(session: AsyncSession, caller: Caller, scope: Scope, now: datetime) -> None:
    """Record that somebody read everybody's applications."""
    kind, key = ("campaign", scope.campaign_id) if scope.campaign_id else ("community", scope.community_id)
    await audit(session, caller, AuditObject(kind, key, scope.community_id), "application.list", {}, now)


async def shown(
    session: AsyncSession, caller: Caller, scope: Scope, rows: Sequence[Any], now: datetime
) -> list[ApplicationPublic]:
    """Rows of a list as they are answered: the caller's own as an applicant sees them, the others as those see them who decide."""
    departments = await refs(session, [row[2].department_code for row in rows]) if scope.everybodys else {}
    standings = scope.standings or await own_standings(session, caller, {row[3].id for row in rows}, now)
    channels = await queries.channel_names(session, [row[1].id for row in rows])
    lacking = await unfinished_steps(session, [row[0] for row in rows], now) if scope.everybodys else {}
    answers = []
    for application, campaign, person, community in rows:
        unfinished = lacking.get(application.id)
        viewer = views.viewer_of(application, campaign, caller, standings[community.id], now, unfinished)
        named = channels.get((campaign.id, application.channel))
        if is_applicant(caller, application):
            answers.append(
                views.for_applicant(application, campaign, community, now, channel_name=named, viewer=viewer)
            )
        else:
            department = departments[person.department_code]
            answers.append(
                views.for_staff(
                    application,
                    campaign,
                    community,
                    person,
                    now,
                    channel_name=named,
                    department=department,
                    viewer=viewer,
                )
            )
    return answers


_NO_PLACE = FieldError(
    "#/query/community_id", "missing", "Give community_id, or mine=true.", "请给出 community_id，或 mine=true。"
)
