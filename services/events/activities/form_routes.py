"""HTTP of what activities ask of who registers."""

from uuid import UUID

from fastapi import Response

from chassis.forms.problems import FORM_REFUSED
from chassis.problems import ILLEGAL_TRANSITION
from chassis.web.dependencies import Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from services.events.activities import forms
from services.events.activities.schemas import ActivityFormCreate, ActivityFormPublic, ActivityPublic, FormVersion
from services.events.activities.views import shown
from services.events.permissions import ACTIVITIES_READ, ACTIVITIES_WRITE

router = api_router(tags=["Activities"])

FORMS = "/v1/activities/{activity_id}/forms"


@router.post(FORMS, status_code=201)
@operation(permission=ACTIVITIES_WRITE, problems=[FORM_REFUSED, ILLEGAL_TRANSITION])
async def add_activity_form(
    activity_id: UUID, body: ActivityFormCreate, work: Write, response: Response
) -> ActivityFormPublic:
    """Ask this of who registers from now on. Who answered before keeps their answers, and the form they belong to."""
    added = await forms.ask(work, activity_id, body.form)
    created(response, f"/v1/activities/{activity_id}/forms/{added.version}")
    return ActivityFormPublic.model_validate(added)


@router.delete(f"{FORMS}/current")
@operation(permission=ACTIVITIES_WRITE, problems=[ILLEGAL_TRANSITION])
async def remove_activity_form(activity_id: UUID, work: Write, response: Response) -> ActivityPublic:
    """Ask nothing of who registers from now on. Again, it changes nothing."""
    found = await forms.ask_nothing(work, activity_id)
    set_etag(response, found.activity.version)
    return await shown(work, found)


@router.get(f"{FORMS}/{{version}}")
@operation(permission=ACTIVITIES_READ)
async def read_activity_form(activity_id: UUID, version: FormVersion, work: Read) -> ActivityFormPublic:
    """Read one version of the form."""
    return ActivityFormPublic.model_validate(await forms.version_of(work, activity_id, version))
