"""Use cases of endpoints."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col

from chassis.audit import audit
from chassis.database.rows import existing
from chassis.ids import new_id
from chassis.problems import FORBIDDEN, ILLEGAL_TRANSITION, INVALID, NOT_FOUND, UNAUTHENTICATED, Problem
from chassis.security.authority import authorize
from chassis.security.caller import Caller
from chassis.web.etags import require_match
from chassis.web.work import Work
from services.membership.communities.models import Community
from services.membership.people.models import Person
from services.membership.permissions import WEBHOOKS_WRITE
from services.membership.platform_roles.access import authorize_platform_now
from services.membership.webhooks import queries
from services.membership.webhooks.message_types import COMMUNITY_TYPES, PLATFORM_TYPES
from services.membership.webhooks.models import Webhook
from services.membership.webhooks.problems import TOO_MANY_WEBHOOKS, not_for_caller
from services.membership.webhooks.rules import (
    LEADS_TO,
    MOST_IN_COMMUNITY,
    MOST_OF_PERSON,
    OLD_SECRET_LASTS,
    not_permitted,
    possible,
)
from services.membership.webhooks.schemas import WebhookCreate, WebhookPatch
from services.membership.webhooks.telling import wake

_AUDITED = ("url", "types", "description")


async def permitted_types(work: Work, community_id: UUID | None) -> frozenset[str]:
    """What the caller may ask for in a community, or of the platform. Raises what `authorize` raises."""
    caller, wanted = _person(work), work.permission or WEBHOOKS_WRITE
    if community_id is None:
        await authorize_platform_now(work.session, caller, wanted)
        return PLATFORM_TYPES
    standing = await authorize(work.session, caller, wanted, community_id, now=work.now)
    return COMMUNITY_TYPES if "W" in standing.columns else COMMUNITY_TYPES & PLATFORM_TYPES


async def permitted_hook(work: Work, key: UUID, *, lock: bool = False) -> Webhook:
    """An endpoint, if the caller may do this where it is. Raises `NOT_FOUND`, else what `authorize` raises.

    Of the platform's, who may do nothing there hears no more than of one that is not there.
    """
    hook = await existing(work.session, Webhook, key, lock=lock)
    try:
        await permitted_types(work, hook.community_id)
    except Problem as refused:
        if hook.community_id is None and refused.type is FORBIDDEN:
            raise NOT_FOUND() from None
        raise
    return hook


async def create(work: Work, body: WebhookCreate) -> Webhook:
    """Add an endpoint, whose owner is the caller. Raises `TOO_MANY_WEBHOOKS`."""
    caller = _person(work)
    # Counted under the lock of what they are counted in.
    if body.community_id is not None:
        await existing(work.session, Community, body.community_id, lock=True)
    await _check_types(work, body.community_id, body.types)
    if body.community_id is None:
        await existing(work.session, Person, caller.id, lock=True)
    most = MOST_OF_PERSON if body.community_id is None else MOST_IN_COMMUNITY
    if await queries.how_many(work.session, body.community_id, caller.id) >= most:
        raise TOO_MANY_WEBHOOKS()
    hook = Webhook(**body.model_dump(), owner_id=caller.id, status_since=work.now, created_at=work.now)
    work.session.add(hook)
    await work.session.flush()
    await audit(
        work.session, caller, hook, "create", {name: [None, getattr(hook, name)] for name in _AUDITED}, work.now
    )
    return hook


async def change(work: Work, key: UUID, body: WebhookPatch, if_match: int) -> Webhook:
    """Change where an endpoint is, or what it is sent."""
    hook = await permitted_hook(work, key, lock=True)
    require_match(hook.version, if_match)
    values = body.model_dump(exclude_unset=True)
    if "types" in values:
        await _check_types(work, hook.community_id, values["types"])
    return await work.edit(hook, values)


async def move(work: Work, key: UUID, action: str) -> Webhook:
    """Pause an endpoint, or resume it: then the caller answers for it. Raises `ILLEGAL_TRANSITION`."""
    hook = await permitted_hook(work, key, lock=True)
    if not possible(action, hook.status):
        raise ILLEGAL_TRANSITION(state=hook.status)
    values: dict[str, Any] = {"status": LEADS_TO[action], "off_cause": None, "status_since": work.now}
    if action == "resume":
        await _check_types(work, hook.community_id, hook.types)
        values |= {"owner_id": _person(work).id, "failures": 0, "failing_since": None, "rests_until": None}
    hook = await work.edit(hook, values, action=action)
    await wake(work.session, [hook.id] if action == "resume" else [], work.now)
    return hook


async def rotate(work: Work, key: UUID) -> Webhook:
    """Give an endpoint another secret; the one before stays good for 24 h."""
    hook = await permitted_hook(work, key, lock=True)
    hook.old_key_id, hook.old_key_until, hook.key_id = hook.key_id, work.now + OLD_SECRET_LASTS, new_id()
    hook.version += 1
    await audit(work.session, work.caller, hook, "rotate", {"secret": ["old", "new"]}, work.now)
    return hook


async def remove(work: Work, key: UUID) -> None:
    """Take an endpoint away, with all that waits for it."""
    hook = await permitted_hook(work, key, lock=True)
    await audit(
        work.session, work.caller, hook, "remove", {name: [getattr(hook, name), None] for name in _AUDITED}, work.now
    )
    await work.session.execute(delete(Webhook).where(col(Webhook.id) == key))


async def _check_types(work: Work, community_id: UUID | None, types: list[str]) -> None:
    wrong = not_permitted(types, await permitted_types(work, community_id))
    if wrong:
        raise INVALID(errors=not_for_caller(wrong, types))


def _person(work: Work) -> Caller:
    if work.caller is None:
        raise UNAUTHENTICATED()
    return work.caller
