"""A draft about each sharing session: begun once, and given to whoever spoke there."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.handlers import Received
from contracts.events import ActivityCompleted, SpeakerInvited
from services.content.articles.models import Article, ArticleVersion
from services.content.articles.rules import MOST_AUTHORS, UNDER_WAY
from services.content.articles.service import begin, index, latest, show
from services.content.guests.queries import outsiders_of
from services.content.markdown import rendered
from services.content.sessions.models import HeldSession, SessionSpeaker
from services.content.sessions.queries import community_of, gone_among, speakers_of
from services.content.sessions.rules import authors_of, body_of, given_on

LONGEST_SUMMARY: Final = 500
"""Characters of what an article says in short."""


async def take_completed(session: AsyncSession, message: Received[Any], now: datetime) -> None:
    """Begin the draft, if the session is not known yet: told again, it is the same session."""
    told: ActivityCompleted = message.data
    if await session.get(HeldSession, told.activity_id, with_for_update=True) is not None:
        return
    held = HeldSession(
        activity_id=told.activity_id,
        community_id=told.community_id,
        version=message.version,
        organiser_ids=[str(one) for one in told.organiser_ids],
        completed_at=message.occurred_at,
    )
    session.add(held)
    await session.flush()
    await _keep_speakers(session, message)
    community = await community_of(session, told.community_id)
    if community is not None and community.status == "archived":
        return
    authors = await _authors(session, held)
    if not authors:
        return
    held.author_ids = authors
    held.article_id = await _begin(session, told, authors, community.visibility if community else "private", now)
    await session.flush()


async def take_speaker(session: AsyncSession, message: Received[Any], now: datetime) -> None:
    """Note whether a member speaks there, and give the draft to whom it belongs now, as long as nobody published it."""
    told, member_id = message.data, message.data.speaker.member_id
    held = await session.get(HeldSession, told.activity_id, with_for_update=True, populate_existing=True)
    if held is not None and message.version < held.version:
        # Who spoke is known from when it was completed.
        return
    row = await session.get(SessionSpeaker, (told.activity_id, member_id), with_for_update=True)
    if row is not None and row.version >= message.version:
        return
    if row is None:
        row = SessionSpeaker(activity_id=told.activity_id, member_id=member_id, version=0, speaks=False)
        session.add(row)
    row.version, row.speaks = message.version, isinstance(told, SpeakerInvited)
    await session.flush()
    if held is not None and held.article_id is not None:
        await _give(session, held, held.article_id, now)


async def _keep_speakers(session: AsyncSession, message: Received[Any]) -> None:
    """What was told before the session was completed is in what is told of it; what was told after it stays."""
    told: ActivityCompleted = message.data
    of_it = col(SessionSpeaker.activity_id) == told.activity_id
    await session.execute(delete(SessionSpeaker).where(of_it, col(SessionSpeaker.version) < message.version))
    later = set(await speakers_of(session, told.activity_id, withdrawn_too=True))
    for place, one in enumerate(told.speakers):
        if one.member_id is not None and str(one.member_id) not in later:
            session.add(
                SessionSpeaker(
                    activity_id=told.activity_id,
                    member_id=one.member_id,
                    version=message.version,
                    place=place,
                    speaks=True,
                )
            )
    await session.flush()


async def _authors(session: AsyncSession, held: HeldSession) -> list[str]:
    speakers = await speakers_of(session, held.activity_id)
    gone = await gone_among(session, [UUID(one) for one in {*speakers, *held.organiser_ids}])
    return authors_of(speakers, held.organiser_ids, gone=gone, most=MOST_AUTHORS)


async def _begin(
    session: AsyncSession, told: ActivityCompleted, authors: Sequence[str], visibility: str, now: datetime
) -> UUID:
    materials = [(one.title, one.url) for one in told.materials if one.url]
    watched = told.recording
    body = body_of(told.summary, materials, (watched.title, watched.url) if watched and watched.url else None)
    text = rendered(body)
    said: dict[str, Any] = {
        "title": told.title,
        "summary": (told.summary or "")[:LONGEST_SUMMARY],
        "excerpt": text.excerpt,
        "tags": list(told.tags),
        "visibility": visibility,
        "source": None,
        "author_ids": list(authors),
        "outside_authors": await outsiders_of(session, told.activity_id),
    }
    article = await begin(
        session,
        {"community_id": told.community_id, "kind": "session_archive", "source_activity_id": told.activity_id},
        said,
        {"body": body, "body_html": text.html, "mentions": []},
        by=UUID(authors[0]),
        wrote=False,
        now=now,
    )
    return article.id


async def _give(session: AsyncSession, held: HeldSession, article_id: UUID, now: datetime) -> None:
    article = await session.get_one(Article, article_id, with_for_update=True, populate_existing=True)
    after = await _authors(session, held)
    if article.published_at is not None or article.working not in UNDER_WAY or not after or after == held.author_ids:
        return
    version = await session.get_one(ArticleVersion, (article.id, latest(article)))
    version.author_ids = given_on(version.author_ids, held.author_ids, after, most=MOST_AUTHORS)
    held.author_ids = after
    # Whoever approves it reads anew whose it is.
    article.version += 1
    show(article, version, article.edited_at or now)
    await session.flush()
    await index(session, article, version)
