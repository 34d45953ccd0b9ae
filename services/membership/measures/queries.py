"""Reading measures: figures of a member, and who did not do what a rule wants in a window."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, exists, false, func, not_, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.listing import Listing
from chassis.security.caller import STAFF_ROLES
from services.membership.measures.models import MeasuredDeed, RuleMeasure
from services.membership.measures.rules import METRICS, Place, Window, window_of
from services.membership.penalties.models import Penalty
from services.membership.people.models import Person
from services.membership.roster.models import Member, RoleGrant, ShortMute
from services.membership.roster.rules import ENDED, TIMED


def measures(rule_set_id: UUID) -> Listing:
    """What the rules of a version want of each member; nothing where another version is in force."""
    return Listing(
        select(RuleMeasure).where(col(RuleMeasure.rule_set_id) == rule_set_id),
        [col(RuleMeasure.code).asc(), col(RuleMeasure.id).asc()],
    )


async def measure_of(session: AsyncSession, rule_set_id: UUID, code: str) -> RuleMeasure | None:
    """What one rule of the version in force wants."""
    found = await session.execute(
        select(RuleMeasure).where(col(RuleMeasure.rule_set_id) == rule_set_id, col(RuleMeasure.code) == code)
    )
    return found.scalars().first()


def figure(metric: str, window: Window) -> ScalarSelect[int]:
    """How many deeds that a metric counts a member did in a window."""
    return (
        select(func.count())
        .where(
            col(MeasuredDeed.member_id) == col(Member.id),
            col(MeasuredDeed.day).between(window.first, window.last),
            col(MeasuredDeed.kind).in_(sorted(METRICS[metric])),
            col(MeasuredDeed.live),
        )
        .correlate(Member)
        .scalar_subquery()
    )


def is_asked(began: datetime, ended: datetime) -> ColumnElement[bool]:
    """Whether a member is held to a window: there for all of it, at no time muted or suspended, and never of those who run the community."""
    during = [
        and_(col(ShortMute.given_at) < ended, func.coalesce(ShortMute.ended_at, ShortMute.until) > began),
        and_(
            col(Penalty.sanction).in_(("mute", "suspend")),
            not_(col(Penalty.undone)),
            col(Penalty.since) < ended,
            or_(col(Penalty.until).is_(None), col(Penalty.until) > began),
        ),
        and_(
            col(RoleGrant.role).in_(sorted(STAFF_ROLES)),
            col(RoleGrant.since) < ended,
            or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > began),
            or_(col(RoleGrant.revoked_at).is_(None), col(RoleGrant.revoked_at) > began),
        ),
    ]
    tables: Sequence[Any] = (ShortMute, Penalty, RoleGrant)
    never = [
        not_(exists().where(col(table.member_id) == col(Member.id), when).correlate(Member))
        for table, when in zip(tables, during, strict=True)
    ]
    lasts = or_(col(Member.status_until).is_(None), col(Member.status_until) > began)
    return and_(
        col(Member.joined_at) <= began,
        col(Member.recorded_at) <= began,
        col(Member.status).not_in(ENDED),
        not_(and_(col(Member.status).in_(TIMED), lasts)),
        exists().where(col(Person.id) == col(Member.person_id), col(Person.status) == "active").correlate(Member),
        *never,
    )


def _short(measure: RuleMeasure, window: Window, place: Place) -> ColumnElement[bool]:
    began, ended = window.span(place)
    if began < measure.since:
        # Nobody knew of it when the window began.
        return false()
    counted = figure(measure.metric, window)
    missed = counted < measure.value if measure.op == "gte" else counted > measure.value
    return and_(col(Member.community_id) == measure.community_id, is_asked(began, ended), missed)


def short_in(measure: RuleMeasure, window: Window, place: Place) -> Listing:
    """The members who did not do in a window what a rule wants, and their figures, who joined first first."""
    statement: Select[*tuple[Any, ...]] = select(Member, figure(measure.metric, window).label("figure"))
    return Listing(statement.where(_short(measure, window, place)), [col(Member.joined_at).asc(), col(Member.id).asc()])


async def short_after(
    session: AsyncSession, measure: RuleMeasure, window: Window, place: Place, beyond: UUID | None, limit: int
) -> Sequence[UUID]:
    """The next members who are short in a window, in the order of their ids."""
    statement = select(col(Member.id)).where(_short(measure, window, place))
    if beyond is not None:
        statement = statement.where(col(Member.id) > beyond)
    return (await session.execute(statement.order_by(col(Member.id)).limit(limit))).scalars().all()


async def measures_in_force(session: AsyncSession, community_id: UUID) -> Sequence[RuleMeasure]:
    """What the rules in force in a community want; at most ten."""
    wanted = select(RuleMeasure).where(col(RuleMeasure.community_id) == community_id).order_by(col(RuleMeasure.code))
    return (await session.execute(wanted)).scalars().all()


async def how_many_short(
    session: AsyncSession, measures: Sequence[RuleMeasure], today: date, place: Place
) -> dict[UUID, int]:
    """How many members were short in the last window of each of these measures, by one statement."""
    if not measures:
        return {}
    counted = [
        select(func.count())
        .select_from(Member)
        .where(_short(one, window_of(one.window, today).before(), place))
        .scalar_subquery()
        .label(f"short_{n}")
        for n, one in enumerate(measures)
    ]
    row = (await session.execute(select(*counted))).one()
    return {one.id: int(row[n]) for n, one in enumerate(measures)}


@dataclass(frozen=True, slots=True)
class Own:
    """A member's own figure in a window, and whether they are held to it."""

    figure: int
    asked: bool


async def own_figures(
    session: AsyncSession, member_id: UUID, wanted: Sequence[tuple[RuleMeasure, Window]], place: Place
) -> Mapping[tuple[UUID, Window], Own]:
    """A member's figures in these windows of measures, by one statement."""
    if not wanted:
        return {}
    windows = {window: f"asked_{n}" for n, window in enumerate(dict.fromkeys(window for _, window in wanted))}
    figures = [figure(measure.metric, window).label(f"figure_{n}") for n, (measure, window) in enumerate(wanted)]
    asked = [is_asked(*window.span(place)).label(name) for window, name in windows.items()]
    row = (await session.execute(select(*figures, *asked).where(col(Member.id) == member_id))).one()
    return {
        (measure.id, window): Own(
            getattr(row, f"figure_{n}"),
            bool(getattr(row, windows[window])) and window.span(place)[0] >= measure.since,
        )
        for n, (measure, window) in enumerate(wanted)
    }
