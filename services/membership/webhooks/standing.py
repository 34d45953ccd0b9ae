"""Whether an endpoint may be told what it asked for: as long as its owner may ask for it, and the community is there."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Table, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from services.membership.people.models import Person
from services.membership.people.occasions import PeopleConcerned
from services.membership.people.rules import Status
from services.membership.platform_roles.queries import platform_roles_of
from services.membership.roster.occasions import MembershipEnded
from services.membership.standing.queries import standing_of
from services.membership.webhooks.message_types import COMMUNITY_TYPES, PLATFORM_TYPES
from services.membership.webhooks.models import Webhook, WebhookDelivery
from services.membership.webhooks.occasions import SwitchedOff, webhook_switched_off
from services.membership.webhooks.rules import OffCause

_DELIVERIES: Table = WebhookDelivery.__table__  # type: ignore[attr-defined]


async def why_off(session: AsyncSession, hook: Webhook, now: datetime) -> OffCause | None:
    """Why an endpoint must be switched off now; None where it may go on."""
    permitted: frozenset[str] = frozenset()
    if await _is_admin(session, hook.owner_id):
        permitted |= PLATFORM_TYPES
    if hook.community_id is not None:
        facts = await standing_of(session, person_id=hook.owner_id, community_id=hook.community_id, now=now)
        if facts is None or facts.community.status == "archived":
            return "community_archived"
        member = facts.member
        owns = member is not None and member.status_at(now) == "active" and "owner" in member.roles
        if owns and facts.person_status == Status.ACTIVE:
            permitted |= COMMUNITY_TYPES
    return None if set(hook.types) <= permitted else "owner_lost_role"


async def switch_off(session: AsyncSession, hook: Webhook, cause: OffCause, now: datetime) -> None:
    """Send nothing there any more, until somebody resumes it: what waits has failed, and may be sent again then. The endpoint is locked."""
    before = hook.status
    hook.status, hook.off_cause, hook.status_since = "off", cause, now
    hook.next_at = hook.rests_until = hook.failing_since = None
    hook.failures = 0
    hook.version += 1
    waiting = (_DELIVERIES.c.webhook_id == hook.id, _DELIVERIES.c.status == "waiting")
    await session.execute(update(_DELIVERIES).where(*waiting).values(status="failed", error="switched_off"))
    await webhook_switched_off.happened(session, SwitchedOff(hook.id, hook.owner_id, cause, now))
    await audit(session, None, hook, "switch_off", {"status": [before, "off"], "off_cause": [None, cause]}, now)


async def switch_off_of_people(session: AsyncSession, concerned: PeopleConcerned) -> None:
    """Endpoints of people who were suspended, left, or lost a role on the platform."""
    await _look_again(session, select(Webhook).where(col(Webhook.owner_id).in_(concerned.ids)), concerned.at)


async def switch_off_of_member(session: AsyncSession, ended: MembershipEnded) -> None:
    """Endpoints of somebody who left their community."""
    mine = (col(Webhook.owner_id) == ended.person.id, col(Webhook.community_id) == ended.member.community_id)
    await _look_again(session, select(Webhook).where(*mine), ended.at)


async def _look_again(session: AsyncSession, found: object, now: datetime) -> None:
    statement = found.where(col(Webhook.status) != "off").order_by(col(Webhook.id)).with_for_update()  # type: ignore[attr-defined]
    hooks: Sequence[Webhook] = (await session.scalars(statement)).all()
    for hook in hooks:
        cause = await why_off(session, hook, now)
        if cause is not None:
            await switch_off(session, hook, cause, now)


async def _is_admin(session: AsyncSession, person_id: UUID) -> bool:
    if "admin" not in await platform_roles_of(session, person_id):
        return False
    person = await session.get(Person, person_id)
    return person is not None and person.status == Status.ACTIVE
