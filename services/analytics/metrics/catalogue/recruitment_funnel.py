"""How far those come who hear of a campaign: they look at it, apply, are accepted, contribute, and are still active after a month."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import String, cast, func, null, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import rows_of
from chassis.projections.history import calendars_of
from services.analytics.facts.models import Fact
from services.analytics.facts.verbs import ACTIVE, POSTS, Verb, numbers
from services.analytics.metrics.frame import LONGEST, Asked, Cell, Group, Metric, Reading, Said, cells
from services.analytics.metrics.funnel_rules import Way, funnel
from services.analytics.metrics.placing import Placing
from services.analytics.metrics.rules import Period
from services.analytics.metrics.tallies import DAYS, read_generation
from services.analytics.processes.models import ApplicationCourse, ChannelVisits
from services.analytics.processes.store import table_of

STEPS = ("visited", "applied", "accepted", "contributed", "active_day_30")
CONTRIBUTIONS = POSTS | {Verb.SPOKE}
A_MONTH = timedelta(days=30)

_APPLICATIONS, _VISITS, _FACTS = table_of(ApplicationCourse), table_of(ChannelVisits), table_of(Fact)


async def recruitment_funnel(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> list[Reading]:
    """How many came to each step, of those who applied in the period."""
    calendars = (await calendars_of(session, [asked.community_id]))[asked.community_id]
    placing = Placing(calendars, periods)
    today = calendars.day_of(asked.now)
    visits = await _visits(session, asked, periods)
    ways: list[tuple[Cell, Way]] = []
    open_: set[Cell] = set()
    for row in await _applications(session, asked, placing):
        if (period := placing.of(row.submitted_at)) is None:
            continue
        cell = period, row.channel
        accepted = row.decided_at if row.outcome == "accepted" else None
        joined_on = calendars.day_of(row.joined_at or accepted or row.submitted_at)
        still = row.contributed_at if row.last_on is not None and row.last_on >= joined_on + A_MONTH else None
        ways.append((cell, (row.person_id, (row.submitted_at, accepted, row.contributed_at, still))))
        if accepted is not None and today <= joined_on + A_MONTH:
            open_.add(cell)
    reached = funnel(ways, len(STEPS) - 1)
    readings = []
    for cell in cells(asked, periods, visits, reached):
        period, group = cell
        people = reached.get(cell, [0] * (len(STEPS) - 1))
        # Of days that run views are told once these are over: until then nobody can say that there were none.
        counts: list[int | None] = [visits.get(cell, 0 if period.ends_on < today else None), *people]
        if cell in open_:
            # Somebody's day has not come yet.
            counts[-1] = None
        readings += [
            Reading(period.starts_on, period.ends_on, group, count, people[0], step)
            for step, count in zip(STEPS, counts, strict=True)
        ]
    return readings


async def _visits(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> dict[Cell, int]:
    group = _VISITS.c.channel if asked.group_by is Group.CHANNEL else cast(null(), String)
    rows = await rows_of(
        session,
        select(_VISITS.c.day, group, func.sum(_VISITS.c.visits))
        .where(
            _VISITS.c.community_id == asked.community_id,
            _VISITS.c.day.between(periods[0].starts_on, periods[-1].ends_on),
        )
        .group_by(_VISITS.c.day, group),
    )
    counted: defaultdict[Cell, int] = defaultdict(int)
    days = iter(sorted(rows, key=lambda row: row[0]))
    row = next(days, None)
    for period in periods:
        while row is not None and row[0] <= period.ends_on:
            counted[period, row[1]] += int(row[2])
            row = next(days, None)
    return counted


async def _applications(session: AsyncSession, asked: Asked, placing: Placing) -> list[Any]:
    """Applications with when whoever came by them first contributed, and on which day they last did something."""
    group = _APPLICATIONS.c.channel if asked.group_by is Group.CHANNEL else cast(null(), String)
    contributed = select(func.min(_FACTS.c.at)).where(
        _FACTS.c.member_id == _APPLICATIONS.c.member_id,
        _FACTS.c.verb.in_(numbers(CONTRIBUTIONS)),
        ~_FACTS.c.voided,
        _FACTS.c.at >= _APPLICATIONS.c.decided_at,
    )
    last = select(func.max(DAYS.c.day)).where(
        DAYS.c.member_id == _APPLICATIONS.c.member_id,
        DAYS.c.generation == read_generation(),
        DAYS.c.verb.in_(numbers(ACTIVE)),
        DAYS.c.n > 0,
    )
    return await rows_of(
        session,
        select(
            _APPLICATIONS.c.person_id,
            group.label("channel"),
            _APPLICATIONS.c.submitted_at,
            _APPLICATIONS.c.outcome,
            _APPLICATIONS.c.decided_at,
            _APPLICATIONS.c.joined_at,
            contributed.scalar_subquery().label("contributed_at"),
            last.scalar_subquery().label("last_on"),
        ).where(
            _APPLICATIONS.c.community_id == asked.community_id,
            _APPLICATIONS.c.submitted_at >= placing.begins,
            _APPLICATIONS.c.submitted_at < placing.ends,
            _APPLICATIONS.c.person_id.is_not(None),
        ),
    )


METRICS = [
    Metric(
        code="recruitment_funnel",
        version=2,
        unit="members",
        kind="funnel",
        title=Said("Recruitment funnel", "招募漏斗"),
        definition=Said(
            "How often the landings of the community's campaigns were looked at in the period (visited; views, not people; those of a day are known once it is over, and null as long as none are known of days that are not all over), and of the people who applied in it (applied, `n`) how "
            "many were accepted, wrote something or spoke at an activity after that (contributed), and were still active on the 30th day after joining or later "
            "(active_day_30). Active is what `active_members` says. A person counts once at each step, and once for each channel, only if they came to the steps before, in their order. "
            "The channel is that of the application. The last step is null while the 30th day of somebody accepted is not over.",
            "周期内社群各招募页面的浏览次数（visited，按次数而非人数，当天结束后才计入；周期尚未结束且还没有已计入的浏览时为空）；周期内提交申请的人（applied，即 `n`）中，被录取（accepted）、录取后发布内容或在活动中分享（contributed）、"
            "以及加入后第 30 天或之后仍活跃（active_day_30）的人数。活跃的含义见 `active_members`。每人在每一步只计一次，按渠道细分时每个渠道只计一次；须依次经过前面各步。"
            "渠道以申请时为准。只要有被录取者的第 30 天尚未结束，最后一步即为空。",
        ),
        compute=recruitment_funnel,
        groups=frozenset({Group.CHANNEL}),
        parts=STEPS,
        longest=LONGEST,
    )
]
