"""HTTP for the gateway alone."""

from chassis.web.dependencies import Now, Reading, RuntimeDep, Transaction
from chassis.web.operations import api_router, operation
from services.membership.streams import service
from services.membership.streams.schemas import (
    SessionsEnded,
    SessionsQuestion,
    TicketIssued,
    TicketRedeemed,
    TicketRedemption,
    TicketRequest,
)

router = api_router(tags=["Internal"])


@router.post("/internal/stream-tickets")
@operation(internal=True, idempotent=False)
async def issue_stream_ticket(body: TicketRequest, session: Transaction, now: Now) -> TicketIssued:
    """Issue a ticket by which one stream may be opened."""
    ticket = await service.issue(session, body.person_id, body.session_id, now)
    return TicketIssued(ticket=ticket, expires_in=int(service.TICKET_LASTS.total_seconds()))


@router.post("/internal/stream-tickets/redemptions")
@operation(internal=True, idempotent=False)
async def redeem_stream_ticket(
    body: TicketRedemption, session: Transaction, runtime: RuntimeDep, now: Now
) -> TicketRedeemed:
    """Take a ticket, and answer with an access token of whose it is."""
    return TicketRedeemed(access_token=await service.redeem(session, runtime, body.ticket, now))


@router.post("/internal/sessions/ended")
@operation(internal=True, idempotent=False)
async def list_ended_sessions(body: SessionsQuestion, session: Reading, now: Now) -> SessionsEnded:
    """Say which of these sessions are over."""
    return SessionsEnded(ended=await service.ended(session, body.session_ids, now))
