"""Which messages about points are facts: what is earned, and what is spent, lost and run out."""

from typing import Any, Final

from chassis.messaging.envelope import Received
from contracts import gamification
from services.analytics.facts.declaration import Deed, Entry, told_once
from services.analytics.facts.verbs import Verb

LOSSES = {Verb.SPENT_POINTS: "redemption", Verb.POINTS_EXPIRED: "expiry"}
"""Of what kind points are that are taken; all others are fines."""
CORRECTED = "points.corrected"
"""The cause of a fine, and of what of it goes back, as the open topic tells of it."""


def _first_transfer(message: Received[Any]) -> Any:
    transfers = message.data.transfer_ids
    return transfers[0] if transfers else told_once(message)


def _is_corrected(data: Any) -> bool:
    """Whether a fine goes back to somebody: nobody is told more of it, and it is none of what they earn."""
    return bool(data.cause.type == CORRECTED)


def _taken(verb: Verb) -> Deed:
    def is_so(data: Any) -> bool:
        return data.points < 0 and (data.kind == LOSSES[verb] if verb in LOSSES else data.kind not in LOSSES.values())

    return Deed(verb, _first_transfer, by="member_id", value=lambda message: -message.data.points, when=is_so)


POINTS: Final = (
    Entry(
        gamification.PointsAwarded,
        deeds=(
            Deed(
                Verb.EARNED_POINTS, _first_transfer, by="member_id", value="points", when=lambda data: data.points > 0
            ),
            *(_taken(verb) for verb in (Verb.SPENT_POINTS, Verb.POINTS_EXPIRED, Verb.LOST_POINTS)),
        ),
    ),
    Entry(
        gamification.PointsReversed,
        deeds=(
            Deed(
                Verb.EARNED_POINTS,
                _first_transfer,
                by="member_id",
                value="points",
                when=lambda data: data.points != 0 and not _is_corrected(data),
            ),
            Deed(
                Verb.LOST_POINTS,
                _first_transfer,
                by="member_id",
                value=lambda message: -message.data.points,
                when=_is_corrected,
            ),
        ),
    ),
    Entry(
        gamification.PointsSpent,
        deeds=(Deed(Verb.SPENT_POINTS, _first_transfer, by="member_id", value="points"),),
    ),
    Entry(
        gamification.PointsExpired,
        deeds=(Deed(Verb.POINTS_EXPIRED, _first_transfer, by="member_id", value="points"),),
    ),
)
