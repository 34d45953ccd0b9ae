"""The culture of an operating team: six dimensions, each of what they say and of what they do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Table, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from services.analytics.base import known
from services.analytics.facts.models import FactObject
from services.analytics.metrics.culture_rules import (
    BEHAVIOUR,
    DIMENSIONS,
    FEWEST,
    Part,
    dimension,
    done,
    index,
    said,
)
from services.analytics.metrics.frame import Asked, Metric, Reading, Said
from services.analytics.metrics.presence import present
from services.analytics.metrics.rules import Grain, Period
from services.analytics.metrics.tallies import tallies

_OBJECTS: Table = FactObject.__table__  # type: ignore[attr-defined]
_MOST = 500
"""Pulses that are looked at, the latest first."""

_TEAM: Prepared[Any] = Prepared(
    select(known.communities.c.kind).where(known.communities.c.id == bindparam("community_id"))
)
_PULSES: Prepared[Any] = Prepared(
    select(_OBJECTS.c.details)
    .where(
        _OBJECTS.c.community_id == bindparam("community_id"),
        _OBJECTS.c.kind == "survey",
        _OBJECTS.c.sub_kind == "month",
        ~_OBJECTS.c.voided,
    )
    .order_by(_OBJECTS.c.id.desc())
    .limit(_MOST)
)
Means = Mapping[str, tuple[float, int]]
"""By the code of the question, the mean and how many answered."""


async def culture(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> list[Reading]:
    """Of each month the index, the six dimensions and the two parts of each; nothing of a community that is no operating team."""
    if await _TEAM.first(session, community_id=asked.community_id) != "operations_team":
        return []
    pulses = await _pulses(session, asked)
    # Those who run the team are of the team.
    team = replace(asked, staff=True, group_by=None)
    there = await present(session, team, periods)
    did = {one: await tallies(session, team, periods, BEHAVIOUR[one]) for one in DIMENSIONS}
    found: list[Reading] = []
    for period in periods:
        cell = (period, None)
        members = there[cell].members if cell in there else 0
        who = {one: did[one][cell].members if cell in did[one] else 0 for one in DIMENSIONS}
        means = pulses.get(f"{period.starts_on:%Y-%m}", {})
        found += [_reading(period, name, part) for name, part in _parts(means, who, members)]
    return found


async def _pulses(session: AsyncSession, asked: Asked) -> dict[str, Means]:
    """By month, the means of its pulse: of several the latest, never pooled."""
    found: dict[str, Means] = {}
    for details in await _PULSES.all(session, community_id=asked.community_id):
        means = {one["code"]: (one["mean"], one["n"]) for one in details.get("means", ())}
        month = details.get("month")
        if month is not None and not means.keys().isdisjoint(DIMENSIONS):
            found.setdefault(month, means)
    return found


def _parts(means: Means, who: Mapping[str, int], members: int) -> Iterator[tuple[str, Part]]:
    pulse = {one: said(*means.get(one, (None, 0))) for one in DIMENSIONS}
    behaviour = {one: done(who[one], members) for one in DIMENSIONS}
    both = {one: dimension(pulse[one], behaviour[one]) for one in DIMENSIONS}
    yield "index", index(both)
    for one in DIMENSIONS:
        yield one, both[one]
        yield f"{one}_pulse", pulse[one]
        yield f"{one}_behaviour", behaviour[one]


def _reading(period: Period, name: str, part: Part) -> Reading:
    hidden = part.score is None
    return Reading(period.starts_on, period.ends_on, None, part.score, part.n, part=name, suppressed=hidden)


METRICS = [
    Metric(
        code="culture",
        version=1,
        unit="score",
        kind="ratio",
        title=Said("Culture index", "团队文化指数"),
        definition=Said(
            "Of an operating team, by month, from 1 to 5: index = (goals + trust + collaboration + innovation + atmosphere + learning) / 6; each "
            "dimension = 0.6 * pulse + 0.4 * behaviour. Pulse: the mean of its question in the month's anonymous pulse. Behaviour = 1 + 4 * the share of members "
            "who did at least one of: completed an action item (goals); started a discussion or accepted an answer (trust); replied, commented or "
            "gave an accepted answer (collaboration); proposed or voted for an idea (innovation); reacted or attended (atmosphere); finished an article, "
            f"published one or spoke (learning). Of fewer than {FEWEST} answers or members nothing is told; months are never pooled.",
            "运营团队按月统计，1 至 5 分：指数 =（目标 + 信任 + 协作 + 创新 + 氛围 + 学习）÷ 6；各维度 = 0.6 × 脉搏 + 0.4 × 行为。脉搏：当月匿名脉搏问卷中该题的平均分。"
            "行为 = 1 + 4 × 做过以下至少一项的成员占比：完成行动项（目标）；发起讨论或采纳回答（信任）；回复、评论或回答被采纳（协作）；提出创意或为创意投票（创新）；"
            f"点赞等反应或参加活动（氛围）；读完文章、发布文章或担任主讲（学习）。不足 {FEWEST} 份答卷或 {FEWEST} 名成员时不公布；不跨月合并。",
        ),
        compute=culture,
        grains=(Grain.MONTH,),
        parts=("index", *(f"{one}{part}" for one in DIMENSIONS for part in ("", "_pulse", "_behaviour"))),
        ranges=False,
        staffed=False,
    )
]
