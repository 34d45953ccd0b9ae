"""What members think of what they took part in."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import String, cast, null, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import rows_of
from chassis.projections.history import calendars_of
from services.analytics.metrics.frame import Asked, Cell, Group, Metric, Reading, Said, cells, ratio
from services.analytics.metrics.placing import Placing
from services.analytics.metrics.rules import Period
from services.analytics.processes.models import SatisfactionCourse
from services.analytics.processes.store import table_of

FEWEST = 5
_SURVEYS = table_of(SatisfactionCourse)


async def satisfaction(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> list[Reading]:
    """The mean of what was answered, each survey weighted by its answers."""
    placing = Placing((await calendars_of(session, [asked.community_id]))[asked.community_id], periods)
    group = _SURVEYS.c.kind if asked.group_by is Group.KIND else cast(null(), String)
    rows = await rows_of(
        session,
        select(_SURVEYS.c.closed_at, group, _SURVEYS.c.mean, _SURVEYS.c.n).where(
            _SURVEYS.c.community_id == asked.community_id,
            _SURVEYS.c.closed_at >= placing.begins,
            _SURVEYS.c.closed_at < placing.ends,
            _SURVEYS.c.n >= FEWEST,
        ),
    )
    total: defaultdict[Cell, float] = defaultdict(float)
    answers: defaultdict[Cell, int] = defaultdict(int)
    for closed_at, kind, mean, n in rows:
        if (period := placing.of(closed_at)) is not None:
            total[period, kind] += mean * n
            answers[period, kind] += n
    return [ratio(cell, total[cell], answers[cell], answers[cell]) for cell in cells(asked, periods, answers)]


METRICS = [
    Metric(
        code="satisfaction",
        version=1,
        unit="rating",
        kind="ratio",
        title=Said("Satisfaction", "满意度"),
        definition=Said(
            "What surveys about activities and other things that closed in the period came to, from 1 to 5: of each survey the mean of its scored questions, "
            "weighted by their answers; of several surveys the mean weighted by how many answered each (`n`). Surveys about a month are none of them. Only what "
            "five or more answered is told, and counted.",
            "周期内结束的活动及其他事项问卷的结果，1 至 5 分：每份问卷取各评分题按回答数加权的平均；多份问卷按各自回答人数（`n`）加权平均。月度脉搏问卷不计入。"
            "不足五人回答的结果不公布，也不计入。",
        ),
        compute=satisfaction,
        # Not `protected`: a survey counts as a whole or not at all, so that any difference of two values is of five people or more.
        groups=frozenset({Group.KIND}),
        staffed=False,
    )
]
