"""Use cases of question banks: making one, who is appointed to it, and who has read it."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.bulk import insert_many, insert_new
from chassis.problems import FORBIDDEN, INVALID
from chassis.projections.members import LEFT_STATUSES
from chassis.security.authority import authorize
from chassis.web.etags import require_match
from chassis.web.patches import changed_by
from chassis.web.work import Work
from services.events.activities.queries import statuses_of
from services.events.permissions import QUESTION_BANKS_WRITE
from services.events.question_banks import queries
from services.events.question_banks.access import SeenBank, seen_bank
from services.events.question_banks.models import QuestionBank, QuestionBankEditor, QuestionBankReader
from services.events.question_banks.problems import UNKNOWN_EDITOR
from services.events.question_banks.schemas import QuestionBankCreate, QuestionBankPatch


async def create(work: Work, body: QuestionBankCreate) -> SeenBank:
    """Make a bank. Raises `INVALID` where somebody is appointed who is no member."""
    standing = await authorize(work.session, work.caller, QUESTION_BANKS_WRITE, body.community_id, now=work.now)
    await require_members(work.session, body.community_id, body.editor_ids)
    bank = QuestionBank(
        community_id=body.community_id,
        title=body.title,
        purpose=body.purpose,
        editor_ids=sorted(map(str, body.editor_ids)),
        created_by_id=standing.member_id,
        created_at=work.now,
    )
    work.session.add(bank)
    await work.session.flush()
    await _appoint(work.session, bank)
    await audit(work.session, work.caller, bank, "create", {"title": [None, bank.title]}, work.now)
    return SeenBank(bank, standing)


async def edit(work: Work, key: UUID, body: QuestionBankPatch, if_match: int) -> SeenBank:
    """Change what it is called, what it is for, or who is appointed to it. Raises `FORBIDDEN` for who may not say the latter."""
    seen = await seen_bank(work, key, lock=True, open_only=True)
    bank = seen.bank
    require_match(bank.version, if_match)
    values = body.model_dump(include=body.model_fields_set)
    if "editor_ids" in values:
        if not seen.appoints:
            raise FORBIDDEN("Operators and owners say who is appointed.", "仅运营者与群主可指定编辑者。")
        new = body.editor_ids - {UUID(one) for one in bank.editor_ids}
        await require_members(work.session, bank.community_id, new)
    changes = changed_by(values, bank)
    if changes:
        bank.sqlmodel_update(values)
        bank.version += 1
        if "editor_ids" in changes:
            await _appoint(work.session, bank)
        await audit(work.session, work.caller, bank, "update", changes, work.now)
    return seen


async def turn(work: Work, key: UUID, status: str) -> SeenBank:
    """Archive a bank, of which nothing is drawn then, or take it up again. Again, it changes nothing."""
    seen = await seen_bank(work, key, lock=True)
    bank = seen.bank
    if bank.status != status:
        before = bank.status
        bank.sqlmodel_update({"status": status, "version": bank.version + 1})
        action = "archive" if status == "archived" else "restore"
        await audit(work.session, work.caller, bank, action, {"status": [before, status]}, work.now)
    return seen


async def note_reading(work: Work, bank_ids: Iterable[UUID]) -> None:
    """Keep that the caller has read questions of these banks; of each the first time."""
    caller = work.caller
    if caller is None or caller.kind != "person":
        return
    table: Any = QuestionBankReader.__table__  # type: ignore[attr-defined]
    rows = [{"bank_id": one, "person_id": caller.id, "first_read_at": work.now} for one in sorted(set(bank_ids))]
    await insert_new(work.session, table, rows, key=("bank_id", "person_id"))


async def has_read(session: AsyncSession, person_ids: Collection[UUID], bank_ids: Collection[UUID]) -> set[UUID]:
    """Who of these people has read a question of one of these banks: they do not compete with them."""
    if not person_ids or not bank_ids:
        return set()
    return await queries.readers(session, person_ids, bank_ids)


async def require_members(session: AsyncSession, community_id: UUID, wanted: Collection[UUID]) -> None:
    """Raises `INVALID` where somebody who is to be appointed is no member."""
    if not wanted:
        return
    statuses = await statuses_of(session, community_id, wanted)
    if any(statuses.get(one, "left") in LEFT_STATUSES for one in wanted):
        raise INVALID(errors=[UNKNOWN_EDITOR])


async def _appoint(session: AsyncSession, bank: QuestionBank) -> None:
    await session.execute(delete(QuestionBankEditor).where(col(QuestionBankEditor.bank_id) == bank.id))
    table: Any = QuestionBankEditor.__table__  # type: ignore[attr-defined]
    await insert_many(session, table, [{"bank_id": bank.id, "member_id": UUID(one)} for one in bank.editor_ids])
