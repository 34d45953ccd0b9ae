"""What is looked for and not found."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal_column, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, rows_of
from services.analytics.facts.models import FactObject, ObjectDay
from services.analytics.facts.verbs import Verb
from services.analytics.metrics.frame import Asked, Metric, Reading, Said
from services.analytics.metrics.rules import Period
from services.analytics.metrics.tallies import began, read_generation
from services.analytics.processes.store import table_of

MOST_QUERIES = 20
AT_ONCE = 1_000
_DAYS, _OBJECTS = table_of(ObjectDay), table_of(FactObject)
_TITLES: Prepared[Any] = Prepared(
    lambda on: select(_OBJECTS.c.id, _OBJECTS.c.title).where(
        _OBJECTS.c.kind == "search", on.among(_OBJECTS.c.id, "ids")
    )
)


async def missed_searches(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> list[Reading]:
    """How many searches found nothing, and the queries that found nothing most often."""
    begins = began(session, _DAYS.c.day, asked.grain, periods[0])
    rows = await rows_of(
        session,
        select(begins, _DAYS.c.about, func.sum(_DAYS.c.n))
        .where(
            _DAYS.c.generation == read_generation(),
            _DAYS.c.community_id == asked.community_id,
            _DAYS.c.day.between(periods[0].starts_on, periods[-1].ends_on),
            _DAYS.c.verb == int(Verb.MISSED_SEARCH),
            _DAYS.c.n > 0,
        )
        .group_by(literal_column("1"), literal_column("2")),
    )
    missed: defaultdict[object, dict[UUID, int]] = defaultdict(dict)
    for number, (began_on, about, times) in enumerate(rows):
        if number % AT_ONCE == 0:
            # Others wait for this process, too.
            await asyncio.sleep(0)
        missed[began_on][about] = int(times)
    most = {one: _most(queries) for one, queries in missed.items()}
    titles = await _titles(session, {about for some in most.values() for about in some})
    readings = []
    for period in periods:
        queries = missed.get(period.starts_on, {})
        total = sum(queries.values())
        readings.append(Reading(period.starts_on, period.ends_on, None, total, len(queries), "all"))
        named = sorted(
            ((titles.get(about, ""), queries[about]) for about in most.get(period.starts_on, ())), key=_order
        )
        readings += [
            Reading(period.starts_on, period.ends_on, title, times, times, "query") for title, times in named if title
        ]
    return readings


def _order(one: tuple[str, int]) -> tuple[int, str]:
    return -one[1], one[0]


def _most(queries: dict[UUID, int]) -> list[UUID]:
    return sorted(queries, key=lambda about: (-queries[about], about))[:MOST_QUERIES]


async def _titles(session: AsyncSession, ids: set[UUID]) -> dict[UUID, str]:
    return {key: title for key, title in await _TITLES.all(session, ids=list(ids)) if title} if ids else {}


METRICS = [
    Metric(
        code="missed_searches",
        version=1,
        unit="deeds",
        kind="flow",
        title=Said("Missed searches", "无结果搜索"),
        definition=Said(
            "How often somebody searched in the period and found nothing (all; `n` is the number of different queries), and the 20 queries of which that was so most often "
            "(query, the query itself as `group`). Who searched is not known.",
            "周期内搜索无结果的次数（all，`n` 为不同搜索词的个数），以及无结果次数最多的 20 个搜索词（query，词本身在 `group` 中）。不记录搜索者。",
        ),
        compute=missed_searches,
        parts=("all", "query"),
        lists=frozenset({"query"}),
    )
]
