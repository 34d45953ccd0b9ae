"""`from` and `to` of a list: two days, both included, or two moments, the second one not included."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError
from sqlalchemy import ColumnElement

from chassis.days import MIDNIGHT, day_began_at
from chassis.problems import INVALID, FieldError
from chassis.security.authority import Standing
from chassis.web.values import Day, Moment
from chassis.wrong import Wrong

_DAY: TypeAdapter[date] = TypeAdapter(Day)
_MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)
_LONGEST = 40


def _read(written: str) -> date | datetime:
    found: date | datetime = _DAY.validate_python(written) if len(written) == 10 else _MOMENT.validate_python(written)
    return found


def _readable(written: str) -> str:
    try:
        _read(written)
    except ValidationError as error:
        wrong = error.errors()[0].get("ctx", {}).get("error")
        if isinstance(wrong, Wrong) and wrong.code == "out_of_range":
            raise wrong from None
        raise Wrong(
            "not_a_moment",
            "A day is written YYYY-MM-DD, a moment YYYY-MM-DDThh:mm:ss+hh:mm.",
            "日期的写法为 YYYY-MM-DD，时间为 YYYY-MM-DDThh:mm:ss+hh:mm。",
        ) from None
    return written


Bounds = tuple[datetime | None, datetime | None]
"""The first moment of a span and the first one after it; None is open."""

Written = Annotated[
    str,
    Field(max_length=_LONGEST, examples=["2024-03-01", "2024-03-01T08:00:00+08:00"]),
    AfterValidator(_readable),
]


@dataclass(frozen=True, slots=True)
class Span:
    """What a caller asks for; None is open."""

    from_: date | datetime | None = None
    to: date | datetime | None = None

    def bounds(self, *, time_zone: str, day_starts_at: time = MIDNIGHT) -> Bounds:
        """The first moment that belongs to it and the first one after it, where days are those of a zone.

        Raises `INVALID` where it ends before it begins.
        """

        def moment(given: date | datetime | None, *, days: int) -> datetime | None:
            if given is None or isinstance(given, datetime):
                return given
            day = given + timedelta(days=days)
            return day_began_at(day, time_zone=time_zone, day_starts_at=day_starts_at)

        first, end = moment(self.from_, days=0), moment(self.to, days=1)
        if first is not None and end is not None and end < first:
            raise INVALID(errors=[FieldError("#/query/to", "before_from", "It is before `from`.", "早于 `from`。")])
        return first, end


def bounds_in(standing: Standing | None, span: Span) -> Bounds:
    """The moments of a span in days of the community of a standing, without one in days of UTC."""
    if standing is None:
        return span.bounds(time_zone="UTC")
    return span.bounds(time_zone=standing.community.time_zone, day_starts_at=standing.community.day_starts_at)


def within(column: ColumnElement[Any] | Any, bounds: Bounds) -> list[ColumnElement[bool]]:
    """Conditions that hold for the moments in a span."""
    first, end = bounds
    conditions: list[ColumnElement[bool]] = []
    if first is not None:
        conditions.append(column >= first)
    if end is not None:
        conditions.append(column < end)
    return conditions


async def span_asked(
    from_: Annotated[
        Written | None, Query(alias="from", description="The first day, or the first moment with an offset.")
    ] = None,
    to: Annotated[
        Written | None, Query(description="The last day, which is included, or a moment, which is not.")
    ] = None,
) -> Span:
    """The parameters of a list that has a span."""
    return Span(_read(from_) if from_ else None, _read(to) if to else None)


SpanQuery = Annotated[Span, Depends(span_asked)]
"""`from` and `to` of a list operation."""
