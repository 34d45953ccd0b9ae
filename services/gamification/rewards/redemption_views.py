"""How redemptions become answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from chassis.projections.communities import communities_embedded
from chassis.projections.members import embedded
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.gamification.rewards.models import Redemption
from services.gamification.rewards.reading import Wanted
from services.gamification.rewards.redemption_access import SeenRedemption, refusal
from services.gamification.rewards.redemption_rules import LEADS_TO, OPEN, needs_person
from services.gamification.rewards.redemption_schemas import RecipientPublic, RedemptionPublic

ACTIONS: Final = tuple(LEADS_TO)


async def shown(work: Work, seen: SeenRedemption) -> RedemptionPublic:
    """A redemption as it is answered by itself: with whom it goes to, for those who have to know."""
    row = seen.row
    [answer] = await _answers(work, [seen])
    knows = seen.mine or (seen.decides and row.status in OPEN)
    if knows and row.recipient_name is not None:
        answer.recipient = RecipientPublic(
            name=row.recipient_name, phone=row.recipient_phone or "", address=row.recipient_address or ""
        )
    return answer


async def listed(work: Work, rows: Sequence[Redemption], found: Wanted) -> list[RedemptionPublic]:
    """Redemptions as their reader sees them."""
    seen = [
        SeenRedemption(row, found.standings.get(row.community_id), row.member_id in found.own, found.decides)
        for row in rows
    ]
    return await _answers(work, seen)


async def _answers(work: Work, seen: Sequence[SeenRedemption]) -> list[RedemptionPublic]:
    members = await embedded(work.session, {one.row.member_id for one in seen})
    communities = await communities_embedded(work.session, {one.row.community_id for one in seen})
    return [
        RedemptionPublic(
            **_plain(one.row),
            community=communities[one.row.community_id],
            member=members[one.row.member_id],
            overdue=one.row.status == "requested" and one.row.decide_by < work.now,
            needs_person=needs_person(
                status=one.row.status, fulfilment=one.row.fulfilment, approved_at=one.row.approved_at, now=work.now
            ),
            has_code=one.mine and has_code(one.row),
            recipient=None,
            viewer=_viewer(one, work.now),
        )
        for one in seen
    ]


def has_code(row: Redemption) -> bool:
    """Whether there is a code that its member may see."""
    if row.delivery == "pickup":
        return row.status == "approved"
    return row.reward_kind == "voucher" and row.status == "fulfilled"


def _plain(row: Redemption) -> dict[str, Any]:
    return {**row.model_dump(), "kind": row.reward_kind}


def _viewer(seen: SeenRedemption, now: datetime) -> Viewer:
    archived = seen.standing is not None and seen.standing.community.status == "archived"
    answers = {}
    for action in ACTIONS:
        if seen.row.status == LEADS_TO[action]:
            continue
        found = refusal(action, seen, now)
        answers[action] = found.code if found is not None else "community_archived" if archived else None
    return Viewer.of(answers)
