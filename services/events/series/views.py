"""How series become answers."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from chassis.locale import Locale
from chassis.projections.members import embedded
from chassis.security.permissions import Permission
from chassis.web.schemas import ProblemDocument, Viewer
from chassis.web.work import Work
from services.events.activities.rules import refusal
from services.events.activities.texts import WITHHELD, withheld
from services.events.permissions import (
    ACTIVITIES_ANNOUNCE,
    ACTIVITIES_CANCEL,
    ACTIVITIES_MOVE,
    ACTIVITIES_WRITE,
    REGISTRATIONS_CANCEL,
    REGISTRATIONS_CREATE,
)
from services.events.registrations.queries import places_of
from services.events.registrations.service import Outcome
from services.events.series.access import SeenSeries
from services.events.series.models import Series
from services.events.series.queries import dates_of
from services.events.series.schemas import (
    DateOutcome,
    SeriesDate,
    SeriesListed,
    SeriesOutcome,
    SeriesPublic,
    SeriesRulePublic,
)
from services.events.series.service import status_of

ACTIONS: Final[Mapping[str, Permission]] = {
    "update": ACTIVITIES_WRITE,
    "announce": ACTIVITIES_ANNOUNCE,
    "move": ACTIVITIES_MOVE,
    "cancel": ACTIVITIES_CANCEL,
    "extend": ACTIVITIES_WRITE,
    "join": REGISTRATIONS_CREATE,
    "leave": REGISTRATIONS_CANCEL,
}
"""What the caller may be able to do, and by which permission."""
OF_DATES: Final[Mapping[str, str]] = {"join": "register", "leave": "register"}
"""What is done with each of its dates there, if that has another name."""


async def listed(work: Work, rows: Sequence[Series]) -> list[SeriesListed]:
    """Series as lists show them."""
    return [SeriesListed(**fields) for fields in await _fields(work, rows, prepares=False)]


async def shown(work: Work, found: SeenSeries) -> SeriesPublic:
    """A series with all its dates, of which members know those that were announced."""
    [fields] = await _fields(work, [found.series], prepares=found.prepares)
    dates = await dates_of(work.session, found.series.id)
    if not found.prepares:
        dates = [one for one in dates if one.announced_at is not None]
    shown = [
        SeriesDate(
            activity_id=one.id,
            on=one.series_on,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            status=one.status,
            own_fields=one.own_fields,
        )
        for one in dates
    ]
    return SeriesPublic(**fields, dates=shown, viewer=_viewer(work, found, dates))


async def answered(work: Work, outcomes: Sequence[Outcome], locale: Locale) -> SeriesOutcome:
    """What became of a member's wish for each date."""
    places = await places_of(
        work.session, [one.row.id for one in outcomes if one.row is not None and one.row.status == "waitlisted"]
    )
    return SeriesOutcome(items=[_outcome(one, places, locale) for one in outcomes])


def _outcome(one: Outcome, places: Mapping[UUID, int], locale: Locale) -> DateOutcome:
    problem = None if one.refused is None else ProblemDocument.model_validate(one.refused.as_json(locale))
    return DateOutcome(
        activity_id=one.activity.id,
        starts_at=one.activity.starts_at,
        registration_id=one.row.id if one.row is not None else None,
        status=one.row.status if one.row is not None else None,
        place=places.get(one.row.id) if one.row is not None else None,
        problem=problem,
    )


def _viewer(work: Work, found: SeenSeries, dates: Sequence[Any]) -> Viewer:
    answers = {action: _answer(work, found, dates, action) for action in ACTIONS}
    return Viewer.of(answers)


def _answer(work: Work, found: SeenSeries, dates: Sequence[Any], action: str) -> str | None:
    own = action in OF_DATES
    wanted = ACTIONS[action]
    if not (found.may_self(wanted) if own else found.may(wanted)):
        return "forbidden"
    if found.standing.community.status == "archived":
        return "community_archived"
    if found.series.cancelled_at is not None:
        return "nothing_to_come" if own else "illegal_transition"
    if action in {"update", "extend"}:
        return None
    to_come = [one for one in dates if one.starts_at > work.now] if action in {"move", "cancel"} else dates
    if action == "move":
        return None if to_come else "nothing_to_come"
    of_date = OF_DATES.get(action, action)
    refusals = [refusal(of_date, status=one.status, ends_at=one.ends_at, now=work.now) for one in to_come]
    return None if None in refusals else "nothing_to_come" if own else "illegal_transition"


async def _fields(work: Work, rows: Sequence[Series], *, prepares: bool) -> list[dict[str, Any]]:
    members = await embedded(work.session, {UUID(one) for row in rows for one in row.organiser_ids})
    held = await withheld(work.session, [row.id for row in rows])
    return [
        {name: value for name, value in row.model_dump().items() if name != "dates"}
        | row.shared
        | (dict(WITHHELD) if row.id in held and not prepares else {})
        | {
            "rule": SeriesRulePublic(interval=row.repeats, **{name: getattr(row, name) for name in _OF_RULE}),
            "status": status_of(row),
            "organisers": [members[UUID(one)] for one in row.organiser_ids],
        }
        for row in rows
    ]


_OF_RULE: Final = ("frequency", "weekdays", "day_of_month", "nth")
