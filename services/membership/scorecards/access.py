"""What somebody is to the scorecards of an application."""

from dataclasses import dataclass
from uuid import UUID

from chassis.database.rows import existing
from chassis.security.authority import Standing, authorize
from chassis.web.work import Work
from services.membership.applications.models import Application
from services.membership.applications.moving import is_applicant, locked
from services.membership.campaigns.models import Campaign
from services.membership.interviews.access import person_of
from services.membership.interviews.queries import has_conflict, interviews_in
from services.membership.permissions import APPLICATIONS_DECIDE, APPLICATIONS_READ, SCORECARDS_READ
from services.membership.scorecards.models import Scorecard
from services.membership.scorecards.queries import met_at, own_card
from services.membership.scorecards.rules import Reader, reads_others, writing_refusal


@dataclass(frozen=True, slots=True)
class Judging:
    """An application, what the caller is to it, and what they wrote of it."""

    campaign: Campaign
    application: Application
    standing: Standing
    reader: Reader
    own: Scorecard | None

    @property
    def reads_others(self) -> bool:
        """Whether the caller reads what others wrote."""
        return reads_others(self.reader)


async def judging(work: Work, application_id: UUID, *, lock: bool = False) -> Judging:
    """An application of which the caller may read or write scorecards, as the operation says; `lock` as in `locked`.

    Raises `NOT_FOUND`, else what `authorize` raises.
    """
    session, person_id = work.session, person_of(work.caller)
    if lock:
        campaign, application = await locked(session, application_id)
    else:
        application = await existing(session, Application, application_id)
        campaign = await existing(session, Campaign, application.campaign_id)
    conflicted = person_id is not None and await has_conflict(session, application_id, person_id)
    interviews = person_id is not None and await interviews_in(session, application_id, person_id)
    standing = await authorize(
        session,
        work.caller,
        work.permission or SCORECARDS_READ,
        application.community_id,
        assigned=interviews and not conflicted,
        seen_by=APPLICATIONS_READ,
        now=work.now,
    )
    own = None if person_id is None else await own_card(session, application_id, person_id)
    reader = Reader(
        runs=bool(APPLICATIONS_DECIDE.reach(standing.columns)),
        interviews=interviews,
        conflicted=conflicted,
        is_applicant=work.caller is not None and is_applicant(work.caller, application),
        own_in=own is not None and own.handed_in_at is not None,
    )
    return Judging(campaign, application, standing, reader, own)


async def writing(work: Work, seen: Judging) -> str | None:
    """The problem code with which the caller's writing would be refused now; None if it is possible."""
    person_id = person_of(work.caller)
    began_at = None if person_id is None else await met_at(work.session, seen.application.id, person_id)
    return writing_refusal(
        application_state=seen.application.state,
        interviews=seen.reader.interviews,
        conflicted=seen.reader.conflicted,
        is_applicant=seen.reader.is_applicant,
        began_at=began_at,
        now=work.now,
    )
