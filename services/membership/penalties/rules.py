"""What penalties bring about: the ladder, and sanctions as a fold over revisions. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, get_args
from uuid import UUID

Severity = Literal["minor", "serious", "grave"]
Sanction = Literal["mute", "suspend", "expel"]
SANCTIONS: Final[tuple[Sanction, ...]] = get_args(Sanction)
"""The weakest first."""

POINTS: Final[dict[str, int]] = {"minor": 1, "serious": 3, "grave": 6}
"""Violation points by severity."""
MOST_FINE: Final[dict[str, int]] = {"minor": 10, "serious": 30, "grave": 60}
"""What a penalty may take at most, in the points of the community; also what it takes unless somebody says less."""
DECAY: Final = timedelta(days=180)
"""After so long violation points count no more."""
TO_APPEAL: Final = timedelta(days=14)
"""So long after they were told of it somebody may appeal."""
_LADDER: Final[tuple[tuple[int, Sanction, timedelta | None], ...]] = (
    (12, "expel", None),
    (6, "suspend", timedelta(days=7)),
    (3, "mute", timedelta(days=3)),
)
LENGTHS: Final[dict[Sanction, timedelta | None]] = {sanction: length for _, sanction, length in _LADDER}
"""How long each sanction of the ladder lasts; None is without end."""
MUTE: Final = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Revision:
    """A penalty as of one of its revisions: everything that stands of it. `until` is exclusive; an expulsion has none.

    `imposed_at` is that of the first revision: from then the points count, and decay.
    """

    penalty_id: UUID
    revision: int
    points: int
    imposed_at: datetime
    sanction: Sanction | None = None
    since: datetime | None = None
    until: datetime | None = None

    def lasts(self, now: datetime) -> bool:
        """Whether its sanction is in force at a moment."""
        if self.sanction is None or self.since is None or now < self.since:
            return False
        return self.until is None or now < self.until

    @property
    def decays_at(self) -> datetime:
        """From then on its points count no more."""
        return self.imposed_at + DECAY


@dataclass(frozen=True, slots=True)
class Held:
    """What somebody is sanctioned by at a moment, and until when by what is known then."""

    sanction: Sanction
    until: datetime | None
    penalty_ids: tuple[UUID, ...]


def standing(revisions: Iterable[Revision]) -> dict[UUID, Revision]:
    """The greatest revision of each penalty, whichever came first, and however often."""
    greatest: dict[UUID, Revision] = {}
    for one in revisions:
        known = greatest.get(one.penalty_id)
        if known is None or one.revision > known.revision:
            greatest[one.penalty_id] = one
    return greatest


def points_at(revisions: Iterable[Revision], now: datetime) -> int:
    """The violation points that count at a moment."""
    return sum(one.points for one in standing(revisions).values() if one.imposed_at <= now < one.decays_at)


def sanction_at(revisions: Iterable[Revision], now: datetime) -> Held | None:
    """The strongest sanction in force at a moment, as long as the last one of its kind; None where there is none.

    No penalty ends what another brought: a later and shorter one changes nothing, and where one is taken back what the others brought stays.
    """
    several = sanctions_at(revisions, now)
    return several[-1] if several else None


def sanctions_at(revisions: Iterable[Revision], now: datetime) -> list[Held]:
    """What is in force at a moment, of each kind as long as the last one of it, the strongest last."""
    lasting = [one for one in standing(revisions).values() if one.lasts(now)]
    found = []
    for sanction in SANCTIONS:
        same = [one for one in lasting if one.sanction == sanction]
        if same:
            ends = [one.until for one in same if one.until is not None]
            until = max(ends) if len(ends) == len(same) else None
            found.append(Held(sanction, until, tuple(sorted(one.penalty_id for one in same))))
    return found


def rung(points: int) -> Sanction | None:
    """What the ladder says of a sum of live points; None is a warning."""
    return next((sanction for least, sanction, _ in _LADDER if points >= least), None)


def rung_of(penalty_id: UUID, revisions: Iterable[Revision]) -> Sanction | None:
    """What the ladder says of a penalty as of when it was imposed, by what stands of it and of those before it."""
    stands = standing(revisions)
    at = stands[penalty_id].imposed_at
    return rung(points_at(stands.values(), at))


def exceeds(sanction: str | None, most: Sanction | None) -> bool:
    """Whether a sanction is stronger than that."""
    order = (None, *SANCTIONS)
    return order.index(sanction) > order.index(most)


def needs_second(sanction: Sanction | None) -> bool:
    """Whether a sanction waits for the word of a second person."""
    return sanction in {"suspend", "expel"}


def muted_until(since: datetime, served: timedelta) -> datetime:
    """The end of a mute of the ladder, for which somebody has served a short mute already."""
    return since + max(MUTE - served, timedelta())


def seconding_refusal(
    *, proposed: Sanction | None, wanted: Sanction | None, is_first: bool, is_party: bool
) -> str | None:
    """The problem code with which a second person's word would be refused; `wanted` None leaves it at what holds.

    A second person may agree to less than was proposed, never to more. `is_party`: it is about them, or they reported it.
    """
    if is_first or is_party:
        return "conflict_of_interest"
    if proposed is None:
        return "illegal_transition"
    if wanted is not None and SANCTIONS.index(wanted) > SANCTIONS.index(proposed):
        return "illegal_transition"
    return None


def lifting_refusal(
    *, undone: bool, is_target: bool, imposed_it: bool, was_seconded: bool, lifts_any: bool, was_reviewed: bool
) -> str | None:
    """The problem code with which lifting would be refused: a moderator takes back what was their error alone.

    `was_reviewed`: an appointed reviewer imposed it, since nobody in the community may decide there; an appeal is left against it.
    """
    if is_target or (was_reviewed and not imposed_it):
        return "conflict_of_interest"
    if not lifts_any and (not imposed_it or was_seconded):
        return "forbidden"
    return "illegal_transition" if undone else None


def appeal_until(told_at: datetime) -> datetime:
    """Until when somebody may appeal against what they were told then; exclusive."""
    return told_at + TO_APPEAL
