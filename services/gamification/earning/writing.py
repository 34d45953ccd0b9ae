"""Writing what was planned: occurrences, what the folds keep, outcomes, postings."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_new, upsert_many
from chassis.messaging.outbox import not_ahead
from services.gamification.earning import store
from services.gamification.earning.folding import Plan
from services.gamification.earning.keeping import KEPT
from services.gamification.earning.rulebook import Book
from services.gamification.earning.rules import Occurrence
from services.gamification.earning.store import Identity
from services.gamification.ledger.service import post
from services.gamification.ledger.wallets import WalletState


async def keep(
    session: AsyncSession, unique: Mapping[Identity, Occurrence], books: Mapping[UUID, Book], now: datetime
) -> list[tuple[Occurrence, date]]:
    """Insert occurrences, each with its day; answers those that were not there."""
    rows = []
    days: dict[Identity, date] = {}
    # Ids as numbers: they compare the same and much faster.
    for key in sorted(unique, key=lambda key: (key.source_id.int, key.beneficiary, key.member_id.int)):
        occurrence = unique[key]
        not_ahead(session, occurrence.occurred_at, occurrence.trigger, occurrence.member_id)
        days[key] = books[occurrence.community_id].calendars.day_of(occurrence.occurred_at)
        rows.append(
            {
                "source_id": occurrence.source_id,
                "beneficiary": occurrence.beneficiary,
                "member_id": occurrence.member_id,
                "community_id": occurrence.community_id,
                "trigger": occurrence.trigger,
                "target_kind": occurrence.target_kind,
                "target_id": occurrence.target_id,
                "about_kind": occurrence.about_kind,
                "about_id": occurrence.about_id,
                "occurred_at": occurrence.occurred_at,
                "day": days[key],
                "own": occurrence.own,
                "attributes": dict(occurrence.attributes),
                "backfill": occurrence.backfill,
                "giver_id": occurrence.giver_id,
                "sharing": occurrence.sharing,
                "place": occurrence.place,
                "recorded_at": now,
            }
        )
    new = await insert_new(session, store.occurrences, rows, key=Identity._fields)
    return [(unique[key], days[key]) for key in (Identity(*found) for found in new)]


async def apply(session: AsyncSession, plan: Plan, wallets: Mapping[UUID, WalletState], now: datetime) -> None:
    for name, columns in KEPT.items():
        table = store.kept_tables[name]
        key = ["member_id", "rule_code", *columns.key]
        await _forget(session, table, plan.gone[name], key)
        rows = sorted(plan.kept[name], key=lambda row: [str(row[column]) for column in key])
        await upsert_many(session, table, rows, key=key, update=list(columns.values))
    await _tell(session, plan, now)
    await post(session, plan.postings, wallets, now)


async def _tell(session: AsyncSession, plan: Plan, now: datetime) -> None:
    gone = [
        {"source_id_": key.source_id, "member_id_": key.member_id, "rule_code_": key.rule_code}
        for key in plan.outcomes_gone
    ]
    if gone:
        table = store.outcomes
        connection = await session.connection()
        await connection.execute(
            delete(table).where(
                and_(
                    table.c.source_id == bindparam("source_id_"),
                    table.c.member_id == bindparam("member_id_"),
                    table.c.rule_code == bindparam("rule_code_"),
                )
            ),
            gone,
        )
    rows = [
        {
            "source_id": grant.deed.occurrence.source_id,
            "member_id": grant.deed.occurrence.member_id,
            "rule_code": grant.rule.code,
            "rule_version": grant.rule.version,
            "wanted_points": grant.wanted[0],
            "wanted_xp": grant.wanted[1],
            "paid_points": grant.points,
            "paid_xp": grant.xp,
            "code": grant.refused,
            "occurred_at": grant.deed.occurrence.occurred_at,
            "recorded_at": now,
        }
        for grant in plan.outcomes
    ]
    await upsert_many(
        session,
        store.outcomes,
        rows,
        key=["source_id", "member_id", "rule_code"],
        update=["rule_version", "wanted_points", "wanted_xp", "paid_points", "paid_xp", "code", "recorded_at"],
    )


async def _forget(session: AsyncSession, table: Any, gone: list[dict[str, Any]], key: Sequence[str]) -> None:
    if not gone:
        return
    connection = await session.connection()
    await connection.execute(
        delete(table).where(and_(*(table.c[name] == bindparam(f"{name}_") for name in key))),
        [{f"{name}_": row[name] for name in key} for row in gone],
    )
