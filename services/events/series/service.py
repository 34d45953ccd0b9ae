"""Use cases of series: making one, letting members know of it."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.bulk import insert_many
from chassis.problems import INVALID, refused
from chassis.security.authority import authorize
from chassis.security.permissions import Permission
from chassis.web.etags import require_match
from chassis.web.work import Work
from services.events.activities.changing import add, make_known, require_organisers, sorted_ids
from services.events.activities.eligibility import require_known
from services.events.activities.rules import refusal
from services.events.activities.service import dumped
from services.events.activities.texts import tell_text
from services.events.permissions import ACTIVITIES_ANNOUNCE, ACTIVITIES_WRITE
from services.events.series import problems
from services.events.series.access import SeenSeries, seen_series
from services.events.series.dates import BEFORE, new_dates
from services.events.series.models import Series, SeriesOrganiser
from services.events.series.queries import last_day, locked_dates
from services.events.series.rules import MOST_DATES, WEEKDAYS, Rule, Status, planned
from services.events.series.schemas import SeriesCreate, SeriesExtend, SeriesPatch, SeriesRule, SharedFields


async def create(work: Work, body: SeriesCreate) -> SeenSeries:
    """Prepare a series with all its dates."""
    standing = await authorize(work.session, work.caller, ACTIVITIES_WRITE, body.community_id, now=work.now)
    days = days_of(body.rule.rule, body.starts_on, until=body.until, count=body.count)
    organisers = body.organiser_ids or ({standing.member_id} if standing.member_id is not None else set())
    await require_organisers(work.session, body.community_id, organisers)
    series = Series(
        **body.model_dump(include={"community_id", "kind", "starts_on", "at", "minutes"}),
        counted_from=body.starts_on,
        **columns_of(body.rule),
        time_zone=body.time_zone or standing.community.time_zone,
        shared=await shared_by(work.session, body.community_id, body, set(SharedFields.model_fields)),
        organiser_ids=sorted_ids(organisers),
        created_by_id=standing.member_id,
        created_at=work.now,
    )
    work.session.add(series)
    await work.session.flush()
    await write_organisers(work.session, series)
    await add(work, new_dates(series, days, work.now), names=BEFORE)
    made: dict[str, list[object]] = {"title": [None, body.title], "dates": [None, series.dates]}
    await tell_series(work, series, standing.member_id)
    await audit(work.session, work.caller, series, "create", made, work.now)
    return SeenSeries(series, standing)


async def shared_by(
    session: AsyncSession, community_id: UUID, body: SharedFields | SeriesPatch, names: set[str]
) -> dict[str, Any]:
    """These fields of what every date has, as a series keeps them. Raises `INVALID` for who cannot be found to be eligible."""
    values = body.model_dump(include=names, mode="json")
    if "eligibility" in values:
        values["eligibility"] = dumped(body.eligibility)
        await require_known(session, community_id, values["eligibility"])
    return values


async def tell_series(work: Work, series: Series, author_id: UUID | None) -> None:
    """Let moderation decide about what all dates of a series have."""
    where = series.shared.get("location") or {}
    text = {name: str(series.shared.get(name) or "") for name in ("title", "description", "contact")}
    text |= {f"location_{name}": str(where.get(name, "")) for name in ("name", "address", "room")}
    await tell_text(work, series, kind="series", author_id=author_id, text=text)


async def announce(work: Work, key: UUID, if_match: int) -> SeenSeries:
    """Let members know of every date to come that they do not know of. Raises `illegal_transition` where there is none."""
    found = await locked_series(work, key, if_match, of=ACTIVITIES_ANNOUNCE)
    series = found.series
    dates = await locked_dates(work.session, series.id, work.now)
    drafts = [one for one in dates if refusal("announce", status=one.status, ends_at=one.ends_at, now=work.now) is None]
    if not drafts:
        raise refused("illegal_transition", state=status_of(series))
    await make_known(work, drafts)
    before = status_of(series)
    series.announced_at = series.announced_at or work.now
    changes: dict[str, list[object]] = {"status": [before, "announced"], "dates": [None, len(drafts)]}
    await written(work, found, "announce", changes)
    return found


async def write_organisers(session: AsyncSession, series: Series) -> None:
    """Write down who runs a series."""
    runs = [{"series_id": series.id, "member_id": UUID(one)} for one in series.organiser_ids]
    await insert_many(session, SeriesOrganiser.__table__, runs)  # type: ignore[attr-defined]


async def extend(work: Work, key: UUID, body: SeriesExtend, if_match: int) -> SeenSeries:
    """Add dates after the last one, as drafts: they have what the series has now."""
    found = await locked_series(work, key, if_match, of=ACTIVITIES_WRITE)
    series = found.series
    days = days_of(
        rule_of(series),
        series.counted_from,
        until=body.until,
        count=body.count,
        after=await last_day(work.session, series.id),
        most=MOST_DATES - series.dates,
    )
    await add(work, new_dates(series, days, work.now), names=BEFORE)
    await written(work, found, "extend", {"dates": [series.dates - len(days), series.dates]})
    return found


async def locked_series(work: Work, key: UUID, if_match: int, *, of: Permission) -> SeenSeries:
    """The series for a change of its dates. Raises as `seen_series`, `require_match`, and `illegal_transition` where it is cancelled."""
    found = await seen_series(work, key, lock=True, of=of)
    require_match(found.series.version, if_match)
    if found.series.cancelled_at is not None:
        raise refused("illegal_transition", state="cancelled")
    return found


async def written(work: Work, found: SeenSeries, action: str, changes: dict[str, list[object]]) -> None:
    """Give a changed series a new version, and record what changed."""
    found.series.version += 1
    await work.session.flush()
    await audit(work.session, work.caller, found.series, action, changes, work.now)


def columns_of(rule: SeriesRule) -> dict[str, Any]:
    """A rule as the row of a series has it."""
    values = rule.model_dump()
    return values | {"repeats": values.pop("interval")}


def rule_of(series: Series) -> Rule:
    """The rule of a series as the rules have it."""
    days = tuple(place for place, name in enumerate(WEEKDAYS) if name in series.weekdays)
    return Rule(series.frequency, series.repeats, days, series.day_of_month, series.nth)  # type: ignore[arg-type]


def require_rule(rule: Rule) -> None:
    """Raise `INVALID` for a rule that does not fit together."""
    wrong = [problems.misfit(name, code) for name, code in rule.misfits()]
    if wrong:
        raise INVALID(errors=wrong)


def days_of(
    rule: Rule,
    starts_on: date,
    *,
    until: date | None,
    count: int | None,
    after: date | None = None,
    most: int = MOST_DATES,
) -> list[date]:
    """The days of a series, as `planned`. Raises `INVALID` for a rule that does not fit together, and an end that is none."""
    wrong = [problems.misfit(name, code) for name, code in rule.misfits()]
    if (until is None) == (count is None):
        wrong.append(problems.wrong_end("until_or_count", by="until"))
    if wrong:
        raise INVALID(errors=wrong)
    days = planned(rule, starts_on, until=until, count=count, after=after, most=most)
    if isinstance(days, str):
        raise INVALID(errors=[problems.wrong_end(days, by="until" if count is None else "count")])
    return days


def status_of(series: Series) -> Status:
    """Whether it is a draft, announced or cancelled as a whole."""
    if series.cancelled_at is not None:
        return "cancelled"
    return "draft" if series.announced_at is None else "announced"
