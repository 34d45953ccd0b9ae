"""What must come out the same whatever the order of arrival was: the net state of gamification."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis.testing import Harness
from services.gamification.base import history, known
from services.gamification.checkins.models import Checkin, Streak, StreakWeek
from services.gamification.earning.models import EarningOutcome, RecordedOccurrence
from services.gamification.leaderboards.models import BoardScore, BoardWindow
from services.gamification.ledger.models import PostedTransfer, Wallet
from services.gamification.ledger.verification import snapshot, verify
from services.gamification.levels.rules import DEFAULT_LADDER, GRACE

KEEPS = 0.9
"""A level that was reached is kept down to this share of its rung: between the two it depends on having been there."""


async def net_state(harness: Harness) -> dict[str, Any]:
    """Balances by member, currency, rule and day; streaks; levels; boards; projections. Moves the clock past the grace of levels."""
    now = harness.clock()
    async with harness.runtime.database.reading() as session:
        await snapshot(session)
        verdict = await verify(session)
        assert verdict.holds, verdict.faults

    rows = _reader_of(harness)

    async def table(model: Any, *left_out: str) -> set[Any]:
        core = getattr(model, "__table__", model)
        return {repr(row) for row in await rows(select(*[c for c in core.c if c.key not in left_out]))}

    state: dict[str, Any] = {
        "wallets": await table(Wallet, "messages_published", "level_position", "level_since", "level_below_since",
                               "created_at", "status_changed"),
        "paid": await paid(harness),
        "streaks": await table(Streak),
        "checkins": await table(
            Checkin, "id", "recorded_at", "occurred_at", "began_at", "message_id", "told_at"
        ),
        "weeks": {
            (row.member_id, row.moved_to or row.completed_on)
            for row in await rows(select(StreakWeek.__table__))  # type: ignore[attr-defined]
            if row.due
        },
        "boards": await _boards(rows, now),
        "people": await table(known.people),
        "communities": await table(known.communities),
        "members": await table(known.members),
        "statuses": await table(history.statuses),
        "calendars": await table(history.calendars),
        "refusals": await refusals(harness),
    }  # fmt: skip
    harness.clock.advance(GRACE + timedelta(days=1))
    await harness.run_timers()
    state["levels"] = await _levels(rows)
    return state


def _reader_of(harness: Harness) -> Any:
    async def rows(statement: Any) -> list[Any]:
        async with harness.runtime.database.reading() as session:
            return list((await session.execute(statement)).all())

    return rows


async def paid(harness: Harness) -> dict[tuple[UUID, str, str, str], int]:
    """What each member has of each currency by each rule of each day."""
    rows = _reader_of(harness)
    transfers: Any = PostedTransfer.__table__  # type: ignore[attr-defined]
    found: Counter[tuple[UUID, str, str, str]] = Counter()
    for row in await rows(select(transfers)):
        sign = 1 if row.credit == "wallet" else -1
        found[row.member_id, row.currency, row.rule_code, row.occurred_at.date().isoformat()] += sign * row.amount
    return {key: amount for key, amount in found.items() if amount}


async def _boards(rows: Any, now: datetime) -> set[Any]:
    """Every window that is open by its own end: others stay open 24 h from their first entry, whenever that arrives."""
    yesterday = now.date() - timedelta(days=1)
    windows: Any = BoardWindow.__table__  # type: ignore[attr-defined]
    scores: Any = BoardScore.__table__  # type: ignore[attr-defined]
    found = set()
    for row in await rows(select(windows, scores).join(scores, scores.c.window_id == windows.c.id)):
        if (row.to_day is None or row.to_day >= yesterday) and row.deficit < 0:
            reached = row.reached_at.isoformat() if row.listed else ""
            found.add((row.community_id, row.period, row.from_day, row.member_id, -row.deficit, row.listed, reached))
    return found


async def refusals(harness: Harness) -> set[Any]:
    """Why not, of what messages told; a check-in's id is another in each run."""
    rows = _reader_of(harness)
    outcomes: Any = EarningOutcome.__table__  # type: ignore[attr-defined]
    deeds: Any = RecordedOccurrence.__table__  # type: ignore[attr-defined]
    own = {row.source_id for row in await rows(select(deeds)) if row.trigger.startswith(("checkin.", "streak."))}
    return {
        (row.source_id, row.member_id, row.rule_code, row.rule_version, row.code, row.paid_points, row.paid_xp)
        for row in await rows(select(outcomes))
        if row.source_id not in own
    }


async def _levels(rows: Any) -> set[Any]:
    wallets: Any = Wallet.__table__  # type: ignore[attr-defined]
    found = set()
    for row in await rows(select(wallets)):
        if not any(rung.xp * KEEPS <= row.xp < rung.xp for rung in DEFAULT_LADDER[1:]):
            found.add((row.member_id, row.level_position))
    return found


def differences(clean: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """By part of the state, what only one of the two has."""
    found = {}
    for name, value in clean.items():
        mine, theirs = (set(x.items()) if isinstance(x, dict) else x for x in (value, other[name]))
        if mine != theirs:
            found[name] = {
                "clean only": sorted(map(str, mine - theirs))[:5],
                "other only": sorted(map(str, theirs - mine))[:5],
            }
    return found
