"""Use cases of automations: written, tried, switched on and off."""

from typing import Any
from uuid import UUID

from chassis.database.rows import existing
from chassis.problems import INVALID, FieldError, refused
from chassis.security.authority import Standing, authorize
from chassis.web.etags import require_match
from chassis.web.patches import changed_by
from chassis.web.work import Work
from services.analytics.automations import problems, queries
from services.analytics.automations.models import Automation
from services.analytics.automations.rules import FIELDS, MOST, MOST_ALIKE, listens_to, refusal
from services.analytics.automations.schemas import AutomationCreate, AutomationPatch, AutomationTrigger
from services.analytics.automations.triggers import BY_NAME
from services.analytics.insights.finding_rules import COOL_DOWN
from services.analytics.insights.queries import has_cohort
from services.analytics.permissions import AUTOMATIONS_WRITE


async def create(work: Work, body: AutomationCreate) -> tuple[Automation, Standing]:
    """Write down what is to happen by itself; it is off. Raises `TOO_MANY`."""
    standing = await authorize(work.session, work.caller, AUTOMATIONS_WRITE, body.community_id, now=work.now)
    values = body.model_dump(exclude={"trigger"}) | _listening(body.trigger)
    automation = Automation(**values, created_by_id=standing.member_id, created_at=work.now)
    await queries.hold(work.session, body.community_id)
    await _check(work, automation)
    if await queries.counted(work.session, body.community_id) >= MOST:
        raise problems.TOO_MANY(most=MOST)
    await work.add(automation)
    return automation, standing


async def seen(work: Work, key: UUID, *, lock: bool = False) -> tuple[Automation, Standing]:
    """An automation, for those who may write them; for others it is not there. Locked it is about to be changed."""
    automation = await existing(work.session, Automation, key, lock=lock)
    asked = AUTOMATIONS_WRITE if lock else AUTOMATIONS_WRITE.to_read
    standing = await authorize(
        work.session, work.caller, asked, automation.community_id, seen_by=AUTOMATIONS_WRITE.to_read, now=work.now
    )
    return automation, standing


async def change(work: Work, key: UUID, body: AutomationPatch, if_match: int) -> tuple[Automation, Standing]:
    """Change what happens; but for its title it is off then, until it is tried again."""
    automation, standing = await seen(work, key, lock=True)
    require_match(automation.version, if_match)
    values: dict[str, Any] = body.model_dump(exclude_unset=True, exclude={"trigger"})
    if "trigger" in body.model_fields_set:
        values |= _listening(body.trigger)
    changes = changed_by(values, automation)
    if changes.keys() - {"title"}:
        values |= {
            "rules_version": automation.rules_version + 1,
            "tried_version": None,
            "tried_at": None,
            "concerned": None,
            "status": "off",
        }
        await queries.hold(work.session, automation.community_id)
        await _check(work, Automation(**automation.model_dump() | values))
    return await work.edit(automation, values), standing


async def switch_on(work: Work, key: UUID) -> tuple[Automation, Standing]:
    """Let it happen from now on. Raises `NOT_TRIED` where nobody saw first whom it would have concerned."""
    return await _switch(work, key, "switch_on", "on")


async def switch_off(work: Work, key: UUID) -> tuple[Automation, Standing]:
    """Let it happen no more."""
    return await _switch(work, key, "switch_off", "off")


async def _switch(work: Work, key: UUID, action: str, status: str) -> tuple[Automation, Standing]:
    automation, standing = await seen(work, key, lock=True)
    code = refusal(
        action, status=automation.status, tried_version=automation.tried_version, version=automation.rules_version
    )
    if code is not None:
        raise refused(code, state=automation.status)
    await work.edit(automation, {"status": status, "switched_at": work.now}, action=action)
    return automation, standing


def _listening(trigger: AutomationTrigger) -> dict[str, Any]:
    said = trigger.model_dump(exclude={"kind"}, exclude_none=True)
    if others := said.keys() - {FIELDS[trigger.kind]}:
        raise INVALID(errors=[problems.not_of(trigger.kind, one) for one in sorted(others)])
    return {
        "trigger_kind": trigger.kind,
        "listens_to": listens_to(trigger.kind, code=trigger.code, type_=trigger.type),
        "code": trigger.code,
        "event_type": trigger.type,
        "days": trigger.days,
    }


async def _check(work: Work, wanted: Automation) -> None:
    wrong: list[FieldError] = []
    if wanted.trigger_kind == "insight" and wanted.code not in COOL_DOWN:
        wrong.append(problems.NO_CODE)
    if wanted.trigger_kind == "event" and wanted.event_type not in BY_NAME:
        wrong.append(problems.NO_TYPE)
    if wanted.trigger_kind == "silence" and wanted.days is None:
        wrong.append(problems.NO_DAYS)
    if wanted.tell is None and not wanted.raises:
        wrong.append(problems.NOTHING_DONE)
    if wanted.trigger_kind == "insight":
        about = {
            "tell": wanted.tell in {"the_member", "mentors"},
            "cohort_id": wanted.cohort_id,
            "channel": wanted.channel,
        }
        wrong += [problems.no_member(field) for field, names_somebody in about.items() if names_somebody]
    elif wanted.min_severity is not None:
        wrong.append(problems.NO_SEVERITY)
    if wanted.cohort_id is not None and not await has_cohort(work.session, wanted.community_id, wanted.cohort_id):
        wrong.append(problems.NO_COHORT)
    # Of what is about no single member it is refused above.
    named = wanted.channel if wanted.trigger_kind != "insight" else None
    if named is not None and not await queries.has_channel(work.session, wanted.community_id, named):
        wrong.append(problems.NO_CHANNEL)
    if wanted.trigger_kind == "event" and await queries.alike(work.session, wanted) >= MOST_ALIKE:
        wrong.append(problems.ALIKE)
    if wrong:
        raise INVALID(errors=wrong)
