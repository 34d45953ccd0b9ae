"""What must come out the same whatever the order of arrival was: the net state of analytics."""

import json
from typing import Any

from sqlalchemy import Table, select

from chassis.testing import Harness
from services.analytics.base import Base, known
from services.analytics.facts.models import Place, RollupGeneration

COUNTED = {"member_days": ("n",), "object_days": ("n",), "member_periods": ("deeds", "taking_part", "reads")}
"""What the rollups count."""
TABLES = (
    "facts", "fact_objects", "person_places", "member_stands", "community_calendars", "member_statuses", *COUNTED,
    "question_courses", "answers", "activity_courses", "registration_courses", "attendance_courses",
    "satisfaction_courses", "application_courses", "member_courses", "channel_visits",
    "learning_activities", "learning_attendances", "learning_records", "department_managers",
)  # fmt: skip
AS_TOLD = {"told_at", "messages_published", "generation"}
"""How often and when something was told is of this run, not of what happened; so is the number of a place."""


def _is_nothing(core: Table, row: Any) -> bool:
    """Rows that say no more than that there is none: a rollup of nothing, hours that were undone, a deed of which only a removal was told."""
    match core.name:
        case "learning_records":
            return bool(row["undone"])
        case "facts":
            return row["at"] is None
        case _:
            return core.name in COUNTED and not any(row[name] for name in COUNTED[core.name])


async def net_figures(harness: Harness) -> dict[str, Any]:
    """Facts, dimensions, rollups, what takes its course, learning records, projections and how far goals are."""
    async with harness.runtime.database.reading() as session:
        places = {
            row.id: (row.department_code, row.job_grade, row.site, row.staff)
            for row in await session.execute(select(Place.__table__))  # type: ignore[attr-defined]
        }
        reading = (await session.execute(select(RollupGeneration.reading))).scalar_one()  # type: ignore[call-overload]

        async def table(core: Table) -> set[Any]:
            statement = select(core)
            if "generation" in core.c:
                statement = statement.where(core.c.generation == reading)
            found = set()
            for row in (await session.execute(statement)).mappings():
                if not _is_nothing(core, row):
                    shown = {str(name): value for name, value in row.items() if name not in AS_TOLD}
                    shown |= {"place_id": places.get(row["place_id"])} if "place_id" in row else {}
                    found.add(json.dumps(shown, sort_keys=True, default=str, ensure_ascii=False))
            return found

        kept = [Base.metadata.tables[name] for name in TABLES]
        kept += [known.people, known.members, known.communities, known.departments]
        return {core.name: await table(core) for core in kept} | {"goals": await _goals(session)}


async def _goals(session: Any) -> set[Any]:
    goals = Base.metadata.tables["goals"]
    columns = [goals.c[name] for name in ("community_id", "title", "value", "n", "progress", "state", "status")]
    return {tuple(row) for row in await session.execute(select(*columns))}
