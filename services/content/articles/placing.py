"""What is said about an article beside its text, and holds at once: where it stands, whether its files are given away, who keeps it true, until when it holds."""

from typing import Any, Final
from uuid import UUID

from chassis.web.patches import changed_by
from chassis.web.work import Work
from services.content.articles.models import Article
from services.content.articles.problems import NOT_OWNER, UNKNOWN_MEMBER
from services.content.articles.queries import members_among
from services.content.collections.service import require_collection

PLACED: Final = frozenset({"collection_id", "download", "owner_id", "verified_until"})


async def place(work: Work, article: Article, values: dict[str, Any]) -> dict[str, list[Any]]:
    """Give an article what a patch says beside its text; says what changed. Raises `UNKNOWN_COLLECTION`, `UNKNOWN_MEMBER`."""
    changes = changed_by(values, article)
    if "collection_id" in changes:
        await require_collection(work.session, article.community_id, values["collection_id"])
    owner_id = values.get("owner_id")
    if "owner_id" in changes and owner_id is not None:
        await _require_member(work, article, owner_id)
    article.sqlmodel_update({name: values[name] for name in changes})
    return changes


async def _require_member(work: Work, article: Article, member_id: UUID) -> None:
    if not await members_among(work.session, article.community_id, [member_id], group_id=article.group_id):
        raise UNKNOWN_MEMBER(errors=[NOT_OWNER])
