"""How many members there are, and how many came and went."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from services.analytics.facts.verbs import Verb
from services.analytics.metrics.catalogue.counting import deeds_of
from services.analytics.metrics.frame import PEOPLE, Asked, Metric, Reading, Said, amount, cells
from services.analytics.metrics.presence import stocks
from services.analytics.metrics.rules import Period


async def _members(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> list[Reading]:
    counted = await stocks(session, asked, periods)
    return [amount(cell, counted.get(cell, 0), counted.get(cell, 0)) for cell in cells(asked, periods, counted)]


METRICS = [
    Metric(
        code="members",
        version=1,
        unit="members",
        kind="stock",
        title=Said("Members", "成员数"),
        definition=Said(
            "Who is a member at the end of the period; of a period that is not over, who is one now. Muted and suspended members are "
            "members. In a breakdown, where they work at that time.",
            "期末的成员人数；尚未结束的周期取当前人数。被禁言、被暂停的成员计入。按部门等细分时，取其当时所在部门。",
        ),
        compute=_members,
        groups=PEOPLE,
        kept=True,
    ),
    Metric(
        code="joined",
        version=1,
        unit="members",
        kind="flow",
        title=Said("Joined", "加入人数"),
        definition=Said(
            "How often somebody became a member in the period, for the first time or again; `n` is how many different people that were.",
            "周期内成为成员的人次，重新加入也计入；`n` 为不重复人数。",
        ),
        compute=deeds_of(Verb.JOINED),
        groups=PEOPLE,
        kept=True,
    ),
    Metric(
        code="left",
        version=1,
        unit="members",
        kind="flow",
        title=Said("Left", "离开人数"),
        definition=Said(
            "How often a membership ended in the period, by leaving, removal or expulsion; `n` is how many different people that were.",
            "周期内成员身份终止的人次，含主动退出、被移除和被开除；`n` 为不重复人数。",
        ),
        compute=deeds_of(Verb.LEFT),
        groups=PEOPLE,
        kept=True,
    ),
]
