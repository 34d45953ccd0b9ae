"""Use cases of a series that move or cancel its dates from a day on."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Any, Final
from uuid import UUID

from chassis.problems import INVALID, refused
from chassis.web.work import Work
from services.events.activities.changing import Change, Placed, alike, call_off, change, moved_to, put_at
from services.events.activities.models import Activity
from services.events.permissions import ACTIVITIES_CANCEL, ACTIVITIES_MOVE
from services.events.series import problems
from services.events.series.access import SeenSeries
from services.events.series.dates import BEFORE
from services.events.series.editing import is_planned_since
from services.events.series.models import Series
from services.events.series.queries import last_day, locked_dates
from services.events.series.rules import placed
from services.events.series.schemas import SeriesCancel, SeriesMove
from services.events.series.service import columns_of, locked_series, require_rule, rule_of, status_of, written

_NAMES: Final = dict(BEFORE) | {"starts_at": "at", "ends_at": "minutes"}
_ALIVE: Final = frozenset({"draft", "announced"})


async def move(work: Work, key: UUID, body: SeriesMove, if_match: int) -> SeenSeries:
    """Let the dates from a day on take place at other times; who registered keeps the seat, and is asked whether they still come.

    The first of them goes to the first day of the rule, the second to the second, and so on. A date that was moved or cancelled by itself
    keeps its time, and has its place among them. Raises `NOTHING_TO_COME`, and `INVALID` where nothing changes.
    """
    found = await locked_series(work, key, if_match, of=ACTIVITIES_MOVE)
    series = found.series
    dates = await _from(work, series, body.since)
    if not dates:
        raise problems.NOTHING_TO_COME()
    before = series.model_dump()
    days = await _days(work, series, body, dates)
    series.sqlmodel_update({name: value for name in _CLOCK if (value := getattr(body, name)) is not None})
    moving = [
        _placed(series, one, day, body)
        for one, day in zip(dates, days, strict=True)
        if one.status in _ALIVE and "starts_at" not in one.own_fields
    ]
    moving = [one for one in moving if _is_elsewhere(one)]
    if not moving and all(one.series_on == day for one, day in zip(dates, days, strict=True)):
        raise INVALID(errors=[problems.UNCHANGED])
    for one, day in zip(dates, days, strict=True):
        one.series_on = day
    # By themselves: of those that keep their time nothing else is written.
    alike(dates, {"series_on"})
    await work.session.flush()
    drafts = [Change(one.activity, moved_to(one, work.now)) for one in moving if one.activity.status == "draft"]
    await change(work, drafts, names=_NAMES)
    known = [one for one in moving if one.activity.status == "announced"]
    if known:
        await put_at(work, known, names=_NAMES)
    after = series.model_dump()
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    await written(work, found, "move", changes | {"dates": [None, len(moving)]})
    return found


async def cancel(work: Work, key: UUID, body: SeriesCancel, if_match: int) -> SeenSeries:
    """Let the dates from a day on not take place, or the whole series: who registered loses the seats, and reads why."""
    found = await locked_series(work, key, if_match, of=ACTIVITIES_CANCEL)
    series = found.series
    dates = [one for one in await _from(work, series, body.since) if one.status in _ALIVE]
    if not dates:
        raise refused("illegal_transition", state=status_of(series))
    await call_off(work, dates, body.reason)
    changes: dict[str, list[Any]] = {"dates": [None, len(dates)]}
    if body.since is None:
        changes["status"] = [status_of(series), "cancelled"]
        series.cancelled_at = work.now
    await written(work, found, "cancel", changes)
    return found


async def _from(work: Work, series: Series, since: date | None) -> list[Activity]:
    """The locked dates that are planned from a day on and are to come, as they were planned; also those that are cancelled."""
    dates = await locked_dates(work.session, series.id, work.now)
    found = [one for one in dates if one.starts_at > work.now and is_planned_since(one, since)]
    return sorted(found, key=lambda one: one.series_no or 0)


_CLOCK: Final = ("at", "minutes", "time_zone")


async def _days(work: Work, series: Series, body: SeriesMove, dates: Sequence[Activity]) -> list[date]:
    """For which days the dates are planned now."""
    present = [one.series_on for one in dates if one.series_on is not None]
    if body.rule is None and body.to is None:
        return present
    if body.rule is not None:
        require_rule(body.rule.rule)
        series.sqlmodel_update(columns_of(body.rule))
    series.counted_from = body.to or present[0]
    days = list(islice(rule_of(series).days(series.counted_from), len(dates)))
    if len(days) < len(dates):
        raise INVALID(errors=[problems.wrong_end("too_far", by="rule")])
    stays = await last_day(work.session, series.id, dates[0].series_no or 1)
    if stays is not None and days[0] <= stays:
        raise INVALID(errors=[problems.BEFORE_OTHERS])
    return days


def _placed(series: Series, activity: Activity, day: date, body: SeriesMove) -> Placed:
    starts, ends = placed(day, series.at, series.minutes, series.time_zone)
    by = None if body.confirm_before is None else starts - timedelta(minutes=body.confirm_before)
    return Placed(activity, starts, ends, confirm_by=by, time_zone=series.time_zone)


def _is_elsewhere(one: Placed) -> bool:
    activity = one.activity
    return (activity.starts_at, activity.ends_at, activity.time_zone) != (one.starts_at, one.ends_at, one.time_zone)
