"""What happens to articles and concerns more than them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.occasions import Occasion
from services.content.articles.models import Article


@dataclass(frozen=True, slots=True)
class Shown:
    """A locked article of which readers see another version, with its body as plain text; or that they see again, or no longer (None)."""

    article: Article
    text: str | None


article_shown: Occasion[Shown, None] = Occasion("article shown")
"""A version was published, or the article archived, removed or restored."""


@dataclass(frozen=True, slots=True)
class ArticleEdited:
    """A locked article to which a member sent their edit."""

    article: Article
    member_id: UUID
    now: datetime


article_edited: Occasion[ArticleEdited, None] = Occasion("article edited")
"""A member changed what an article says, or sent what it says already."""


@dataclass(frozen=True, slots=True)
class ArticleWasRead:
    """An article, not locked, that a member came to."""

    article: Article
    member_id: UUID
    now: datetime


article_read: Occasion[ArticleWasRead, None] = Occasion("article read")
"""A member came to an article, this time perhaps to read no further than before."""
