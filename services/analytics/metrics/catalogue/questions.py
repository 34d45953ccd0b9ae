"""Whether questions are answered, and how soon."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import String, cast, false, func, null, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import rows_of
from chassis.moments import Calendars
from chassis.projections.history import calendars_of
from chassis.projections.workdays import work_calendar
from chassis.working_time import WorkedTime
from services.analytics.facts.models import MemberStand
from services.analytics.metrics.frame import LONGEST, Asked, Cell, Group, Metric, Reading, Said, cells, ratio
from services.analytics.metrics.percentile_rules import percentile
from services.analytics.metrics.placing import Placing
from services.analytics.metrics.rules import Period
from services.analytics.processes.models import QuestionCourse
from services.analytics.processes.store import table_of

ASKING = ("question", "help_request")
"""Kinds of discussion in which somebody waits for an answer."""
PARTS = {"median": 0.5, "p90": 0.9}
PAGE = 2_000
_FIRST = UUID(int=0)

_QUESTIONS, _STANDS = table_of(QuestionCourse), table_of(MemberStand)


async def _asked_in(session: AsyncSession, asked: Asked, placing: Placing) -> AsyncIterator[tuple[Cell, Any]]:
    """When each question of these periods was asked and first answered, by cell: not removed ones, nor duplicates.

    Page by page: others wait for this process and its memory, too.
    """
    group = _QUESTIONS.c.kind if asked.group_by is Group.KIND else cast(null(), String)
    place = (_QUESTIONS.c.asked_at, _QUESTIONS.c.id)
    statement = (
        select(_QUESTIONS.c.asked_at, _QUESTIONS.c.id, _QUESTIONS.c.first_answer_at, group)
        .where(
            _QUESTIONS.c.community_id == asked.community_id,
            _QUESTIONS.c.asked_at < placing.ends,
            _QUESTIONS.c.kind.in_(ASKING),
            ~_QUESTIONS.c.removed,
            _QUESTIONS.c.counted_in == _QUESTIONS.c.id,
            *([] if asked.staff else [~_by_staff()]),
        )
        .order_by(*place)
        .limit(PAGE)
    )
    after = placing.begins, _FIRST
    while True:
        # Said twice: of the pair alone not every database would find where to begin.
        there = statement.where(_QUESTIONS.c.asked_at >= after[0], tuple_(*place) > after)
        rows = await rows_of(session, there)
        for row in rows:
            if (period := placing.of(row[0])) is not None:
                yield (period, row[3]), row
        if len(rows) < PAGE:
            return
        after = rows[-1][0], rows[-1][1]


def _by_staff() -> Any:
    """Whether the asker ran the community then; before what is first known of them, the first holds."""
    stands = select(_STANDS.c.staff).where(_STANDS.c.member_id == _QUESTIONS.c.author_id)
    then = stands.where(_STANDS.c.at <= _QUESTIONS.c.asked_at).order_by(_STANDS.c.version.desc()).limit(1)
    first = stands.order_by(_STANDS.c.version).limit(1)
    return func.coalesce(then.scalar_subquery(), first.scalar_subquery(), false())


async def _placing(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> tuple[Placing, Calendars]:
    calendars = (await calendars_of(session, [asked.community_id]))[asked.community_id]
    return Placing(calendars, periods), calendars


async def answered_share(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> list[Reading]:
    """The share of questions that have an answer by now."""
    placing, _ = await _placing(session, asked, periods)
    questions: defaultdict[Cell, int] = defaultdict(int)
    answered: defaultdict[Cell, int] = defaultdict(int)
    async for cell, (_, _, answered_at, _) in _asked_in(session, asked, placing):
        questions[cell] += 1
        answered[cell] += answered_at is not None
    return [ratio(cell, answered[cell], questions[cell], questions[cell]) for cell in cells(asked, periods, questions)]


async def response_time(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> list[Reading]:
    """How long it takes until the first answer."""
    placing, calendars = await _placing(session, asked, periods)
    took = await _took(session, calendars, working=asked.working)
    times: defaultdict[Cell, list[float]] = defaultdict(list)
    async for cell, (asked_at, _, answered_at, _) in _asked_in(session, asked, placing):
        if answered_at is not None:
            times[cell].append(took(asked_at, answered_at))
    for some in times.values():
        some.sort()
    return [
        Reading(
            period.starts_on,
            period.ends_on,
            group,
            percentile(times[period, group], of),
            len(times[period, group]),
            part,
        )
        for period, group in cells(asked, periods, times)
        for part, of in PARTS.items()
    ]


async def _took(session: AsyncSession, calendars: Calendars, *, working: bool) -> Any:
    if not working:
        # Answers of a duplicate may be older than the question that they went to.
        return lambda begins, ends: max(0.0, (ends - begins).total_seconds())
    is_workday = (await work_calendar(session)).is_workday
    clocks: dict[str, WorkedTime] = {}

    def took(begins: Any, ends: Any) -> float:
        zone = calendars.at(begins).time_zone
        clock = clocks.get(zone) or clocks.setdefault(zone, WorkedTime(time_zone=zone, is_workday=is_workday))
        return clock.between(begins, ends)

    return took


_WHICH_EN = (
    "Questions and requests for help asked in the period by members who did not run the community then; not removed ones, nor duplicates, whose "
    "answers count where they went."
)
_WHICH_ZH = "统计周期内由当时非运营人员发起的提问与求助；已移除的不计，被合并的重复问题不计，其回答计入合并后的问题。"

METRICS = [
    Metric(
        code="response_time",
        version=1,
        unit="seconds",
        kind="distribution",
        title=Said("Response time", "响应时长"),
        definition=Said(
            "How long it takes from a question to its first answer that can be seen, the asker's own included: the median and the 90th percentile, between "
            f"the two nearest values where it falls between them. Comments are no answers. {_WHICH_EN} Questions without an answer are left "
            "out (see `answered_share`); `n` are those with one. By the clock; with `working=true` only 09:00 to 18:00 on workdays of the work calendar counts, in the community's time zone.",
            f"从提问到第一个可见回答（含提问者本人的回答）所用的时间：中位数与 90 分位数（落在两个值之间时取线性插值）。评论不算回答。{_WHICH_ZH}"
            "未获回答的问题不计入（见 `answered_share`），`n` 为已获回答的问题数。默认按自然时间；`working=true` 时仅计工作日历中工作日的 09:00–18:00（社群时区）。",
        ),
        compute=response_time,
        groups=frozenset({Group.KIND}),
        parts=tuple(PARTS),
        working=True,
        longest=LONGEST,
    ),
    Metric(
        code="answered_share",
        version=1,
        unit="share",
        kind="ratio",
        title=Said("Answered share", "回答率"),
        definition=Said(
            f"Of the questions asked in the period (`n`), the share that has an answer by now, the asker's own included; comments are no answers. {_WHICH_EN}",
            f"周期内提出的问题（`n`）中，目前已有回答的比例，含提问者本人的回答；评论不算回答。{_WHICH_ZH}",
        ),
        compute=answered_share,
        groups=frozenset({Group.KIND}),
        longest=LONGEST,
    ),
]
