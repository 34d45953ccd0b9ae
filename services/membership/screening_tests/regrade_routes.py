"""HTTP of corrections."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import Response

from chassis.problems import CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION
from chassis.web.actors import actor_of
from chassis.web.dependencies import Read, Write
from chassis.web.etags import created
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate, paginate_together
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.membership.campaigns.models import Campaign
from services.membership.campaigns.problems import CAMPAIGN_CLOSED
from services.membership.permissions import CAMPAIGNS_WRITE
from services.membership.screening_tests import regrades
from services.membership.screening_tests.access import person_of
from services.membership.screening_tests.models import TestRegrade, TestRegradeLine
from services.membership.screening_tests.problems import REGRADE_UNDER_WAY
from services.membership.screening_tests.regrade_rules import TEXTS
from services.membership.screening_tests.regrade_schemas import (
    TestQuestionCorrected,
    TestRegradeCreate,
    TestRegradeLinePublic,
    TestRegradePublic,
    TestRegradeRefused,
)

router = api_router(tags=["Tests"])

OF_ONE = "/v1/campaigns/{campaign_id}/regrades"
ONE = "/v1/campaigns/regrades/{regrade_id}"


@router.post(OF_ONE, status_code=201)
@operation(permission=CAMPAIGNS_WRITE, problems=[CAMPAIGN_CLOSED, ILLEGAL_TRANSITION, REGRADE_UNDER_WAY])
async def create_test_regrade(
    campaign_id: UUID, body: TestRegradeCreate, work: Write, response: Response
) -> TestRegradePublic:
    """Try what a later version of the test's paper changes. Nothing is graded anew before somebody decides."""
    regrade = await regrades.ask(work, campaign_id, body)
    created(response, f"/v1/campaigns/regrades/{regrade.id}")
    return await _shown(work, regrade)


@router.get(OF_ONE)
@operation(permission=CAMPAIGNS_WRITE)
async def list_test_regrades(campaign_id: UUID, work: Read, page: PageQuery) -> Page[TestRegradePublic]:
    """List the corrections of a campaign's test, the newest first."""
    campaign = await regrades.run_by(work, campaign_id)

    async def shown(rows: Sequence[TestRegrade]) -> list[TestRegradePublic]:
        return [_public(one, campaign, work.now) for one in rows]

    return await paginate_together(work.session, regrades.of_campaign(campaign_id), page=page, to=shown)


@router.get(ONE)
@operation(permission=CAMPAIGNS_WRITE)
async def read_test_regrade(regrade_id: UUID, work: Read) -> TestRegradePublic:
    """Read how far a correction is, what it is about, and how many it changes."""
    regrade, campaign = await regrades.seen(work, regrade_id)
    return _public(regrade, campaign, work.now)


@router.get(f"{ONE}/lines")
@operation(permission=CAMPAIGNS_WRITE)
async def list_test_regrade_lines(regrade_id: UUID, work: Read, page: PageQuery) -> Page[TestRegradeLinePublic]:
    """List the applications that a correction changes, from what to what; the caller's own is not among them."""
    await regrades.seen(work, regrade_id)
    found = regrades.lines(regrade_id, but_of=person_of(work))
    return await paginate(work.session, found, page=page, to=_line)


@router.post(f"{ONE}/apply")
@operation(permission=CAMPAIGNS_WRITE, problems=[CAMPAIGN_CLOSED, CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION])
async def apply_test_regrade(regrade_id: UUID, work: Write) -> TestRegradePublic:
    """Grade the test by a correction that was tried: at once for who hands in from now on, and soon for all others.

    Whom the test alone had rejected and who passes now comes back, before all who wait. Whoever applied to the campaign does not decide about it.
    """
    return await _shown(work, await regrades.decide(work, regrade_id))


@router.post(f"{ONE}/drop")
@operation(permission=CAMPAIGNS_WRITE, problems=[ILLEGAL_TRANSITION])
async def drop_test_regrade(regrade_id: UUID, work: Write) -> TestRegradePublic:
    """Leave everything as it is."""
    return await _shown(work, await regrades.drop(work, regrade_id))


async def _shown(work: Work, regrade: TestRegrade) -> TestRegradePublic:
    return _public(regrade, await work.session.get_one(Campaign, regrade.campaign_id), work.now)


def _public(regrade: TestRegrade, campaign: Campaign, now: datetime) -> TestRegradePublic:
    applying = None if regrade.status == "tried" else "illegal_transition"
    if campaign.status_at(now) == "archived":
        applying = "campaign_closed"
    dropping = None if regrade.status in regrades.OPEN else "illegal_transition"
    values: dict[str, Any] = regrade.model_dump() | {
        "refusals": [_refused(one["code"], one["question_id"]) for one in regrade.refusals],
        "corrected": [TestQuestionCorrected(**one) for one in regrade.corrected],
        "asked_by": actor_of(regrade.asked_by),
        "decided_by": actor_of(regrade.decided_by),
        "viewer": Viewer.of({"apply": applying, "drop": dropping}),
    }
    values.pop("upto")
    return TestRegradePublic(**values)


def _refused(code: str, question_id: str | None) -> TestRegradeRefused:
    en, zh = TEXTS[code]
    return TestRegradeRefused(question_id=question_id, code=code, text_en=en, text_zh=zh)


def _line(row: TestRegradeLine) -> TestRegradeLinePublic:
    return TestRegradeLinePublic.model_validate(row)
