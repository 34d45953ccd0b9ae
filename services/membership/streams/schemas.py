"""Requests and answers of what the gateway asks about streams."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.web.schemas import RequestModel, ResponseModel


class TicketRequest(RequestModel):
    """For whom a ticket is, and in which of their sessions."""

    person_id: UUID
    session_id: UUID


class TicketIssued(ResponseModel):
    """A ticket, and for how many seconds it is good."""

    ticket: str
    expires_in: int


class TicketRedemption(RequestModel):
    """A ticket that somebody has shown."""

    ticket: Annotated[str, Field(max_length=100)]


class TicketRedeemed(ResponseModel):
    """An access token of whose ticket it was."""

    access_token: str


class SessionsQuestion(RequestModel):
    """Sessions of which streams are open."""

    session_ids: Annotated[list[UUID], Field(max_length=500)]


class SessionsEnded(ResponseModel):
    """Those of them that are over."""

    ended: list[UUID]
