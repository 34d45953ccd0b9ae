"""Tokens of guests: a speaker from outside exchanges the link that they were sent. Events vouches for it, membership signs."""

from datetime import datetime
from typing import Any
from uuid import UUID

import httpx

from chassis.problems import UNAVAILABLE, Problem
from chassis.runtime import Runtime
from chassis.secrets import hash_of
from chassis.security.caller import Caller
from chassis.security.tokens import LIFETIME
from contracts.invitations import is_invitation
from services.membership.keys.service import issuers
from services.membership.service_accounts.problems import INVITATION_REFUSED

VOUCH = "/internal/invitations/vouch"


async def exchange(runtime: Runtime, invitation: str, now: datetime) -> dict[str, Any]:
    """A token for the activity that an invitation is to, never longer than the invitation. Raises `INVITATION_REFUSED`, `UNAVAILABLE`.

    Events is told the hash alone: what opens the door goes no further than here.
    """
    if not is_invitation(invitation):
        raise _refused()
    vouched = await _vouched(runtime, hash_of(invitation))
    activity_id, lasting = UUID(vouched["activity_id"]), datetime.fromisoformat(vouched["until"]) - now
    caller = Caller(
        kind="guest",
        id=UUID(vouched["invitation_id"]),
        session_id=UUID(vouched["link_id"]),
        activity_id=activity_id,
    )
    async with runtime.database.reading() as session:
        issuer = await issuers.issuer(session, runtime)
    token, expires_at = issuer.issue(caller, now=now, lifetime=min(LIFETIME, lasting))
    expires_in = int((expires_at - now).total_seconds())
    if expires_in <= 0:
        raise _refused()
    return {"access_token": token, "expires_in": expires_in, "activity_id": activity_id}


async def _vouched(runtime: Runtime, secret_hash: str) -> dict[str, Any]:
    try:
        answer = await runtime.peers.call("events", "POST", VOUCH, json={"secret_hash": secret_hash})
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise _refused()
        answer.raise_for_status()
        vouched: dict[str, Any] = answer.json()
    except (httpx.HTTPError, OSError, LookupError, ValueError) as error:
        raise UNAVAILABLE(
            "Whether the invitation is good cannot be checked right now.", "暂时无法核实邀请。", retry_after=2
        ) from error
    return vouched


def _refused() -> Problem:
    return INVITATION_REFUSED(headers={"WWW-Authenticate": "Bearer"})
