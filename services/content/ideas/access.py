"""An idea and what the caller is to it."""

from dataclasses import dataclass
from uuid import UUID

from chassis.database.rows import existing
from chassis.problems import FORBIDDEN, NOT_FOUND
from chassis.security.authority import Standing, authorize
from chassis.security.permissions import Permission, Reach
from chassis.web.work import Work
from services.content.discussions.access import is_by, moderates
from services.content.discussions.rules import Cause
from services.content.ideas.models import Idea
from services.content.permissions import IDEAS_READ


@dataclass(frozen=True, slots=True)
class SeenIdea:
    """An idea that the caller may see, and what they are in its community."""

    idea: Idea
    standing: Standing

    @property
    def mine(self) -> bool:
        """Whether the caller proposed it."""
        return is_by(self.standing, self.idea.author_id)

    @property
    def as_(self) -> Cause:
        """As what the caller removes and restores it."""
        return "author" if self.mine else "moderator"

    @property
    def reads_held(self) -> bool:
        """Whether the caller is told what a moderator does with it."""
        return self.mine or moderates(self.standing)

    def may(self, wanted: Permission) -> bool:
        """Whether a permission reaches it."""
        reach = wanted.reach(self.standing.columns)
        return Reach.ALL in reach or (Reach.OWN in reach and self.mine)


async def seen_idea(work: Work, key: UUID, *, lock: bool = False, of: Permission | None = None) -> SeenIdea:
    """The idea, if the operation's permission reaches it: one that was removed only its author and moderators know of.

    `of`: the operation is about what its author wrote, and this is its permission. Raises `NOT_FOUND`, `FORBIDDEN`, and what
    `authorize` raises.
    """
    if work.permission is None:
        raise TypeError("an operation that sees declares a permission")
    idea = await existing(work.session, Idea, key, lock=lock)
    standing = await authorize(
        work.session,
        work.caller,
        work.permission,
        idea.community_id,
        own=True,
        # Who only knows of the community does not learn which ideas there are.
        seen_by=IDEAS_READ,
        now=work.now,
    )
    found = SeenIdea(idea, standing)
    if not sees(standing, idea):
        raise NOT_FOUND()
    if of is not None and not found.may(of):
        raise FORBIDDEN()
    return found


def sees(standing: Standing, idea: Idea) -> bool:
    """Whether who may read ideas of its community may read this one."""
    return idea.removed_at is None or is_by(standing, idea.author_id) or moderates(standing)
