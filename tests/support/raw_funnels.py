"""Funnels in DuckDB, by plain SQL over what happened: it knows nothing of how the product counts."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import duckdb

_TABLES = """
CREATE TABLE activities (
    activity VARCHAR, kind VARCHAR, announced TIMESTAMPTZ, starts TIMESTAMPTZ, rated TIMESTAMPTZ, mean DOUBLE
);
CREATE TABLE stays (member VARCHAR, joined TIMESTAMPTZ, gone TIMESTAMPTZ);
CREATE TABLE registered (activity VARCHAR, member VARCHAR, happened TIMESTAMPTZ);
CREATE TABLE attended (activity VARCHAR, member VARCHAR, happened TIMESTAMPTZ);
CREATE TABLE applied (person VARCHAR, channel VARCHAR, happened TIMESTAMPTZ, accepted TIMESTAMPTZ);
CREATE TABLE wrote (person VARCHAR, happened TIMESTAMPTZ);
"""

_ACTIVITIES = """
WITH local AS (
    SELECT *, (announced AT TIME ZONE '{zone}')::DATE AS first_day, (starts AT TIME ZONE '{zone}')::DATE AS last_day FROM activities
), theirs AS (
    SELECT *, (joined AT TIME ZONE '{zone}')::DATE AS joined_on, (gone AT TIME ZONE '{zone}')::DATE AS gone_on FROM stays
), ways AS (
    SELECT local.*, theirs.member, coalesce(registered.happened, attended.happened) AS registers, attended.happened AS attends,
           CASE WHEN joined_on > first_day THEN joined_on::TIMESTAMP AT TIME ZONE '{zone}' ELSE announced END AS heard
    FROM local
    LEFT JOIN theirs ON joined_on <= last_day AND (gone_on IS NULL OR gone_on >= first_day)
    LEFT JOIN registered ON registered.activity = local.activity AND registered.member = theirs.member
    LEFT JOIN attended ON attended.activity = local.activity AND attended.member = theirs.member
)
SELECT date_trunc('{grain}', first_day)::DATE, {group},
       count(DISTINCT member),
       count(DISTINCT member) FILTER (heard <= registers),
       count(DISTINCT member) FILTER (heard <= registers AND registers <= attends),
       CASE WHEN bool_or(rated IS NOT NULL)
            THEN count(DISTINCT member) FILTER (heard <= registers AND registers <= attends AND attends <= rated AND mean >= 4) END
FROM ways GROUP BY ALL
"""

_RECRUITS = """
WITH ways AS (
    SELECT applied.*, min(wrote.happened) FILTER (wrote.happened >= accepted) AS contributed,
           max((wrote.happened AT TIME ZONE '{zone}')::DATE) AS last_day, (accepted AT TIME ZONE '{zone}')::DATE AS joined_on
    FROM applied LEFT JOIN wrote ON wrote.person = applied.person GROUP BY ALL
)
SELECT date_trunc('{grain}', happened AT TIME ZONE '{zone}')::DATE, channel,
       count(DISTINCT person),
       count(DISTINCT person) FILTER (accepted >= happened),
       count(DISTINCT person) FILTER (contributed IS NOT NULL),
       CASE WHEN bool_or(joined_on + 30 >= '{today}'::DATE) THEN NULL
            ELSE count(DISTINCT person) FILTER (contributed IS NOT NULL AND last_day >= joined_on + 30) END
FROM ways GROUP BY ALL
"""

Cells = dict[tuple[str, str | None], list[int | None]]


class RawFunnels:
    """What happened in one community."""

    def __init__(self) -> None:
        # Nothing is fetched: what it needs for time zones is in the wheel.
        self._database = duckdb.connect(":memory:", config={"autoinstall_known_extensions": "false"})
        self._database.execute(_TABLES)

    def tell(self, table: str, rows: Iterable[tuple[str | float | datetime | None, ...]]) -> None:
        """Rows of a table."""
        for row in rows:
            self._database.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", list(row))

    def activities(self, *, zone: str, grain: str, by_kind: bool) -> Cells:
        """How many came to each step, by period and kind, where anybody came anywhere."""
        return self._cells(_ACTIVITIES.format(zone=zone, grain=grain, group="kind" if by_kind else "NULL"))

    def recruits(self, *, zone: str, grain: str, today: date) -> Cells:
        """How many came to each step, by period and channel."""
        return self._cells(_RECRUITS.format(zone=zone, grain=grain, today=today))

    def _cells(self, statement: str) -> Cells:
        rows: list[Any] = self._database.execute(statement).fetchall()
        return {(period.isoformat(), group): counts for period, group, *counts in rows if any(counts)}
