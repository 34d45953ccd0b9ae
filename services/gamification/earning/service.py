"""Recording what happened, and paying for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.context import context_of, moment_of
from chassis.database.statements import Prepared, bindparam, upsert
from services.gamification.earning import awards, store
from services.gamification.earning.fold_rules import Grant
from services.gamification.earning.folding import NO_CAUSES, Causes, Plan, plan_again, plan_new, scope_of
from services.gamification.earning.occasions import DeedsRecorded, deeds_recorded, deeds_restored
from services.gamification.earning.rulebook import Book, hold_rules, load_books
from services.gamification.earning.rules import Occurrence, Refusal, Target
from services.gamification.earning.store import GrantKey, Identity, Scope, identity_of
from services.gamification.earning.writing import apply, keep
from services.gamification.ledger.models import Wallet
from services.gamification.ledger.service import lock_wallets
from services.gamification.ledger.wallets import look_at_wallets


@dataclass(frozen=True, slots=True)
class Paid:
    """What one rule pays for one occurrence now."""

    rule: str
    rule_version: int
    points: int
    xp: int


@dataclass(frozen=True, slots=True)
class Refused:
    """What one rule did not pay, or not in full: `wanted_*` by the rule, `paid_*` in the end."""

    rule: str
    rule_version: int
    code: Refusal
    wanted_points: int
    wanted_xp: int
    paid_points: int
    paid_xp: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of one occurrence.

    `new` is False where it was known already: then nothing changed, and what it was paid before is told.
    """

    occurrence: Occurrence
    new: bool
    paid: tuple[Paid, ...]
    refused: tuple[Refused, ...]


async def record(
    session: AsyncSession, occurrences: Sequence[Occurrence], *, causes: Causes = NO_CAUSES
) -> list[Recorded]:
    """Keep what happened and post what it earns, in one go for many members; one answer for each, in the order given.

    Idempotent by (source_id, member_id, beneficiary). Late ones fold their window again, which may also change what other
    occurrences were paid; differences are dated at the occurrence. Wallets (made where missing) are locked in the order of
    member id: a caller that also writes rows of the same members should do so after this, or call
    `ledger.service.lock_wallets` for all of them first. Publishes points.awarded and points.reversed. Occurrences of members
    not yet known are kept and paid when the member becomes known. `causes` are the messages by source id, whose trace goes on.
    """
    unique = {identity_of(occurrence): occurrence for occurrence in reversed(occurrences)}
    fresh, paid = await _pay(session, unique, causes)
    grants: dict[Identity, list[Grant]] = {}
    for grant in paid:
        grants.setdefault(identity_of(grant.deed.occurrence), []).append(grant)
    new = {identity_of(occurrence) for occurrence in fresh}
    known = await _told(session, [occurrence for key, occurrence in unique.items() if key not in new])
    return [
        _recorded(occurrence, grants.get(key, ())) if (key := identity_of(occurrence)) in new else known[key]
        for occurrence in occurrences
    ]


async def reward(session: AsyncSession, occurrences: Sequence[Occurrence], *, causes: Causes = NO_CAUSES) -> None:
    """`record` for callers that do not need the outcome."""
    await _pay(session, {identity_of(occurrence): occurrence for occurrence in reversed(occurrences)}, causes)


async def _pay(
    session: AsyncSession, unique: Mapping[Identity, Occurrence], causes: Causes
) -> tuple[list[Occurrence], Sequence[Grant]]:
    """The occurrences that were new, and the grants of all that was folded."""
    if not unique:
        return [], ()
    if context_of(session).backfill:
        # A deed of this service has no message that says so: what an import brings in is history.
        unique = {key: replace(occurrence, backfill=True) for key, occurrence in unique.items()}
    now = moment_of(session)
    communities = {occurrence.community_id for occurrence in unique.values()}
    await hold_rules(session, communities)
    books = await load_books(session, communities)
    await _recount_first(session, unique.values(), books, now)
    fresh = await keep(session, unique, books, now)
    if not fresh:
        return [], ()
    wallets = await lock_wallets(session, ((o.member_id, o.community_id) for o, _ in fresh))
    deeds = await store.deeds_of(session, fresh, wallets)
    plan = await plan_new(session, deeds, books, wallets, causes)
    await apply(session, plan, wallets, now)
    new = [occurrence for occurrence, _ in fresh]
    await deeds_recorded.happened(session, DeedsRecorded(new, wallets, now))
    return new, plan.grants


async def _recount_first(
    session: AsyncSession, occurrences: Iterable[Occurrence], books: Mapping[UUID, Book], now: datetime
) -> None:
    """Fold the past of members again that a version of a rule still waits for, before something new goes on from it."""
    scopes: set[Scope] = set()
    members: dict[UUID, UUID] = {}
    for occurrence in occurrences:
        members[occurrence.member_id] = occurrence.community_id
        for rule in books[occurrence.community_id].by_trigger.get(occurrence.trigger, ()):
            awaited = rule.awaited_from(occurrence.member_id)
            if awaited is not None:
                from_day = None if rule.span == "life" else awaited[0]
                scopes.add(
                    Scope(occurrence.member_id, occurrence.community_id, rule.code, rule.trigger, from_day, None)
                )
    if scopes:
        # All at once, in one order: some of them now and the others later could wait for each other.
        wallets = await lock_wallets(session, members)
        await apply(session, await plan_again(session, scopes, books, wallets), wallets, now)


async def withdraw(
    session: AsyncSession,
    targets: Sequence[Target],
    *,
    version: int,
    members: Sequence[UUID] = (),
    keeps_share: bool = True,
) -> None:
    """Take back whatever was and will be earned by occurrences on these targets, in either order of arrival.

    `version` orders withdrawals and restorations of one target: only a greater one than applied before has effect (a message's
    aggregateversion, or a counter of the caller's). `members` are those known to have earned by it. With `keeps_share` the
    share of the caps stays used up (content taken down); without, it is as if it had never happened (a streak's
    week that a late check-in moved).
    """
    state = "removed" if keeps_share else "void"
    await change_states(session, dict.fromkeys(targets, (state, version)), members=members)


async def restore(
    session: AsyncSession, targets: Sequence[Target], *, version: int, members: Sequence[UUID] = ()
) -> None:
    """Undo `withdraw`: what the targets earned is posted again. `version` as there."""
    await change_states(session, dict.fromkeys(targets, ("counts", version)), members=members)


async def change_states(
    session: AsyncSession, changes: Mapping[Target, tuple[str, int]], *, members: Iterable[UUID] = ()
) -> None:
    """Withdraw and restore many targets at once, each by its own version."""
    now = moment_of(session)
    # Found before anything is locked, so that rules are held before wallets and wallets in one order.
    concerned = {(o.member_id, o.community_id) for o, _ in await _about(session, changes)}
    hinted = set(members) - {member_id for member_id, _ in concerned}
    communities = {community_id for _, community_id in concerned}
    await hold_rules(session, communities)
    wallets = await lock_wallets(session, concerned | await _wallets_of(session, hinted))
    moved = await _move_states(session, changes)
    # Read again under the locks: an occurrence may have been recorded meanwhile.
    found = [(o, day) for o, day in await _about(session, moved) if o.member_id in wallets]
    if not found:
        return
    books = await load_books(session, {o.community_id for o, _ in found})
    scopes: set[Scope] = set()
    for deed in await store.deeds_of(session, found, wallets):
        for rule in books[deed.occurrence.community_id].by_trigger.get(deed.occurrence.trigger, ()):
            if rule.concerns(deed.occurrence):
                scopes.add(scope_of(rule, deed))
    await apply(session, await plan_again(session, scopes, books, wallets), wallets, now)
    if any(changes[target][0] == "counts" for target in moved):
        again = [occurrence for occurrence, _ in found]
        await deeds_restored.happened(session, DeedsRecorded(again, wallets, now))


async def fold_again(
    session: AsyncSession,
    members: Mapping[UUID, UUID],
    *,
    codes: Iterable[str] | None = None,
    from_day: date | None = None,
    to_day: date | None = None,
    preview: Mapping[UUID, Book] | None = None,
    by: Mapping[UUID, Book] | None = None,
) -> Plan:
    """Fold everything of some members (member id: community id), or what some rules read, and post the differences.

    For what changes the past: a member become known, a status dated back, a rule valid from the past. With `preview` books
    nothing is written: the plan says what would be. `by` are books to be used in the place of those of the communities.
    """
    now = moment_of(session)
    if preview is None:
        await hold_rules(session, members.values())
        wallets = await lock_wallets(session, members)
        books: Mapping[UUID, Book] = by or await load_books(session, members.values())
    else:
        # What is only shown keeps nobody waiting.
        wallets = await look_at_wallets(session, members)
        books = preview
        members = {member_id: community_id for member_id, community_id in members.items() if member_id in wallets}
    wanted = None if codes is None else set(codes)
    scopes = {
        Scope(member_id, community_id, rule.code, rule.trigger, None if rule.span == "life" else from_day, to_day)
        for member_id, community_id in members.items()
        for rule in books[community_id].rules.values()
        if wanted is None or rule.code in wanted
    }
    plan = await plan_again(session, await _with_deeds(session, scopes), books, wallets)
    if preview is None:
        await apply(session, plan, wallets, now)
    return plan


_DEEDS: Prepared[Any] = Prepared(
    lambda on: select(store.occurrences).where(
        store.occurrences.c.member_id == bindparam("member_id"), on.among(store.occurrences.c.source_id, "ids")
    )
)


async def results(session: AsyncSession, *, member_id: UUID, source_ids: Sequence[UUID]) -> dict[UUID, Recorded]:
    """What these deeds of one member earn now and what was refused, by source id; unknown ones are left out."""
    rows = await _DEEDS.all(session, member_id=member_id, ids=list(source_ids))
    told = await _told(session, [store.occurrence_of(row) for row in rows])
    return {key.source_id: recorded for key, recorded in told.items()}


async def _about(session: AsyncSession, targets: Iterable[Target]) -> list[tuple[Occurrence, date]]:
    wanted = {(target.kind, target.id) for target in targets}
    found: list[tuple[Occurrence, date]] = []
    for chunk in store.chunks(sorted({target_id for _, target_id in wanted}), 1000):
        table: Any = store.occurrences
        rows = await session.execute(
            select(table).where(or_(table.c.target_id.in_(chunk), table.c.about_id.in_(chunk)))
        )
        for row in rows:
            occurrence = store.occurrence_of(row)
            if wanted.intersection(occurrence.targets):
                found.append((occurrence, row.day))
    return found


async def _wallets_of(session: AsyncSession, members: Iterable[UUID]) -> set[tuple[UUID, UUID]]:
    """Of members that may earn by a target: those that have a wallet, with their community."""
    ids = list(members)
    if not ids:
        return set()
    rows = await session.execute(
        select(col(Wallet.member_id), col(Wallet.community_id)).where(among(session, col(Wallet.member_id), ids))
    )
    return {(member_id, community_id) for member_id, community_id in rows}


async def _move_states(session: AsyncSession, changes: Mapping[Target, tuple[str, int]]) -> set[Target]:
    """Write the newest state of each target; answers those whose state is another now."""
    moved: set[Target] = set()
    table = store.withdrawals
    before = await store.states_of(session, {(target.kind, target.id) for target in changes})
    for target in sorted(changes, key=lambda target: (target.kind, target.id)):
        state, version = changes[target]
        statement = upsert(session, table).values(
            target_kind=target.kind, target_id=target.id, state=state, version=version
        )
        written = await session.execute(
            statement.on_conflict_do_update(
                index_elements=[table.c.target_kind, table.c.target_id],
                set_={"state": state, "version": version},
                where=table.c.version < version,
            ).returning(table.c.target_id)
        )
        if written.first() is not None and before.get((target.kind, target.id), "counts") != state:
            moved.add(target)
    return moved


async def _with_deeds(session: AsyncSession, scopes: Iterable[Scope]) -> set[Scope]:
    """The scopes whose member ever did such a thing: most members have met a few triggers only."""
    by_member: dict[UUID, set[str]] = {}
    wanted = list(scopes)
    for chunk in store.chunks(sorted({scope.member_id for scope in wanted}), 500):
        rows = await session.execute(
            select(store.occurrences.c.member_id, store.occurrences.c.trigger)
            .where(store.occurrences.c.member_id.in_(chunk))
            .distinct()
        )
        for member_id, trigger in rows:
            by_member.setdefault(member_id, set()).add(trigger)
    return {scope for scope in wanted if scope.trigger in by_member.get(scope.member_id, ())}


def _recorded(occurrence: Occurrence, grants: Iterable[Grant]) -> Recorded:
    paid, refused = [], []
    for grant in grants:
        if grant.pays:
            paid.append(Paid(grant.rule.code, grant.rule.version, grant.points, grant.xp))
        if grant.refused is not None:
            refused.append(
                Refused(
                    grant.rule.code,
                    grant.rule.version,
                    grant.refused,
                    *grant.wanted,
                    grant.points,
                    grant.xp,
                )
            )
    return Recorded(occurrence, new=True, paid=tuple(paid), refused=tuple(refused))


async def _told(session: AsyncSession, occurrences: Sequence[Occurrence]) -> dict[Identity, Recorded]:
    """What occurrences kept before are paid now, and what was refused them."""
    if not occurrences:
        return {}
    live = await awards.live_awards(session, occurrences)
    told = await awards.outcomes_of(session, awards.spans_of(occurrences))
    paid: dict[GrantKey, Paid] = {
        key: Paid(key.rule_code, award.rule_version, award.points, award.xp)
        for key, award in live.items()
        if award.moved
    }
    answers: dict[Identity, Recorded] = {}
    for occurrence in occurrences:
        mine = (occurrence.source_id, occurrence.member_id)
        answers[identity_of(occurrence)] = Recorded(
            occurrence,
            new=False,
            paid=tuple(award for key, award in paid.items() if key[:2] == mine),
            refused=tuple(
                Refused(
                    row.rule_code,
                    row.rule_version,
                    row.code,
                    row.wanted_points,
                    row.wanted_xp,
                    row.paid_points,
                    row.paid_xp,
                )
                for key, row in told.items()
                if key[:2] == mine
            ),
        )
    return answers
