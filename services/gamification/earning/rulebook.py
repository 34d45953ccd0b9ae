"""Which rules a community has: the defaults, and its own versions on top of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.util import LRUCache
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, is_postgres
from chassis.moments import Calendars
from chassis.projections.history import calendars_of
from services.gamification.base import known
from services.gamification.earning import defaults, editions
from services.gamification.earning.models import EarningRuleVersion
from services.gamification.earning.rules import Condition, GiverLimit, Multiplier, Recount, Rule, RuleVersion

_versions: Any = EarningRuleVersion.__table__  # type: ignore[attr-defined]

_DEFAULTS: dict[str, Rule] = {version.code: Rule((version,)) for version in defaults.DEFAULT_RULES}


@dataclass(frozen=True, slots=True)
class Book:
    """The rules and the calendars of one community."""

    rules: Mapping[str, Rule]
    by_trigger: Mapping[str, tuple[Rule, ...]]
    calendars: Calendars

    def with_version(self, version: RuleVersion) -> "Book":
        """The book as it would be with one more version."""
        rule = self.rules.get(version.code)
        return _book({**self.rules, version.code: Rule((*(rule.versions if rule else ()), version))}, self.calendars)


def _book(rules: Mapping[str, Rule], calendars: Calendars) -> Book:
    by_trigger: defaultdict[str, list[Rule]] = defaultdict(list)
    for rule in rules.values():
        by_trigger[rule.trigger].append(rule)
    return Book(rules, {trigger: tuple(found) for trigger, found in by_trigger.items()}, calendars)


_DEFAULT_BY_TRIGGER = _book(_DEFAULTS, Calendars(())).by_trigger


_OWN: Prepared[Any] = Prepared(
    lambda on: (
        select(_versions)
        .where(on.among(_versions.c.community_id, "ids"))
        .order_by(_versions.c.community_id, _versions.c.code, _versions.c.version)
    )
)


async def load_books(session: AsyncSession, community_ids: Iterable[UUID]) -> dict[UUID, Book]:
    """The books of communities; one never heard of has the default rules."""
    ids = sorted(set(community_ids))
    calendars = await calendars_of(session, ids)
    rows = await _OWN.all(session, ids=ids)
    common, by_trigger = _DEFAULTS, _DEFAULT_BY_TRIGGER
    if any(defaults.CHANGED_DEFAULTS.values()):
        common = _with_editions(await editions.begun(session))
        by_trigger = _book(common, Calendars(())).by_trigger
    own: defaultdict[UUID, dict[str, list[RuleVersion]]] = defaultdict(dict)
    for row in rows:
        own[row.community_id].setdefault(row.code, []).append(version_of(row))
    books = {
        community_id: _book(_merged(common, own[community_id]), calendars[community_id])
        if community_id in own
        else Book(common, by_trigger, calendars[community_id])
        for community_id in ids
    }
    if teams := await _teams_among(session, ids):
        of_teams = _of_teams(common, await editions.begun(session))
        for community_id in teams:
            books[community_id] = _book(_merged(of_teams, own[community_id]), calendars[community_id])
    return books


async def _teams_among(session: AsyncSession, community_ids: Iterable[UUID]) -> list[UUID]:
    """Which of these are operating teams. A community is of one kind for ever, so that each is asked for once it is known."""
    unknown = [community_id for community_id in community_ids if community_id not in _kinds]
    if unknown:
        for community_id, kind in await _KINDS.all(session, ids=unknown):
            _kinds[community_id] = kind
    return [community_id for community_id in community_ids if _kinds.get(community_id) == "operations_team"]


_kinds: LRUCache[UUID, str] = LRUCache(10_000)
_KINDS = Prepared(
    lambda spelling: select(known.communities.c.id, known.communities.c.kind).where(
        spelling.among(known.communities.c.id, "ids")
    )
)


def with_what_it_lacks(book: Book) -> Book:
    """The book with the defaults that its community does not have, switched off: so that what they paid is taken back."""
    lacking = {
        code: Rule((replace(rule.versions[0], enabled=False),))
        for code, rule in _DEFAULTS.items()
        if code not in book.rules
    }
    return _book({**lacking, **book.rules}, book.calendars) if lacking else book


def _of_teams(common: Mapping[str, Rule], begun: Mapping[int, datetime | None]) -> dict[str, Rule]:
    """The defaults of an operating team: none, or none from when this installation had that edition."""
    since = begun.get(defaults.TEAMS_WITHOUT)
    if since is None:
        return {}
    return {
        code: Rule((*rule.versions, replace(rule.versions[-1], enabled=False, valid_from=since)))
        for code, rule in common.items()
    }


def _with_editions(begun: Mapping[int, datetime | None]) -> dict[str, Rule]:
    """The defaults with what later editions say, each from when it began here."""
    rules = dict(_DEFAULTS)
    for edition in sorted(defaults.CHANGED_DEFAULTS.keys() & begun.keys()):
        for changed in defaults.CHANGED_DEFAULTS[edition]:
            before = rules.get(changed.code)
            later = replace(changed, valid_from=begun[edition])
            rules[changed.code] = Rule((*(before.versions if before else ()), later))
    return rules


def _merged(common: Mapping[str, Rule], own: Mapping[str, list[RuleVersion]]) -> dict[str, Rule]:
    merged = dict(common)
    for code, versions in own.items():
        default = common.get(code)
        merged[code] = Rule((*(default.versions if default else ()), *versions))
    return merged


def version_of(row: Any) -> RuleVersion:
    """A rule version from its row."""
    return RuleVersion(
        code=row.code,
        trigger=row.trigger,
        points=row.points,
        xp=row.xp,
        beneficiary=row.beneficiary,
        when=tuple(Condition(**condition) for condition in row.when),
        once_per=row.once_per,
        daily_cap=row.daily_cap,
        weekly_cap=row.weekly_cap,
        per_target_cap=row.per_target_cap,
        cooldown_minutes=row.cooldown_minutes,
        multipliers=tuple(
            Multiplier(datetime.fromisoformat(each["from"]), datetime.fromisoformat(each["to"]), each["percent"])
            for each in row.multipliers
        ),
        per_giver=GiverLimit(row.giver_count, row.giver_per) if row.giver_count is not None else None,
        shared=row.shared,
        enabled=row.enabled,
        valid_from=row.valid_from,
        version=row.version,
        made_at=row.created_at,
        recount=Recount(row.recount_from, row.recounted_to) if row.recounting else None,
    )


_SHARED: Prepared[Any] = Prepared(
    select(
        func.pg_advisory_xact_lock_shared(
            func.unnest(cast(bindparam("keys", type_=ARRAY(BigInteger)), ARRAY(BigInteger))).column_valued("key")
        )
    )
)


async def hold_rules(session: AsyncSession, community_ids: Iterable[UUID]) -> None:
    """Keep the rules of communities as they are until the transaction ends; take this before any wallet's lock.

    Else an occurrence paid by the old version could be committed after the new version had folded everything again.
    SQLite has one writer anyway.
    """
    if is_postgres(session):
        await _SHARED.all(session, keys=sorted({_lock_key(community_id) for community_id in community_ids}))


async def lock_rules(session: AsyncSession, community_id: UUID) -> None:
    """Wait for everybody who uses a community's rules, and keep others from starting until the transaction ends."""
    if is_postgres(session):
        await session.execute(select(func.pg_advisory_xact_lock(_lock_key(community_id))))


def _lock_key(community_id: UUID) -> int:
    # Another namespace than the member and relay locks by the flipped bits; 63 bits, as the function takes a bigint.
    return (community_id.int ^ 0x5EED) & ((1 << 63) - 1)
