"""A community gives itself a ladder; its members are looked at again on it, a piece of them at a time."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import AuditObject, audit
from chassis.database.bulk import insert_new
from chassis.jobs import JobRun, Jobs, start_job
from chassis.messaging.outbox import emit_many
from chassis.problems import INVALID, FieldError, ProblemType
from chassis.web.work import Work
from services.gamification.badges.checking import check_criteria
from services.gamification.badges.models import Badge
from services.gamification.ledger.models import Wallet
from services.gamification.ledger.wallets import lock_wallets, save
from services.gamification.levels.ladders import DEFAULT, Ladder, kept, ladder_of, rungs_in
from services.gamification.levels.models import LadderRow
from services.gamification.levels.rules import Rung
from services.gamification.levels.schemas import LadderPut
from services.gamification.levels.service import settle

SETTLE = "ladder.settle"
MEMBERS_AT_ONCE = 200
"""So many members a request looks at again itself."""
FIRST_CHUNK, MOST_MEMBERS = 50, 200

LADDER_SETTLING = ProblemType(
    "ladder_settling",
    409,
    en="The members are still being placed on the ladder as it was changed before",
    zh="成员仍在按上一次修改后的等级体系重新定级，请稍后再改",
)

jobs = Jobs()

_ladders: Any = LadderRow.__table__  # type: ignore[attr-defined]


async def put_ladder(work: Work, community_id: UUID, body: LadderPut) -> Ladder:
    """Replace a community's ladder. Raises `INVALID`, or `LADDER_SETTLING` while the change before is not done.

    The same ladder again changes nothing.
    """
    await work.permit(community_id)
    for number, item in enumerate(body.items):
        check_criteria(item.counts, f"/items/{number}/counts")
    rungs = [item.as_rung(position) for position, item in enumerate(body.items)]
    errors = [*wrong(rungs), *await _unknown_badges(work, community_id, rungs)]
    if errors:
        raise INVALID(errors=errors)
    session = work.session
    row = await _locked(work, community_id)
    before = rungs_in(row.rungs)
    if before == tuple(rungs):
        return await ladder_of(session, community_id)
    if row.settling:
        raise LADDER_SETTLING()
    row.before, row.rungs, row.version = row.rungs, kept(rungs), row.version + 1
    row.changed_at, row.changed_by = work.now, work.actor
    members = select(col(Wallet.member_id)).where(col(Wallet.community_id) == community_id).limit(MEMBERS_AT_ONCE + 1)
    count = (await session.execute(select(func.count()).select_from(members.subquery()))).scalar_one()
    row.settling = count > MEMBERS_AT_ONCE
    await session.flush()
    if row.settling:
        params = {"community_id": str(community_id), "version": row.version}
        await start_job(session, SETTLE, params, caller=work.caller, now=work.now, community_id=community_id)
    else:
        await settle_some(session, community_id, row.version, MEMBERS_AT_ONCE, work)
    changes: dict[str, Sequence[Any]] = {
        "version": [row.version - 1, row.version],
        "levels": [[rung.code for rung in before], [rung.code for rung in rungs]],
    }
    await audit(
        session, work.caller, AuditObject("ladder", community_id, community_id), "ladders.write", changes, work.now
    )
    return await ladder_of(session, community_id)


async def _unknown_badges(work: Work, community_id: UUID, rungs: Sequence[Rung]) -> list[FieldError]:
    asked = {code for rung in rungs for code in rung.badges}
    if not asked:
        return []
    there = select(col(Badge.code)).where(col(Badge.community_id) == community_id, col(Badge.code).in_(asked))
    found = set((await work.session.execute(there)).scalars())
    return [
        FieldError(f"/items/{number}/badges", "unknown", "No such badge.", "没有这枚徽章。")
        for number, rung in enumerate(rungs)
        if set(rung.badges) - found
    ]


async def _locked(work: Work, community_id: UUID) -> LadderRow:
    first = {
        "community_id": community_id,
        "version": 0,
        "rungs": kept(DEFAULT.rungs),
        "before": [],
        "settling": False,
        "changed_at": work.now,
        "changed_by": "system",
    }
    await insert_new(work.session, _ladders, [first], key=["community_id"])
    statement = select(LadderRow).where(col(LadderRow.community_id) == community_id).with_for_update()
    row: LadderRow = (await work.session.execute(statement.execution_options(populate_existing=True))).scalar_one()
    return row


async def settle_some(session: AsyncSession, community_id: UUID, version: int, size: int, work: Work) -> int:
    """Look at some members again who were last looked at on an older ladder; answers how many there were."""
    waiting = (
        select(col(Wallet.member_id))
        .where(col(Wallet.community_id) == community_id, col(Wallet.ladder_version) < version)
        .order_by(col(Wallet.member_id))
        .limit(size)
    )
    members = list((await session.execute(waiting)).scalars())
    wallets = await lock_wallets(session, dict.fromkeys(members, community_id))
    outgoing = await settle(session, list(wallets.values()), work.now, not_before=work.now)
    await save(session, wallets.values())
    await emit_many(session, outgoing)
    return len(members)


@jobs.kind(SETTLE)
async def settle_all(job: JobRun) -> None:
    """Look at every member of the community again, in chunks short enough for others to write meanwhile."""
    community_id, version = UUID(job.params["community_id"]), int(job.params["version"])

    async def some(session: AsyncSession, size: int) -> bool:
        done = await settle_some(session, community_id, version, size, Work(session, job.runtime.clock()))
        job.advance(done=done)
        if not done:
            this = (_ladders.c.community_id == community_id) & (_ladders.c.version == version)
            await session.execute(update(_ladders).where(this).values(settling=False))
        return done > 0

    await job.in_steps(some, first=FIRST_CHUNK, most=MOST_MEMBERS)


def wrong(rungs: Sequence[Rung]) -> Iterator[FieldError]:
    """What is wrong with a ladder."""
    first = rungs[0]
    if first.xp != 0 or not first.by_xp or first.perks:
        yield FieldError(
            "/items/0",
            "not_everybodys",
            "The first level is everybody's: 0 xp, no conditions and no roles.",
            "第一级属于所有成员：0 经验值，无附加条件，也不授予角色。",
        )
    for number in range(1, len(rungs)):
        if rungs[number].xp <= rungs[number - 1].xp:
            yield FieldError(
                f"/items/{number}/xp",
                "not_ascending",
                "Each level requires more xp than the one before.",
                "每一级所需经验值须高于前一级。",
            )
    for name, field in (("code", "code"), ("en", "name_en"), ("zh", "name_zh")):
        seen: set[str] = set()
        for number, rung in enumerate(rungs):
            value = getattr(rung, name)
            if value in seen:
                yield FieldError(
                    f"/items/{number}/{field}", "duplicate", "Another level has it already.", "已被另一等级使用。"
                )
            seen.add(value)
