"""Which rule somebody broke, as it was in force then: the one place where cases ask for rules."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.membership.penalties.rules import Severity
from services.membership.rule_sets.queries import rule_at, rule_set_at


@dataclass(frozen=True, slots=True)
class RuleThen:
    """A rule as of a moment."""

    code: str
    version: int
    severity: Severity


UNWRITTEN: Final[dict[str, Severity]] = {"minor": "minor", "serious": "serious", "grave": "grave"}
"""What a community goes by that had published no rules then: one rule for each severity, as version 0."""


async def rule_then(session: AsyncSession, community_id: UUID, code: str, at: datetime) -> RuleThen | None:
    """The rule with this code that was in force in the community at that moment; None where there was none."""
    found = await rule_at(session, community_id, code, at)
    if found is not None:
        version, rule = found
        return RuleThen(code, version, rule["severity"])
    severity = UNWRITTEN.get(code)
    if severity is None or await rule_set_at(session, community_id, at) is not None:
        return None
    return RuleThen(code, 0, severity)
