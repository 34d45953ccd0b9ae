"""HTTP for the company's mail system: what came back."""

from typing import Any, Final

from starlette.requests import Request

from chassis.budget import in_thread
from chassis.problems import ProblemType
from chassis.web.dependencies import CallerDep, LaterTransaction, Now, RuntimeDep
from chassis.web.operations import api_router, operation
from chassis.web.uploads import EMPTY_UPLOAD, receive_upload
from services.membership.mailings import bounce_rules
from services.membership.mailings.bouncing import note_bounce
from services.membership.mailings.schemas import BounceTaken
from services.membership.permissions import BOUNCES_CREATE
from services.membership.platform_roles.access import authorize_platform_now

LARGEST: Final = 256 * 1024
_SECONDS: Final = 2.0
_MAIL: Final = "message/rfc822"
_BODY: Final[dict[str, Any]] = {
    "required": True,
    "description": "The mail that came back, as it arrived: a delivery status notification (RFC 3464) with the returned mail or its headers.",
    "content": {_MAIL: {"schema": {"type": "string", "format": "binary"}}},
}

NOT_A_REPORT = ProblemType(
    "not_a_report",
    422,
    en="This mail is no delivery status notification with the mail that it is about",
    zh="该邮件不是包含原邮件的投递状态通知",
)

router = api_router(tags=["Notifications"])


@router.post("/v1/notifications/bounces", openapi_extra={"requestBody": _BODY})
@operation(permission=BOUNCES_CREATE, problems=[NOT_A_REPORT, EMPTY_UPLOAD], max_body=LARGEST)
async def create_bounce(
    request: Request, runtime: RuntimeDep, caller: CallerDep, begin: LaterTransaction, now: Now
) -> BounceTaken:
    """Report a mail that came back. An address at which nothing will arrive is sent nothing but codes. Again it changes nothing."""
    async with runtime.database.reading(request_id=request.state.request_id) as session:
        await authorize_platform_now(session, caller, BOUNCES_CREATE)
    mail = await receive_upload(request, accepted=[_MAIL], limit=LARGEST)
    async with runtime.interpreting.turn(caller.actor):
        bounce = await in_thread(lambda: bounce_rules.read(mail.content()), seconds=_SECONDS, gentle=True)
    if bounce is None:
        raise NOT_A_REPORT()
    session = await begin()
    await authorize_platform_now(session, caller, BOUNCES_CREATE)
    return BounceTaken(outcome=await note_bounce(session, bounce, now))
