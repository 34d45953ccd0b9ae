"""From occurrences to postings: continue the folds if everything is newer, else fold again."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.envelope import Received
from services.gamification.earning import awards, store
from services.gamification.earning.awards import Live
from services.gamification.earning.fold_rules import Grant, Windows, fold, refused_at_sight, week_of, week_start
from services.gamification.earning.keeping import KEPT, changed_rows
from services.gamification.earning.rulebook import Book
from services.gamification.earning.rules import Deed, Occurrence, Rule, target_of, things_of
from services.gamification.earning.store import GrantKey, Scope
from services.gamification.ledger.service import Posting
from services.gamification.ledger.wallets import WalletState

Causes = Mapping[UUID, Received[Any]]

NO_CAUSES: Causes = {}
_NOTHING = Live()


@dataclass(frozen=True, slots=True)
class Stood:
    """What had been paid for an occurrence before it was folded again."""

    occurrence: Occurrence
    points: int
    xp: int


@dataclass(slots=True)
class Plan:
    """What is to be written, decided but not yet done: so a dry run is the same work without the last step."""

    grants: list[Grant] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    stood: list[Stood] = field(default_factory=list)
    outcomes: list[Grant] = field(default_factory=list)
    outcomes_gone: list[GrantKey] = field(default_factory=list)
    kept: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in KEPT})
    """Rows of the state from which folds go on, by table; and those that are to go."""
    gone: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in KEPT})

    def add(self, other: "Plan") -> None:
        """Take over another plan's work."""
        for name in ("grants", "postings", "stood", "outcomes", "outcomes_gone"):
            getattr(self, name).extend(getattr(other, name))
        for name in KEPT:
            self.kept[name].extend(other.kept[name])
            self.gone[name].extend(other.gone[name])


def scope_of(rule: Rule, deed: Deed) -> Scope:
    """How far a late or changed deed reaches."""
    occurrence = deed.occurrence
    from_day: date | None
    to_day: date | None
    match rule.span:
        case "life":
            from_day = to_day = None
        case "week":
            from_day, to_day = week_start(deed.day), week_of(deed.day)[-1]
        case _:
            from_day = to_day = deed.day
    return Scope(occurrence.member_id, occurrence.community_id, rule.code, rule.trigger, from_day, to_day)


async def plan_new(
    session: AsyncSession,
    deeds: Iterable[Deed],
    books: Mapping[UUID, Book],
    wallets: Mapping[UUID, WalletState],
    causes: Causes,
) -> Plan:
    """What new deeds earn, and what late deeds change in the earnings of others."""
    groups: defaultdict[tuple[UUID, str], list[Deed]] = defaultdict(list)
    rules: dict[tuple[UUID, str], Rule] = {}
    refused: list[Grant] = []
    for deed in deeds:
        occurrence = deed.occurrence
        for rule in books[occurrence.community_id].by_trigger.get(occurrence.trigger, ()):
            refusal = refused_at_sight(rule, deed)
            if refusal is not None:
                refused.append(refusal)
            elif rule.concerns(occurrence):
                groups[occurrence.member_id, rule.code].append(deed)
                rules[occurrence.member_id, rule.code] = rule
    kept = await _windows(session, groups, rules)
    late: set[Scope] = set()
    plan = Plan()
    for key, group in groups.items():
        rule, windows = rules[key], kept.get(key) or Windows()
        if not _goes_on(windows, group, rule):
            late.update(scope_of(rule, deed) for deed in group)
            continue
        before = windows.copy()
        for grant in fold(rule, group, windows):
            _award(plan, grant, _NOTHING, causes)
        _keep(plan, key, before, windows)
    reach: defaultdict[tuple[UUID, str], list[Scope]] = defaultdict(list)
    for scope in late:
        reach[scope.member_id, scope.rule_code].append(scope)
    for refusal in refused:
        # What is folded again is judged there, and must not be told twice.
        ranges = reach.get((refusal.deed.occurrence.member_id, refusal.rule.code), ())
        if not any(store.within(refusal.deed.day, scope) for scope in ranges):
            _award(plan, refusal, _NOTHING, causes)
    if late:
        plan.add(await plan_again(session, late, books, wallets, causes))
    plan.postings.sort(key=_order)
    return plan


def _days_read(rule: Rule, deed: Deed) -> Sequence[date]:
    return (deed.day,) if rule.span == "day" else week_of(deed.day)


def _goes_on(windows: Windows, group: Sequence[Deed], rule: Rule) -> bool:
    first = min(deed.order for deed in group)
    return windows.end_before(first) or all(windows.are_behind(deed, rule) for deed in group)


async def _windows(
    session: AsyncSession, groups: Mapping[tuple[UUID, str], Sequence[Deed]], rules: Mapping[tuple[UUID, str], Rule]
) -> Mapping[tuple[UUID, str], Windows]:
    """Kept windows of those groups whose rule has any."""
    keeping = [key for key in groups if rules[key].span != "occurrence"]
    if not keeping:
        return {}
    return await store.windows_for(
        session,
        members={member_id for member_id, _ in keeping},
        codes={code for _, code in keeping},
        days={day for key in keeping for deed in groups[key] for day in _days_read(rules[key], deed)},
        things={thing for key in keeping for deed in groups[key] for thing in things_of(rules[key], deed.occurrence)},
        giver_ids={
            deed.occurrence.giver_id
            for key in keeping
            if rules[key].limits_givers
            for deed in groups[key]
            if deed.occurrence.giver_id is not None
        },
        about={target_of(deed.occurrence) for key in keeping if rules[key].caps_targets for deed in groups[key]},
    )


async def plan_again(
    session: AsyncSession,
    scopes: Collection[Scope],
    books: Mapping[UUID, Book],
    wallets: Mapping[UUID, WalletState],
    causes: Causes = NO_CAUSES,
) -> Plan:
    """Fold scopes from their beginning; what differs from what was paid becomes reversals and awards."""
    deeds = await store.deeds_of(session, await store.occurrences_in(session, scopes), wallets)
    by_trigger: defaultdict[tuple[UUID, str], list[Deed]] = defaultdict(list)
    for deed in deeds:
        by_trigger[deed.occurrence.member_id, deed.occurrence.trigger].append(deed)
    reach: defaultdict[tuple[UUID, UUID, str, str], list[Scope]] = defaultdict(list)
    for scope in scopes:
        reach[scope.member_id, scope.community_id, scope.rule_code, scope.trigger].append(scope)
    happened = [deed.occurrence for deed in deeds]
    live = await awards.live_awards(session, happened)
    kept = await store.kept_in(session, scopes)
    told = await awards.outcomes_of(session, awards.spans_of(happened), {scope.rule_code for scope in scopes})
    plan = Plan()
    for (member_id, community_id, code, trigger), ranges in reach.items():
        rule = books[community_id].rules[code]
        concerned = [
            deed for deed in by_trigger[member_id, trigger] if any(store.within(deed.day, scope) for scope in ranges)
        ]
        windows = Windows()
        grants = {grant.deed.occurrence.source_id: grant for grant in fold(rule, concerned, windows)}
        for deed in sorted(concerned, key=lambda deed: deed.order):
            key = GrantKey(deed.occurrence.source_id, member_id, code)
            grant = grants.get(deed.occurrence.source_id)
            if grant is not None and grant.deed is deed:
                _award(plan, grant, live.get(key) or Live(), causes, told.pop(key, None))
            elif grant is None:
                _undo(plan, deed, live.get(key), causes)
        _keep(plan, (member_id, code), kept.get((member_id, code)) or Windows(), windows)
        for deed in concerned:
            gone = GrantKey(deed.occurrence.source_id, member_id, code)
            if told.pop(gone, None) is not None:
                plan.outcomes_gone.append(gone)
    plan.postings.sort(key=_order)
    return plan


def _award(plan: Plan, grant: Grant, live: Live, causes: Causes, told: Any = None) -> None:
    """Post the difference between what the fold grants and what stands, and keep why it is less than the rule gives."""
    occurrence = grant.deed.occurrence
    plan.grants.append(grant)
    _note(plan, occurrence, live)
    # What an owner took back by hand stays taken back, whatever is folded later.
    at = occurrence.occurred_at
    if not live.by_hand and (live.points, live.xp, live.at or at) != (grant.points, grant.xp, at):
        if live.moved:
            plan.postings.append(_reversal(grant.deed, live, causes))
        if grant.pays:
            plan.postings.append(
                Posting(
                    member_id=occurrence.member_id,
                    community_id=occurrence.community_id,
                    occurred_at=at,
                    kind="award",
                    key=f"award:{grant.rule.code}:{occurrence.member_id}:{occurrence.source_id}:{live.awards}",
                    source_id=occurrence.source_id,
                    source_type=occurrence.trigger,
                    points=grant.points,
                    xp=grant.xp,
                    rule_code=grant.rule.code,
                    rule_version=grant.rule.version,
                    thing=grant.thing,
                    target_kind=occurrence.target_kind,
                    target_id=occurrence.target_id,
                    backfill=occurrence.backfill,
                    cause=causes.get(occurrence.source_id),
                )
            )
    if grant.refused is None:
        if told is not None:
            plan.outcomes_gone.append(GrantKey(occurrence.source_id, occurrence.member_id, grant.rule.code))
    elif told is None or (told.code, told.rule_version, told.paid_points, told.paid_xp) != (
        grant.refused,
        grant.rule.version,
        grant.points,
        grant.xp,
    ):
        plan.outcomes.append(grant)


def _undo(plan: Plan, deed: Deed, live: Live | None, causes: Causes) -> None:
    if live is None or not live.moved:
        return
    _note(plan, deed.occurrence, live)
    if not live.by_hand:
        plan.postings.append(_reversal(deed, live, causes))


def _note(plan: Plan, occurrence: Occurrence, live: Live) -> None:
    if live.moved:
        plan.stood.append(Stood(occurrence, live.points, live.xp))


def _reversal(deed: Deed, live: Live, causes: Causes) -> Posting:
    occurrence = deed.occurrence
    return Posting(
        member_id=occurrence.member_id,
        community_id=occurrence.community_id,
        occurred_at=live.at or occurrence.occurred_at,
        kind="reversal",
        key=f"reversal:{live.moved[0].id}",
        source_id=occurrence.source_id,
        source_type=occurrence.trigger,
        reverses=tuple(live.moved),
        rule_code=live.rule_code,
        rule_version=live.rule_version,
        thing=live.thing,
        target_kind=occurrence.target_kind,
        target_id=occurrence.target_id,
        why="removed" if deed.state == "removed" else "recounted",
        backfill=occurrence.backfill,
        cause=causes.get(occurrence.source_id),
    )


def _keep(plan: Plan, key: tuple[UUID, str], before: Windows, after: Windows) -> None:
    for name, kept, gone in changed_rows(*key, before, after):
        plan.kept[name].extend(kept)
        plan.gone[name].extend(gone)


def _order(posting: Posting) -> tuple[datetime, int, bool]:
    """In the order of the deeds; undoing comes before awarding again. Ids are numbers: they compare the same, but much faster."""
    return (posting.occurred_at, posting.source_id.int, not posting.reverses)
