"""Recording in the audit trail that a backup was made or restored."""

from pathlib import Path

from chassis.audit import AuditObject, audit
from chassis.service import RunningService


async def note(membership: RunningService, action: str, path: Path) -> None:
    """Record `backup` or `restore` in membership's trail, with the name of the file or directory."""
    async with membership.database.transaction() as session:
        await audit(session, None, AuditObject("backup", path.name[-64:]), action, {}, membership.clock())
