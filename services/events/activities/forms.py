"""What an activity asks of who registers: its form, in versions."""

from typing import Any
from uuid import UUID

import orjson
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.forms.definition import faults_in
from chassis.forms.problems import FORM_REFUSED, below
from chassis.interpreting import interpreted
from chassis.problems import NOT_FOUND
from chassis.web.work import Work
from services.events.activities.access import SeenActivity, seen_activity
from services.events.activities.models import Activity, ActivityForm
from services.events.activities.problems import not_now
from services.events.permissions import ACTIVITIES_WRITE


async def form_of(session: AsyncSession, activity: Activity) -> ActivityForm | None:
    """What it asks now, if anything."""
    if activity.form_version is None:
        return None
    return await session.get_one(ActivityForm, (activity.id, activity.form_version))


async def version_of(work: Work, key: UUID, version: int) -> ActivityForm:
    """One version of the form of an activity that the caller may see. Raises `NOT_FOUND`."""
    await seen_activity(work, key)
    found = await work.session.get(ActivityForm, (key, version))
    if found is None:
        raise NOT_FOUND()
    return found


async def ask(work: Work, key: UUID, form: dict[str, Any]) -> ActivityForm:
    """Ask this from now on. Raises `FORM_REFUSED`."""
    found = await _writable(work, key)
    added = await add_form(work, found.activity, form)
    found.activity.version += 1
    await _trail(work, found.activity, "add_form", added.version)
    return added


async def ask_nothing(work: Work, key: UUID) -> SeenActivity:
    """Ask nothing from now on; what was answered stays. Again, it changes nothing."""
    found = await _writable(work, key)
    if found.activity.form_version is not None:
        found.activity.form_version = None
        found.activity.version += 1
        await _trail(work, found.activity, "drop_form", None)
    return found


async def add_form(work: Work, activity: Activity, form: dict[str, Any]) -> ActivityForm:
    """Write the next version of a locked activity's form. Raises `FORM_REFUSED`."""
    if faults := interpreted(faults_in, orjson.dumps(form)):
        raise FORM_REFUSED(errors=below("/form", faults))
    activity.form_versions += 1
    activity.form_version = activity.form_versions
    added = ActivityForm(activity_id=activity.id, version=activity.form_versions, form=form, created_at=work.now)
    work.session.add(added)
    return added


async def _writable(work: Work, key: UUID) -> SeenActivity:
    found = await seen_activity(work, key, lock=True, of=ACTIVITIES_WRITE)
    activity = found.activity
    problem = not_now(activity, "update", work.now)
    if problem is not None:
        raise problem
    return found


async def _trail(work: Work, activity: Activity, action: str, version: int | None) -> None:
    await audit(work.session, work.caller, activity, action, {"form_version": [None, version]}, work.now)
