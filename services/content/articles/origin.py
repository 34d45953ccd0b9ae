"""What an article is drafted from: what somebody types, or a question and the answer that helped."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chassis.problems import INVALID, FieldError
from chassis.web.work import Work
from services.content.articles.problems import NO_ACCEPTED_ANSWER, OF_ANOTHER, OF_ANOTHER_GROUP
from services.content.articles.schemas import ArticleCreate
from services.content.discussions.access import seen
from services.content.discussions.models import DiscussionText
from services.content.replies.models import Reply

BETWEEN = "\n\n---\n\n"
"""Question and answer."""
NO_SOURCE = FieldError("/source", "not_taken", "Only news has a source.", "仅行业资讯填写来源。")
_SOURCE_MISSING = FieldError("/source", "missing", "News names its source.", "行业资讯须注明来源。")
_MISSING = {
    "title": FieldError(
        "/title", "missing", "Give a title, or from_discussion_id.", "请给出标题，或 from_discussion_id。"
    ),
    "body": FieldError(
        "/body", "missing", "Give a body, or from_discussion_id.", "请给出正文，或 from_discussion_id。"
    ),
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a draft says at first, and from where."""

    title: str
    body: str
    tags: list[str]
    origin: Mapping[str, Any]


async def drawn_from(work: Work, body: ArticleCreate) -> Drawn:
    """What is not typed comes from the question. Raises `INVALID`, `NOT_FOUND`, `NO_ACCEPTED_ANSWER`."""
    news = body.kind == "industry_news"
    wrong = [] if news == (body.source is not None) else [_SOURCE_MISSING if news else NO_SOURCE]
    if body.from_discussion_id is None:
        wrong += [error for name, error in _MISSING.items() if getattr(body, name) is None]
    if wrong:
        raise INVALID(errors=wrong)
    if body.from_discussion_id is None:
        return Drawn(body.title or "", body.body or "", body.tags or [], {})
    discussion = (await seen(work, body.from_discussion_id)).discussion
    if discussion.community_id != body.community_id:
        raise INVALID(errors=[OF_ANOTHER])
    if discussion.group_id != body.group_id:
        # Who answered there wrote for that group.
        raise INVALID(errors=[OF_ANOTHER_GROUP])
    if discussion.accepted_reply_id is None or discussion.accepted_removed or discussion.removed_at is not None:
        raise NO_ACCEPTED_ANSWER()
    text = await work.session.get_one(DiscussionText, discussion.id)
    answer = await work.session.get_one(Reply, discussion.accepted_reply_id)
    origin = {
        "source_discussion_id": discussion.id,
        "asked_by_id": discussion.author_id,
        "answered_by_id": answer.author_id,
    }
    return Drawn(
        title=body.title or discussion.title,
        body=body.body or f"{text.body}{BETWEEN}{answer.body}",
        tags=discussion.tags if body.tags is None else body.tags,
        origin=origin,
    )
