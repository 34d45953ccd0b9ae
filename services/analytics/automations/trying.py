"""A dry run: whom an automation would have concerned in the last 30 days. It tells nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chassis.days import local_day
from chassis.security.authority import Standing
from chassis.web.work import Work
from services.analytics.automations import queries
from services.analytics.automations.models import Automation
from services.analytics.automations.rules import SEVERITIES, TRIED_OVER, was_silent
from services.analytics.automations.service import seen
from services.analytics.automations.triggers import BY_NAME, TRIGGERS

SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Touched:
    """A member whom it would have concerned; None: nobody in particular."""

    member_id: UUID | None
    at: datetime | None
    times: int = 1


async def dry_run(work: Work, key: UUID) -> tuple[Automation, Standing, Sequence[Touched]]:
    """Whom it would have concerned, and that somebody saw it."""
    automation, standing = await seen(work, key, lock=True)
    touched = await _touched(work, automation)
    values = {
        "tried_version": automation.rules_version,
        "tried_at": work.now,
        "concerned": sum(one.times for one in touched),
    }
    await work.edit(automation, values, action="dry_run")
    return automation, standing, touched


async def _touched(work: Work, automation: Automation) -> list[Touched]:
    since = work.now - TRIED_OVER
    match automation.trigger_kind:
        case "insight":
            return await _raised(work, automation, since)
        case "risk":
            rows = await queries.AT_RISK.all(
                work.session, community_id=automation.community_id, since=since, **queries.about(automation)
            )
            return [Touched(row.member_id, row.told_at) for row in rows]
        case "silence":
            return await _silent(work, automation, since)
    return await _did(work, automation, since)


async def _raised(work: Work, automation: Automation, since: datetime) -> list[Touched]:
    rows = await queries.RAISED.all(
        work.session, community_id=automation.community_id, code=automation.code, since=since
    )
    least = SEVERITIES.index(automation.min_severity or SEVERITIES[0])
    is_about_all = automation.cohort_id is None and automation.channel is None
    return [Touched(None, row.raised_at) for row in rows if is_about_all and SEVERITIES.index(row.severity) >= least]


async def _silent(work: Work, automation: Automation, since: datetime) -> list[Touched]:
    days = automation.days or 0
    community = await queries.DAY_OF.one(work.session, id=automation.community_id)
    calendar: dict[str, Any] = {"time_zone": community.time_zone, "day_starts_at": community.day_starts_at}
    waited = timedelta(days=days)
    rows = await queries.JOINED.all(
        work.session,
        community_id=automation.community_id,
        after=since - waited,
        until=work.now - waited,
        **queries.about(automation),
    )
    return [
        Touched(row.id, row.joined_at + waited)
        for row in rows
        if was_silent(local_day(row.joined_at, **calendar), row.first_active_on, days)
    ]


async def _did(work: Work, automation: Automation, since: datetime) -> list[Touched]:
    message = BY_NAME[automation.event_type or ""]
    verbs = sorted({int(deed.verb) for deed in TRIGGERS[message]})
    community = await queries.DAY_OF.one(work.session, id=automation.community_id)
    first = local_day(since, time_zone=community.time_zone, day_starts_at=community.day_starts_at)
    rows = await queries.DID.all(
        work.session,
        community_id=automation.community_id,
        since=first,
        verbs=verbs,
        **queries.about(automation),
    )
    return [Touched(row.member_id, None, int(row.times)) for row in rows]
