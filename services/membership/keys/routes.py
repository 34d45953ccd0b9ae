"""The public keys over HTTP."""

from starlette.responses import Response

from chassis.web.dependencies import Now, Reading
from chassis.web.operations import api_router, operation
from chassis.web.schemas import JsonObject, ResponseModel
from services.membership.keys.service import published_keys

router = api_router(tags=["Sessions"])


class KeySetDocument(ResponseModel):
    """A JSON Web Key Set (RFC 7517)."""

    keys: list[JsonObject]


@router.get("/.well-known/jwks.json")
@operation(public=True)
async def read_key_set(session: Reading, now: Now, response: Response) -> KeySetDocument:
    """Read the public keys that access tokens are verified with."""
    response.headers["Cache-Control"] = "public, max-age=60"
    return KeySetDocument(keys=list(await published_keys(session, now)))
