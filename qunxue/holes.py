"""Operators' commands about messages that a service lost because the log had deleted them."""

from collections.abc import AsyncIterator
from typing import Any

from chassis.audit import AuditObject, audit
from chassis.messaging.holes import accept, holes
from chassis.messaging.restating import missing
from qunxue.command import CommandFailed, Line, runtime_of
from qunxue.installation import Installation


async def list_holes(installation: Installation, arguments: dict[str, Any]) -> AsyncIterator[Line]:
    """The holes of every service that are open, or all that ever were, and what must be restated to close them."""
    for name, runtime in installation.runtimes.items():
        async with runtime.database.reading() as session:
            for hole in await holes(session, open_only=not arguments.get("all")):
                yield {
                    "service": name,
                    "consumer": hole.consumer,
                    "topic": hole.topic,
                    "state": hole.state,
                    "known_until": hole.known_until,
                    "noticed_at": hole.noticed_at,
                    "closed_at": hole.closed_at,
                    "missing": await missing(
                        session,
                        hole.consumer,
                        hole.topic,
                        runtime.service.consumers[hole.consumer],
                        since=hole.noticed_at,
                    ),
                }


async def accept_hole(installation: Installation, arguments: dict[str, Any]) -> AsyncIterator[Line]:
    """Have a service read on without what it lost, and trust what it knows."""
    name, topic = arguments["service"], arguments["topic"]
    runtime = runtime_of(installation, name)
    async with runtime.database.transaction() as session:
        if not await accept(session, topic, runtime.clock()):
            raise CommandFailed(f"{name} has no hole in {topic}")
        await audit(session, None, AuditObject("topic", topic), "hole.accept", {}, runtime.clock())
    yield {"accepted": topic}
