"""Ending mail over HTTP, without log-in."""

from typing import Annotated

from fastapi import Path
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from chassis.problems import NOT_FOUND
from chassis.web.dependencies import Localised, Reading, Transaction
from chassis.web.operations import api_router, operation
from services.membership.mailings.page import HEADERS, page_of
from services.membership.mailings.unsubscribing import meant_by, unsubscribe

router = api_router(tags=["Notifications"])

Token = Annotated[str, Path(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$")]
_HTML = "text/html"


@router.get("/v1/unsubscribes/{token}", response_class=HTMLResponse)
@operation(public=True, problems=[NOT_FOUND], media_types=[_HTML], foreign_query=True)
async def read_unsubscribe(token: Token, session: Reading, locale: Localised) -> Response:
    """Show the page behind a link in a mail. It changes nothing: its button does."""
    meant_by(session, token)
    return HTMLResponse(page_of(locale, done=False), headers=HEADERS)


@router.post("/v1/unsubscribes/{token}", response_class=HTMLResponse)
@operation(public=True, idempotent=False, problems=[NOT_FOUND], media_types=[_HTML])
async def create_unsubscribe(token: Token, session: Transaction, locale: Localised) -> Response:
    """End mail of the kind that the link is for, without log-in (RFC 8058). Again it changes nothing."""
    await unsubscribe(session, token)
    return HTMLResponse(page_of(locale, done=True), headers=HEADERS)
