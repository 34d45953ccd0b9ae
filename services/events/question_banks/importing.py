"""The import of questions: a file becomes questions of a bank, some hundred at a time."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from assessment.formats import Unreadable
from chassis.audit import AuditObject, audit
from chassis.budget import in_thread
from chassis.database.base import new_row
from chassis.database.bulk import among, insert_many
from chassis.ids import new_id
from chassis.jobs import JobFailed, JobRun, Jobs, start_job
from chassis.locale import Locale
from chassis.problems import ILLEGAL_TRANSITION
from chassis.web.work import Work
from services.events.question_banks import correcting, pictures, rules
from services.events.question_banks.access import seen_bank
from services.events.question_banks.files import Format, Item, items_of
from services.events.question_banks.models import Question, QuestionBank, QuestionVersion
from services.events.question_banks.problems import BANK_FULL
from services.events.question_banks.questions import columns, keep_files
from services.events.question_banks.service import note_reading

IMPORT: Final = "question_banks.import"
COUNTS: Final = ("created", "changed", "unchanged", "skipped")
_AT_ONCE: Final = 500

jobs = Jobs()


async def start(
    work: Work, bank_id: UUID, upload: bytes, *, form: Format, media_type: str, dry_run: bool, locale: Locale
) -> UUID:
    """Have a file imported into a bank; returns the job. Whoever does so has read the bank."""
    seen = await seen_bank(work, bank_id, open_only=True)
    params = {
        "question_bank_id": str(bank_id),
        "format": form,
        "media_type": media_type,
        "dry_run": dry_run,
        "locale": locale,
        "member_id": str(seen.standing.member_id) if seen.standing.member_id is not None else None,
    }
    job_id = await start_job(
        work.session,
        IMPORT,
        params,
        caller=work.caller,
        now=work.now,
        upload=upload,
        community_id=seen.bank.community_id,
    )
    what = AuditObject("job", job_id, seen.bank.community_id)
    await audit(work.session, work.caller, what, IMPORT, {"dry_run": [None, dry_run]}, work.now)
    await note_reading(work, [bank_id])
    return job_id


@jobs.kind(IMPORT)
async def run(job: JobRun) -> None:
    """Import what the file has, from where an earlier run stopped."""
    content, params = await job.content(), job.params
    bank_id = UUID(params["question_bank_id"])
    try:
        async with job.runtime.job_readings.turn(job.started_by):
            items = await in_thread(
                lambda: items_of(content, params["format"], params["media_type"], params["locale"], bank_id),
                stop=job.stop,
                gentle=True,
            )
    except Unreadable as wrong:
        raise JobFailed(f"{wrong.code}: {wrong.zh if params['locale'] == 'zh-CN' else wrong.en}") from None
    job.result = dict.fromkeys(COUNTS, 0) | job.result
    job.total = len(items)
    seen = {one.digest for one in items[: job.done] if one.question is not None}
    while some := items[job.done : job.done + _AT_ONCE]:
        if not params["dry_run"]:
            async with job.runtime.database.reading() as session:
                brought = await pictures.brought(session, bank_id, some)
            some = pictures.without(some, await pictures.send(job, brought), params["locale"])
        before = dict(job.result)
        try:
            async with job.step() as session:
                job.result = await _take(job, session, some, dict(before), seen)
        except Exception:
            job.result = before
            raise


async def _take(
    job: JobRun, session: AsyncSession, items: Sequence[Item], counts: dict[str, Any], seen: set[str]
) -> dict[str, Any]:
    """What becomes of some things of a file, in one transaction."""
    dry_run = bool(job.params["dry_run"])
    bank = await _bank(session, UUID(job.params["question_bank_id"]), lock=not dry_run)
    known = seen | await _known(session, bank.id, [one.digest for one in items if one.question is not None])
    coming = await correcting.again(session, bank.id, items, job.params["format"], stop=job.stop)
    new: list[Item] = []
    failed = 0
    for one in items:
        for note in one.notes:
            job.error(note.row, note.code, note.text, note.column)
        if one.question is None:
            failed += one.refused
            counts["skipped"] += not one.refused
        elif (it := coming.get(one.number)) is not None:
            wrong = it.wrong(job.params["locale"])
            for note in wrong or it.notes(job.params["locale"]):
                job.error(note.row, note.code, note.text)
            failed += bool(wrong)
            counts["changed" if it.changes else "unchanged"] += not wrong
        elif one.digest in known:
            counts["unchanged"] += 1
        elif bank.questions + len(new) >= rules.MOST_QUESTIONS:
            job.error(one.row, BANK_FULL.code, BANK_FULL.title(job.params["locale"]))
            failed += 1
        else:
            known.add(one.digest)
            seen.add(one.digest)
            new.append(one)
    counts["created"] += len(new)
    job.advance(done=len(items) - failed, failed=failed)
    if not dry_run:
        await _write(job, session, bank, new)
        await correcting.keep(job, session, coming.values())
    return counts


async def _bank(session: AsyncSession, key: UUID, *, lock: bool) -> QuestionBank:
    bank = await session.get(QuestionBank, key, with_for_update=lock, populate_existing=True)
    if bank is None:
        raise LookupError("no bank is ever deleted")
    if bank.status != "active":
        raise ILLEGAL_TRANSITION(state=bank.status)
    return bank


async def _known(session: AsyncSession, bank_id: UUID, digests: Sequence[str]) -> set[str]:
    """Of these questions those that the bank has, as they are now or as they once were imported."""
    now, once = col(Question.digest), col(Question.source_digest)
    of_these = or_(among(session, now, digests), among(session, once, digests))
    rows = await session.execute(select(now, once).where(col(Question.bank_id) == bank_id, of_these))
    return {one for row in rows for one in row if one is not None}


async def _write(job: JobRun, session: AsyncSession, bank: QuestionBank, items: Sequence[Item]) -> None:
    now, member_id = job.runtime.clock(), job.params["member_id"]
    questions, versions = [], []
    own = {key for one in items for key in one.pictures}
    for number, one in enumerate(items, start=bank.questions + 1):
        if one.question is None:
            continue
        key = new_id()
        choices, stems = rules.furthest(one.question)
        questions.append(
            new_row(
                Question,
                **columns(one.question),
                id=key,
                community_id=bank.community_id,
                bank_id=bank.id,
                number=number,
                choices_named=choices,
                stems_named=stems,
                picture_ids=[str(file) for file in rules.pictures_of(one.question)],
                source_digest=one.digest,
                id_number=one.number or None,
                file_digest=one.file_digest,
                lot=rules.lot_of(key),
                created_at=now,
                changed_at=now,
            )
        )
        versions.append(
            new_row(
                QuestionVersion,
                question_id=key,
                version=1,
                document=one.document(),
                made_by_id=UUID(member_id) if member_id else None,
                made_at=now,
            )
        )
    bank.questions += len(questions)
    await session.flush()
    await insert_many(session, Question.__table__, questions)  # type: ignore[attr-defined]
    await insert_many(session, QuestionVersion.__table__, versions)  # type: ignore[attr-defined]
    for row in questions:
        if row["picture_ids"]:
            await keep_files(session, row["id"], bank.community_id, row["picture_ids"], _sender(job), now, own=own)


def _sender(job: JobRun) -> UUID:
    """Who started it, a person or a service account."""
    return UUID(job.started_by.rpartition(":")[2])
