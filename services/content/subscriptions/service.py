"""Use cases of subscriptions."""

from uuid import UUID

from sqlalchemy import Table, select
from sqlmodel import col

from chassis.database.bulk import insert_new
from chassis.ids import new_id
from chassis.messaging.outbox import emit
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
    found.is_on, found.changed_at = on, work.now
    target = SubscriptionTarget(kind=kind, id=None if tag else target_id, tag=tag)
    message = SubscriptionChanged(
        community_id=community_id, subscription_id=found.id, member_id=member_id, target=target, on=on
    )
    await emit(work.session, message, version=found.bump(), occurred_at=work.now)
