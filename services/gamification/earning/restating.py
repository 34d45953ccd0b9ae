"""Correcting a recorded occurrence: its moment, or the attributes that rules test."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from sqlalchemy import and_, bindparam, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.context import moment_of
from services.gamification.earning import store
from services.gamification.earning.folding import plan_again, scope_of
from services.gamification.earning.rulebook import hold_rules, load_books
from services.gamification.earning.rules import Occurrence
from services.gamification.earning.store import identity_of
from services.gamification.earning.writing import apply
from services.gamification.ledger.service import lock_wallets


async def restate(session: AsyncSession, occurrences: Iterable[Occurrence]) -> None:
    """Say of occurrences kept before when they happened and what their attributes are; others are left out.

    Each keeps its name, so that what a hand took back of it stays taken back. What it earns is folded again where it was and
    where it is now; an award that moves is reversed at its old moment and posted at the new one.
    """
    said = {identity_of(occurrence): occurrence for occurrence in occurrences}
    if not said:
        return
    await hold_rules(session, {occurrence.community_id for occurrence in said.values()})
    wallets = await lock_wallets(session, {(o.member_id, o.community_id) for o in said.values()})
    books = await load_books(session, {occurrence.community_id for occurrence in said.values()})
    before: list[tuple[Occurrence, date]] = []
    after: list[tuple[Occurrence, date]] = []
    for chunk in store.chunks(sorted({key.source_id for key in said}), 1000):
        rows = await session.execute(
            select(store.occurrences).where(among(session, store.occurrences.c.source_id, chunk))
        )
        for row in rows:
            old = store.occurrence_of(row)
            new = said.get(identity_of(old))
            if new is None or (new.occurred_at, dict(new.attributes)) == (old.occurred_at, dict(old.attributes)):
                continue
            moved = new.occurred_at != old.occurred_at
            corrected = replace(
                old, occurred_at=new.occurred_at, attributes=new.attributes, restated=old.restated or moved
            )
            before.append((old, row.day))
            after.append((corrected, books[old.community_id].calendars.day_of(new.occurred_at)))
    if not after:
        return
    deeds = await store.deeds_of(session, before + after, wallets)
    await _write(session, after)
    scopes = {
        scope_of(rule, deed)
        for deed in deeds
        for rule in books[deed.occurrence.community_id].by_trigger.get(deed.occurrence.trigger, ())
        if rule.concerns(deed.occurrence)
    }
    await apply(session, await plan_again(session, scopes, books, wallets), wallets, moment_of(session))


async def _write(session: AsyncSession, corrected: list[tuple[Occurrence, date]]) -> None:
    connection = await session.connection()
    table, outcomes = store.occurrences, store.outcomes
    await connection.execute(
        update(table).where(
            and_(
                table.c.source_id == bindparam("source_id_"),
                table.c.beneficiary == bindparam("beneficiary_"),
                table.c.member_id == bindparam("member_id_"),
            )
        ),
        [
            {
                "source_id_": occurrence.source_id,
                "beneficiary_": occurrence.beneficiary,
                "member_id_": occurrence.member_id,
                "occurred_at": occurrence.occurred_at,
                "day": day,
                "attributes": dict(occurrence.attributes),
                "restated": occurrence.restated,
            }
            for occurrence, day in corrected
        ],
    )
    await connection.execute(
        update(outcomes).where(
            and_(outcomes.c.source_id == bindparam("source_id_"), outcomes.c.member_id == bindparam("member_id_"))
        ),
        [
            {
                "source_id_": occurrence.source_id,
                "member_id_": occurrence.member_id,
                "occurred_at": occurrence.occurred_at,
            }
            for occurrence, _ in corrected
        ],
    )
