"""What members begin to speak of."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import rows_of
from chassis.hanzi import folded
from chassis.ids import is_mask
from chassis.projections.history import calendars_of
from services.analytics.facts.models import FactObject
from services.analytics.metrics.frame import Asked, Metric, Reading, Said
from services.analytics.metrics.placing import Placing
from services.analytics.metrics.rules import Grain, Period, before
from services.analytics.metrics.spells import SPELLS
from services.analytics.metrics.term_rules import rising, terms_of
from services.analytics.processes.store import table_of

FEWEST_AUTHORS = 5
MOST_TERMS = 20
MOST_TITLES = 5_000
"""The latest of the days asked for: more than most communities write in a quarter."""
KINDS = ("article", "discussion", "idea")
_AT_ONCE = 250

_OBJECTS = table_of(FactObject)


async def rising_terms(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> list[Reading]:
    """The terms of each period of which more authors speak than in as many days before."""
    earlier = [before(period.starts_on, period.ends_on) for period in periods]
    whole = [*earlier[:1], *periods]
    calendars = (await calendars_of(session, [asked.community_id]))[asked.community_id]
    placing = Placing(calendars, whole)
    staff = set() if asked.staff else await _staff(session, asked, whole)
    spoken: dict[Period, defaultdict[str, set[str]]] = {period: defaultdict(set) for period in whole}
    for number, (at, title, tags, author_ids) in enumerate(await _titles(session, asked, placing)):
        authors = [one for one in author_ids if one not in staff and not is_mask(UUID(one))]
        if authors and (period := placing.of(at)) is not None:
            for term in terms_of(folded(title or ""), map(folded, tags)):
                spoken[period][term].update(authors)
        if number % _AT_ONCE == 0:
            # Others wait for this process too.
            await asyncio.sleep(0)
    return [
        Reading(period.starts_on, period.ends_on, one.term, one.more, one.authors)
        for then, period in zip(whole, periods, strict=False)
        for one in rising(spoken[period], spoken[then], fewest=FEWEST_AUTHORS, most=MOST_TERMS)
    ]


async def _titles(session: AsyncSession, asked: Asked, placing: Placing) -> Iterable[Any]:
    return await rows_of(
        session,
        select(_OBJECTS.c.at, _OBJECTS.c.title, _OBJECTS.c.tags, _OBJECTS.c.author_ids)
        .where(
            _OBJECTS.c.community_id == asked.community_id,
            _OBJECTS.c.kind.in_(KINDS),
            _OBJECTS.c.at >= placing.begins,
            _OBJECTS.c.at < placing.ends,
            ~_OBJECTS.c.voided,
        )
        .order_by(_OBJECTS.c.at.desc(), _OBJECTS.c.id)
        .limit(MOST_TITLES),
    )


async def _staff(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> set[str]:
    """Who ran the community on any of these days."""
    rows = await rows_of(
        session,
        select(SPELLS.c.member_id).where(
            SPELLS.c.community_id == asked.community_id,
            SPELLS.c.staff,
            SPELLS.c.starts_on <= periods[-1].ends_on,
            SPELLS.c.left_on.is_(None) | (SPELLS.c.left_on >= periods[0].starts_on),
        ),
    )
    return {str(member_id) for member_id in rows}


METRICS = [
    Metric(
        code="rising_terms",
        version=1,
        unit="members",
        kind="distribution",
        title=Said("Rising terms", "上升话题词"),
        definition=Said(
            "Terms (`group`) in titles and tags of articles, discussions and ideas of the period, of which more authors speak than in the period before: `value` is how many "
            "more, `n` how many there are now, at least 5; at most 20, those that rise most first. Terms are whole tags, words of three letters and more without the commonest, "
            "and, of Chinese text, windows of 2, 3 and 4 characters that neither begin nor end with a particle; width, case and traditional characters make no difference. A term "
            "within a longer one of the same authors is left out. Authors who ran the community on a day of these and authors who are not named do not count. At most the 5,000 latest titles are read.",
            "周期内文章、讨论与想法的标题和标签中，作者人数多于上一周期的词（`group`）：`value` 为增加的人数，`n` 为本周期人数，至少 5 人；最多 20 个，按增幅从大到小。"
            "词的取法：完整标签；三个字母及以上且非常用虚词的单词；中文取 2、3、4 个字的滑动窗口，首尾不为虚字；不区分全半角、大小写与繁简。作者完全相同的短词并入包含它的长词。"
            "期间担任运营的作者与匿名作者不计。最多读取最近 5000 个标题。",
        ),
        compute=rising_terms,
        lists=frozenset({None}),
        grains=(Grain.WEEK, Grain.MONTH, Grain.QUARTER),
    )
]
