"""What happened, as it was told, in DuckDB: what figures should come out is asked there by plain SQL that knows nothing of rollups."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import duckdb

_TABLES = """
CREATE TABLE told (key VARCHAR, member VARCHAR, happened TIMESTAMPTZ, version INT, counts BOOLEAN);
CREATE TABLE joined (member VARCHAR, happened TIMESTAMPTZ);
CREATE TABLE stands (member VARCHAR, happened TIMESTAMPTZ, staff BOOLEAN);
"""

_DEEDS = """
CREATE OR REPLACE TEMP VIEW deeds AS
SELECT any_value(member) FILTER (happened IS NOT NULL) AS member,
       (any_value(happened) FILTER (happened IS NOT NULL) AT TIME ZONE '{zone}')::DATE AS day
FROM told GROUP BY key HAVING arg_max(counts, version) AND bool_or(happened IS NOT NULL);

CREATE OR REPLACE TEMP VIEW cohorts AS
SELECT member, first_day, date_trunc('{grain}', first_day)::DATE AS cohort
FROM (SELECT member, min((happened AT TIME ZONE '{zone}')::DATE) AS first_day FROM joined GROUP BY member) AS who
WHERE {staff} OR NOT EXISTS (
    SELECT 1 FROM stands
    WHERE stands.member = who.member AND stands.staff AND (stands.happened AT TIME ZONE '{zone}')::DATE = first_day
);
"""

_BY_CALENDAR = """
SELECT cohort, k, count(DISTINCT deeds.member)
FROM cohorts JOIN range(0, 121) AS windows(k) ON true
JOIN deeds ON deeds.member = cohorts.member
    AND date_trunc('{grain}', deeds.day) = cohort + to_{grain}s(k::INT)
GROUP BY ALL
"""

_ROLLING = """
SELECT cohort, k, count(DISTINCT deeds.member)
FROM cohorts JOIN range(0, 121) AS windows(k) ON true
JOIN deeds ON deeds.member = cohorts.member
    AND deeds.day >= first_day + to_{grain}s(k::INT) AND deeds.day < first_day + to_{grain}s(k::INT + 1)
GROUP BY ALL
"""

_ACTIVE = "SELECT date_trunc('{grain}', day)::DATE, count(DISTINCT member) FROM deeds GROUP BY ALL"


class RawFacts:
    """Facts of one community, as they were told: in any order, some of them twice."""

    def __init__(self) -> None:
        # Nothing is fetched: what it needs for time zones is in the wheel.
        self._database = duckdb.connect(":memory:", config={"autoinstall_known_extensions": "false"})
        self._database.execute(_TABLES)

    def tell(self, rows: Iterable[tuple[str, str | None, datetime | None, int, bool]]) -> None:
        """Deeds: key, who and when (None where it is only told what became of it), version, whether it counts."""
        self._insert("told", rows)

    def join(self, rows: Iterable[tuple[str, datetime]]) -> None:
        """Who became a member when, for the first time or again."""
        self._insert("joined", rows)

    def stand(self, rows: Iterable[tuple[str, datetime, bool]]) -> None:
        """Who ran the community from when on."""
        self._insert("stands", rows)

    def _insert(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        found = [list(row) for row in rows]
        if found:
            places = ", ".join("?" * len(found[0]))
            self._database.executemany(f"INSERT INTO {table} VALUES ({places})", found)

    def retention(
        self, *, zone: str, grain: str, rolling: bool, staff: bool
    ) -> tuple[dict[date, int], dict[tuple[date, int], int]]:
        """The size of each cohort that has anybody, and how many of it were active in each window in which anybody was."""
        self._database.execute(_DEEDS.format(zone=zone, grain=grain, staff=str(staff).upper()))
        sizes = self._rows("SELECT cohort, count(*) FROM cohorts GROUP BY ALL")
        cells = self._rows((_ROLLING if rolling else _BY_CALENDAR).format(grain=grain))
        return dict(sizes), {(cohort, k): n for cohort, k, n in cells}

    def last_first_days(self) -> dict[date, date]:
        """Of each cohort asked for last, the day on which the last of it joined."""
        return dict(self._rows("SELECT cohort, max(first_day) FROM cohorts GROUP BY ALL"))

    def active(self, *, zone: str, grain: str) -> dict[date, int]:
        """How many members were active in each period in which anybody was."""
        self._database.execute(_DEEDS.format(zone=zone, grain=grain, staff="TRUE"))
        return dict(self._rows(_ACTIVE.format(grain=grain)))

    def _rows(self, statement: str) -> list[Any]:
        return self._database.execute(statement).fetchall()
