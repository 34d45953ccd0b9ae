"""An edit of what somebody else has changed meanwhile: the answer shows what they wrote, so that nothing typed is lost."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.problems import PRECONDITION_FAILED
from chassis.projections.members import embedded
from chassis.web.etags import ABSENT, ANY_VERSION, require_match
from chassis.web.schemas import MemberEmbed
from services.content.articles.models import Article, ArticleVersion


def writer(version: ArticleVersion, members: Mapping[UUID, MemberEmbed]) -> MemberEmbed:
    """Who wrote in a version last; a speaker from outside, who is no member, has a name alone."""
    outside = version.outside_authors.get(str(version.edited_by))
    return (
        members[version.edited_by]
        if outside is None
        else members[version.edited_by].model_copy(update={"display_name": outside})
    )


async def require_latest(session: AsyncSession, article: Article, version: ArticleVersion, if_match: int) -> None:
    """Refuse an edit of an older version, with the newer one and who wrote it. Raises what `require_match` raises."""
    if if_match in (ABSENT, ANY_VERSION, article.version):
        return require_match(article.version, if_match)
    members = await embedded(session, [version.edited_by])
    newer = {
        **{name: getattr(version, name) for name in ("number", "title", "summary", "body", "tags", "visibility")},
        "edited_at": version.edited_at,
        "edited_by": writer(version, members).model_dump(mode="json"),
    }
    raise PRECONDITION_FAILED(current=f'"{article.version}"', newer=newer)
