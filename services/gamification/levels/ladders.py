"""Which ladder a community has, and where on it a wallet stands that was last looked at on the one before."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared
from chassis.locale import Locale
from services.gamification.badges.rules import Counter, Criterion
from services.gamification.levels.models import LadderRow
from services.gamification.levels.rules import DEFAULT_LADDER, Held, Rung, level_at, roles_at, translated

_ladders: Any = LadderRow.__table__  # type: ignore[attr-defined]
_THESE: Prepared[Any] = Prepared(
    lambda on: select(
        _ladders.c.community_id, _ladders.c.version, _ladders.c.rungs, _ladders.c.before, _ladders.c.settling
    ).where(on.among(_ladders.c.community_id, "ids"))
)


class Standing(Protocol):
    """What of a wallet says where its member stands."""

    level_position: int
    level_since: datetime | None
    level_below_since: datetime | None
    ladder_version: int
    xp: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """A community's ladder. `before` is that of the version before; `settling` says that members are still being looked at again."""

    version: int
    rungs: tuple[Rung, ...]
    before: tuple[Rung, ...] = ()
    settling: bool = False

    def rungs_of(self, wallet: Standing) -> tuple[Rung, ...]:
        """The ladder that the position on a wallet was decided on."""
        if wallet.ladder_version == self.version or not self.before:
            return self.rungs
        return self.before

    def position_of(self, wallet: Standing) -> int:
        """Where a wallet stands on this ladder, as recorded."""
        if wallet.ladder_version == self.version:
            return wallet.level_position
        rungs = self.rungs_of(wallet)
        return translated(rungs, self.rungs, min(wallet.level_position, len(rungs) - 1))

    def held(self, wallet: Standing) -> Held:
        """The level recorded on a wallet, on this ladder."""
        return Held(self.position_of(wallet), wallet.level_since, wallet.level_below_since)

    def level(self, wallet: Standing, now: datetime) -> Rung:
        """The level that a wallet has by the clock."""
        return self.rungs[level_at(self.rungs, self.held(wallet), wallet.xp, now)]

    def above(self, position: int) -> Rung | None:
        """The rung after a position; None at the top."""
        return self.rungs[position + 1] if position + 1 < len(self.rungs) else None

    def rung_of(self, code: str | None) -> Rung | None:
        """The rung of a code; None where there is none, or no longer."""
        return next((one for one in self.rungs if one.code == code), None)

    def name_of(self, code: str, locale: Locale) -> str:
        """What a level is called; its code, where it is no longer there."""
        rung = self.rung_of(code)
        return code if rung is None else rung.name(locale)

    def roles_at(self, position: int) -> tuple[str, ...]:
        """The roles that a level grants."""
        return roles_at(self.rungs, position)


DEFAULT = Ladder(0, DEFAULT_LADDER)


async def ladders_of(session: AsyncSession, community_ids: Iterable[UUID]) -> dict[UUID, Ladder]:
    """The ladder of each community."""
    ids = set(community_ids)
    ladders = dict.fromkeys(ids, DEFAULT)
    for row in await _THESE.all(session, ids=list(ids)):
        ladders[row.community_id] = Ladder(row.version, rungs_in(row.rungs), rungs_in(row.before), row.settling)
    return ladders


async def ladder_of(session: AsyncSession, community_id: UUID) -> Ladder:
    """The ladder of one community."""
    return (await ladders_of(session, [community_id]))[community_id]


def rungs_in(kept: Sequence[dict[str, Any]]) -> tuple[Rung, ...]:
    """Rungs as they are kept, from the bottom up."""
    return tuple(_rung(position, one) for position, one in enumerate(kept))


def _rung(position: int, kept: dict[str, Any]) -> Rung:
    fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}
    counts = [Criterion(Counter(**one["counter"]), one["at_least"]) for one in kept.get("counts", ())]
    return Rung(position=position, **(fields | {"counts": tuple(counts)}))


def kept(rungs: Sequence[Rung]) -> list[dict[str, Any]]:
    """Rungs as they are to be kept."""
    return [
        {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(rung).items()
            if name != "position"
        }
        for rung in rungs
    ]
