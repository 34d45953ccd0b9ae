"""HTTP of the archives of sessions."""

from uuid import UUID

from fastapi import Response

from chassis.problems import ILLEGAL_TRANSITION
from chassis.projections.members import embedded
from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import set_etag
from chassis.web.operations import api_router, operation
from chassis.web.work import Work
from services.content.discussions.schemas import shown_status
from services.content.mentions import ids_of, shown_today
from services.content.permissions import ARTICLES_WRITE
from services.content.sessions import archive
from services.content.sessions.archive import SeenArchive
from services.content.sessions.schemas import SessionArchivePatch, SessionArchivePublic

router = api_router(tags=["Articles"])

ONE = "/v1/archives/sessions/{activity_id}"


@router.get(ONE)
@operation(permission=ARTICLES_WRITE.to_read, guests=True)
async def read_session_archive(activity_id: UUID, work: Read, response: Response) -> SessionArchivePublic:
    """Read the article about a sharing session as it was written last: there is one once the session is completed."""
    return await _shown(work, await archive.read(work, activity_id), response)


@router.patch(ONE)
@operation(permission=ARTICLES_WRITE, guests=True, problems=[ILLEGAL_TRANSITION])
async def update_session_archive(
    activity_id: UUID, body: SessionArchivePatch, if_match: IfMatch, work: Write, response: Response
) -> SessionArchivePublic:
    """Write the article about a sharing session. A guest writes until it is submitted, and is named among its authors."""
    return await _shown(work, await archive.edit(work, activity_id, body, if_match), response)


async def _shown(work: Work, seen: SeenArchive, response: Response) -> SessionArchivePublic:
    article, version = seen.article, seen.version
    set_etag(response, article.version)
    authors = [UUID(one) for one in version.author_ids]
    members = await embedded(work.session, {*authors, *ids_of(version.mentions)})
    return SessionArchivePublic(
        activity_id=article.source_activity_id,  # type: ignore[arg-type]  # it was found by it
        article_id=article.id,
        status=shown_status(article),
        title=version.title,
        summary=version.summary,
        body=version.body,
        body_html=shown_today(version.body_html, version.mentions, members),
        authors=[members[one] for one in authors],
        outside_authors=list(version.outside_authors.values()),
        edited_at=version.edited_at,
        open_to_guests=seen.is_open,
    )
