"""`GET /v1/audit`: the audit trail of all services as one, the newest first."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from chassis.problems import CURSOR_INVALID, UNAVAILABLE
from chassis.settings import SERVICES
from chassis.web.audit import AUDIT_READ, AuditEntry
from chassis.web.dependencies import CallerDep
from chassis.web.operations import api_router, operation
from chassis.web.pages import PageQuery
from chassis.web.schemas import ResponseModel
from chassis.web.spans import SpanQuery
from chassis.web.values import Moment
from gateway.composing import refusal
from gateway.parts import Asking, Parts, content
from gateway.upstream import Fetched

router = api_router(tags=["Audit"])

MOST_PAGES: Final = 20

Place = tuple[datetime, int]
"""Where an entry stands in the trail: its time, then its id."""


class TrailEntry(AuditEntry):
    """Who did what, in which service."""

    service: str


class Trail(ResponseModel):
    """A page of the audit trail. `next` continues it. Entries of the services in `missing` are not in it."""

    items: list[TrailEntry]
    next: str | None = None
    missing: list[str] = Field(default_factory=list)


@router.get("/v1/audit", response_model=Trail)
@operation(permission=AUDIT_READ, problems=[CURSOR_INVALID])
async def list_audit(
    caller: CallerDep,
    request: Request,
    page: PageQuery,
    span: SpanQuery,
    community_id: UUID | None = None,
    actor: Annotated[
        str | None, Query(max_length=64, description="`person:<id>`, `service:<id>`, `guest:<id>` or `system`.")
    ] = None,
    action: Annotated[str | None, Query(max_length=64)] = None,
    object_id: Annotated[str | None, Query(max_length=64)] = None,
    before: Annotated[Moment | None, Query(description="Only entries before this moment.")] = None,
) -> Trail | Response:
    """List what staff, administrators and service accounts did in all services, the newest first.

    Owners read the entries of their community (`community_id`); administrators and auditors read everything. `from` and `to` are days of
    the community, without one those of UTC, or moments.
    """
    after = _place(page.decode())
    filters: dict[str, Any] = {"community_id": community_id, "actor": actor, "action": action, "object_id": object_id}
    filters |= {name: end.isoformat() for name, end in (("from", span.from_), ("to", span.to)) if end is not None}
    parts: Parts = request.app.state.runtime.parts
    asking = Asking.of(request)
    wanted = page.limit + 1
    found = await asyncio.gather(
        *(_of_service(parts, asking, service, filters, before, after, wanted) for service in SERVICES)
    )
    refused = next((part for part in found if isinstance(part, Fetched)), None)
    if refused is not None and not any(isinstance(part, list) for part in found):
        return refusal(refused)
    if isinstance(found[0], Fetched):
        # Membership knows for itself what the others know by message: its refusal is everybody's.
        return refusal(found[0])
    pages = [part for part in found if isinstance(part, list)]
    if not pages:
        raise UNAVAILABLE("No service answered.", "没有服务作出应答。")
    newest = list(islice(merge(*pages, key=place_of, reverse=True), wanted))
    shown = newest[: page.limit]
    last = shown[-1] if len(newest) > page.limit else None
    return Trail(
        items=shown,
        next=page.encode([last.at.isoformat(), last.id]) if last else None,
        missing=[name for name, part in zip(SERVICES, found, strict=True) if not isinstance(part, list)],
    )


def place_of(entry: TrailEntry) -> Place:
    """The order of the trail."""
    return entry.at, entry.id.int


async def _of_service(
    parts: Parts,
    asking: Asking,
    service: str,
    filters: Mapping[str, Any],
    before: datetime | None,
    after: Place | None,
    wanted: int,
) -> list[TrailEntry] | Fetched | None:
    """A service's newest entries behind a place in the trail; its refusal; None where it did not answer."""
    entries: list[TrailEntry] = []
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        query = {**filters, "before": _upper(before, after), "limit": min(wanted, 100), "cursor": cursor}
        answer = await parts.get(asking, service, "/internal/audit", query)
        if answer is None:
            return None
        if answer.status != 200:
            return answer
        body = content(answer)
        for item in body["items"]:
            entry = TrailEntry(service=service, **item)
            if after is None or place_of(entry) < after:
                entries.append(entry)
        cursor = body["next"]
        if cursor is None or len(entries) >= wanted:
            break
    return entries[:wanted]


def _upper(before: datetime | None, after: Place | None) -> str | None:
    """Until when to ask: a microsecond past the place, as several entries may be of one moment."""
    if after is None:
        return None if before is None else before.isoformat()
    limit = after[0] + timedelta(microseconds=1)
    return (limit if before is None else min(limit, before)).isoformat()


def _place(values: list[Any] | None) -> Place | None:
    if values is None:
        return None
    try:
        at, id_ = values
        return datetime.fromisoformat(at), UUID(id_).int
    except (TypeError, ValueError):
        raise CURSOR_INVALID() from None
