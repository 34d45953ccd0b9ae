"""Posting what waits, by the worker and outside of any transaction: each channel on its own, no faster than its robot may.

A channel that takes nothing is left alone for longer each time, and is off after five days; one whose robot is gone is off at once. What
waits meanwhile stays, for seven days at most. A process that dies between a post and its note posts that one again, and no other.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.jobs import JobRun, Jobs, own_jobs, start_job
from chassis.secrets import SealBroken
from chassis.settings import Settings
from chassis.timers import Late, Timer, Timers, schedule
from chassis.web.work import Work
from services.membership.communities.models import Community
from services.membership.messengers import folding, keeping, post_rules, queries
from services.membership.messengers.messenger import Provider, Robot
from services.membership.messengers.models import MessengerChannel, MessengerPost
from services.membership.messengers.occasions import ChannelOff, channel_switched_off
from services.membership.messengers.outcomes import ENDS_ROBOT, Again, Outcome, Refused, Taken
from services.membership.messengers.post_rules import Post
from services.membership.messengers.sending import Sender, messenger, robot_per_minute

TIMER = "messengers.post"
POST = "messengers.post_news"
_SECONDS = 30.0
"""How long a job goes on to post: then others come first."""
_LOOK_AGAIN = folding.WINDOW / 6
"""When to look again for what a job that is under way may have come too early for."""
_MAKE_UP = folding.WINDOW * 15
"""When to begin again where a job did not get to its end."""

log = logging.getLogger("qunxue.messengers")

timers, jobs = Timers(), Jobs()
sender = Sender()


@dataclass(frozen=True, slots=True)
class _Batch:
    """What goes as one text: which posts, at which of their news."""

    provider: Provider
    robot: Robot
    text: str
    posts: Sequence[tuple[UUID, int]]


@timers.on(TIMER, late=Late.BEGINNING)
async def begin(session: AsyncSession, timer: Timer) -> None:
    """Have the worker post: one job for a channel, however much waits, and none as long as it may not."""
    channel = await session.get(MessengerChannel, timer.subject_id)
    if channel is None or not await queries.waiting(session, channel):
        return
    due_at = _due_at(context_of(session).runtime.settings, channel, timer.now)
    if due_at > timer.now:
        await schedule(session, TIMER, channel.id, due_at)
        return
    params = {"channel_id": str(channel.id)}
    under_way = await own_jobs(session, POST, caller=None, community_id=channel.community_id)
    if params in under_way.values():
        await schedule(session, TIMER, channel.id, timer.now + _LOOK_AGAIN)
        return
    await start_job(session, POST, params, caller=None, now=timer.now, community_id=channel.community_id)
    await schedule(session, TIMER, channel.id, timer.now + _MAKE_UP)


@jobs.kind(POST)
async def post(job: JobRun) -> None:
    """Post for a while; the first that is not taken ends it, unless it was its text that was refused."""
    channel_id = UUID(str(job.params["channel_id"]))
    until, goes_on, alone = monotonic() + _SECONDS, True, False
    async with job.step() as session:
        await queries.let_lapse(session, channel_id, job.runtime.clock())
    while goes_on and monotonic() < until:
        # Read anew each time: what was withdrawn, or changed, meanwhile is not posted as it was.
        batch = await _next(job, channel_id, alone=alone)
        if batch is None:
            break
        settings, now = job.runtime.settings, job.runtime.clock()
        outcome = await sender.to_robot(settings, batch.provider, batch.robot, batch.text, now)
        refused = isinstance(outcome, Refused) and outcome.code not in ENDS_ROBOT
        if refused and len(batch.posts) > 1:
            # One of them spoils the others.
            alone = True
            continue
        async with job.step() as session:
            await _note(session, channel_id, batch.posts, outcome, job.runtime.clock())
        goes_on = refused or isinstance(outcome, Taken)
    async with job.step() as session:
        await _go_on(session, channel_id, job.runtime.clock())


async def post_test(session: AsyncSession, channel: MessengerChannel, now: datetime) -> None:
    """Have a test message posted by a locked channel; several that wait are one."""
    known = await queries.posts_about(session, [channel.id], [channel.id])
    row = known.get((channel.id, channel.id))
    if row is None:
        row = MessengerPost(channel_id=channel.id, object_kind="test", object_id=channel.id, news="test", heard_at=now)
        session.add(row)
    if row.waits_since is None:
        row.news_version, row.news_at, row.waits_since, row.heard_at = row.news_version + 1, now, now, now
    # Who asks for it wants to know it now.
    channel.rests_until = None
    await schedule(session, TIMER, channel.id, now)


async def _next(job: JobRun, channel_id: UUID, *, alone: bool) -> _Batch | None:
    """What is to be posted now, in one text."""
    settings, now = job.runtime.settings, job.runtime.clock()
    async with job.runtime.database.reading(primary=True) as session:
        channel = await session.get(MessengerChannel, channel_id)
        if channel is None or _due_at(settings, channel, now) > now:
            return None
        waiting = await queries.waiting(session, channel)
        community = await session.get(Community, channel.community_id)
        if not waiting or community is None:
            return None
        try:
            robot = keeping.opened(job.runtime.secret, channel.id, channel.sealed)
        except SealBroken:
            robot = None
    provider: Provider = channel.provider  # type: ignore[assignment]  # checked in the database
    if robot is None:
        async with job.step() as session:
            await _switch_off(session, channel_id, "key_lost", now)
        return None
    space = folding.room(_sent_at(channel), robot_per_minute(settings, provider), now)
    some = waiting if folding.fold_now(len(waiting), space) and not alone else waiting[:1]
    texts = [_text(settings, channel, community, row) for row in some]
    text, count = folding.folded(texts, messenger(settings, provider).most_bytes)
    return _Batch(provider, robot, text, [(row.id, row.news_version) for row in some[:count]])


async def _note(
    session: AsyncSession, channel_id: UUID, posts: Sequence[tuple[UUID, int]], outcome: Outcome, now: datetime
) -> None:
    """Write down what came of a text."""
    channel = await session.get(MessengerChannel, channel_id, with_for_update=True, populate_existing=True)
    if channel is None:
        return
    channel.last_tried_at = now
    channel.last_outcome = _code(outcome)
    if isinstance(outcome, Taken):
        sent_at = [*folding.recent(_sent_at(channel), now), now]
        channel.sent_at = [at.isoformat() for at in sent_at]
        channel.last_taken_at, channel.failures, channel.failing_since, channel.rests_until = now, 0, None, None
    elif isinstance(outcome, Again):
        channel.failures += 1
        channel.failing_since = channel.failing_since or now
        waits = max(outcome.after or folding.WINDOW * 0, post_rules.wait_after(channel.failures))
        channel.rests_until = now + waits
    ended = isinstance(outcome, Refused) and outcome.code in ENDS_ROBOT
    await _told(session, posts, whatever=not isinstance(outcome, Again) and not ended)
    if ended:
        await _switch_off(session, channel_id, channel.last_outcome, now)
    elif post_rules.is_given_up(channel.failing_since, now):
        await _switch_off(session, channel_id, "silent", now)


async def _told(session: AsyncSession, posts: Sequence[tuple[UUID, int]], *, whatever: bool) -> None:
    """What was posted, or refused for good, waits no more, unless there is later news of it. A test is tried once."""
    for key, news_version in posts:
        row = await session.get(MessengerPost, key, populate_existing=True)
        if row is None or not (whatever or row.object_kind == "test"):
            continue
        row.told_version = max(row.told_version, news_version)
        if row.news_version <= row.told_version:
            row.waits_since = None


async def _switch_off(session: AsyncSession, channel_id: UUID, because: str, now: datetime) -> None:
    channel = await session.get(MessengerChannel, channel_id, with_for_update=True, populate_existing=True)
    if channel is not None and channel.status != "switched_off":
        await session.flush()
        await Work(session, now).edit(channel, {"status": "switched_off", "off_because": because}, action="switch_off")
        await channel_switched_off.happened(session, ChannelOff(channel.id, channel.community_id, now))
        log.warning("messenger channel is off", extra={"channel": str(channel_id), "because": because})


async def _go_on(session: AsyncSession, channel_id: UUID, now: datetime) -> None:
    channel = await session.get(MessengerChannel, channel_id, with_for_update=True, populate_existing=True)
    if channel is None or not await queries.waiting(session, channel):
        return
    due_at = _due_at(context_of(session).runtime.settings, channel, now)
    await schedule(session, TIMER, channel.id, max(due_at, now))


def _due_at(settings: Settings, channel: MessengerChannel, now: datetime) -> datetime:
    """When the channel may post next."""
    provider: Provider = channel.provider  # type: ignore[assignment]  # checked in the database
    free_at = folding.room_at(_sent_at(channel), robot_per_minute(settings, provider), now)
    return max(free_at, channel.rests_until or free_at)


def _sent_at(channel: MessengerChannel) -> list[datetime]:
    return [datetime.fromisoformat(at) for at in channel.sent_at]


def _text(settings: Settings, channel: MessengerChannel, community: Community, row: MessengerPost) -> str:
    post = Post(news=row.news, title=row.title, starts_at=row.starts_at, time_zone=row.time_zone)  # type: ignore[arg-type]  # of ours
    app = settings.app_url
    where = {"discussion": "discussions", "activity": "activities"}.get(row.object_kind)
    link = None if app is None or where is None else f"{app.rstrip('/')}/{where}/{row.object_id}"
    return post_rules.text_of(
        post,
        locale=channel.locale,
        community=community.name,
        channel=channel.name,
        private=community.visibility == "private",
        link=link,
    )


def _code(outcome: Outcome) -> str:
    match outcome:
        case Taken():
            return "taken"
        case Again():
            return "again"
        case Refused(code=code):
            return code
