"""New versions of earning rules: checked, written under the rules' lock, and folded into the past they reach."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import AuditObject, audit
from chassis.chunks import Chunks
from chassis.jobs import start_job
from chassis.problems import INVALID, FieldError, ProblemType
from chassis.security.authority import authorize
from chassis.security.caller import Caller
from services.gamification.earning.declaration import Trigger
from services.gamification.earning.folding import Plan
from services.gamification.earning.models import EarningRuleVersion
from services.gamification.earning.recounting import RECOUNT, Reach, reach_of
from services.gamification.earning.rulebook import Book, load_books, lock_rules
from services.gamification.earning.rules import Condition, Recount, Rule, RuleVersion
from services.gamification.earning.service import fold_again
from services.gamification.earning.triggers import TRIGGERS
from services.gamification.permissions import EARNING_RULES_WRITE

MEMBERS_AT_ONCE = 200
SHOWN_FIRST = 50
"""Of a dry run, which anybody may be waiting behind: its first members; more at a time where these were quick."""
SHOW_SECONDS = 2.0
"""How long it goes on before it shows what it has."""

TRIGGER_TO_COME = ProblemType(
    "trigger_to_come",
    422,
    en="This trigger is not available yet: such deeds are not reported so far",
    zh="该触发条件尚未开放：目前没有相应的行为记录",
)

_SETTLED = FieldError(
    "/trigger",
    "settled",
    "A penalty takes its fine by itself; no rule can say otherwise.",
    "违规扣分由处罚本身执行，规则无法更改。",
)


@dataclass(frozen=True, slots=True)
class Effects:
    """What folding again changes: how many members, awards and reversals, and by how much in all."""

    members: int = 0
    awards: int = 0
    reversals: int = 0
    points: int = 0
    xp: int = 0
    partial: bool = False
    """Whether more members are concerned than were counted."""

    def plus(self, plan: Plan) -> "Effects":
        """These effects and a plan's."""
        gains = [posting.gains() for posting in plan.postings]
        undone = sum(1 for posting in plan.postings if posting.reverses)
        return Effects(
            members=self.members + len({posting.member_id for posting in plan.postings}),
            awards=self.awards + len(plan.postings) - undone,
            reversals=self.reversals + undone,
            points=self.points + sum(points for points, _ in gains),
            xp=self.xp + sum(xp for _, xp in gains),
        )


async def put_rule(
    session: AsyncSession,
    *,
    caller: Caller,
    community_id: UUID,
    proposed: RuleVersion,
    valid_from_given: bool,
    dry_run: bool,
    now: datetime,
) -> tuple[Rule, Effects]:
    """Make a version of a rule and fold again what it reaches in the past; the same content again makes none.

    Raises `INVALID` naming what is wrong, `TRIGGER_TO_COME` where no deed could ever earn by it.
    """
    await authorize(session, caller, EARNING_RULES_WRITE, community_id, now=now)
    if not dry_run:
        await lock_rules(session, community_id)
    book = (await load_books(session, [community_id]))[community_id]
    rule = book.rules.get(proposed.code)
    own = _own(rule)
    if not valid_from_given:
        proposed = replace(proposed, valid_from=now if own else None)
    version = next_version(book, proposed, now)
    changed = book.with_version(version)
    if rule is not None and own and _same(rule, changed.rules[version.code], version.valid_from):
        return rule, Effects()
    reach = await reach_of(session, community_id, version, changed, now)
    later = not dry_run and reach is not None and reach.is_far
    if later and reach is not None:
        version = replace(version, recount=Recount(reach.from_day, None))
        changed = book.with_version(version)
    if not dry_run:
        session.add(_row(community_id, version, caller, now))
        await session.flush()
        if later:
            params = {"community_id": str(community_id), "code": version.code, "version": version.version}
            await start_job(session, RECOUNT, params, caller=caller, now=now, community_id=community_id)
        await audit(
            session,
            caller,
            AuditObject("earning_rule", version.code, community_id),
            "earning_rules.write",
            _changes(rule.current if rule else None, version),
            now,
        )
    effects = Effects()
    if reach is not None and not later:
        effects = await _reach_back(session, reach, changed, dry_run=dry_run)
    return changed.rules[version.code], effects


def next_version(book: Book, proposed: RuleVersion, now: datetime) -> RuleVersion:
    """What is proposed as the rule's next version. Raises as `put_rule` does."""
    rule = book.rules.get(proposed.code)
    _check(proposed, rule)
    own = _own(rule)
    return replace(proposed, version=(own[-1].version if own else 0) + 1, made_at=now)


def _own(rule: Rule | None) -> list[RuleVersion]:
    """The versions that the community has made."""
    return [version for version in rule.versions if version.version > 0] if rule else []


def _check(version: RuleVersion, existing: Rule | None) -> None:
    errors: list[FieldError] = []
    offered = f"One of: {', '.join(sorted(TRIGGERS.by_name))}."
    zh_offered = f"可选：{'、'.join(sorted(TRIGGERS.by_name))}。"
    trigger = TRIGGERS.by_name.get(version.trigger)
    if version.trigger in TRIGGERS.to_come:
        raise TRIGGER_TO_COME(errors=[FieldError("/trigger", "to_come", offered, zh_offered)])
    if version.trigger in TRIGGERS.settled:
        errors.append(_SETTLED)
    elif trigger is None:
        errors.append(FieldError("/trigger", "unknown", offered, zh_offered))
    else:
        if existing is not None and existing.trigger != version.trigger:
            errors.append(
                FieldError(
                    "/trigger",
                    "immutable",
                    f"The rule's trigger is {existing.trigger}.",
                    f"该规则的触发项为 {existing.trigger}。",
                )
            )
        if version.beneficiary not in trigger.beneficiaries:
            errors.append(
                FieldError(
                    "/beneficiary",
                    "unknown",
                    f"One of: {', '.join(trigger.beneficiaries)}.",
                    f"可选：{'、'.join(trigger.beneficiaries)}。",
                )
            )
        for number, condition in enumerate(version.when):
            if condition.field not in trigger.tests:
                allowed = ", ".join(trigger.tests) or "none"
                zh_allowed = "、".join(trigger.tests) or "无"
                errors.append(
                    FieldError(
                        f"/when/{number}/field",
                        "unknown",
                        f"One of: {allowed}.",
                        f"可选：{zh_allowed}。",
                    )
                )
    errors.extend(_wrong_values(version.when, trigger))
    if version.points == 0 and version.xp == 0:
        errors.append(FieldError("/points", "nothing", "A rule must give points or xp.", "规则须给出积分或经验值。"))
    if version.points < 0 and version.xp > 0:
        errors.append(FieldError("/xp", "mixed", "A rule that takes points may not give xp.", "扣分规则不能给经验值。"))
    errors.extend(_wrong_limits(version, trigger))
    if errors:
        raise INVALID(errors=errors)


def _wrong_limits(version: RuleVersion, trigger: Trigger | None) -> Iterator[FieldError]:
    for name in ("daily_cap", "weekly_cap", "per_target_cap"):
        if getattr(version, name) is not None and version.points <= 0:
            yield FieldError(
                f"/{name}",
                "no_points",
                "A cap counts points, but the rule gives none.",
                "上限按积分计算，而该规则不给积分。",
            )
    for number, each in enumerate(version.multipliers):
        if each.from_at >= each.to_at:
            yield FieldError(
                f"/multipliers/{number}/to", "before_from", "It ends before it begins.", "结束时间须晚于开始时间。"
            )
    if version.multipliers and version.points < 0:
        yield FieldError(
            "/multipliers", "no_points", "What a rule takes is never multiplied.", "扣分规则不能设置倍率。"
        )
    if trigger is None:
        return
    if version.per_giver is not None and trigger.by is None:
        yield FieldError(
            "/per_giver", "no_giver", "Deeds of this trigger name nobody who gives.", "该触发项没有给出方。"
        )
    if version.shared and version.beneficiary not in trigger.together:
        yield FieldError(
            "/shared", "one_only", "This beneficiary is always a single member.", "该受益人始终只有一名成员。"
        )


def _wrong_values(when: Sequence[Condition], trigger: Trigger | None) -> list[FieldError]:
    errors: list[FieldError] = []
    for number, condition in enumerate(when):
        takes_list = condition.op in {"in", "not_in"}
        if takes_list != isinstance(condition.value, list | tuple):
            wanted, zh_wanted = ("a list", "列表") if takes_list else ("a single value", "单个值")
            errors.append(
                FieldError(
                    f"/when/{number}/value",
                    "wrong_kind",
                    f"{condition.op} takes {wanted}.",
                    f"{condition.op} 需要{zh_wanted}。",
                )
            )
            continue
        attribute = trigger.tests.get(condition.field) if trigger else None
        values = condition.value if takes_list else [condition.value]
        if attribute is not None and attribute.known and not all(value in attribute.known for value in values):
            # Such a rule would be accepted and pay nothing, and nobody would know why.
            errors.append(
                FieldError(
                    f"/when/{number}/value",
                    "unknown",
                    f"One of: {', '.join(attribute.known)}.",
                    f"可选：{'、'.join(attribute.known)}。",
                )
            )
    return errors


def _same(before: Rule, after: Rule, since: datetime | None) -> bool:
    """Whether a rule pays at every moment as it did: its versions say the same wherever one of them begins."""
    start = since or datetime.min.replace(tzinfo=UTC)
    begins = {start} | {v.valid_from for v in after.versions if v.valid_from is not None and v.valid_from > start}
    return all(_content(before.in_force(at)) == _content(after.in_force(at)) for at in begins)


def _content(version: RuleVersion | None) -> RuleVersion | None:
    """A version without what only tells it from others."""
    if version is None:
        return None
    when = tuple(replace(c, value=tuple(c.value) if isinstance(c.value, list) else c.value) for c in version.when)
    return replace(version, version=0, valid_from=None, made_at=None, recount=None, when=when)


def _row(community_id: UUID, version: RuleVersion, caller: Caller, now: datetime) -> EarningRuleVersion:
    return EarningRuleVersion(
        community_id=community_id,
        code=version.code,
        version=version.version,
        trigger=version.trigger,
        when=[{"field": c.field, "op": c.op, "value": c.value} for c in version.when],
        points=version.points,
        xp=version.xp,
        beneficiary=version.beneficiary,
        once_per=version.once_per,
        daily_cap=version.daily_cap,
        weekly_cap=version.weekly_cap,
        per_target_cap=version.per_target_cap,
        cooldown_minutes=version.cooldown_minutes,
        multipliers=[
            {"from": each.from_at.isoformat(), "to": each.to_at.isoformat(), "percent": each.percent}
            for each in version.multipliers
        ],
        giver_count=version.per_giver.count if version.per_giver else None,
        giver_per=version.per_giver.per if version.per_giver else None,
        shared=version.shared,
        enabled=version.enabled,
        valid_from=version.valid_from,
        created_at=now,
        created_by=caller.actor,
        recounting=version.recount is not None,
        recount_from=version.recount.from_day if version.recount else None,
    )


def _changes(before: RuleVersion | None, after: RuleVersion) -> dict[str, list[Any]]:
    names = (
        "version",
        "points",
        "xp",
        "beneficiary",
        "once_per",
        "daily_cap",
        "weekly_cap",
        "per_target_cap",
        "cooldown_minutes",
        "shared",
        "enabled",
    )
    changes: dict[str, list[Any]] = {
        name: [getattr(before, name, None), getattr(after, name)]
        for name in names
        if getattr(before, name, None) != getattr(after, name)
    }
    moments = [
        version.valid_from.isoformat() if version and version.valid_from else None for version in (before, after)
    ]
    return changes | ({"valid_from": moments} if moments[0] != moments[1] else {})


async def _reach_back(session: AsyncSession, reach: Reach, book: Book, *, dry_run: bool) -> Effects:
    """Fold every member again whom the version concerns, some at a time, in the order of member id; to show it, as many as time allows."""
    effects, chunks = Effects(), Chunks(SHOWN_FIRST if dry_run else MEMBERS_AT_ONCE, MEMBERS_AT_ONCE)
    after: UUID | None = None
    began = time.monotonic()
    while True:
        with chunks.timed() as size:
            members = await reach.members(session, after=after, limit=size)
            if not members:
                return effects
            if dry_run and after is not None and time.monotonic() - began > SHOW_SECONDS:
                return replace(effects, partial=True)
            plan = await fold_again(
                session,
                dict.fromkeys(members, reach.community_id),
                codes=[reach.code],
                from_day=reach.from_day,
                preview={reach.community_id: book} if dry_run else None,
            )
        effects, after = effects.plus(plan), members[-1]
        # So that others' requests come between.
        await asyncio.sleep(0)
