"""HTTP of the live stream: who may open one, and from where. What goes over it is in `streams.py`."""

from typing import Annotated, Any

from fastapi import Header, Query
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chassis.problems import CURSOR_INVALID
from chassis.security.permissions import permission
from chassis.web.dependencies import CallerDep
from chassis.web.operations import api_router, operation
from chassis.web.schemas import ResponseModel
from gateway.live.frames import Place, place_of
from gateway.live.problems import STREAMS_FULL, TICKET_INVALID, TOO_MANY_STREAMS
from gateway.live.streams import Opening
from gateway.live.tickets import Tickets
from gateway.problems import SERVICE_UNAVAILABLE
from gateway.replies import OPENED

STREAM_OPEN = permission("stream.open", "– o o o o o o o o o –", writes=False)
MEDIA_TYPE = "text/event-stream"

router = api_router(tags=["Live"])


class _Opened(Response):
    """Says that the stream may be opened. The data plane opens it, when nothing of this request is left but the connection."""

    media_type = MEDIA_TYPE

    def __init__(self, caller: Any, after: Place | None) -> None:
        super().__init__(headers={"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._caller = caller
        self._after = after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        opening = Opening(self._caller.id, self._caller.session_id, self._after, self.raw_headers)
        await send({"type": OPENED, "opening": opening})


@router.get("/v1/stream")
@operation(
    permission=STREAM_OPEN,
    problems=[CURSOR_INVALID, TICKET_INVALID, TOO_MANY_STREAMS, STREAMS_FULL, SERVICE_UNAVAILABLE],
    media_types=[MEDIA_TYPE],
)
async def open_stream(
    caller: CallerDep,
    request: Request,
    after: Annotated[
        str | None,
        Query(max_length=40, description="The id of the last event that you have. `Last-Event-ID` goes before it."),
    ] = None,
    ticket: Annotated[
        str | None,
        Query(max_length=100, description="Of `POST /v1/stream/tickets`, for who cannot send `Authorization`."),
    ] = None,
    last_event_id: Annotated[str | None, Header(max_length=40, description="As browsers send it.")] = None,
) -> Response:
    """Open a stream of what changes in your inbox, as Server-Sent Events.

    The first event is `ready`: from here on you miss nothing. With `after` you get what you missed first. If that cannot be said any
    more, the first event is `reset`: read the list anew. Then `notification` for each change, `id` being its place and the data
    `{kind, notification_id, unread, at}` (`told`, `withdrawn` or `read`); the words are in `GET /v1/notifications`. The last one,
    `end`, says why in `reason`. A comment each 15 seconds shows that the stream is alive.
    """
    wanted = last_event_id or after
    place = None
    if wanted:
        place = place_of(wanted)
        if place is None:
            raise CURSOR_INVALID()
    return _Opened(caller, place)


class StreamTicketPublic(ResponseModel):
    """By which you may open one stream, once, within so many seconds: `GET /v1/stream?ticket=…`."""

    ticket: str
    expires_in: int


@router.post("/v1/stream/tickets", status_code=201)
@operation(permission=STREAM_OPEN, idempotent=False, located=False, problems=[SERVICE_UNAVAILABLE])
async def create_stream_ticket(caller: CallerDep, request: Request, response: Response) -> StreamTicketPublic:
    """Get a ticket for a stream, for a browser's `EventSource`, which cannot send `Authorization`.

    It is good once, for 30 seconds, and for nothing else.
    """
    tickets: Tickets = request.app.state.runtime.tickets
    issued = await tickets.issue(caller.id, caller.session_id)
    response.headers["Cache-Control"] = "no-store"
    return StreamTicketPublic.model_validate(issued)
