"""Readings of what people answered, without what would tell of few of them. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from services.analytics.metrics.frame import Reading
from services.analytics.metrics.rules import Grain, Period, period_of
from services.analytics.metrics.suppression import LEAST, hidden, hidden_groups


def quarters_of(periods: Sequence[Period]) -> list[Period]:
    """The quarters that periods lie in: what is hidden in a month depends on all of its quarter."""
    return sorted({period_of(one.starts_on, Grain.QUARTER) for one in periods})


def months_of(quarters: Sequence[Period]) -> list[Period]:
    """Their months."""
    found = {
        period_of(quarter.starts_on.replace(month=quarter.starts_on.month + add), Grain.MONTH)
        for quarter in quarters
        for add in range(3)
    }
    return sorted(found)


def without_small(
    wanted: Sequence[Reading], whole: Sequence[Reading], by_group: Sequence[Reading], *, today: date
) -> list[Reading]:
    """The readings that are `wanted`, those hidden that would tell too much.

    Nothing is shown of a quarter before it is over: who asked of a month each day would have what those answered who came in
    between, and who asked of a month before the next one was small would have what is hidden with it later.

    `whole` are the readings of the quarters and months in question without a breakdown, `by_group` those with the one that is wanted.
    """
    months: dict[Period, dict[Period, int]] = {}
    rows: dict[Period, dict[Period, dict[str | None, int]]] = {}
    small: set[Period] = set()
    for one in whole:
        period = Period(one.starts_on, one.ends_on)
        quarter = period_of(one.starts_on, Grain.QUARTER)
        if period == quarter:
            small |= {period} if 0 < (one.n or 0) < LEAST else set()
        else:
            sizes = months.setdefault(quarter, {})
            sizes[period] = max(one.n or 0, sizes.get(period, 0))
    for sizes in months.values():
        small |= hidden(sizes)
    for one in by_group:
        row = rows.setdefault(period_of(one.starts_on, Grain.QUARTER), {})
        groups = row.setdefault(Period(one.starts_on, one.ends_on), {})
        groups[one.group] = max(one.n or 0, groups.get(one.group, 0))
    few = {quarter: hidden_groups(of_periods) for quarter, of_periods in rows.items()}
    return [
        _hidden(one)
        if period_of(one.starts_on, Grain.QUARTER).ends_on >= today
        or Period(one.starts_on, one.ends_on) in small
        or one.group in few.get(period_of(one.starts_on, Grain.QUARTER), set())
        else one
        for one in wanted
    ]


def _hidden(reading: Reading) -> Reading:
    return replace(reading, value=None, n=None, above=None, below=None, suppressed=True)
