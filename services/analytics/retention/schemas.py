"""Retention as an answer."""

from datetime import date, datetime
from functools import lru_cache
from typing import Annotated

from pydantic import Field

from chassis.web.named import Closed
from chassis.web.schemas import ResponseModel
from services.analytics.retention.rules import Cell, CohortGrain, Count
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


def retention_public(found: Retention, grain: CohortGrain, count: Count) -> RetentionPublic:
    """The answer. Made of what is known to fit: checking very many cells once more would take most of the time."""
    items = [
        RetentionCohort.model_construct(
            cohort=row.cohort.starts_on, size=row.size, cells=[cell and _cell(cell) for cell in row.cells]
        )
        for row in found.rows
    ]
    return RetentionPublic.model_construct(cohort=grain.value, count=count.value, as_of=found.as_of, items=items)


@lru_cache(maxsize=20_000)
def _cell(cell: Cell) -> RetentionCell:
    return RetentionCell.model_construct(n=cell.n, share=cell.share, complete=cell.complete)
