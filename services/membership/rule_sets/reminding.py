"""Reminders: a week and a day before the time of each member is over, who has not acknowledged the rules in force."""

from collections import defaultdict
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.timers import Late, Timer, Timers, again, schedule
from services.membership.rule_sets import queries
from services.membership.rule_sets.models import RuleSet
from services.membership.rule_sets.occasions import RulesDue, rules_due
from services.membership.rule_sets.rules import reminders_between
from services.membership.rule_sets.service import REMIND

timers = Timers()

EVERY: Final = timedelta(hours=1)
AT_ONCE: Final = 500


@timers.on(REMIND, late=Late.ENDING)
async def remind(session: AsyncSession, timer: Timer) -> None:
    """Remind those who are due since the last time, some hundreds in a transaction; a version that is superseded reminds nobody."""
    rule_set = await session.get(RuleSet, timer.subject_id, with_for_update=True)
    if rule_set is None or rule_set.superseded_at is not None or rule_set.reminded_until is None:
        return
    found = []
    for left, (after, until) in reminders_between(rule_set.reminded_until, timer.due_at, timer.now).items():
        rows = await queries.due_between(session, rule_set.community_id, after, until, rule_set.reminded_after, AT_ONCE)
        found += [(left, member_id) for member_id in rows]
    found.sort(key=lambda each: each[1])
    some = found[:AT_ONCE]
    by_time: defaultdict[timedelta, list[UUID]] = defaultdict(list)
    for left, member_id in some:
        by_time[left].append(member_id)
    for left, member_ids in sorted(by_time.items()):
        due = RulesDue(rule_set.community_id, rule_set.id, left, tuple(member_ids), timer.due_at)
        await rules_due.happened(session, due)
    if len(some) == AT_ONCE:
        rule_set.reminded_after = some[-1][1]
        await again(session, timer)
        return
    rule_set.reminded_until, rule_set.reminded_after = timer.due_at, None
    await schedule(session, REMIND, rule_set.id, max(timer.due_at + EVERY, timer.now))
