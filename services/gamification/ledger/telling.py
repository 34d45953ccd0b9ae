"""The messages that tell what was posted: as it is posted, and once more."""

import re
from typing import Any
from uuid import uuid5

from contracts.gamification import PointsAwarded, PointsChange, PointsExpired, PointsLeft, PointsReversed, PointsSpent
from services.gamification.ledger.postings import Posting

PENALTY = "penalty.imposed"
"""The source of a fine. Everybody who reads the topic would read of it who is penalised: it is told as a correction, without what it was for."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LEAVING: dict[str, type[PointsSpent | PointsExpired]] = {"redemption": PointsSpent, "expiry": PointsExpired}
"""Kinds by which points leave a wallet; their messages count them above zero."""


def event_of(posting: Posting, *, points: int, xp: int) -> PointsChange | PointsLeft:
    """What is told of a posting, after which the wallet has these points and this xp."""
    gained, gained_xp = posting.gains()
    balance = {"points": points, "xp": xp}
    leaving = _LEAVING.get(posting.kind)
    if leaving is not None and gained < 0 and not gained_xp:
        return _left(posting, leaving, balance)
    event_class = PointsReversed if posting.reverses else PointsAwarded
    data: dict[str, Any] = {
        "community_id": posting.community_id,
        "transfer_ids": tuple(posting.transfer_ids),
        "member_id": posting.member_id,
        "points": gained,
        "xp": gained_xp,
        "rule": {"code": posting.rule_code, "version": posting.rule_version or 0} if posting.rule_code else None,
        "kind": posting.kind,
        "cause": {"event_id": posting.source_id, "type": posting.source_type, "object": _object(posting)},
        "balance": balance,
    }
    if posting.source_type == PENALTY:
        hidden = uuid5(posting.source_id, "told")
        data |= {"kind": "correction", "cause": {"event_id": hidden, "type": "points.corrected", "object": None}}
    if posting.reverses:
        data["reverses"] = tuple(moved.id for moved in posting.reverses)
    # Build all at once: building each part separately takes three times as long.
    return event_class.model_validate(data)


def _left(posting: Posting, event_class: type[PointsSpent | PointsExpired], balance: dict[str, int]) -> PointsLeft:
    data = {
        "community_id": posting.community_id,
        "transfer_ids": tuple(posting.transfer_ids),
        "member_id": posting.member_id,
        "points": -posting.points,
        "kind": posting.kind,
        "object": _object(posting),
        "balance": balance,
    }
    return event_class.model_validate(data)


def _object(posting: Posting) -> dict[str, str] | None:
    """The thing it was about, where it is one with an id; a check-in's day is not."""
    if posting.target_kind is None or posting.target_id is None or not _UUID.fullmatch(posting.target_id):
        return None
    return {"kind": posting.target_kind, "id": posting.target_id}
