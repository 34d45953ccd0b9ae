"""Use cases of subscriptions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Table, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among, insert_new
from chassis.ids import new_id
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.problems import NOT_FOUND
from chassis.security.authority import authorize
from chassis.web.work import Work
from contracts.content import SubscriptionChanged, SubscriptionTarget
from services.content.permissions import SUBSCRIPTIONS_OWN
from services.content.subscriptions.models import Subscription, id_of_tag

_SUBSCRIPTIONS: Table = Subscription.__table__  # type: ignore[attr-defined]


async def follow_tag(work: Work, community_id: UUID, tag: str, *, on: bool) -> None:
    """Have the caller hear of a tag of a community, whether something has it yet or not."""
    standing = await authorize(work.session, work.caller, SUBSCRIPTIONS_OWN, community_id, own=True, now=work.now)
    if standing.member_id is None:
        raise NOT_FOUND()
    await follow(work, standing.member_id, community_id, "tag", id_of_tag(community_id, tag), tag=tag, on=on)


async def follow(
    work: Work, member_id: UUID, community_id: UUID, kind: str, target_id: UUID, *, tag: str | None = None, on: bool
) -> None:
    """Have a member hear of something that they see, or no longer. Again, it changes nothing and tells nobody."""
    one = select(Subscription).where(col(Subscription.member_id) == member_id, col(Subscription.target_id) == target_id)
    if on:
        row = {
            "id": new_id(),
            "community_id": community_id,
            "member_id": member_id,
            "target_kind": kind,
            "target_id": target_id,
            "tag": tag,
            "is_on": False,
            "created_at": work.now,
            "changed_at": work.now,
            "messages_published": 0,
        }
        await insert_new(work.session, _SUBSCRIPTIONS, [row], key=["member_id", "target_id"])
    found = (await work.session.execute(one.with_for_update())).scalar_one_or_none()
    if found is None or found.is_on == on:
        return
    await emit_many(work.session, [_turned(found, work.now, on=on)])


async def follow_instead(session: AsyncSession, target_id: UUID, other_id: UUID, now: datetime, *, most: int) -> int:
    """Have some of those who follow a discussion follow another in its place, each once; who said no to that still does not. Returns how many."""
    of_one = select(Subscription).where(col(Subscription.target_id) == target_id, col(Subscription.is_on))
    some = of_one.order_by(col(Subscription.member_id)).limit(most).with_for_update()
    former = (await session.execute(some)).scalars().all()
    if not former:
        return 0
    rows = [
        {
            "id": new_id(),
            "community_id": one.community_id,
            "member_id": one.member_id,
            "target_kind": one.target_kind,
            "target_id": other_id,
            "tag": None,
            "is_on": False,
            "created_at": now,
            "changed_at": now,
            "messages_published": 0,
        }
        for one in former
    ]
    await insert_new(session, _SUBSCRIPTIONS, rows, key=["member_id", "target_id"])
    those = select(Subscription).where(
        col(Subscription.target_id) == other_id,
        among(session, col(Subscription.member_id), [one.member_id for one in former]),
        col(Subscription.messages_published) == 0,
    )
    new = (await session.execute(those.order_by(col(Subscription.member_id)).with_for_update())).scalars().all()
    turned = [_turned(one, now, on=False) for one in former] + [_turned(one, now, on=True) for one in new]
    await emit_many(session, turned)
    return len(former)


def _turned(row: Subscription, now: datetime, *, on: bool) -> Outgoing:
    """A locked subscription that is on or off from now on, as it is told."""
    row.is_on, row.changed_at = on, now
    target = SubscriptionTarget(kind=row.target_kind, id=None if row.tag else row.target_id, tag=row.tag)
    message = SubscriptionChanged(
        community_id=row.community_id, subscription_id=row.id, member_id=row.member_id, target=target, on=on
    )
    return Outgoing(message, row.bump(), now)
