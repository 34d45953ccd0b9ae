"""How far every service is with a penalty: each answers a revision once it has applied it, and membership keeps the greatest."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Table, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import merge_many
from chassis.locale import Locale
from contracts.conduct import PENALTY_ANSWERS
from services.membership.appeals.models import PenaltyAnswer
from services.membership.appeals.schemas import LeftPublic, ServiceProgress
from services.membership.penalties.occasions import PenaltyFollowed
from services.membership.roster.models import RoleGrant
from services.membership.roster.rules import ENDED

OWN: Final = "membership"
SERVICES: Final = tuple(sorted(kind.SOURCE.rpartition("/")[2] for kind in PENALTY_ANSWERS))
"""The services that answer, beside this one."""
TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "stays_refunded": ("It was cancelled, and its points and stock went back.", "兑换已取消，积分与库存均已退回。"),
    "proposed_as_award": ("An owner decides about it as an award.", "已作为奖励提出，等待所有者审批。"),
    "activity_cancelled": ("The activity was cancelled.", "活动已取消。"),
    "activity_started": ("The activity has begun, or is over.", "活动已开始或已结束。"),
    "registered_again": ("They have registered again meanwhile.", "该人员已重新报名。"),
    "given_back_since": ("They gave it up themselves since.", "该人员此后已自行放弃。"),
    "other_penalty": ("Another penalty still stands.", "另有处罚仍然有效。"),
    "not_a_member": ("They are no member any more.", "该人员已不是成员。"),
    "unknown": ("It is not there any more.", "该内容已不存在。"),
    "removed_by_author": ("Its author removed it.", "作者已自行删除。"),
    "removed_by_moderator": ("A moderator removed it.", "已被版主移除。"),
    "held": ("It waits for a moderator.", "正在等待审核。"),
    "merged": ("It was merged into another one.", "已合并到其他内容。"),
    "group_full": ("The group is full meanwhile.", "小组已满员。"),
    "group_dissolved": ("The group was dissolved meanwhile.", "小组已解散。"),
    "group_of_cohort": ("The group is of another cohort.", "小组属于其他期次。"),
    "already_grouped": ("They are in another group of the same grouping.", "已在同一次分组的其他小组中。"),
    "too_many_groups": ("They are in as many groups as anybody may be.", "加入的小组数已达上限。"),
    "time_over": ("Its time is over.", "约定的期限已过。"),
    "not_a_mentor": ("The mentor has that role no more.", "导师已不再担任该角色。"),
    "mentor_full": ("The mentor has taken others meanwhile.", "导师名额已满。"),
    "mentee_has_mentor": ("The mentee has another mentor meanwhile.", "学员已有其他导师。"),
}
"""Why something was left, in words; codes of a later release are shown as they are."""
_table: Table = PenaltyAnswer.__table__  # type: ignore[attr-defined]


async def keep_answers(session: AsyncSession, answers: Sequence[Mapping[str, Any]]) -> None:
    """Keep of each penalty and service the answer about the greatest revision, in whatever order they come."""
    greatest: dict[tuple[Any, Any], Mapping[str, Any]] = {}
    for one in answers:
        place = (one["penalty_id"], one["service"])
        if place not in greatest or greatest[place]["revision"] < one["revision"]:
            greatest[place] = one
    rows = [dict(greatest[place]) for place in sorted(greatest, key=lambda place: (place[0].int, place[1]))]
    await merge_many(session, _table, rows, _greatest)


def _greatest(table: Table, insert: Any, names: Sequence[str]) -> Any:
    key = ("penalty_id", "service")
    return insert.on_conflict_do_update(
        index_elements=[table.c[name] for name in key],
        set_={name: insert.excluded[name] for name in names if name not in key},
        where=table.c.revision < insert.excluded.revision,
    )


async def note_own(session: AsyncSession, followed: PenaltyFollowed) -> None:
    """Keep what this service itself did of a revision, in the transaction that made it."""
    penalty, returned = followed.penalty, followed.returned
    counts = await _went_on(session, followed) | {one.kind: one.count for one in returned}
    row = {
        "penalty_id": penalty.id,
        "service": OWN,
        "revision": penalty.revision,
        "undone": {kind: n for kind, n in counts.items() if n},
        "left": [
            {"kind": one.kind.removesuffix("s"), "id": str(key), "code": code}
            for one in returned
            for key, code in one.left
        ],
        "at": followed.at,
    }
    await keep_answers(session, [row])


async def _went_on(session: AsyncSession, followed: PenaltyFollowed) -> dict[str, int]:
    """What goes on again of a membership that an expulsion had ended; else whether the member may do more, or less, than before."""
    member = followed.member
    if followed.was != "expelled" or member.status in ENDED:
        return {"sanctions": int(followed.was != member.status_at(followed.at))}
    roles = select(func.count()).where(
        col(RoleGrant.member_id) == member.id, col(RoleGrant.since) == followed.at, col(RoleGrant.revoked_at).is_(None)
    )
    return {"memberships": 1, "roles": (await session.execute(roles)).scalar_one()}


def progress_of(penalty_revision: int, answers: Mapping[str, PenaltyAnswer], locale: Locale) -> list[ServiceProgress]:
    """What each service has said about a penalty as it stands, this one first."""
    return [_of(service, penalty_revision, answers.get(service), locale) for service in (OWN, *SERVICES)]


def _of(service: str, revision: int, answer: PenaltyAnswer | None, locale: Locale) -> ServiceProgress:
    if answer is None or answer.revision < revision:
        return ServiceProgress(service=service, answered=False, at=None, undone={}, left=[])
    return ServiceProgress(
        service=service,
        answered=True,
        at=answer.at,
        undone=answer.undone,
        left=[LeftPublic(**one, text=_text(one["code"], locale)) for one in answer.left],
    )


def _text(code: str, locale: Locale) -> str:
    known = TEXTS.get(code)
    return code if known is None else known[locale == "zh-CN"]
