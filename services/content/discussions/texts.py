"""What a discussion says, as it is scanned and as moderators read it."""

from collections.abc import Mapping
from typing import Any

from contracts.fields import ContentObject
from services.content.discussions.models import Discussion, DiscussionText


def text_of(discussion: Discussion, text: DiscussionText) -> dict[str, Any]:
    """What others read of it."""
    return {"title": discussion.title, "body": text.body, "tags": list(discussion.tags)}


def as_text(written: Mapping[str, Any]) -> dict[str, str]:
    """What its author wrote, as it is scanned."""
    return {"title": written["title"], "body": written["body"], "tags": "\n".join(written["tags"])}


def about(discussion: Discussion) -> ContentObject:
    """A discussion as messages name it."""
    return ContentObject(kind="discussion", id=discussion.id, root_id=discussion.id, author_ids=(discussion.author_id,))
