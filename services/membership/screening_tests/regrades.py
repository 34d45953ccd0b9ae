"""A wrong question found after people were tested: a later version of the paper is fetched and tried, and then somebody decides.

The campaign's lock orders all of it. From the decision on the later version is in force: whoever hands in is graded by it.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import exists, select
from sqlmodel import col

from assessment.corrections import changes
from chassis.audit import audit
from chassis.database.listing import Listing
from chassis.database.rows import existing
from chassis.database.statements import Prepared, bindparam
from chassis.jobs import JobRun, Jobs, start_job
from chassis.problems import CONFLICT_OF_INTEREST, INVALID, FieldError, refused
from chassis.security.authority import authorize
from chassis.timers import schedule
from chassis.web.work import Work
from services.membership.applications.models import Application
from services.membership.campaigns.models import Campaign
from services.membership.campaigns.parts import locked_by_runner, touch
from services.membership.permissions import CAMPAIGNS_WRITE
from services.membership.screening_tests.models import TestRegrade, TestRegradeLine
from services.membership.screening_tests.papers import community_of, copy_from_events, keep, paper_of
from services.membership.screening_tests.problems import REGRADE_UNDER_WAY
from services.membership.screening_tests.regrade_rules import refusals
from services.membership.screening_tests.regrade_schemas import TestRegradeCreate
from services.membership.screening_tests.results import in_force, test_of

FETCH: Final = "campaign.later_paper"
TRY: Final = "test.regrade"
OPEN: Final = ("fetching", "trying", "tried")
"""Before the decision."""

jobs = Jobs()

_UNDER_WAY: Prepared[UUID] = Prepared(
    select(col(TestRegrade.id)).where(
        col(TestRegrade.campaign_id) == bindparam("campaign_id"), col(TestRegrade.status).in_([*OPEN, "grading"])
    )
)
_APPLIED: Prepared[bool] = Prepared(
    select(
        exists().where(
            col(Application.campaign_id) == bindparam("campaign_id"),
            col(Application.person_id) == bindparam("person_id"),
            col(Application.submitted_at).is_not(None),
        )
    )
)


async def ask(work: Work, campaign_id: UUID, body: TestRegradeCreate) -> TestRegrade:
    """Try what a later version of the paper changes. Raises `CAMPAIGN_CLOSED`, `ILLEGAL_TRANSITION`, `REGRADE_UNDER_WAY`, `INVALID`."""
    campaign, _ = await locked_by_runner(work.session, _caller(work), campaign_id, work.now)
    settings = test_of(campaign)
    _require_running(campaign, work.now)
    before = in_force(campaign)
    if body.paper_version <= before:
        raise INVALID(
            errors=[
                FieldError(
                    "/paper_version",
                    "not_later",
                    f"It is graded by version {before} already: name a later one.",
                    f"现按第 {before} 版评分；请给出更新的版本。",
                )
            ]
        )
    if await _UNDER_WAY.first(work.session, campaign_id=campaign.id) is not None:
        raise REGRADE_UNDER_WAY()
    regrade = TestRegrade(
        community_id=campaign.community_id,
        campaign_id=campaign.id,
        paper_version=body.paper_version,
        before_version=before,
        reason=body.reason,
        asked_by=work.actor,
        created_at=work.now,
    )
    work.session.add(regrade)
    await work.session.flush()
    params = {
        "regrade_id": str(regrade.id),
        "campaign_id": str(campaign.id),
        "paper_id": str(settings.paper_id),
        "version": body.paper_version,
    }
    await start_job(work.session, FETCH, params, caller=work.caller, now=work.now, community_id=campaign.community_id)
    await audit(work.session, work.caller, regrade, "create", {"paper_version": [before, body.paper_version]}, work.now)
    return regrade


@jobs.kind(FETCH)
async def fetch(job: JobRun) -> None:
    """Ask events for the later version, outside of any transaction, and try it if it grades what was answered."""
    paper_id, version = UUID(job.params["paper_id"]), int(job.params["version"])
    async with job.runtime.database.reading() as session:
        here = await community_of(session, paper_id, version)
    copy = await copy_from_events(job, paper_id, version) if here is None else None
    async with job.step() as session:
        if copy is not None:
            await keep(session, copy, job.runtime.clock())
        campaign = await existing(session, Campaign, UUID(job.params["campaign_id"]), lock=True)
        regrade = await existing(session, TestRegrade, UUID(job.params["regrade_id"]), lock=True)
        job.advance(done=1)
        if regrade.status != "fetching":
            return
        there = copy is not None or here == campaign.community_id
        settings = test_of(campaign)
        now_asked = await paper_of(session, paper_id, settings.paper_version, in_force(campaign))
        later = await paper_of(session, paper_id, version, version) if there else None
        found = refusals(now_asked, later)
        if later is None or found:
            regrade.sqlmodel_update({"status": "refused", "refusals": [asdict(one) for one in found]})
            return
        corrected = [
            {"question_id": key, "version_before": before, "version": after}
            for key, (before, after) in sorted(changes(now_asked, later).items())
        ]
        regrade.sqlmodel_update({"status": "trying", "corrected": corrected})
        await schedule(session, TRY, regrade.id, job.runtime.clock())


async def decide(work: Work, regrade_id: UUID) -> TestRegrade:
    """Put the later version in force, and grade all anew by it. Who applied does not decide about their own marks.

    Raises `CONFLICT_OF_INTEREST`, `ILLEGAL_TRANSITION`, `CAMPAIGN_CLOSED`.
    """
    regrade, campaign = await _locked(work, regrade_id)
    caller = _caller(work)
    if caller.kind == "person" and await _APPLIED.one(work.session, campaign_id=campaign.id, person_id=caller.id):
        raise CONFLICT_OF_INTEREST()
    if regrade.status != "tried":
        raise refused("illegal_transition", state=regrade.status)
    _require_running(campaign, work.now)
    before = in_force(campaign)
    regrade.sqlmodel_update({"status": "grading", "upto": None, "decided_by": work.actor, "decided_at": work.now})
    campaign.test_graded_version = regrade.paper_version
    touch(campaign, work.now)
    await schedule(work.session, TRY, regrade.id, work.now)
    numbers = {name: [None, getattr(regrade, name)] for name in ("changed", "passes", "fails", "returns")}
    changed: dict[str, list[Any]] = {"paper_version": [before, regrade.paper_version], **numbers}
    await audit(work.session, work.caller, regrade, "apply", changed, work.now)
    return regrade


async def drop(work: Work, regrade_id: UUID) -> TestRegrade:
    """Leave everything as it is. Raises `ILLEGAL_TRANSITION`."""
    regrade, _ = await _locked(work, regrade_id)
    if regrade.status not in OPEN:
        raise refused("illegal_transition", state=regrade.status)
    before = regrade.status
    regrade.status = "dropped"
    await audit(work.session, work.caller, regrade, "drop", {"status": [before, "dropped"]}, work.now)
    return regrade


async def seen(work: Work, regrade_id: UUID) -> tuple[TestRegrade, Campaign]:
    """A correction, for those who run its campaign. Raises `NOT_FOUND`, and what `authorize` raises."""
    regrade = await existing(work.session, TestRegrade, regrade_id)
    return regrade, await run_by(work, regrade.campaign_id)


async def run_by(work: Work, campaign_id: UUID) -> Campaign:
    """A campaign, for those who run it."""
    campaign = await existing(work.session, Campaign, campaign_id)
    await authorize(
        work.session, work.caller, CAMPAIGNS_WRITE, campaign.community_id, seen_by=CAMPAIGNS_WRITE, now=work.now
    )
    return campaign


def of_campaign(campaign_id: UUID) -> Listing:
    """The corrections of a campaign's test, the newest first."""
    found = select(TestRegrade).where(col(TestRegrade.campaign_id) == campaign_id)
    return Listing(found, [col(TestRegrade.id).desc()])


def lines(regrade_id: UUID, *, but_of: UUID | None) -> Listing:
    """What a correction changes, by application; `but_of`: none of this person's."""
    found = select(TestRegradeLine).where(col(TestRegradeLine.regrade_id) == regrade_id)
    if but_of is not None:
        theirs = exists().where(
            col(Application.id) == col(TestRegradeLine.application_id), col(Application.person_id) == but_of
        )
        found = found.where(~theirs)
    return Listing(found, [col(TestRegradeLine.application_id).asc()])


async def _locked(work: Work, regrade_id: UUID) -> tuple[TestRegrade, Campaign]:
    noted = await existing(work.session, TestRegrade, regrade_id)
    campaign, _ = await locked_by_runner(work.session, _caller(work), noted.campaign_id, work.now)
    return await existing(work.session, TestRegrade, regrade_id, lock=True), campaign


def _require_running(campaign: Campaign, now: datetime) -> None:
    """Before it opens its test is set anew; once it is archived nothing changes any more."""
    status = campaign.status_at(now)
    if status == "archived":
        raise refused("campaign_closed", state=status)
    if status not in ("open", "closed"):
        raise refused("illegal_transition", state=status)


def _caller(work: Work) -> Any:
    assert work.caller is not None  # noqa: S101 - the operations ask for one
    return work.caller
