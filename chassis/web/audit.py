"""This service's part of the audit trail, for the gateway to put together."""

from datetime import datetime, time
from uuid import UUID

from sqlalchemy import desc, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.database.listing import Listing
from chassis.days import MIDNIGHT
from chassis.security.authority import authorize, authorize_platform
from chassis.security.permissions import permission
from chassis.web.actors import Actor
from chassis.web.dependencies import CallerDep, Now, Reading
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate
from chassis.web.schemas import JsonObject, ResponseModel
from chassis.web.spans import SpanQuery, within
from chassis.web.values import Moment

audit_router = api_router(tags=["Audit"])

AUDIT_READ = permission("audit.read", "– – – – – – – – y y –", platform_roles=("admin", "auditor"))
"""Owners read their community's, administrators and auditors everything."""


class AuditEntry(ResponseModel):
    """Who did what. `changes` maps a field to [before, after], secrets and answers masked."""

    id: UUID
    at: datetime
    actor: Actor
    on_behalf_of: str | None
    action: str
    object_kind: str
    object_id: str | None
    community_id: UUID | None
    changes: JsonObject
    request_id: str | None


@audit_router.get("/internal/audit", include_in_schema=False)
@operation(permission=AUDIT_READ)
async def list_service_audit(
    caller: CallerDep,
    session: Reading,
    now: Now,
    page: PageQuery,
    span: SpanQuery,
    community_id: UUID | None = None,
    actor: str | None = None,
    action: str | None = None,
    object_id: str | None = None,
    before: Moment | None = None,
) -> Page[AuditEntry]:
    """List what was done in this service, the newest first. Days are the community's, without one those of UTC."""
    entries = context_of(session).tables.chassis.audit_entries
    statement = select(entries)
    if caller.has_platform_role("auditor") or community_id is None:
        authorize_platform(None, caller, AUDIT_READ)
    else:
        await authorize(session, caller, AUDIT_READ, community_id, now=now)
    if community_id is not None:
        statement = statement.where(entries.c.community_id == community_id)
    time_zone, day_starts_at = await _day_of(session, community_id, now)
    statement = statement.where(*within(entries.c.at, span.bounds(time_zone=time_zone, day_starts_at=day_starts_at)))
    if actor is not None:
        statement = statement.where(entries.c.actor == actor)
    if action is not None:
        statement = statement.where(entries.c.action == action)
    if object_id is not None:
        statement = statement.where(entries.c.object_id == object_id)
    if before is not None:
        statement = statement.where(entries.c.at < before)
    return await paginate(
        session,
        Listing(statement, [desc(entries.c.at), desc(entries.c.id)]),
        page=page,
        to=lambda row: AuditEntry.model_validate(dict(zip(entries.c.keys(), row, strict=True))),
    )


async def _day_of(session: AsyncSession, community_id: UUID | None, now: datetime) -> tuple[str, time]:
    """The zone in which a day is meant, and when it starts."""
    if community_id is None:
        return "UTC", MIDNIGHT
    authority = context_of(session).runtime.authority
    facts = await authority.facts(session, person_id=None, community_id=community_id, guarded=False, now=now)
    return ("UTC", MIDNIGHT) if facts is None else (facts.community.time_zone, facts.community.day_starts_at)
