"""HTTP of papers. Whoever sees the questions of one has read their banks, and does not compete with them."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response

from chassis.problems import ILLEGAL_TRANSITION
from chassis.security.authority import authorize
from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate, paginate_together
from chassis.web.values import Version
from chassis.web.work import Work
from services.events.papers import queries, service
from services.events.papers.access import SeenPaper, seen_paper
from services.events.papers.problems import PAPER_EMPTY, PAPER_SHORT, PAPER_TOO_LARGE
from services.events.papers.schemas import (
    FrozenPaperPublic,
    PaperCreate,
    PaperDocument,
    PaperFile,
    PaperListed,
    PaperPatch,
    PaperPublic,
    PaperUsePublic,
    PaperVersionListed,
    PaperVersionPublic,
)
from services.events.papers.views import frozen, shown, used, version_listed, version_shown, versions_listed
from services.events.permissions import PAPERS_READ, PAPERS_WRITE, QUESTION_BANKS_READ
from services.events.question_banks.questions import seen_question
from services.events.question_banks.rules import Status
from services.events.question_banks.schemas import STATUS

router = api_router(tags=["Papers"])

PAPERS = "/v1/papers"
ONE = f"{PAPERS}/{{paper_id}}"
DRAWING = [PAPER_EMPTY, PAPER_SHORT, PAPER_TOO_LARGE]


@router.post(PAPERS, status_code=201)
@operation(permission=PAPERS_WRITE)
async def create_paper(body: PaperCreate, work: Write, response: Response) -> PaperPublic:
    """Write a paper: its sections, and what each draws from which question bank."""
    seen = await service.create(work, body)
    created(response, f"{PAPERS}/{seen.paper.id}")
    return await _shown(work, seen, response)


@router.get(PAPERS)
@operation(permission=PAPERS_READ)
async def list_papers(
    community_id: UUID,
    work: Read,
    page: PageQuery,
    status: Annotated[Status | None, Query(), STATUS] = None,
) -> Page[PaperListed]:
    """List a community's papers, the newest first: all for operators and owners, for lecturers those to which they are appointed."""
    standing = await authorize(work.session, work.caller, PAPERS_READ, community_id, assigned=True, now=work.now)
    only = None if standing.sees_all else standing.member_id
    return await paginate(
        work.session,
        queries.listing(community_id, editor_id=only, status=status),
        page=page,
        to=PaperListed.model_validate,
    )


@router.get(ONE)
@operation(permission=PAPERS_READ)
async def read_paper(paper_id: UUID, work: Write, response: Response) -> PaperPublic:
    """Read a paper as it is written, without the questions that are drawn. Whoever is shown the beginning of a question has read its bank."""
    return await _shown(work, await seen_paper(work, paper_id), response)


@router.patch(ONE)
@operation(permission=PAPERS_WRITE, problems=[ILLEGAL_TRANSITION])
async def update_paper(
    paper_id: UUID, body: PaperPatch, if_match: IfMatch, work: Write, response: Response
) -> PaperPublic:
    """Change a paper as it is written; what was published of it stays. Operators and owners say who is appointed to it."""
    return await _shown(work, await service.edit(work, paper_id, body, if_match), response)


@router.get(f"{ONE}/preview")
@operation(permission=PAPERS_READ, problems=DRAWING)
async def preview_paper(paper_id: UUID, work: Write) -> FrozenPaperPublic:
    """Read what would be published now, with the solutions. Until something changes, it is the same each time."""
    seen, found = await service.preview(work, paper_id)
    return await frozen(work, seen, found.paper)


@router.post(f"{ONE}/publish", status_code=201)
@operation(permission=PAPERS_WRITE, problems=[ILLEGAL_TRANSITION, *DRAWING])
async def publish_paper(paper_id: UUID, if_match: IfMatch, work: Write, response: Response) -> PaperVersionListed:
    """Make a version of the paper: its questions are drawn and copied, and it changes no more."""
    _, row = await service.publish(work, paper_id, if_match)
    created(response, f"{PAPERS}/{paper_id}/versions/{row.version}")
    return await version_listed(work, row)


@router.post(f"{ONE}/archive")
@operation(permission=PAPERS_WRITE)
async def archive_paper(paper_id: UUID, work: Write, response: Response) -> PaperPublic:
    """Archive a paper; its versions stay, and go on where they are given. Again, it changes nothing."""
    return await _shown(work, await service.turn(work, paper_id, "archived"), response)


@router.post(f"{ONE}/restore")
@operation(permission=PAPERS_WRITE)
async def restore_paper(paper_id: UUID, work: Write, response: Response) -> PaperPublic:
    """Take up an archived paper again. Again, it changes nothing."""
    return await _shown(work, await service.turn(work, paper_id, "active"), response)


@router.get(f"{ONE}/versions")
@operation(permission=PAPERS_READ)
async def list_paper_versions(paper_id: UUID, work: Read, page: PageQuery) -> Page[PaperVersionListed]:
    """List the published versions of a paper, the latest first."""
    await seen_paper(work, paper_id)
    return await paginate_together(
        work.session, queries.versions(paper_id), page=page, to=lambda rows: versions_listed(work, rows)
    )


@router.get(f"{ONE}/versions/{{version}}")
@operation(permission=PAPERS_READ)
async def read_paper_version(paper_id: UUID, version: Annotated[Version, Path()], work: Write) -> PaperVersionPublic:
    """Read a version of a paper with its questions and solutions, as it was published."""
    seen, row, paper = await service.read_version(work, paper_id, version)
    return await version_shown(work, seen, row, paper)


@router.get("/v1/question-banks/{question_bank_id}/questions/{question_id}/uses")
@operation(permission=QUESTION_BANKS_READ)
async def list_question_uses(
    question_bank_id: UUID, question_id: UUID, work: Read, page: PageQuery
) -> Page[PaperUsePublic]:
    """List the versions of papers that have a question, the latest first: where it matters if it is corrected."""
    await seen_question(work, question_bank_id, question_id)
    return await paginate(work.session, queries.uses(question_id), page=page, to=used)


@router.get("/internal/papers/{paper_id}/{version}")
@operation(internal=True)
async def read_published_paper(paper_id: UUID, version: Annotated[Version, Path()], work: Read) -> PaperDocument:
    """Read a version of a paper with everything in it, for the service that gives it."""
    found = await service.published(work.session, paper_id, version)
    files = await service.files_of(work.session, found)
    return PaperDocument(
        community_id=found.community_id,
        document=found.document,
        fingerprint=found.fingerprint,
        attachments=[PaperFile(attachment_id=one, person_id=sender) for one, sender in files.items()],
    )


async def _shown(work: Work, seen: SeenPaper, response: Response) -> PaperPublic:
    set_etag(response, seen.paper.version)
    return await shown(work, seen)
