"""What members read, finish, rate and like, by what it is about."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, literal_column, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.statements import rows_of
from services.analytics.facts.models import FactObject, ObjectDay
from services.analytics.facts.verbs import Verb, numbers
from services.analytics.metrics.frame import Asked, Cell, Group, Metric, Reading, Said, cells, share
from services.analytics.metrics.rules import Period
from services.analytics.metrics.tallies import began, read_generation
from services.analytics.processes.store import table_of

VERBS = (Verb.READ, Verb.FINISHED_READING, Verb.RATED_ARTICLE, Verb.REACTED)
PARTS = ("reads", "finishing", "rating", "reactions")
AT_ONCE = 1_000
_DAYS, _OBJECTS = table_of(ObjectDay), table_of(FactObject)

Counted = dict[Verb, tuple[int, float]]
"""How often each was done, and what it is worth together."""


async def content_interest(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> list[Reading]:
    """Reads, the share that was finished, the mean rating, and reactions."""
    counted: defaultdict[Cell, Counted] = defaultdict(dict)
    by_start = {period.starts_on: period for period in periods}
    for number, (begins, verb, tags, n, worth) in enumerate(await _done(session, asked, periods)):
        if number % AT_ONCE == 0:
            # Others wait for this process, too.
            await asyncio.sleep(0)
        for group in sorted(set(tags)) if asked.group_by is Group.TAG else [None]:
            of_cell = counted[by_start[begins], group]
            before, worth_before = of_cell.get(Verb(verb), (0, 0.0))
            of_cell[Verb(verb)] = before + int(n), worth_before + float(worth)
    return [reading for cell in cells(asked, periods, counted) for reading in _readings(cell, counted.get(cell, {}))]


def _readings(cell: Cell, counted: Counted) -> list[Reading]:
    period, group = cell
    (reads, _), (finished, _), (ratings, stars), (reactions, _) = (counted.get(verb, (0, 0.0)) for verb in VERBS)
    values: list[tuple[str, float | None, int, float | None, float | None]] = [
        ("reads", reads, reads, None, None),
        ("finishing", share(finished, reads), reads, finished, reads),
        ("rating", share(stars, ratings), ratings, stars, ratings),
        ("reactions", reactions, reactions, None, None),
    ]
    return [
        Reading(period.starts_on, period.ends_on, group, value, n, part, above=above, below=below)
        for part, value, n, above, below in values
    ]


async def _done(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> list[Any]:
    """What was done with each thing in each period, and the tags that it has now."""
    begins = began(session, _DAYS.c.day, asked.grain, periods[0]).label("begins")
    done = (
        select(
            begins, _DAYS.c.verb, _DAYS.c.about, func.sum(_DAYS.c.n).label("n"), func.sum(_DAYS.c.value).label("worth")
        )
        .where(
            _DAYS.c.generation == read_generation(),
            _DAYS.c.community_id == asked.community_id,
            _DAYS.c.day.between(periods[0].starts_on, periods[-1].ends_on),
            among(session, _DAYS.c.verb, numbers(VERBS)),
            _DAYS.c.n > 0,
            *([] if asked.staff else [~_DAYS.c.staff]),
        )
        .group_by(*(literal_column(place) for place in "123"))
        .subquery()
    )
    return await rows_of(
        session,
        select(done.c.begins, done.c.verb, _OBJECTS.c.tags, done.c.n, done.c.worth)
        .join(_OBJECTS, _OBJECTS.c.id == done.c.about)
        .where(_OBJECTS.c.kind.in_(("article", "discussion"))),
    )


METRICS = [
    Metric(
        code="content_interest",
        version=1,
        unit="deeds",
        kind="distribution",
        title=Said("Content interest", "内容兴趣"),
        definition=Said(
            "What members did with articles and discussions in the period, by the tags that these have now: how many read articles, each article once (reads); the share of these "
            "reads that came to the end (finishing); the mean of the ratings from 1 to 5 that were given (rating, `n` ratings); reactions, also those to replies. What has several tags "
            "counts for each; without `group_by=tag` everything counts once. What was taken back does not count.",
            "周期内成员对文章与讨论的行为，按其当前标签统计：阅读文章的人次，每人每篇计一次（reads）；其中读完的比例（finishing）；给出的 1–5 分评分的平均值（rating，`n` 为评分数）；"
            "表态数，含对回复的表态（reactions）。有多个标签的内容在每个标签下各计一次；不按标签细分时只计一次。已撤回的不计。",
        ),
        compute=content_interest,
        groups=frozenset({Group.TAG}),
        parts=PARTS,
    )
]
