"""Reading what the folds need: occurrences, what is paid for them, shares, claims, outcomes."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, Spelling
from chassis.moments import StatusThen, status_then
from chassis.projections.history import statuses_of
from services.gamification.earning.fold_rules import Share, Windows
from services.gamification.earning.models import (
    EarningClaim,
    EarningGiver,
    EarningOutcome,
    EarningShare,
    EarningTarget,
    RecordedOccurrence,
    Withdrawal,
)
from services.gamification.earning.rules import Deed, Occurrence, State
from services.gamification.ledger.models import PostedTransfer
from services.gamification.ledger.wallets import WalletState

occurrences: Any = RecordedOccurrence.__table__  # type: ignore[attr-defined]
withdrawals: Any = Withdrawal.__table__  # type: ignore[attr-defined]
shares: Any = EarningShare.__table__  # type: ignore[attr-defined]
claims: Any = EarningClaim.__table__  # type: ignore[attr-defined]
givers: Any = EarningGiver.__table__  # type: ignore[attr-defined]
targets: Any = EarningTarget.__table__  # type: ignore[attr-defined]
kept_tables: Mapping[str, Any] = {"shares": shares, "claims": claims, "givers": givers, "targets": targets}
"""By the names of `keeping.KEPT`."""
outcomes: Any = EarningOutcome.__table__  # type: ignore[attr-defined]
transfers: Any = PostedTransfer.__table__  # type: ignore[attr-defined]

T = TypeVar("T")


class Identity(NamedTuple):
    """What names an occurrence for ever."""

    source_id: UUID
    beneficiary: str
    member_id: UUID


class GrantKey(NamedTuple):
    """What is paid for one occurrence by one rule to one member."""

    source_id: UUID
    member_id: UUID
    rule_code: str


class Scope(NamedTuple):
    """A member's deeds of one trigger from one day to another (None: open), to be folded again by one rule."""

    member_id: UUID
    community_id: UUID
    rule_code: str
    trigger: str
    from_day: date | None
    to_day: date | None


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items, some at a time."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def identity_of(occurrence: Occurrence) -> Identity:
    """The occurrence's name."""
    return Identity(occurrence.source_id, occurrence.beneficiary, occurrence.member_id)


def occurrence_of(row: Any) -> Occurrence:
    """An occurrence from its row."""
    return Occurrence(
        source_id=row.source_id,
        trigger=row.trigger,
        community_id=row.community_id,
        member_id=row.member_id,
        occurred_at=row.occurred_at,
        target_kind=row.target_kind,
        target_id=row.target_id,
        beneficiary=row.beneficiary,
        own=row.own,
        attributes=row.attributes,
        backfill=row.backfill,
        about_kind=row.about_kind,
        about_id=row.about_id,
        restated=row.restated,
        giver_id=row.giver_id,
        sharing=row.sharing,
        place=row.place,
    )


async def occurrences_in(session: AsyncSession, scopes: Collection[Scope]) -> list[tuple[Occurrence, date]]:
    """Every occurrence that a scope reaches, once, with its day."""
    ranges = {(scope.member_id, scope.trigger, scope.from_day, scope.to_day) for scope in scopes}
    found: dict[Identity, tuple[Occurrence, date]] = {}
    for chunk in chunks(sorted(ranges, key=repr), 64):
        clauses = []
        for member_id, trigger, from_day, to_day in chunk:
            clause = [occurrences.c.member_id == member_id, occurrences.c.trigger == trigger]
            if from_day is not None:
                clause.append(occurrences.c.day >= from_day)
            if to_day is not None:
                clause.append(occurrences.c.day <= to_day)
            clauses.append(and_(*clause))
        for row in await session.execute(select(occurrences).where(or_(*clauses))):
            occurrence = occurrence_of(row)
            found[identity_of(occurrence)] = (occurrence, row.day)
    return list(found.values())


_STATES: Prepared[Any] = Prepared(
    lambda on: select(withdrawals.c.target_kind, withdrawals.c.target_id, withdrawals.c.state).where(
        on.among(withdrawals.c.target_id, "ids"), withdrawals.c.state != "counts"
    )
)


async def states_of(session: AsyncSession, targets: Iterable[tuple[str, str]]) -> dict[tuple[str, str], State]:
    """Which targets were withdrawn, and how; the others are left out."""
    rows = await _STATES.all(session, ids=list({target_id for _, target_id in targets}))
    return {(kind, target_id): state for kind, target_id, state in rows}


async def deeds_of(
    session: AsyncSession, found: Sequence[tuple[Occurrence, date]], wallets: Mapping[UUID, WalletState]
) -> list[Deed]:
    """The occurrences of members already known, with whether they count and what each member was when they happened."""
    known = [(occurrence, day) for occurrence, day in found if wallets[occurrence.member_id].joined_at is not None]
    if not known:
        return []
    states = await states_of(session, {target for o, _ in known for target in o.targets})
    changed = {o.member_id for o, _ in known if wallets[o.member_id].status_changed}
    statuses = await statuses_of(session, changed) if changed else {}

    def then(occurrence: Occurrence) -> StatusThen:
        changes = statuses.get(occurrence.member_id)
        if changes is not None:
            return status_then(changes, occurrence.occurred_at)
        joined_at = wallets[occurrence.member_id].joined_at
        return "member" if joined_at is not None and joined_at <= occurrence.occurred_at else "stranger"

    return [Deed(occurrence, day, _worst(states, occurrence), then(occurrence)) for occurrence, day in known]


def _worst(states: Mapping[tuple[str, str], State], occurrence: Occurrence) -> State:
    found = {states.get(target, "counts") for target in occurrence.targets}
    return "void" if "void" in found else "removed" if "removed" in found else "counts"


def _of(on: Spelling, table: Any, **lists: str) -> Any:
    """What is kept of `members` by rules of `codes`, further narrowed down: by column the parameter with its values."""
    lists |= {"member_id": "members", "rule_code": "codes"}
    return select(table).where(*(on.among(table.c[column], values) for column, values in lists.items()))


_SHARES: Prepared[Any] = Prepared(lambda on: _of(on, shares, day="days"))
_GIVERS: Prepared[Any] = Prepared(lambda on: _of(on, givers, day="days", giver_id="giver_ids"))
_TARGETS: Prepared[Any] = Prepared(lambda on: _of(on, targets, thing="things"))
_CLAIMS: Prepared[Any] = Prepared(lambda on: _of(on, claims, thing="things"))


async def windows_for(
    session: AsyncSession,
    members: Collection[UUID],
    codes: Collection[str],
    days: Collection[date],
    things: Collection[str],
    giver_ids: Collection[UUID],
    about: Collection[str] = (),
) -> dict[tuple[UUID, str], Windows]:
    """What is kept of these members and rules: of the given days, the given things, the given givers, and what deeds are `about`."""
    found: defaultdict[tuple[UUID, str], Windows] = defaultdict(Windows)
    of = {"members": list(members), "codes": list(codes)}
    for row in await _SHARES.all(session, **of, days=list(days)):
        found[row.member_id, row.rule_code].shares[row.day] = Share(row.counted, (row.last_at, row.last_id))
    if giver_ids:
        for row in await _GIVERS.all(session, **of, days=list(days), giver_ids=list(giver_ids)):
            given = found[row.member_id, row.rule_code].givers
            given[row.giver_id, row.day] = Share(row.counted, (row.last_at, row.last_id))
    if about:
        for row in await _TARGETS.all(session, **of, things=list(about)):
            found[row.member_id, row.rule_code].targets[row.thing] = Share(row.counted, (row.last_at, row.last_id))
    if things:
        for row in await _CLAIMS.all(session, **of, things=list(things)):
            found[row.member_id, row.rule_code].claims[row.thing] = (row.claimed_at, row.claimed_by)
    return found


async def kept_in(session: AsyncSession, scopes: Collection[Scope]) -> dict[tuple[UUID, str], Windows]:
    """Everything that is kept within scopes about to be folded again."""
    found: defaultdict[tuple[UUID, str], Windows] = defaultdict(Windows)
    reach: defaultdict[tuple[UUID, str], list[Scope]] = defaultdict(list)
    for scope in scopes:
        reach[scope.member_id, scope.rule_code].append(scope)
    for chunk in chunks(sorted({scope.member_id for scope in scopes}), 500):
        codes = {scope.rule_code for scope in scopes}
        for row in await session.execute(
            select(shares).where(shares.c.member_id.in_(chunk), shares.c.rule_code.in_(codes))
        ):
            key = (row.member_id, row.rule_code)
            if any(within(row.day, scope) for scope in reach[key]):
                found[key].shares[row.day] = Share(row.counted, (row.last_at, row.last_id))
        for row in await session.execute(
            select(givers).where(givers.c.member_id.in_(chunk), givers.c.rule_code.in_(codes))
        ):
            key = (row.member_id, row.rule_code)
            if any(within(row.day, scope) for scope in reach[key]):
                found[key].givers[row.giver_id, row.day] = Share(row.counted, (row.last_at, row.last_id))
        for row in await session.execute(
            select(claims).where(claims.c.member_id.in_(chunk), claims.c.rule_code.in_(codes))
        ):
            key = (row.member_id, row.rule_code)
            if any(scope.from_day is None and scope.to_day is None for scope in reach[key]):
                found[key].claims[row.thing] = (row.claimed_at, row.claimed_by)
        for row in await session.execute(
            select(targets).where(targets.c.member_id.in_(chunk), targets.c.rule_code.in_(codes))
        ):
            key = (row.member_id, row.rule_code)
            if any(scope.from_day is None and scope.to_day is None for scope in reach[key]):
                found[key].targets[row.thing] = Share(row.counted, (row.last_at, row.last_id))
    return found


def within(day: date, scope: Scope) -> bool:
    """Whether the scope reaches the day."""
    return (scope.from_day is None or scope.from_day <= day) and (scope.to_day is None or day <= scope.to_day)
