"""What every command on an application shares: the locks, the facts for the rules, the message and the history."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.rows import existing
from chassis.database.statements import Prepared, bindparam
from chassis.messaging.outbox import emit
from chassis.problems import NOT_FOUND, refused
from chassis.security.authority import Standing
from chassis.security.caller import Caller
from contracts.recruitment import ApplicationStep
from services.membership.applications.models import Application, ApplicationMove
from services.membership.applications.rules import Action, Facts, Hand, Unfinished, refusal, seen_by_applicant
from services.membership.campaigns.models import Campaign
from services.membership.permissions import APPLICATIONS_CREATE, APPLICATIONS_DECIDE, MEMBERS_LEAVE


def facts_of(
    application: Application, campaign: Campaign, now: datetime, unfinished: Unfinished | None = None
) -> Facts:
    """The application as the rules see it. `unfinished` is asked for by those who move it on."""
    return Facts(
        state=application.state,  # type: ignore[arg-type]  # the check constraints say so
        campaign_status=campaign.status_at(now),
        steps=tuple(campaign.steps),
        outcome=application.outcome,  # type: ignore[arg-type]
        release_at=application.release_at,
        returned_until=application.returned_until,
        knocked_out=application.knocked_out,
        review_requested=application.review_requested_at is not None,
        released_outcome=application.released_outcome,  # type: ignore[arg-type]
        unfinished=unfinished,
    )


def hand_of(caller: Caller, application: Application, standing: Standing) -> Hand:
    """What the caller is to this application."""
    return Hand(
        is_applicant=is_applicant(caller, application),
        may_decide=bool(APPLICATIONS_DECIDE.reach(standing.columns)),
        may_apply=bool(APPLICATIONS_CREATE.reach(standing.columns)),
        may_leave=bool(MEMBERS_LEAVE.reach(standing.columns)),
    )


def is_applicant(caller: Caller, application: Application) -> bool:
    """Whether it is the caller's own."""
    return caller.kind == "person" and caller.id == application.person_id


def check(
    action: Action,
    application: Application,
    campaign: Campaign,
    hand: Hand,
    now: datetime,
    unfinished: Unfinished | None = None,
) -> Facts:
    """Raise the problem with which the rules refuse this command now; returns the facts they judged by."""
    facts = facts_of(application, campaign, now, unfinished)
    code = refusal(action, facts, hand, now)
    if code is not None:
        own = hand.is_applicant and not hand.may_decide
        raise refused(code, state=seen_by_applicant(facts, now)[0] if own else application.state)
    return facts


_CAMPAIGN = Prepared(select(col(Application.campaign_id)).where(col(Application.id) == bindparam("application_id")))


async def locked(session: AsyncSession, application_id: UUID) -> tuple[Campaign, Application]:
    """The campaign, then the application, both locked: always in this order. Raises `NOT_FOUND`."""
    campaign_id = await _CAMPAIGN.first(session, application_id=application_id)
    if campaign_id is None:
        raise NOT_FOUND()
    campaign = await existing(session, Campaign, campaign_id, lock=True)
    return campaign, await existing(session, Application, application_id, lock=True)


async def tell(
    session: AsyncSession,
    kind: type[ApplicationStep],
    application: Application,
    *,
    came_from: str | None,
    to: str,
    at: datetime,
    **more: Any,
) -> None:
    """Publish a step of a locked application that happened at that moment."""
    message = step_of(kind, application, came_from=came_from, to=to, **more)
    await emit(session, message, version=application.bump(), occurred_at=at)


def step_of(
    kind: type[ApplicationStep], application: Application, *, came_from: str | None, to: str, **more: Any
) -> ApplicationStep:
    """What is said of a step of an application."""
    return kind(
        community_id=application.community_id,
        application_id=application.id,
        campaign_id=application.campaign_id,
        person_id=application.person_id,
        channel=application.channel,
        from_=came_from,
        to=to,
        **more,
    )


def note_move(
    session: AsyncSession,
    application: Application,
    *,
    action: str,
    actor: str,
    came_from: str | None,
    at: datetime,
    note: str | None = None,
) -> None:
    """Write a step into the history, and count the edit."""
    application.version += 1
    application.updated_at = application.step_since = at
    session.add(
        ApplicationMove(
            application_id=application.id,
            at=at,
            actor=actor,
            action=action,
            from_state=came_from,
            to_state=application.state,
            outcome=application.outcome,
            note=note,
        )
    )
