"""What members get, what they do with it, and what they still have."""

from collections.abc import Sequence
from dataclasses import replace

from sqlmodel.ext.asyncio.session import AsyncSession

from services.analytics.facts.verbs import Verb
from services.analytics.metrics.catalogue.counting import worth_of
from services.analytics.metrics.frame import PEOPLE, Asked, Group, Metric, Reading, Said, amount, cells, ratio
from services.analytics.metrics.presence import present, stocks
from services.analytics.metrics.rules import Period
from services.analytics.metrics.spell_rules import Presence
from services.analytics.metrics.tallies import Tally, balances, tallies

_NOTHING, _NOBODY = Tally(0, 0.0, 0), Presence()
_GIVEN = (Verb.EARNED_POINTS,)
_GONE = (Verb.SPENT_POINTS, Verb.POINTS_EXPIRED, Verb.LOST_POINTS)


async def _liability(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> list[Reading]:
    # Points are owed to who runs the community, too, and to who was not yet when they earned them.
    everybody = replace(asked, staff=True)
    left = await balances(session, everybody, periods, _GIVEN, _GONE)
    there = await stocks(session, everybody, periods)
    return [amount(cell, left.get(cell, 0.0), there.get(cell, 0)) for cell in cells(asked, periods, left, there)]


async def _density(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> list[Reading]:
    given = await tallies(session, asked, periods, [Verb.GAVE_KUDOS])
    there = await present(session, asked, periods)
    return [
        ratio(cell, given.get(cell, _NOTHING).deeds, members, members)
        for cell in cells(asked, periods, given, there)
        if (members := there.get(cell, _NOBODY).members) or asked.group_by is None
    ]


async def _completion(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> list[Reading]:
    completed = await tallies(session, asked, periods, [Verb.COMPLETED_PLAN])
    # Who completed one by a day that they made up for is among those who checked in.
    checked_in = await tallies(session, asked, periods, [Verb.CHECKED_IN, Verb.COMPLETED_PLAN])
    found = [(cell, checked_in.get(cell, _NOTHING).members) for cell in cells(asked, periods, checked_in)]
    return [ratio(cell, completed.get(cell, _NOTHING).members, members, members) for cell, members in found]


METRICS = [
    Metric(
        code="points_issued",
        version=1,
        unit="points",
        kind="flow",
        title=Said("Points issued", "积分发放量"),
        definition=Said(
            "Points that members were given in the period, less what was taken back in it. `n` is how many different members that were.",
            "周期内发放给成员的积分，减去周期内收回的积分。`n` 为涉及的不重复成员数。",
        ),
        compute=worth_of(Verb.EARNED_POINTS),
        groups=PEOPLE,
        kept=True,
    ),
    Metric(
        code="points_spent",
        version=1,
        unit="points",
        kind="flow",
        title=Said("Points spent", "积分消费量"),
        definition=Said(
            "Points that members spent on rewards in the period: what the rewards cost. What is only set aside, or ran out, is not spent. "
            "`n` is how many different members that were.",
            "周期内成员用于兑换奖励的积分，即奖励成本；仅冻结的和已过期的不计。`n` 为涉及的不重复成员数。",
        ),
        compute=worth_of(Verb.SPENT_POINTS),
        groups=PEOPLE,
        kept=True,
    ),
    Metric(
        code="points_liability",
        version=1,
        unit="points",
        kind="stock",
        title=Said("Points liability", "未兑换积分余额"),
        definition=Said(
            "Points that were given until the end of the period and are still to be spent: less what was taken back, spent on rewards, "
            "lost to fines or ran out. Those of who left or runs the community are among them. `n` is how many members there are then.",
            "截至期末已发放而尚未使用的积分：减去收回的、兑换奖励用掉的、扣罚的和过期的。已离开成员和运营人员的积分计入。`n` 为当时的成员数。",
        ),
        compute=_liability,
        groups=frozenset({Group.COHORT, Group.CHANNEL}),
        staffed=False,
        kept=True,
    ),
    Metric(
        code="kudos_density",
        version=1,
        unit="ratio",
        kind="ratio",
        title=Said("Kudos density", "人均点赞表扬数"),
        definition=Said(
            "Kudos that members gave in the period, for each who was a member on at least one day of it (`n`). What was removed is none.",
            "周期内成员送出的表扬数 ÷ 周期内至少有一天是成员的人数（`n`）。已移除的不计。",
        ),
        compute=_density,
        groups=PEOPLE,
        kept=True,
    ),
    Metric(
        code="plan_completion",
        version=1,
        unit="share",
        kind="ratio",
        title=Said("Plan completion", "打卡营完成率"),
        definition=Said(
            "Members who completed a check-in plan in the period, of those who checked in in it (`n`). Who completes several counts once.",
            "周期内完成打卡营的成员数 ÷ 周期内打过卡的成员数（`n`）。完成多个的只计一次。",
        ),
        compute=_completion,
        groups=PEOPLE,
        kept=True,
    ),
]
