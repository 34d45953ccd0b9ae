"""Reading redemptions, and the code that one is given."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Waiting
from chassis.database.bulk import insert_new
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from chassis.ids import new_id
from services.gamification.base import known
from services.gamification.rewards.models import Redemption, Reward, VoucherCode
from services.gamification.rewards.redemption_rules import ASKED_FOR, GIVEN_BACK

_codes: Any = VoucherCode.__table__  # type: ignore[attr-defined]
_members = known.members.c
_KEPT = col(Redemption.status).not_in(sorted(GIVEN_BACK))
_SAME_PERSON = select(_members.id).where(
    _members.person_id == select(_members.person_id).where(_members.id == bindparam("member_id")).scalar_subquery()
)
_BOUGHT: Prepared[Any] = Prepared(
    lambda on: (
        select(col(Redemption.reward_id), func.count())
        .where(
            on.among(col(Redemption.reward_id), "rewards"),
            _KEPT,
            (col(Redemption.member_id) == bindparam("member_id")) | col(Redemption.member_id).in_(_SAME_PERSON),
        )
        .group_by(col(Redemption.reward_id))
    )
)
_CODE: Prepared[Any] = Prepared(
    select(col(VoucherCode.code)).where(col(VoucherCode.redemption_id) == bindparam("redemption_id"))
)
_GIVE: Prepared[Any] = Prepared(
    update(VoucherCode)
    .where(
        col(VoucherCode.id)
        == select(col(VoucherCode.id))
        .where(col(VoucherCode.reward_id) == bindparam("reward"), col(VoucherCode.redemption_id).is_(None))
        .order_by(col(VoucherCode.id))
        .limit(1)
        .scalar_subquery()
    )
    .values(redemption_id=bindparam("redemption"))
    .returning(col(VoucherCode.id))
)


async def bought(session: AsyncSession, member_id: UUID, rewards: Collection[UUID]) -> dict[UUID, int]:
    """How many of each of these rewards somebody has and did not give back, whatever community they paid in."""
    if not rewards:
        return {}
    rows = await _BOUGHT.all(session, rewards=list(rewards), member_id=member_id)
    return dict(rows)


async def code_of(session: AsyncSession, redemption_id: UUID) -> str | None:
    """The voucher code that a redemption was given."""
    found: str | None = await _CODE.first(session, redemption_id=redemption_id)
    return found


async def give_code(session: AsyncSession, reward_id: UUID, redemption_id: UUID) -> None:
    """Give a redemption a code of a locked reward, for ever."""
    if await _GIVE.first(session, reward=reward_id, redemption=redemption_id) is None:
        raise LookupError("a voucher was sold without a code")


def listing(
    whose: Collection[ColumnElement[bool]], status: str | None, reward_id: UUID | None, overdue: datetime | None
) -> Listing:
    """Redemptions, the latest first; `overdue`: those that should have been decided by then."""
    found = list(whose)
    if status is not None:
        found.append(col(Redemption.status) == status)
    if reward_id is not None:
        found.append(col(Redemption.reward_id) == reward_id)
    if overdue is not None:
        found += [col(Redemption.status) == "requested", col(Redemption.decide_by) < overdue]
    return Listing(select(Redemption).where(*found), [col(Redemption.created_at).desc(), col(Redemption.id).desc()])


def _waiting(status: str, since: Any, overdue: Any) -> Prepared[Any]:
    return Prepared(
        select(func.count(), func.min(since), func.coalesce(func.sum(case((overdue, 1), else_=0)), 0)).where(
            col(Redemption.community_id) == bindparam("community_id"), col(Redemption.status) == status
        )
    )


_TO_DECIDE = _waiting("requested", col(Redemption.created_at), col(Redemption.decide_by) < bindparam("now"))
_TO_FULFIL = _waiting(
    "approved",
    col(Redemption.approved_at),
    or_(
        col(Redemption.collect_by) < bindparam("now"),
        and_(col(Redemption.fulfilment) == "webhook", col(Redemption.approved_at) <= bindparam("asked_long")),
    ),
)


async def to_decide(session: AsyncSession, community_id: UUID, now: datetime, _member_id: UUID | None) -> Waiting:
    """The redemptions that nobody has decided about; overdue after two working days."""
    return await _answer(session, _TO_DECIDE, community_id, "requested", now)


async def to_fulfil(session: AsyncSession, community_id: UUID, now: datetime, _member_id: UUID | None) -> Waiting:
    """What was approved and is not handed over."""
    return await _answer(session, _TO_FULFIL, community_id, "approved", now, asked_long=now - ASKED_FOR)


async def _answer(
    session: AsyncSession, statement: Prepared[Any], community_id: UUID, status: str, now: datetime, **more: Any
) -> Waiting:
    count, oldest_at, overdue = await statement.one(session, community_id=community_id, now=now, **more)
    href = f"/v1/redemptions?community_id={community_id}&status={status}"
    return Waiting(count=count, oldest_at=oldest_at, overdue=overdue, href=href)


_TO_ASK: Prepared[Any] = Prepared(
    select(Redemption)
    .where(
        col(Redemption.reward_id) == bindparam("reward_id"),
        col(Redemption.hook_next_at) <= bindparam("now"),
        col(Redemption.approved_at) > bindparam("asked_long"),
    )
    .order_by(col(Redemption.hook_next_at), col(Redemption.id))
    .limit(bindparam("most"))
)
_ASKED_NEXT: Prepared[Any] = Prepared(
    select(func.min(col(Redemption.hook_next_at))).where(
        col(Redemption.reward_id) == bindparam("reward_id"), col(Redemption.approved_at) > bindparam("asked_long")
    )
)


async def to_ask(session: AsyncSession, reward_id: UUID, now: datetime, most: int) -> list[Redemption]:
    """The redemptions about which a reward's webhook is to be asked now."""
    found: list[Redemption] = await _TO_ASK.all(
        session, reward_id=reward_id, now=now, asked_long=now - ASKED_FOR, most=most
    )
    return found


async def asked_next(session: AsyncSession, reward_id: UUID, now: datetime) -> datetime | None:
    """When it is to be asked next."""
    found: datetime | None = await _ASKED_NEXT.one(session, reward_id=reward_id, asked_long=now - ASKED_FOR)
    return found


async def keep_code(session: AsyncSession, reward: Reward, row: Redemption, code: str, now: datetime) -> bool:
    """Keep the code that a webhook answered, for that redemption alone; False where another has it, in whichever community."""
    kept = {
        "id": new_id(),
        "community_id": reward.community_id,
        "reward_id": row.reward_id,
        "code": code,
        "redemption_id": row.id,
        "created_at": now,
    }
    return bool(await insert_new(session, _codes, [kept], key=["community_id", "code"]))
