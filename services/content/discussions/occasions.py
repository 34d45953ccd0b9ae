"""What happens to discussions and concerns more than them."""

from dataclasses import dataclass

from chassis.occasions import Occasion
from chassis.security.caller import Caller
from services.content.discussions.models import Discussion


@dataclass(frozen=True, slots=True)
class Turned:
    """A locked discussion that is no longer seen, or seen again."""

    discussion: Discussion
    caller: Caller


discussion_turned: Occasion[Turned, None] = Occasion("discussion turned")
"""A discussion was removed or restored."""
