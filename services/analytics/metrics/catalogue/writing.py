"""What is written, and by how many."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from services.analytics.facts.verbs import POSTS, Verb
from services.analytics.metrics.frame import PEOPLE, Asked, Compute, Group, Metric, Reading, Said, amount, cells
from services.analytics.metrics.rules import Period, gini
from services.analytics.metrics.tallies import Tally, spread, tallies, written

_NOTHING = Tally(0, 0.0, 0)


def _written(*verbs: Verb) -> Compute:
    async def compute(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> list[Reading]:
        by_members = await tallies(session, asked, periods, verbs)
        if asked.group_by in PEOPLE:
            found = {cell: tally.deeds for cell, tally in by_members.items()}
        else:
            found = await written(session, asked, periods, verbs)
        return [
            amount(cell, found.get(cell, 0), by_members.get(cell, _NOTHING).members)
            for cell in cells(asked, periods, found)
        ]

    return compute


async def _inequality(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> list[Reading]:
    found = await spread(session, asked, periods, POSTS)
    readings = []
    for period, group in cells(asked, periods, found):
        amounts = found.get((period, group), {})
        readings.append(Reading(period.starts_on, period.ends_on, group, gini(amounts), sum(amounts.values())))
    return readings


METRICS = [
    Metric(
        code="posts",
        version=1,
        unit="deeds",
        kind="flow",
        title=Said("Posts", "发布数"),
        definition=Said(
            "Discussions started, articles published and ideas proposed in the period; what was removed is none, nor is a discussion "
            "that was merged into another, what is anonymous counts. Of several authors each has a part. `n` is how many different members that "
            "were, without those who are not named; by people, what is anonymous is left out.",
            "周期内发起的讨论、发布的文章和提出的想法数；已移除的和并入其他讨论的不计，匿名的计入。多位作者各占一份。`n` 为不重复作者数，不含匿名者；"
            "按人员细分时不含匿名内容。",
        ),
        compute=_written(Verb.STARTED_DISCUSSION, Verb.PUBLISHED_ARTICLE, Verb.PROPOSED_IDEA),
        groups=PEOPLE | {Group.KIND},
        kept=True,
    ),
    Metric(
        code="replies",
        version=1,
        unit="deeds",
        kind="flow",
        title=Said("Replies", "回复数"),
        definition=Said(
            "Replies and comments of the period; what was removed is none, what is anonymous counts. `n` is how many different members that "
            "were, without those who are not named; by people, what is anonymous is left out.",
            "周期内的回复与评论数；已移除的不计，匿名的计入。`n` 为不重复作者数，不含匿名者；按人员细分时不含匿名内容。",
        ),
        compute=_written(Verb.REPLIED, Verb.COMMENTED),
        groups=PEOPLE | {Group.KIND},
        kept=True,
    ),
    Metric(
        code="contribution_gini",
        version=1,
        unit="ratio",
        kind="distribution",
        title=Said("Contribution inequality", "贡献集中度"),
        definition=Said(
            "The Gini coefficient of how much each member wrote in the period (discussions, replies, comments, articles, ideas), among those "
            "who wrote something (`n`): 0 where all wrote as much, towards 1 where few wrote nearly everything. What was removed counts for "
            "nobody, nor does a discussion that was merged into another.",
            "周期内有发布的成员（`n`）各自发布量（讨论、回复、评论、文章、想法）的基尼系数：0 表示人人相同，越接近 1 表示越集中于少数人。已移除的和并入其他讨论的不计。",
        ),
        compute=_inequality,
        groups=PEOPLE,
        kept=True,
    ),
]
