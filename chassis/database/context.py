"""What a session knows of the request or message it works for."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.clock import system_clock

if TYPE_CHECKING:
    from chassis.database.base import ServiceTables

SYSTEM_ACTOR = "system"


@dataclass(slots=True)
class SessionContext:
    """Ambient facts of one unit of work; `emit` and `audit` read them, so use cases need not pass them on.

    `actor` is who sent the request: `person:<uuid>`, `service:<uuid>`, `guest:<uuid>` or `system`. `backfill` marks messages as history.
    """

    tables: "ServiceTables"
    actor: str = SYSTEM_ACTOR
    request_id: str | None = None
    traceparent: str | None = None
    backfill: bool = False
    writes: bool = False
    emitted: bool = False
    """Whether a relay has work when this is committed; the next three likewise: a runner of jobs, the timers, the errands."""
    job_started: bool = False
    timer_set: bool = False
    errand_left: bool = False
    began_at: datetime | None = None
    """When this unit of work began: its clock may have been set back since."""
    heard_at: datetime | None = None
    """When the latest of the messages that are handled was recorded, by the clock of whoever sent it."""
    runtime: Any = None
    idempotency: Any = None
    judged: dict[UUID, Any] = field(default_factory=dict)
    """What the caller was found to be, by their member id: what is known of them may be newer than the projection."""
    extra: dict[str, Any] = field(default_factory=dict)


def moment_of(session: AsyncSession) -> datetime:
    """The present moment by the clock of the process that the session belongs to; a request's own is the dependency `Now`."""
    runtime = context_of(session).runtime
    moment: datetime = runtime.clock() if runtime is not None else system_clock()
    return moment


def context_of(session: AsyncSession) -> SessionContext:
    """The context of a session made by `Database`."""
    context: SessionContext = session.info["context"]
    return context
