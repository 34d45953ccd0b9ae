"""A paper and what the caller is to it."""

from dataclasses import dataclass
from uuid import UUID

from chassis.database.rows import existing
from chassis.problems import ILLEGAL_TRANSITION
from chassis.security.authority import Standing
from chassis.security.permissions import Reach
from chassis.web.work import Work
from services.events.papers.models import Paper
from services.events.permissions import PAPERS_WRITE
from services.events.question_banks.access import reaches, standing_for


@dataclass(frozen=True, slots=True)
class SeenPaper:
    """A paper that the caller may read, and what they are in its community."""

    paper: Paper
    standing: Standing

    @property
    def appoints(self) -> bool:
        """Whether the caller says who is appointed to it."""
        return Reach.ALL in PAPERS_WRITE.reach(self.standing.columns)

    @property
    def writes(self) -> bool:
        """Whether the caller may change and publish it."""
        return reaches(self.standing, PAPERS_WRITE, self.paper.editor_ids)


async def seen_paper(work: Work, key: UUID, *, lock: bool = False, open_only: bool = False) -> SeenPaper:
    """The paper, if the operation's permission reaches it.

    `open_only`: nothing is done any more with one that is archived. Raises `NOT_FOUND`, `FORBIDDEN`, `ILLEGAL_TRANSITION`, and what
    `authorize` raises.
    """
    paper = await existing(work.session, Paper, key, lock=lock)
    standing = await standing_for(work, paper.community_id, paper.editor_ids)
    if open_only and paper.status != "active":
        raise ILLEGAL_TRANSITION(state=paper.status)
    return SeenPaper(paper, standing)
