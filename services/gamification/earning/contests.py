"""What contests earn: of a message about many members, each with the place whose prize they have.

A correction tells since which revision somebody has their prize. What an earlier revision said of it is withdrawn, in whatever order
the messages come; who has the same prize as before is paid nothing anew.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final
from uuid import UUID

from chassis.messaging.handlers import Received
from contracts.events import ContestStanding
from services.gamification.earning.rules import Occurrence, Target
from services.gamification.earning.triggers import CONTEST_FINISHED, ContestPlace

_REMOVED: Final = ("removed", 1)


def places(messages: Sequence[Received[Any]]) -> list[Occurrence]:
    """What each member is paid for: the prizes that a revision is the first to give."""
    return [
        occurrence
        for message in messages
        for line, member_id in _new(message)
        for occurrence in CONTEST_FINISHED.occurrences(
            ContestPlace(
                community_id=message.data.community_id,
                member_id=member_id,
                rank=line.prize_rank,
                score=line.score,
                team=line.team_id is not None,
                place=_place(message, member_id, line.prize_since),
            ),
            source_id=message.id,
            occurred_at=message.occurred_at,
            backfill=message.backfill,
        )
    ]


def withdrawn(messages: Sequence[Received[Any]]) -> tuple[dict[Target, tuple[str, int]], set[UUID]]:
    """What earlier revisions gave, and counts no more; and to whom."""
    states: dict[Target, tuple[str, int]] = {}
    members: set[UUID] = set()
    for message in messages:
        for line, member_id in _new(message):
            for revision in range(line.prize_since):
                states[Target(CONTEST_FINISHED.thing.namespace, _place(message, member_id, revision))] = _REMOVED
                members.add(member_id)
    return states, members


def _new(message: Received[Any]) -> Iterator[tuple[ContestStanding, UUID]]:
    for line in message.data.standings:
        if line.prize_since == message.data.revision:
            for member_id in line.member_ids:
                yield line, member_id


def _place(message: Received[Any], member_id: UUID, revision: int) -> str:
    return f"{message.data.activity_id}:{member_id}:{revision}"
