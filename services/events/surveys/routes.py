"""HTTP of surveys."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import ILLEGAL_TRANSITION, PRECONDITION_FAILED, PRECONDITION_REQUIRED
from chassis.projections.members import own_communities, own_memberships
from chassis.security.authority import Standing, authorize
from chassis.web.dependencies import IfMatch, Localised, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate, paginate_together
from chassis.web.said import said, say
from chassis.web.work import Work
from services.events.permissions import (
    SURVEYS_ANSWER,
    SURVEYS_READ,
    SURVEYS_RELEASE,
    SURVEYS_RESULTS,
    SURVEYS_WRITE,
)
from services.events.surveys import closing, problems, queries, reading, service
from services.events.surveys.access import SeenSurvey, seen_survey
from services.events.surveys.models import SurveyPolicy
from services.events.surveys.rules import Status
from services.events.surveys.schemas import (
    STATUS,
    Code,
    SurveyAnswerCreate,
    SurveyAnswerPublic,
    SurveyCreate,
    SurveyListed,
    SurveyMine,
    SurveyPatch,
    SurveyPolicyPatch,
    SurveyPolicyPublic,
    SurveyPublic,
    SurveyRelease,
    SurveyResultsPublic,
    SurveyTextPublic,
)
from services.events.surveys.views import answers_shown, listed, results_shown, shown

router = api_router(tags=["Surveys"])

ALL = "/v1/surveys"
ONE = "/v1/surveys/{survey_id}"


@router.post(ALL, status_code=201)
@operation(permission=SURVEYS_WRITE)
async def create_survey(body: SurveyCreate, work: Write, response: Response, locale: Localised) -> SurveyPublic:
    """Prepare a survey. Nobody but those who run the community knows of it before it is opened."""
    seen = await service.create(work, body)
    created(response, f"{ALL}/{seen.survey.id}")
    return _shown(work, seen, response, locale)


@router.get(ALL)
@operation(permission=SURVEYS_READ)
async def list_surveys(
    work: Read,
    page: PageQuery,
    community_id: Annotated[UUID | None, Query(description="All of the caller's own unless given.")] = None,
    about_id: Annotated[UUID | None, Query(description="Only what is about this.")] = None,
    status: Annotated[Status | None, Query(), STATUS] = None,
    answered: Annotated[bool | None, Query(description="Whether the caller took part.")] = None,
) -> Page[SurveyListed]:
    """List surveys, the newest first: all for those who run the community, for others what they are asked or what is about them."""
    wanted, standing = await _wanted(work, community_id, about_id, status, answered)
    return await paginate_together(
        work.session,
        queries.listing(work.session, wanted, work.now),
        page=page,
        to=lambda rows: listed(work, rows, standing, wanted.member_ids),
    )


@router.get(f"{ALL}/policy")
@operation(permission=SURVEYS_WRITE)
async def read_survey_policy(community_id: UUID, work: Read, response: Response) -> SurveyPolicyPublic:
    """Read what a community says about its surveys."""
    await authorize(work.session, work.caller, SURVEYS_WRITE.to_read, community_id, now=work.now)
    return _policy(await said(work.session, SurveyPolicy, community_id), response)


@router.patch(f"{ALL}/policy")
@operation(permission=SURVEYS_WRITE)
async def update_survey_policy(
    community_id: UUID, body: SurveyPolicyPatch, if_match: IfMatch, work: Write, response: Response
) -> SurveyPolicyPublic:
    """Say whether those who attended an activity are asked about it, a team each month, and whether members read results."""
    return _policy(await say(work, SurveyPolicy, community_id, body, if_match), response)


@router.get(ONE)
@operation(permission=SURVEYS_READ)
async def read_survey(survey_id: UUID, work: Read, response: Response, locale: Localised) -> SurveyPublic:
    """Read a survey: its questions, and who can know what of an answer."""
    return _shown(work, await seen_survey(work, survey_id), response, locale)


@router.patch(ONE)
@operation(permission=SURVEYS_WRITE, problems=[ILLEGAL_TRANSITION])
async def update_survey(
    survey_id: UUID, body: SurveyPatch, if_match: IfMatch, work: Write, response: Response, locale: Localised
) -> SurveyPublic:
    """Change a survey that is not open yet."""
    return _shown(work, await service.edit(work, survey_id, body, if_match), response, locale)


@router.post(f"{ONE}/open")
@operation(
    permission=SURVEYS_WRITE,
    problems=[
        ILLEGAL_TRANSITION,
        PRECONDITION_FAILED,
        PRECONDITION_REQUIRED,
        problems.TOO_FEW_ASKED,
        problems.ANOTHER_GROUP,
    ],
)
async def open_survey(
    survey_id: UUID, if_match: IfMatch, work: Write, response: Response, locale: Localised
) -> SurveyPublic:
    """Ask those whom a survey is for. From now on it stays as it is."""
    return _shown(work, await service.open_(work, survey_id, if_match), response, locale)


@router.post(f"{ONE}/close")
@operation(permission=SURVEYS_WRITE, problems=[ILLEGAL_TRANSITION])
async def close_survey(survey_id: UUID, work: Write, response: Response, locale: Localised) -> SurveyPublic:
    """End a survey now. Results are there when it has `closed`, moments later, and are never counted again. Again, it changes nothing."""
    return _shown(work, await closing.close(work, survey_id), response, locale)


@router.post(f"{ONE}/answers", status_code=201)
@operation(
    permission=SURVEYS_ANSWER,
    problems=[problems.SURVEY_CLOSED],
    existing="You took part already; nothing changed.",
    located=False,
    # Whatever said when it came would put it beside its author.
    untold=True,
)
async def answer_survey(survey_id: UUID, body: SurveyAnswerCreate, work: Write, response: Response) -> SurveyMine:
    """Answer a survey, once. If it is anonymous, nothing that is kept of the answer says whose it is, or when it came."""
    seen, new = await service.answer(work, survey_id, body)
    response.status_code = 201 if new else 200
    return SurveyMine(asked=seen.mine.asked, answered=seen.mine.answered)


@router.get(f"{ONE}/answers")
@operation(permission=SURVEYS_WRITE, problems=[problems.ANSWERS_UNNAMED])
async def list_survey_answers(survey_id: UUID, work: Read, page: PageQuery) -> Page[SurveyAnswerPublic]:
    """List the answers to a survey with names. Those to an anonymous one are read together only."""
    await reading.named_answers(work, survey_id)
    return await paginate_together(
        work.session, queries.answers(survey_id), page=page, to=lambda rows: answers_shown(work, rows)
    )


@router.get(f"{ONE}/results")
@operation(permission=SURVEYS_RESULTS, problems=[problems.NOT_CLOSED])
async def read_survey_results(survey_id: UUID, work: Read, locale: Localised) -> SurveyResultsPublic:
    """Read what a closed survey came to, from five answers on. Whoever it judges reads it once it is released."""
    seen = await reading.results(work, survey_id)
    return results_shown(seen.survey, locale)


@router.get(f"{ONE}/texts")
@operation(permission=SURVEYS_RESULTS, problems=[problems.NOT_CLOSED])
async def list_survey_texts(
    survey_id: UUID,
    work: Read,
    page: PageQuery,
    question: Annotated[Code | None, Query(description="Only those that answer this question.")] = None,
) -> Page[SurveyTextPublic]:
    """List the free texts of a closed survey, in no order. Whoever it judges reads those that were released to them."""
    seen = await reading.texts(work, survey_id)
    found = queries.texts(survey_id, question=question, withheld_too=seen.reads_all_texts)
    return await paginate(work.session, found, page=page, to=SurveyTextPublic.model_validate)


@router.post(f"{ONE}/release")
@operation(permission=SURVEYS_RELEASE, problems=[ILLEGAL_TRANSITION])
async def release_survey(
    survey_id: UUID, body: SurveyRelease, work: Write, response: Response, locale: Localised
) -> SurveyPublic:
    """Let those whom a survey judges read the results, and the free texts but for some. Again, it withholds more."""
    return _shown(work, await service.release(work, survey_id, body), response, locale)


async def _wanted(
    work: Work, community_id: UUID | None, about_id: UUID | None, status: Status | None, answered: bool | None
) -> tuple[queries.Wanted, Standing | None]:
    if community_id is None:
        communities = await own_communities(work.session, work.caller, reading_at=work.now) if work.caller else []
        me = await own_memberships(work.session, work.caller, reading_at=work.now) if work.caller else []
        return queries.Wanted(communities, me, False, about_id, status, answered), None
    standing = await authorize(
        work.session, work.caller, SURVEYS_READ, community_id, own=True, assigned=True, now=work.now
    )
    own = [standing.member_id] if standing.member_id is not None else []
    return queries.Wanted([community_id], own, standing.sees_all, about_id, status, answered), standing


def _shown(work: Work, seen: SeenSurvey, response: Response, locale: Localised) -> SurveyPublic:
    set_etag(response, seen.survey.version)
    return shown(work, seen, locale)


def _policy(policy: SurveyPolicy, response: Response) -> SurveyPolicyPublic:
    set_etag(response, policy.version)
    return SurveyPolicyPublic.model_validate(policy)
