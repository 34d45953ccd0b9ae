"""Whether an endpoint may be told what it asked for: as long as its owner may ask for it, and the community is there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select, update
from sqlmodel import SQLModel, col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import AuditObject, Changes, audit_many
from chassis.database.bulk import among
from chassis.security.authority import Facts
from services.membership.communities.occasions import CommunityMoved
from services.membership.people.models import Person
from services.membership.people.occasions import PeopleConcerned
from services.membership.people.rules import Status
from services.membership.platform_roles.models import PlatformRole
from services.membership.roster.occasions import MemberConcerned
from services.membership.standing.queries import standings_of
from services.membership.webhooks.message_types import COMMUNITY_TYPES, PLATFORM_TYPES
from services.membership.webhooks.models import Webhook, WebhookDelivery
from services.membership.webhooks.occasions import OffEndpoint, SwitchedOff, webhooks_switched_off
from services.membership.webhooks.rules import OffCause

_HOOKS: Table = Webhook.__table__  # type: ignore[attr-defined]
_DELIVERIES: Table = WebhookDelivery.__table__  # type: ignore[attr-defined]


async def why_off(session: AsyncSession, hooks: Sequence[Webhook], now: datetime) -> dict[UUID, OffCause]:
    """Why endpoints must be switched off now, of those that may not go on."""
    if not hooks:
        return {}
    admins = await _admins(session, {hook.owner_id for hook in hooks})
    pairs = [(hook.owner_id, hook.community_id) for hook in hooks if hook.community_id is not None]
    standings = dict(zip(pairs, await standings_of(session, pairs, now), strict=True)) if pairs else {}
    causes = {hook.id: _cause(hook, hook.owner_id in admins, standings, now) for hook in hooks}
    return {key: cause for key, cause in causes.items() if cause is not None}


def _cause(
    hook: Webhook, is_admin: bool, standings: Mapping[tuple[UUID, UUID], Facts | None], now: datetime
) -> OffCause | None:
    permitted = PLATFORM_TYPES if is_admin else frozenset()
    if hook.community_id is not None:
        facts = standings[hook.owner_id, hook.community_id]
        if facts is None or facts.community.status == "archived":
            return "community_archived"
        member = facts.member
        owns = member is not None and member.status_at(now) == "active" and "owner" in member.roles
        if owns and facts.person_status == Status.ACTIVE:
            permitted |= COMMUNITY_TYPES
    return None if set(hook.types) <= permitted else "owner_lost_role"


async def switch_off(
    session: AsyncSession, hooks: Sequence[Webhook], causes: Mapping[UUID, OffCause], now: datetime
) -> None:
    """Send nothing there any more, until somebody resumes it: what waits has failed, and may be sent again then. The endpoints are locked."""
    off = [hook for hook in hooks if hook.id in causes]
    if not off:
        return
    changes: list[tuple[SQLModel | AuditObject, Changes]] = [
        (hook, {"status": [hook.status, "off"], "off_cause": [None, causes[hook.id]]}) for hook in off
    ]
    await session.flush()
    for cause in sorted(set(causes.values())):
        these = [hook.id for hook in off if causes[hook.id] == cause]
        values = {
            "status": "off",
            "off_cause": cause,
            "status_since": now,
            "failures": 0,
            "version": _HOOKS.c.version + 1,
        }
        nothing = dict.fromkeys(("next_at", "rests_until", "failing_since"))
        await session.execute(update(_HOOKS).where(_HOOKS.c.id.in_(these)).values(**values, **nothing))
    waiting = (_DELIVERIES.c.webhook_id.in_([hook.id for hook in off]), _DELIVERIES.c.status == "waiting")
    await session.execute(update(_DELIVERIES).where(*waiting).values(status="failed", error="switched_off"))
    await audit_many(session, None, changes, "switch_off", now)
    ended = [OffEndpoint(hook.id, hook.owner_id, hook.community_id) for hook in off]
    await webhooks_switched_off.happened(session, SwitchedOff(ended, now))
    for hook in off:
        session.expire(hook)


async def switch_off_of_people(session: AsyncSession, concerned: PeopleConcerned) -> None:
    """Endpoints of people who were suspended, left, or lost a role on the platform."""
    await _look_again(session, select(Webhook).where(col(Webhook.owner_id).in_(concerned.ids)), concerned.at)


async def switch_off_of_member(session: AsyncSession, ended: MemberConcerned) -> None:
    """Endpoints of somebody who left their community, or owns it no more."""
    mine = (col(Webhook.owner_id) == ended.person.id, col(Webhook.community_id) == ended.member.community_id)
    await _look_again(session, select(Webhook).where(*mine), ended.at)


async def switch_off_of_community(session: AsyncSession, moved: CommunityMoved) -> None:
    """Endpoints of a community that was archived: nothing happens there any more."""
    if moved.news == "archived":
        here = select(Webhook).where(col(Webhook.community_id) == moved.community_id)
        await _look_again(session, here, moved.at)


async def _look_again(session: AsyncSession, found: Any, now: datetime) -> None:
    statement = found.where(col(Webhook.status) != "off").order_by(col(Webhook.id)).with_for_update()
    hooks = (await session.scalars(statement)).all()
    await switch_off(session, hooks, await why_off(session, hooks, now), now)


async def _admins(session: AsyncSession, people: set[UUID]) -> set[UUID]:
    """Those of these people who administer the platform."""
    found = (
        select(col(PlatformRole.person_id))
        .join(Person, col(Person.id) == col(PlatformRole.person_id))
        .where(col(PlatformRole.role) == "admin", col(Person.status) == Status.ACTIVE.value)
        .where(among(session, col(PlatformRole.person_id), people))
    )
    return set((await session.execute(found)).scalars())
