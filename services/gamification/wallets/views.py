"""How wallets and entries read, in the reader's language."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.locale import Locale
from chassis.projections.communities import communities_embedded
from chassis.projections.members import embedded
from chassis.web.schemas import CommunityEmbed, MemberEmbed
from services.gamification.earning.titles import Titles, titles_in
from services.gamification.earning.triggers import TRIGGERS
from services.gamification.ledger.models import PostedTransfer
from services.gamification.levels.ladders import Ladder
from services.gamification.levels.rules import Rung
from services.gamification.wallets.occasions import Sources, sources_shown
from services.gamification.wallets.schemas import (
    EntryReversal,
    EntryRule,
    EntrySource,
    LedgerEntryPublic,
    WalletLevel,
)

_REVERSED = {"en": "{title}, taken back", "zh-CN": "{title}（撤回）"}
_KINDS = {
    "redemption": ("Points spent", "积分兑换"),
    "expiry": ("Points expired", "积分到期"),
    "correction": ("Correction", "更正"),
    "penalty": ("Penalty", "处罚"),
}
_SOURCES = {
    "award.given": ("Award by hand", "人工奖励"),
    "checkin.made_up": ("Missed day made up", "补打卡"),
    "season.closed": ("Prize of a season", "赛季奖励"),
    "penalty.imposed": ("Penalty", "处罚"),
}
_ADDRESSES = TRIGGERS.addresses | {
    "season": "/v1/seasons/{}",
    "award": "/v1/awards/{}",
    "redemption": "/v1/redemptions/{}",
}
_NAMED = frozenset({"season", "redemption", "plan"})
"""The kinds of things that have a title in this service; what happened elsewhere is read there."""


def level_public(ladder: Ladder, rung: Rung, locale: Locale) -> WalletLevel:
    """A rung as wallets show it."""
    above = ladder.above(rung.position)
    return WalletLevel(
        code=rung.code,
        name=rung.name(locale),
        position=rung.position,
        next_at=above.xp if above else None,
    )


def title_of(row: PostedTransfer, titles: Titles, locale: Locale) -> str:
    """What an entry was for: the rule that paid, as it is called today, or what was done."""
    if row.rule_code is not None:
        title = titles.of(row.community_id, row.rule_code, locale)
    else:
        trigger = TRIGGERS.by_name.get(row.source_type)
        known = _SOURCES.get(row.source_type) or _KINDS.get(row.kind) or ((trigger.en, trigger.zh) if trigger else None)
        title = (known[1] if locale == "zh-CN" else known[0]) if known else row.source_type
    return _REVERSED[locale].format(title=title) if row.reverses is not None else title


async def entries_public(
    session: AsyncSession, rows: Sequence[tuple[PostedTransfer, UUID | None]], locale: Locale
) -> list[LedgerEntryPublic]:
    """Entries as their members read them, each with the id of the one that reverses it."""
    titles = await titles_in(session, {row.community_id for row, _ in rows})
    members = await embedded(session, {row.member_id for row, _ in rows})
    communities = await communities_embedded(session, {row.community_id for row, _ in rows})
    called = await _called(session, [row for row, _ in rows])
    return [
        _entry(
            row,
            reversed_by,
            members[row.member_id],
            communities[row.community_id],
            title_of(row, titles, locale),
            called.get(row.target_id or ""),
        )
        for row, reversed_by in rows
    ]


async def _called(session: AsyncSession, rows: Sequence[PostedTransfer]) -> dict[str, str]:
    """What the things are called that entries were posted for, as far as somebody knows."""
    ids: dict[str, set[UUID]] = {}
    for row in rows:
        if row.target_kind in _NAMED and row.target_id is not None:
            ids.setdefault(row.target_kind, set()).add(UUID(row.target_id))
    if not ids:
        return {}
    answers = await sources_shown.happened(session, Sources({kind: frozenset(some) for kind, some in ids.items()}))
    return {str(key): title for answer in answers for key, title in answer.items()}


def _entry(
    row: PostedTransfer,
    reversed_by: UUID | None,
    member: MemberEmbed,
    community: CommunityEmbed | None,
    title: str,
    called: str | None,
) -> LedgerEntryPublic:
    address = _ADDRESSES.get(row.target_kind or "")
    return LedgerEntryPublic(
        id=row.id,
        posting_id=row.posting_id,
        member_id=row.member_id,
        member=member,
        community_id=row.community_id,
        community=community,
        currency=row.currency,
        amount=row.amount if row.credit == "wallet" else -row.amount,
        kind=row.kind,
        title=title,
        source=EntrySource(
            id=row.source_id,
            type=row.source_type,
            object_kind=row.target_kind,
            object_id=row.target_id,
            title=called,
            href=address.format(*row.target_id.split(":")) if address and row.target_id else None,
        ),
        rule=EntryRule(code=row.rule_code, version=row.rule_version or 0) if row.rule_code else None,
        reverses=EntryReversal(entry_id=row.reverses, why=row.why or "recounted", reason=row.reason)
        if row.reverses
        else None,
        reversed_by=reversed_by,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
    )
