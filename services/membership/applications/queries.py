"""Reading applications, and the board of a campaign."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from chassis.problems import NOT_FOUND
from chassis.web.actors import actor_of
from chassis.web.spans import Bounds, within
from services.membership.applications.models import Application, ApplicationMove
from services.membership.applications.rules import IN_PROGRESS
from services.membership.applications.schemas import (
    BoardChannel,
    BoardHolder,
    BoardPublic,
    BoardStep,
    BoardWaiting,
)
from services.membership.campaigns.landings import visits_by_channel
from services.membership.campaigns.models import Campaign
from services.membership.campaigns.parts import channels_of
from services.membership.communities.models import Community
from services.membership.departments.queries import below
from services.membership.people.models import Person
from services.membership.people.queries import matching

Sort = Literal["-created_at", "-score", "name"]

COUNTED_STATES = ("submitted", "screening", "testing", "interviewing", "approving", "returned", "decided", "withdrawn")


def _joined() -> Select[*tuple[Any, ...]]:
    return (
        select(Application, Campaign, Person, Community)
        .join(Community, col(Community.id) == col(Application.community_id))
        .join(Campaign, col(Campaign.id) == col(Application.campaign_id))
        .join(Person, col(Person.id) == col(Application.person_id))
    )


_ONE: Prepared[Any] = Prepared(_joined().where(col(Application.id) == bindparam("application_id")))
_HAS_APPLIED = Prepared(
    select(
        exists().where(
            col(Application.person_id) == bindparam("person_id"),
            col(Application.community_id) == bindparam("community_id"),
        )
    )
)
_MOVES = Prepared(
    select(ApplicationMove)
    .where(col(ApplicationMove.application_id) == bindparam("application_id"))
    .order_by(col(ApplicationMove.at), col(ApplicationMove.id))
)


async def application_and_campaign(
    session: AsyncSession, application_id: UUID
) -> tuple[Application, Campaign, Person, Community]:
    """One application with its campaign, applicant and community. Raises `NOT_FOUND`."""
    found = await _ONE.load(session, application_id=application_id)
    if not found:
        raise NOT_FOUND()
    application, campaign, person, community = found[0]
    return application, campaign, person, community


async def channel_names(session: AsyncSession, campaign_ids: Iterable[UUID]) -> dict[tuple[UUID, str], str]:
    """What the channels of campaigns are called, by campaign and code."""
    channels = await channels_of(session, list(set(campaign_ids)))
    return {(channel.campaign_id, channel.code): channel.name for channel in channels}


async def channel_name(session: AsyncSession, application: Application) -> str | None:
    """What the channel is called by which an application came."""
    names = await channel_names(session, [application.campaign_id])
    return names.get((application.campaign_id, application.channel))


async def states(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The states of applications, of those that there are."""
    found = await session.execute(
        select(col(Application.id), col(Application.state)).where(col(Application.id).in_(ids))
    )
    return {row.id: row.state for row in found}


async def applicant_of(session: AsyncSession, application: Application) -> Person:
    """Who applied."""
    return await session.get_one(Person, application.person_id)


async def community_of(session: AsyncSession, application: Application) -> Community:
    """Where it was applied."""
    return await session.get_one(Community, application.community_id)


async def has_applied(session: AsyncSession, person_id: UUID, community_id: UUID) -> bool:
    """Whether somebody has an application in a community, and so knows of it."""
    return await _HAS_APPLIED.one(session, person_id=person_id, community_id=community_id)


def applications(
    *,
    community_id: UUID | None = None,
    campaign_id: UUID | None = None,
    person_id: UUID | None = None,
    without: UUID | None = None,
    state: str | None = None,
    outcome: str | None = None,
    channel: str | None = None,
    department: str | None = None,
    submitted: Bounds = (None, None),
    q: str | None = None,
    waiting: bool = False,
    sort: Sort = "-created_at",
) -> Listing:
    """Applications with their campaigns, applicants and communities; drafts are their applicants' alone. `q` is a name, number or pinyin.

    `department` is meant with everything below it; `submitted` is between when. `without` is whose applications are left out.
    """
    statement = _joined().where(*within(col(Application.submitted_at), submitted))
    if department is not None:
        statement = statement.where(col(Person.department_code).in_(below(department)))
    if community_id is not None:
        statement = statement.where(col(Application.community_id) == community_id)
    if campaign_id is not None:
        statement = statement.where(col(Application.campaign_id) == campaign_id)
    if person_id is not None:
        statement = statement.where(col(Application.person_id) == person_id)
    else:
        statement = statement.where(_counted())
    if without is not None:
        statement = statement.where(col(Application.person_id) != without)
    if state is not None:
        statement = statement.where(col(Application.state) == state)
    if outcome is not None:
        statement = statement.where(col(Application.outcome) == outcome)
    if channel is not None:
        statement = statement.where(col(Application.channel) == channel)
    if q is not None:
        statement = statement.where(matching(q))
    if waiting:
        statement = statement.where(*waits())
    return Listing(statement, _order(sort))


def waits() -> list[ColumnElement[bool]]:
    """Of applications with their campaigns: those on which somebody must take the next step."""
    return [col(Application.state).in_(sorted(IN_PROGRESS)), col(Campaign.status) != "archived"]


def _order(sort: Sort) -> list[ColumnElement[Any]]:
    """Without a score, which a draft has not got, an application comes last. By name means by pinyin."""
    if sort == "name":
        return [col(Person.sort_key).asc(), col(Application.id).asc()]
    newest: list[ColumnElement[Any]] = [col(Application.created_at).desc(), col(Application.id).desc()]
    return [func.coalesce(col(Application.score), -1.0).desc(), *newest] if sort == "-score" else newest


async def moves_of(session: AsyncSession, application_id: UUID) -> Sequence[ApplicationMove]:
    """The history of an application."""
    return await _MOVES.all(session, application_id=application_id)


async def board(session: AsyncSession, campaign: Campaign, now: datetime) -> BoardPublic:
    """Where a campaign stands: three counts of its applications, and the one that has waited longest."""
    counted = (
        await session.execute(
            select(
                col(Application.channel),
                col(Application.state),
                col(Application.outcome),
                col(Application.test_result),
                func.count().label("n"),
            )
            .where(col(Application.campaign_id) == campaign.id, _counted())
            .group_by(
                col(Application.channel),
                col(Application.state),
                col(Application.outcome),
                col(Application.test_result),
            )
        )
    ).all()
    by_state = dict.fromkeys(COUNTED_STATES, 0)
    by_outcome = dict.fromkeys(("accepted", "waitlisted", "rejected"), 0)
    by_test = dict.fromkeys(("passed", "failed", "open"), 0)
    by_channel: dict[str, dict[str, int]] = {}
    for channel, state, outcome, tested, n in counted:
        if tested is not None or state == "testing":
            by_test[tested or "open"] += n
        by_state[state] += n
        ended = "withdrawn" if state == "withdrawn" else outcome if state == "decided" else None
        if ended in by_outcome:
            by_outcome[ended] += n
        numbers = by_channel.setdefault(channel, {})
        for name in ("submitted", ended):
            if name is not None:
                numbers[name] = numbers.get(name, 0) + n
    return BoardPublic(
        community_id=campaign.community_id,
        campaign_id=campaign.id,
        title=campaign.title,
        status=campaign.status_at(now),
        quota=campaign.quota,
        seats_taken=campaign.seats_taken,
        seats_left=campaign.quota - campaign.seats_taken,
        by_state=by_state,
        by_outcome=by_outcome,
        by_test=by_test,
        unreleased=await _unreleased(session, campaign, now),
        by_channel=await _channels(session, campaign, by_channel),
        waiting=await _waiting(session, campaign),
        oldest_waiting=await _oldest(session, campaign),
        holders=await _holders(session, campaign),
        as_of=now,
    )


async def _unreleased(session: AsyncSession, campaign: Campaign, now: datetime) -> int:
    waiting = select(func.count()).where(
        col(Application.campaign_id) == campaign.id,
        col(Application.state) == "decided",
        col(Application.release_at) > now,
    )
    return int((await session.execute(waiting)).scalar_one())


async def _channels(session: AsyncSession, campaign: Campaign, counts: dict[str, dict[str, int]]) -> list[BoardChannel]:
    channels = await channels_of(session, [campaign.id])
    visits = await visits_by_channel(session, [channel.id for channel in channels])
    names = ("submitted", "accepted", "waitlisted", "rejected", "withdrawn")
    return [
        BoardChannel(
            code=channel.code,
            name=channel.name,
            visits=visits.get(channel.id, 0),
            **{name: counts.get(channel.code, {}).get(name, 0) for name in names},
        )
        for channel in channels
    ]


async def _waiting(session: AsyncSession, campaign: Campaign) -> list[BoardStep]:
    """Of each state in which somebody waits, in the order of the steps."""
    since = func.min(col(Application.step_since))
    waiting = (
        select(col(Application.state), func.count(), since)
        .where(col(Application.campaign_id) == campaign.id, col(Application.state).in_(sorted(IN_PROGRESS)))
        .group_by(col(Application.state))
    )
    found = {state: (n, oldest) for state, n, oldest in (await session.execute(waiting)).all()}
    return [
        BoardStep(state=state, applications=found[state][0], oldest_since=found[state][1])
        for state in COUNTED_STATES
        if state in found
    ]


async def _oldest(session: AsyncSession, campaign: Campaign) -> BoardWaiting | None:
    oldest = (
        select(Application)
        .where(col(Application.campaign_id) == campaign.id, col(Application.state).in_(sorted(IN_PROGRESS)))
        .order_by(col(Application.step_since), col(Application.id))
        .limit(1)
    )
    found: Application | None = (await session.execute(oldest)).scalar_one_or_none()
    if found is None:
        return None
    return BoardWaiting(
        application_id=found.id, state=found.state, since=found.step_since, holder=actor_of(found.holder)
    )


async def _holders(session: AsyncSession, campaign: Campaign) -> list[BoardHolder]:
    holding = (
        select(col(Application.holder), func.count())
        .where(col(Application.campaign_id) == campaign.id, col(Application.state).in_(sorted(IN_PROGRESS)))
        .group_by(col(Application.holder))
        .order_by(func.count().desc())
    )
    return [
        BoardHolder(holder=actor_of(holder), applications=n) for holder, n in (await session.execute(holding)).all()
    ]


def _counted() -> Any:
    """A draft is saved, not counted; nor is one that was thrown away."""
    return col(Application.submitted_at).is_not(None)
