"""A survey and what it is to the caller."""

from dataclasses import dataclass, replace
from uuid import UUID

from chassis.database.rows import existing
from chassis.problems import FORBIDDEN, NOT_FOUND
from chassis.security.authority import Standing, authorize
from chassis.security.permissions import Column, Permission, Reach
from chassis.web.said import said
from chassis.web.work import Work
from services.events.permissions import SURVEYS_ANSWER, SURVEYS_READ, SURVEYS_RELEASE, SURVEYS_WRITE
from services.events.surveys.models import Survey, SurveyPolicy
from services.events.surveys.queries import NOTHING, Own, own
from services.events.surveys.rules import POSSIBLE, reads_results, status_at

ACTIONS: dict[str, Permission] = {
    "update": SURVEYS_WRITE,
    "open": SURVEYS_WRITE,
    "answer": SURVEYS_ANSWER,
    "close": SURVEYS_WRITE,
    "release": SURVEYS_RELEASE,
}
"""What the caller may be able to do, and by which permission."""


@dataclass(frozen=True, slots=True)
class SeenSurvey:
    """A survey that the caller may see, what they are in its community, and what it is to them."""

    survey: Survey
    columns: frozenset[Column]
    mine: Own = NOTHING
    member_id: UUID | None = None
    archived: bool = False
    members_read: bool = False

    @property
    def runs_all(self) -> bool:
        """Whether they run the community's surveys."""
        return Reach.ALL in SURVEYS_WRITE.reach(self.columns)

    def may(self, action: str) -> bool:
        """Whether they are one of those who do this with it."""
        reach = ACTIONS[action].reach(self.columns)
        assigned = Reach.ASSIGNED in reach and self.mine.runs
        return Reach.ALL in reach or assigned or (Reach.OWN in reach and self.mine.asked)

    def refusal(self, action: str, work: Work) -> str | None:
        """Why they cannot do it now, by its code."""
        if not self.may(action):
            return "forbidden"
        if self.archived:
            return "community_archived"
        if self.state(work) in POSSIBLE[action]:
            return None
        return "survey_closed" if action == "answer" else "illegal_transition"

    def state(self, work: Work) -> str:
        """What it is now."""
        return status_at(self.survey.status, self.survey.closes_at, work.now)

    @property
    def reads_results(self) -> bool:
        """Whether they read the results once it has closed."""
        return reads_results(
            runs=self.runs_all or self.may("release"),
            judged=self.mine.judged,
            released=self.survey.released_at is not None,
            asked=self.mine.asked,
            members_read=self.members_read,
        )

    @property
    def reads_texts(self) -> bool:
        """Whether they read free texts: not who is only asked."""
        return self.reads_all_texts or (self.mine.judged and self.survey.released_at is not None)

    @property
    def reads_all_texts(self) -> bool:
        """Whether they decide which free texts others read."""
        return self.runs_all or self.may("release")


async def seen_survey(work: Work, key: UUID, *, lock: bool = False) -> SeenSurvey:
    """The survey, if the caller is asked, runs what it is about or the community, or it is about them. Raises `NOT_FOUND`, `FORBIDDEN`."""
    if work.permission is None:
        raise TypeError("an operation that sees declares a permission")
    survey = await existing(work.session, Survey, key, lock=lock)
    standing = await _standing(work, survey, SURVEYS_READ)
    me = [standing.member_id] if standing.member_id is not None else []
    mine = (await own(work.session, [survey.id], me)).get(survey.id, NOTHING)
    policy = await said(work.session, SurveyPolicy, survey.community_id)
    seen = replace(as_seen(survey, standing, mine), members_read=policy.members_read)
    if not seen.runs_all and (survey.opened_at is None or not mine.concerned):
        raise NOT_FOUND()
    if work.permission != SURVEYS_READ:
        await _standing(work, survey, work.permission)
    return seen


def as_seen(survey: Survey, standing: Standing, mine: Own) -> SeenSurvey:
    """A survey for somebody of this standing."""
    return SeenSurvey(
        survey,
        standing.columns,
        mine,
        standing.member_id,
        archived=standing.community.status == "archived",
    )


def require(seen: SeenSurvey, action: str) -> None:
    """Raises `FORBIDDEN` unless the caller is one of those who do this."""
    if not seen.may(action):
        raise FORBIDDEN()


async def _standing(work: Work, survey: Survey, wanted: Permission) -> Standing:
    return await authorize(
        work.session,
        work.caller,
        wanted,
        survey.community_id,
        own=True,
        assigned=True,
        seen_by=SURVEYS_READ,
        now=work.now,
    )
