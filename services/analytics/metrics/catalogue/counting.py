"""How most metrics are computed: by counting deeds, or by putting members above and below a line."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from services.analytics.facts.verbs import Verb
from services.analytics.metrics.frame import Asked, Compute, Reading, amount, cells, ratio
from services.analytics.metrics.presence import present
from services.analytics.metrics.rules import Period
from services.analytics.metrics.spell_rules import Presence
from services.analytics.metrics.tallies import Tally, What, different, tallies

_NOTHING, _NOBODY = Tally(0, 0.0, 0), Presence()


def deeds_of(*verbs: Verb) -> Compute:
    """How many of these there were."""

    async def compute(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> list[Reading]:
        counted = await tallies(session, asked, periods, verbs)
        found = [(cell, counted.get(cell, _NOTHING)) for cell in cells(asked, periods, counted)]
        return [amount(cell, tally.deeds, tally.members) for cell, tally in found]

    return compute


def worth_of(*verbs: Verb) -> Compute:
    """What these were worth together."""

    async def compute(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> list[Reading]:
        counted = await tallies(session, asked, periods, verbs)
        found = [(cell, counted.get(cell, _NOTHING)) for cell in cells(asked, periods, counted)]
        return [amount(cell, tally.value, tally.members) for cell, tally in found]

    return compute


def members_who(what: What) -> Compute:
    """How many different members did it."""

    async def compute(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> list[Reading]:
        counted = await different(session, asked, periods, what)
        return [amount(cell, counted.get(cell, 0), counted.get(cell, 0)) for cell in cells(asked, periods, counted)]

    return compute


def share_who(what: What) -> Compute:
    """The share of members who did it."""

    async def compute(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> list[Reading]:
        counted = await different(session, asked, periods, what)
        there = await present(session, asked, periods)
        return [
            ratio(cell, counted.get(cell, 0), members, members)
            for cell in cells(asked, periods, counted, there)
            if (members := there.get(cell, _NOBODY).members) or asked.group_by is None
        ]

    return compute
