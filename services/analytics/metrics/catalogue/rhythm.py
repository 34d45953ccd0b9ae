"""How regularly members come, and who stays away."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlmodel.ext.asyncio.session import AsyncSession

from services.analytics.facts.verbs import ACTIVE, Verb
from services.analytics.metrics.frame import (
    PEOPLE,
    Asked,
    Group,
    Metric,
    Reading,
    Said,
    amount,
    cells,
    ratio,
    until_today,
)
from services.analytics.metrics.lives import Lives, lives, rolling
from services.analytics.metrics.presence import present
from services.analytics.metrics.rules import Grain, Period
from services.analytics.metrics.spell_rules import Presence
from services.analytics.metrics.tallies import different, member_days

_NOBODY = Presence()
_PARTS = ("new", "returning", "resurrected", "dormant")


async def _checkin_rate(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> list[Reading]:
    done = await member_days(session, asked, periods, [Verb.CHECKED_IN])
    come = until_today(asked, periods)
    there = await present(session, asked, come)
    whole = dict(zip(come, periods, strict=True))
    possible = {(whole[period], group): found for (period, group), found in there.items()}
    found = [(cell, possible.get(cell, _NOBODY)) for cell in cells(asked, periods, possible)]
    return [ratio(cell, done.get(cell, 0), one.days, one.members) for cell, one in found]


async def _stickiness(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> list[Reading]:
    by_day = await member_days(session, asked, periods, ACTIVE)
    members = await different(session, asked, periods, "deeds")
    days = {period: come.days for period, come in zip(periods, until_today(asked, periods), strict=True)}
    found = [(cell, members.get(cell, 0)) for cell in cells(asked, periods, members)]
    return [ratio(cell, by_day.get(cell, 0), active * days[cell[0]], active) for cell, active in found]


async def _lifecycle(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> list[Reading]:
    found = await lives(session, asked, periods)
    return [
        Reading(period.starts_on, period.ends_on, group, counted[part], counted[part], part)
        for period, group in cells(asked, periods, found)
        for counted in [asdict(found.get((period, group), Lives()))]
        for part in _PARTS
    ]


async def _rolling(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> list[Reading]:
    found = await rolling(session, asked, periods)
    return [amount(cell, found.get(cell, 0), found.get(cell, 0)) for cell in cells(asked, periods, found)]


METRICS = [
    Metric(
        code="active_members_30_days",
        version=1,
        unit="members",
        kind="distinct",
        title=Said("Active members, 30 days", "近 30 日活跃成员数"),
        definition=Said(
            "Different members who were active in the 30 days that end with the last day of the period, or with today where it is not over: "
            "a rolling window, whatever the month. Active is as in `active_members`.",
            "截至周期末日（未结束的周期截至今天）的 30 天内活跃的不重复成员数：滚动窗口，与自然月无关。活跃的定义同 `active_members`。",
        ),
        compute=_rolling,
        groups=PEOPLE,
        kept=True,
    ),
    Metric(
        code="checkin_rate",
        version=1,
        unit="share",
        kind="ratio",
        title=Said("Check-in rate", "打卡率"),
        definition=Said(
            "Check-ins of the period, of all that there could have been: one on each day on which somebody was a member, until today. `n` is "
            "how many different members there were.",
            "周期内的打卡次数 ÷ 可打卡次数（每位成员在其身份有效的每一天各一次，截至今天）。`n` 为不重复成员数。",
        ),
        compute=_checkin_rate,
        groups=PEOPLE,
        kept=True,
    ),
    Metric(
        code="stickiness",
        version=1,
        unit="share",
        kind="ratio",
        title=Said("Stickiness", "粘性"),
        definition=Said(
            "On how many of the period's days, until today, those who were active in it (`n`) were so on average: active members by day, all "
            "days together, of active members of the period by days. Periods are those of the calendar.",
            "周期内活跃成员（`n`）平均有多大比例的日子活跃（截至今天）：各日活跃人数之和 ÷（周期活跃人数 × 天数）。周期为日历周期。",
        ),
        compute=_stickiness,
        groups=PEOPLE,
        grains=(Grain.WEEK, Grain.MONTH, Grain.QUARTER),
        kept=True,
    ),
    Metric(
        code="lifecycle",
        version=1,
        unit="members",
        kind="distinct",
        title=Said("Lifecycle", "成员生命周期"),
        definition=Said(
            "Of the active members of the period: `new`, who were never active before, not only not in the range asked for; `returning`, who "
            "were active in the period before, too; `resurrected`, who were active only longer ago. `dormant`: who was active in the period "
            "before, and is not in this one. Without a grain, the period before has as many days.",
            "周期内的活跃成员分为：new，此前从未活跃（不限于所查范围）；returning，上一周期也活跃；resurrected，更早活跃过而上一周期未活跃。"
            "dormant：上一周期活跃而本周期未活跃。不指定 grain 时，上一周期为之前同样长的日子。",
        ),
        compute=_lifecycle,
        groups=frozenset({Group.COHORT, Group.CHANNEL}),
        parts=_PARTS,
        kept=True,
    ),
]
