"""Retention as an answer."""

from datetime import date, datetime
from functools import lru_cache
from typing import Annotated

from pydantic import Field

from chassis.web.named import Closed
from chassis.web.schemas import ResponseModel
from services.analytics.retention.rules import CohortGrain, Count, Row
from services.analytics.retention.service import Retention

COHORT_GRAIN = Closed("CohortGrain", CohortGrain)
COUNT = Closed("RetentionCount", Count)


class RetentionCell(ResponseModel):
    """How many of the cohort were active in one of its windows, and which share of all of them; null of an empty cohort.

    It is `complete` once the window is over for all of them; until then it may rise.
    """

    n: int
    share: float | None
    complete: bool


class RetentionCohort(ResponseModel):
    """Members who first joined in the week or month that begins on `cohort`. Who left since then is still one of `size`."""

    cohort: date
    size: int
    cells: Annotated[
        list[RetentionCell | None],
        Field(
            description="The first one is the window in which they joined. Null: not all of them can have come so far."
        ),
    ]


class RetentionPublic(ResponseModel):
    """Cohorts, the first one first. What happened until `as_of` is in them."""

    cohort: Annotated[str, COHORT_GRAIN]
    count: Annotated[str, COUNT]
    as_of: datetime
    items: list[RetentionCohort]


def written(found: Retention, grain: CohortGrain, count: Count) -> str:
    """The answer as JSON. Of its up to 14,400 cells most are as they were in the answer before: rows are written once."""
    answer = RetentionPublic(cohort=grain.value, count=count.value, as_of=found.as_of, items=[])
    rows = ",".join(_row(cohort, row) for cohort, row in found.rows)
    return f"{answer.model_dump_json().removesuffix('[]}')}[{rows}]}}"


@lru_cache(maxsize=1_000)
def _row(cohort: date, row: Row) -> str:
    # Made of what is known to fit: checking very many cells once more would take most of the time.
    cells = [None if cell is None else RetentionCell.model_construct(**cell._asdict()) for cell in row]
    return RetentionCohort.model_construct(cohort=cohort, size=row.size, cells=cells).model_dump_json()
