"""Use cases of polls: starting one, voting, and closing."""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.rows import existing
from chassis.messaging.outbox import Outgoing
from chassis.problems import INVALID, NOT_FOUND, refused
from chassis.text import comparable
from chassis.web.work import Work
from contracts.content import PollVoted
from services.content.deeds.service import deeds
from services.content.discussions.access import Seen, seen
from services.content.discussions.occasions import Written
from services.content.discussions.schemas import DiscussionCreate
from services.content.groups import DISSOLVED
from services.content.polls import problems
from services.content.polls.models import Poll, Vote
from services.content.polls.rules import is_closed, moved


async def write_poll(session: AsyncSession, written: Written) -> bool:
    """Keep the choices of a poll. Raises `INVALID`."""
    asked = written.asked.poll if isinstance(written.asked, DiscussionCreate) else None
    if written.discussion.kind != "poll":
        if asked is not None:
            raise INVALID(errors=[problems.NOT_THIS_KIND])
        return False
    if not isinstance(written.asked, DiscussionCreate):
        return False
    if asked is None:
        raise INVALID(errors=[problems.MISSING])
    if len({comparable(text).casefold() for text in asked.choices}) < len(asked.choices):
        raise INVALID(errors=[problems.TWICE])
    if asked.closes_at is not None and asked.closes_at <= written.now:
        raise INVALID(errors=[problems.IN_THE_PAST])
    values: dict[str, Any] = asked.model_dump()
    session.add(Poll(discussion_id=written.discussion.id, votes=[0] * len(asked.choices), **values))
    return True


async def vote(work: Work, key: UUID, choices: list[int]) -> Seen:
    """Choose, in the place of what the caller chose before. Raises `POLL_CLOSED`."""
    found, poll, vote = await _voting(work, key)
    if any(number >= len(poll.choices) for number in choices):
        raise INVALID(errors=[problems.UNKNOWN_CHOICE])
    if len(set(choices)) > 1 and not poll.several:
        raise INVALID(errors=[problems.ONE_ONLY])
    await _move(work, found, poll, vote, sorted(set(choices)))
    return found


async def take_back(work: Work, key: UUID) -> Seen:
    """Choose nothing any more. Raises `POLL_CLOSED`."""
    found, poll, vote = await _voting(work, key)
    await _move(work, found, poll, vote, [])
    return found


async def _voting(work: Work, key: UUID) -> tuple[Seen, Poll, Vote | None]:
    found = await seen(work, key)
    discussion, member_id = found.discussion, found.standing.member_id
    if member_id is None or discussion.kind != "poll":
        raise NOT_FOUND()
    poll = await existing(work.session, Poll, key, lock=True)
    if discussion.removed_at is not None:
        raise refused("illegal_transition", state="removed")
    if found.dissolved:
        raise refused("illegal_transition", state=DISSOLVED)
    if is_closed(poll.closes_at, status=discussion.status, now=work.now):
        raise problems.POLL_CLOSED()
    return found, poll, await work.session.get(Vote, (key, member_id))


async def _move(work: Work, found: Seen, poll: Poll, vote: Vote | None, now: list[int]) -> None:
    member_id = found.standing.member_id
    before = vote.choices if vote is not None else []
    if before == now or member_id is None:
        return
    poll.votes = moved(poll.votes, before, now)
    poll.voters += bool(now) - bool(before)
    first = vote is None
    if vote is None:
        vote = Vote(discussion_id=poll.discussion_id, member_id=member_id, choices=now, voted_at=work.now)
        work.session.add(vote)
    vote.choices, vote.voted_at = now, work.now
    await work.session.flush()
    if first:
        message = PollVoted(
            community_id=found.discussion.community_id, discussion_id=poll.discussion_id, member_id=member_id
        )
        await deeds.tell(work.session, "made", [Outgoing(message, vote.bump(), work.now)])
