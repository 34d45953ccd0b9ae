"""What a suspension or an expulsion takes from a member here, and what of it should not have been. Pure.

All of it is a fold over the revisions of a penalty: over the greatest, and over the earliest beginning and the latest end of all. So
the order in which they come says nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

BARRING: Final = frozenset({"suspend", "expel"})
"""The sanctions whose members come to nothing. A mute keeps nobody away."""
Span = tuple[datetime, datetime | None]
"""From when to when, exclusive; None without an end."""


class KnownPenalty(Protocol):
    """A penalty as of its greatest revision, and when that was decided."""

    @property
    def id(self) -> UUID: ...
    @property
    def member_id(self) -> UUID: ...
    @property
    def revision(self) -> int: ...
    @property
    def sanction(self) -> str | None: ...
    @property
    def since(self) -> datetime | None: ...
    @property
    def until(self) -> datetime | None: ...
    @property
    def undone(self) -> bool: ...
    @property
    def changed_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Bar:
    """What a penalty keeps a member from: the penalty as of its greatest revision, and when any of its revisions kept them away."""

    penalty: KnownPenalty
    served_from: datetime
    served_until: datetime | None

    @property
    def stands(self) -> bool:
        """Whether it keeps them away, or did, as it is known now."""
        return not self.penalty.undone and self.penalty.sanction in BARRING

    @property
    def shortened_to(self) -> datetime | None:
        """When it ends, of one that was to last longer; None of any other."""
        until = self.penalty.until
        if not self.stands or until is None:
            return None
        return until if self.served_until is None or until < self.served_until else None

    @property
    def spared(self) -> tuple[datetime, datetime] | None:
        """The time in which they were kept away and should not have been: all of it, or the end where it was shortened.

        It ends when that was decided: whoever could come again and did not was missing.
        """
        if self.penalty.changed_at is None:
            return None
        began = self.served_from if not self.stands else self.shortened_to
        ended = (
            self.penalty.changed_at if self.served_until is None else min(self.served_until, self.penalty.changed_at)
        )
        return (began, ended) if began is not None and began < ended else None

    def lasts(self, now: datetime) -> bool:
        """Whether it keeps them away at this moment."""
        since, until = self.penalty.since, self.penalty.until
        return self.stands and since is not None and since <= now and (until is None or now < until)

    def takes(self, lost_at: datetime, starts_at: datetime) -> bool:
        """Whether what was given up then, for what begins then, stays given up for it."""
        until = self.penalty.until
        if not self.stands or lost_at < self.served_from or (until is not None and lost_at >= until):
            return False
        return self.shortened_to is None or starts_at < self.shortened_to

    def spares(self, lost_at: datetime, starts_at: datetime) -> bool:
        """Whether it was given up for it, and should not have been."""
        served = self.served_from <= lost_at and (self.served_until is None or lost_at < self.served_until)
        return served and not self.takes(lost_at, starts_at)


def comes_back(bars: Iterable[Bar], lost_at: datetime, starts_at: datetime) -> bool:
    """Whether somebody has again what they gave up: it was for a penalty that does not say so any more, and for no other that does."""
    some = list(bars)
    if any(bar.takes(lost_at, starts_at) for bar in some):
        return False
    return any(bar.spares(lost_at, starts_at) for bar in some)


def keeps_from(bars: Sequence[Bar], now: datetime) -> datetime | None:
    """From when on what begins is kept by somebody suspended: the end of a suspension that was shortened; None where nothing is kept."""
    ends = [bar.shortened_to for bar in bars if bar.lasts(now)]
    known = [end for end in ends if end is not None]
    return max(known) if known and len(known) == len(ends) else None


def wider(known: Span | None, since: datetime, until: datetime | None) -> Span:
    """The time that any of the revisions names."""
    if known is None:
        return since, until
    began, ended = known
    return min(began, since), None if ended is None or until is None else max(ended, until)
