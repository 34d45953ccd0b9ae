"""Use cases of a series that change what its dates have, from a day on."""

from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col

from chassis.web.work import Work
from services.events.activities.changing import Change, change, require_organisers, sorted_ids
from services.events.activities.models import Activity
from services.events.activities.rules import refusal
from services.events.activities.texts import TEXT
from services.events.permissions import ACTIVITIES_WRITE
from services.events.series.access import SeenSeries
from services.events.series.dates import BEFORE
from services.events.series.models import SeriesOrganiser
from services.events.series.queries import locked_dates
from services.events.series.rules import so_long_before
from services.events.series.schemas import SeriesPatch
from services.events.series.service import locked_series, shared_by, tell_series, write_organisers, written

_MOMENTS: Final = {before: moment for moment, before in BEFORE.items()}


async def edit(work: Work, key: UUID, body: SeriesPatch, if_match: int) -> SeenSeries:
    """Change what every date has that is planned for a day or later; registrations stay.

    A date that was changed by itself keeps what was changed. Dates that are made later have what the series has now.
    """
    found = await locked_series(work, key, if_match, of=ACTIVITIES_WRITE)
    series = found.series
    values = await shared_by(work.session, series.community_id, body, body.model_fields_set - {"since"})
    organisers = values.pop("organiser_ids", None)
    changes: dict[str, list[Any]] = {name: [series.shared.get(name), value] for name, value in values.items()}
    if organisers is not None:
        await require_organisers(work.session, series.community_id, body.organiser_ids)
        changes["organiser_ids"] = [series.organiser_ids, sorted_ids(body.organiser_ids)]
    changes = {name: both for name, both in changes.items() if both[0] != both[1]}
    if not values and organisers is None:
        return found
    dates = await locked_dates(work.session, series.id, work.now)
    wanted = [
        Change(one, _for_date(one, values | ({} if organisers is None else {"organiser_ids": organisers})))
        for one in dates
        if is_planned_since(one, body.since)
        and refusal("update", status=one.status, ends_at=one.ends_at, now=work.now) is None
    ]
    done = await change(work, wanted, names=BEFORE)
    if not changes and not done:
        return found
    series.shared = series.shared | values
    if not TEXT.isdisjoint(values):
        await tell_series(work, series, found.standing.member_id)
    if "organiser_ids" in changes:
        series.organiser_ids = sorted_ids(body.organiser_ids)
        await work.session.execute(delete(SeriesOrganiser).where(col(SeriesOrganiser.series_id) == series.id))
        await write_organisers(work.session, series)
    trail: dict[str, list[object]] = {
        name: both if name not in {"description", "join_url"} else ["…", "…"] for name, both in changes.items()
    }
    trail["dates"] = [None, len(done)]
    await written(work, found, "update", trail)
    return found


def is_planned_since(activity: Activity, day: date | None) -> bool:
    """Whether a date is planned for a day or later."""
    return day is None or (activity.series_on is not None and activity.series_on >= day)


def _for_date(activity: Activity, values: dict[str, Any]) -> dict[str, Any]:
    """What of it a date takes over: nothing that was changed by itself."""
    named = {_MOMENTS.get(name, name): value for name, value in values.items()}
    return {
        name: so_long_before(activity.starts_at, value) if name in BEFORE else value
        for name, value in named.items()
        if name not in activity.own_fields
    }
