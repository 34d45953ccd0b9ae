"""How badges and awards read, in the reader's language."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.listing import Listing
from chassis.locale import Locale
from chassis.projections.members import embedded
from chassis.web.work import Work
from services.gamification.badges.awarding import criteria_of
from services.gamification.badges.counters import counts_of
from services.gamification.badges.models import Badge, BadgeAward
from services.gamification.badges.rules import Counter
from services.gamification.badges.schemas import BadgeAwardPublic, BadgePublic, CriterionPublic
from services.gamification.badges.wording import title_of


@dataclass(frozen=True, slots=True)
class Named:
    """A badge and what it is called."""

    id: UUID
    name: str


async def badges_public(work: Work, rows: Sequence[Badge], member_id: UUID | None, locale: Locale) -> list[BadgePublic]:
    """Badges as they are answered to a reader who is this member."""
    mine: Mapping[UUID, datetime] = {}
    if member_id is not None:
        held = select(col(BadgeAward.badge_id), col(BadgeAward.awarded_at)).where(
            col(BadgeAward.member_id) == member_id, col(BadgeAward.revoked_at).is_(None)
        )
        mine = {row.badge_id: row.awarded_at for row in await work.session.execute(held)}
    on_the_way = [row for row in rows if row.enabled and row.id not in mine] if member_id is not None else []
    wanted = {one.counter for row in on_the_way for one in criteria_of(row.criteria)}
    counts = await counts_of(work.session, [member_id], wanted) if member_id is not None else {}
    ahead = {row.id for row in on_the_way}
    return [
        _badge(row, mine.get(row.id), counts[member_id] if member_id and row.id in ahead else None, locale)
        for row in rows
    ]


def _badge(row: Badge, mine: datetime | None, counts: Mapping[Counter, int] | None, locale: Locale) -> BadgePublic:
    is_zh = locale == "zh-CN"
    return BadgePublic(
        id=row.id,
        community_id=row.community_id,
        code=row.code,
        version=row.version,
        name=row.name_zh if is_zh else row.name_en,
        name_zh=row.name_zh,
        name_en=row.name_en,
        about=row.about_zh if is_zh else row.about_en,
        about_zh=row.about_zh,
        about_en=row.about_en,
        match=row.match,
        criteria=[
            CriterionPublic(
                counter=said["counter"],
                title=title_of(one.counter, locale),
                trigger=said.get("trigger"),
                beneficiary=said.get("beneficiary"),
                at_least=one.at_least,
                current=None if counts is None else counts.get(one.counter, 0),
            )
            for said, one in zip(row.criteria, criteria_of(row.criteria), strict=True)
        ],
        enabled=row.enabled,
        created_at=row.created_at,
        mine=mine,
    )


async def named(session: AsyncSession, community_id: UUID, codes: Collection[str], locale: Locale) -> dict[str, Named]:
    """A community's badges of these codes, with what they are called."""
    if not codes:
        return {}
    columns = col(Badge.id), col(Badge.code), col(Badge.name_zh), col(Badge.name_en)
    statement = select(*columns).where(col(Badge.community_id) == community_id, col(Badge.code).in_(sorted(codes)))
    rows = (await session.execute(statement)).all()
    return {row.code: Named(row.id, row.name_zh if locale == "zh-CN" else row.name_en) for row in rows}


def awards(community_id: UUID, *, badge_id: UUID | None, member_id: UUID | None, revoked: bool) -> Listing:
    """Who has which badges of a community, the latest first; `revoked` adds those that were taken back."""
    statement = select(BadgeAward).where(col(BadgeAward.community_id) == community_id)
    if badge_id is not None:
        statement = statement.where(col(BadgeAward.badge_id) == badge_id)
    if member_id is not None:
        statement = statement.where(col(BadgeAward.member_id) == member_id)
    if not revoked:
        statement = statement.where(col(BadgeAward.revoked_at).is_(None))
    return Listing(statement, [col(BadgeAward.awarded_at).desc(), col(BadgeAward.id).desc()])


async def awards_public(work: Work, rows: Sequence[BadgeAward], locale: Locale) -> list[BadgeAwardPublic]:
    """Awards with their members and the names of the badges as they are today."""
    members = await embedded(work.session, {row.member_id for row in rows})
    named = select(col(Badge.id), col(Badge.code), col(Badge.name_zh), col(Badge.name_en)).where(
        among(work.session, col(Badge.id), {row.badge_id for row in rows})
    )
    badges = {badge.id: badge for badge in await work.session.execute(named)}
    return [
        BadgeAwardPublic.model_validate(
            row.model_dump()
            | {
                "code": badges[row.badge_id].code,
                "name": badges[row.badge_id].name_zh if locale == "zh-CN" else badges[row.badge_id].name_en,
                "member": members[row.member_id],
            }
        )
        for row in rows
    ]
