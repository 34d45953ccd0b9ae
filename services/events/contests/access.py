"""A contest or an attempt, and what the caller is to it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database.rows import existing
from chassis.problems import FORBIDDEN, NOT_FOUND, Problem, refused
from chassis.security.authority import Standing, authorize
from chassis.security.permissions import Permission, Reach
from chassis.web.work import Work
from services.events.activities.access import is_announced
from services.events.activities.models import Activity
from services.events.contests.models import Contest, ContestAttempt
from services.events.contests.rules import POSSIBLE, BoardState, State, Times, board_at, state_at
from services.events.permissions import CONTEST_ATTEMPTS_OWN, CONTESTS_READ, CONTESTS_WRITE


@dataclass(frozen=True, slots=True)
class SeenContest:
    """A contest that the caller may see, and what they are in its community."""

    contest: Contest
    standing: Standing
    now: datetime

    @property
    def state(self) -> State:
        """What it is now."""
        return state_of(self.contest, self.now)

    @property
    def board(self) -> BoardState:
        """What its board shows now."""
        return board_at(self.state, times_of(self.contest), self.now)

    @property
    def runs_it(self) -> bool:
        """Whether they prepare the community's contests."""
        return prepares(self.standing)


@dataclass(frozen=True, slots=True)
class SeenAttempt:
    """An attempt with its contest."""

    attempt: ContestAttempt
    contest: Contest
    standing: Standing


def times_of(contest: Contest) -> Times:
    """The times of a contest."""
    return Times(
        opens_at=contest.opens_at,
        closes_at=contest.closes_at,
        minutes=contest.minutes,
        results_at=contest.results_at,
        board_frozen_from=contest.board_frozen_from,
        held_until=contest.held_until,
    )


def state_of(contest: Contest, now: datetime) -> State:
    """What a contest is now."""
    return state_at(contest.status, times_of(contest), now)


async def seen_contest(work: Work, key: UUID, *, lock: bool = False) -> SeenContest:
    """The contest, if the operation's permission reaches it: of a draft, or before its activity is announced, only those who write it know.

    Raises `NOT_FOUND`, and what `authorize` raises.
    """
    contest = await existing(work.session, Contest, key)
    activity = await existing(work.session, Activity, contest.activity_id)
    if contest.status == "draft" or not is_announced(activity):
        # Whether there is a draft is not told by what may be done with it.
        reader = await standing_in(work, contest.community_id, CONTESTS_READ)
        if not prepares(reader):
            raise NOT_FOUND()
    seen = SeenContest(contest, await standing_in(work, contest.community_id), work.now)
    if lock:
        await existing(work.session, Contest, key, lock=True)
    return seen


async def seen_through(work: Work, contest_id: UUID, *, lock: bool = False) -> SeenContest:
    """The contest of a thing that is there only for those whom the operation's permission reaches: to others it is as if there were none.

    Raises `NOT_FOUND`, and what else `authorize` raises.
    """
    try:
        return await seen_contest(work, contest_id, lock=lock)
    except Problem as refusal:
        if refusal.type is FORBIDDEN:
            raise NOT_FOUND() from None
        raise


def prepares(standing: Standing) -> bool:
    """Whether somebody prepares their community's contests."""
    return Reach.ALL in CONTESTS_WRITE.reach(standing.columns)


async def standing_in(work: Work, community_id: UUID, wanted: Permission | None = None) -> Standing:
    """What the caller is in a community whose contests they may know of."""
    permission = wanted or work.permission
    if permission is None:
        raise TypeError("an operation that sees declares a permission")
    return await authorize(
        work.session, work.caller, permission, community_id, own=True, seen_by=CONTESTS_READ, now=work.now
    )


async def own_attempt(work: Work, key: UUID, *, lock: bool = False, reads: bool = False) -> SeenAttempt:
    """The caller's attempt. Another's is not there for them. Raises `NOT_FOUND`, and what `authorize` raises."""
    attempt = await existing(work.session, ContestAttempt, key, lock=lock)
    standing = await standing_in(work, attempt.community_id, CONTEST_ATTEMPTS_OWN.to_read)
    if standing.member_id != attempt.member_id:
        raise NOT_FOUND()
    if not reads and standing.community.status == "archived":
        # Refused as such only to whose attempt it is.
        standing = await standing_in(work, attempt.community_id, CONTEST_ATTEMPTS_OWN)
    return SeenAttempt(attempt, await existing(work.session, Contest, attempt.contest_id), standing)


def member_of(standing: Standing) -> UUID:
    """The member that the caller is here. Raises `FORBIDDEN` for who is none."""
    if standing.member_id is None:
        raise FORBIDDEN()
    return standing.member_id


def require_state(contest: Contest, action: str, now: datetime) -> None:
    """Raises what the contest's state says against an action."""
    state = state_of(contest, now)
    if state not in POSSIBLE[action]:
        raise refused("illegal_transition", state=state)
