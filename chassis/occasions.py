"""What happens in one feature of a service and has effects in others, in the same transaction.

An occasion is declared in the feature where it arises (`occasions.py`), which need not know who does something about it. The
service's `definition.py` says that on one page: each occasion with its effects, in order.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of

P = TypeVar("P")
R = TypeVar("R")

Effect = Callable[[AsyncSession, P], Awaitable[R]]
"""Is given what happened; works in the session of whoever says so, and never commits."""


class Occasion(Generic[P, R]):
    """Something that may happen: `P` is what is told of it, `R` what each effect answers, mostly None."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def happened(self, session: AsyncSession, what: P) -> list[R]:
        """Let the effects follow now, one after the other; returns what they answer. What one raises is raised here.

        Raises `LookupError` where the service's definition does not list the occasion.
        """
        effects: Sequence[Effect[P, R]] = context_of(session).runtime.service.effects_of(self)
        return [await effect(session, what) for effect in effects]


@dataclass(frozen=True)
class Following:
    """A line of a definition: what follows an occasion, in order."""

    occasion: Occasion[Any, Any]
    effects: tuple[Effect[Any, Any], ...]


def when(occasion: Occasion[P, R], *effects: Effect[P, R]) -> Following:
    """Say what follows an occasion. Raises `ValueError` for an effect that is listed twice."""
    if len(set(effects)) < len(effects):
        raise ValueError(f"an effect of {occasion.name!r} is listed twice")
    return Following(occasion, effects)
