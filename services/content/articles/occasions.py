"""What happens to articles and concerns more than them."""

from dataclasses import dataclass

from chassis.occasions import Occasion
from services.content.articles.models import Article


@dataclass(frozen=True, slots=True)
class Shown:
    """A locked article of which readers see another version, with its body as plain text; or that they see again, or no longer (None)."""

    article: Article
    text: str | None


article_shown: Occasion[Shown, None] = Occasion("article shown")
"""A version was published, or the article archived, removed or restored."""
