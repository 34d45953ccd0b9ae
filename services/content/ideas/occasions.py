"""What happens to ideas and concerns more than them."""

from dataclasses import dataclass

from chassis.occasions import Occasion
from services.content.ideas.models import Idea


@dataclass(frozen=True, slots=True)
class Said:
    """A locked idea that is new or says something else; `text` is its body as plain text, None where that is as it was."""

    idea: Idea
    text: str | None


idea_said: Occasion[Said, None] = Occasion("idea said")
"""An idea was written, or changed, or is seen again, or no longer."""
