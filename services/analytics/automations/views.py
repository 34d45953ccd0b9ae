"""How automations become answers."""

from collections.abc import Sequence

from chassis.projections.members import embedded
from chassis.security.authority import Standing
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.analytics.automations.models import Automation, AutomationFiring
from services.analytics.automations.rules import refusal
from services.analytics.automations.schemas import (
    AutomationPublic,
    AutomationTriggerPublic,
    Concerned,
    DryRun,
    FiringPublic,
)
from services.analytics.automations.trying import SHOWN, Touched

ACTIONS = ("update", "dry_run", "switch_on", "switch_off")


def shown(row: Automation, standing: Standing) -> AutomationPublic:
    """An automation, for somebody who may write it."""
    return AutomationPublic(
        **row.model_dump(),
        trigger=AutomationTriggerPublic(kind=row.trigger_kind, code=row.code, type=row.event_type, days=row.days),
        viewer=_viewer(row, standing),
    )


async def tried(work: Work, row: Automation, standing: Standing, touched: Sequence[Touched]) -> DryRun:
    """What a dry run found."""
    some = touched[:SHOWN]
    members = await embedded(work.session, [one.member_id for one in some if one.member_id is not None])
    return DryRun(
        total=sum(one.times for one in touched),
        items=[
            Concerned(member=members[one.member_id] if one.member_id else None, at=one.at, times=one.times)
            for one in some
        ],
        automation=shown(row, standing),
    )


async def fired(work: Work, rows: Sequence[AutomationFiring]) -> list[FiringPublic]:
    """What set an automation off."""
    members = await embedded(work.session, [row.member_id for row in rows if row.member_id is not None])
    return [FiringPublic(**row.model_dump(), member=members[row.member_id] if row.member_id else None) for row in rows]


def _viewer(row: Automation, standing: Standing) -> Viewer:
    archived = "community_archived" if standing.community.status == "archived" else None
    answers = {
        action: archived
        or refusal(action, status=row.status, tried_version=row.tried_version, version=row.rules_version)
        for action in ACTIONS
    }
    return Viewer.of(answers)
