"""The export of questions: those of a bank as a file, written by a job. What the format cannot hold is listed with the job, by question."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, delete, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from assessment.documents import question_of
from assessment.formats import LeftOut, Written, write_aiken, write_gift, write_moodle_xml, write_table
from assessment.questions import Question as Content
from chassis.audit import AuditObject, audit
from chassis.budget import in_thread
from chassis.database.bulk import delete_some
from chassis.database.rows import existing
from chassis.database.walking import walk
from chassis.jobs import JobRun, Jobs, own_jobs, start_job
from chassis.locale import Locale
from chassis.problems import ILLEGAL_TRANSITION, NOT_FOUND
from chassis.tabular import XLSX_TYPE
from chassis.tabular.writing import xlsx_file
from chassis.timers import Timer, Timers
from chassis.web.jobs import JobResult
from chassis.web.work import Work
from services.events.question_banks import pictures
from services.events.question_banks.access import seen_bank
from services.events.question_banks.files import Format
from services.events.question_banks.models import Question, QuestionExport, QuestionVersion
from services.events.question_banks.rules import carrying, pictures_of
from services.events.question_banks.service import note_reading

EXPORT: Final = "question_banks.export"
KEPT: Final = timedelta(days=7)
MOST_KEPT: Final = 10
"""How many files are kept of a bank; for a new one the oldest go."""
RESULT: Final = JobResult("file", KEPT)
FILES: Final[dict[Format, tuple[str, str]]] = {
    "gift": ("gift", "text/plain; charset=utf-8"),
    "aiken": ("txt", "text/plain; charset=utf-8"),
    "moodle_xml": ("xml", "application/xml"),
    "table": ("xlsx", XLSX_TYPE),
}
"""By format, how its files end, and as what they are sent."""

jobs = Jobs()
timers = Timers()


async def start(work: Work, bank_id: UUID, form: Format, locale: Locale) -> UUID:
    """Have a file written; the same one of the caller's that is being written goes on. Returns the job."""
    seen = await seen_bank(work, bank_id)
    community_id = seen.bank.community_id
    params = {"question_bank_id": str(bank_id), "format": form, "locale": locale}
    mine = await own_jobs(work.session, EXPORT, caller=work.caller, community_id=community_id)
    for job_id, asked in mine.items():
        if asked == params:
            return job_id
    job_id = await start_job(work.session, EXPORT, params, caller=work.caller, now=work.now, community_id=community_id)
    what = AuditObject("question_export", job_id, community_id)
    await audit(work.session, work.caller, what, "create", {"format": [None, form]}, work.now)
    return job_id


@jobs.kind(EXPORT)
async def write(job: JobRun) -> None:
    """Read all questions, write the file, keep it."""
    bank_id, form = UUID(job.params["question_bank_id"]), job.params["format"]
    if job.community_id is None:
        raise LookupError("a bank is of a community")
    chinese = job.params["locale"] == "zh-CN"
    numbers: list[int] = []
    questions: list[Content] = []
    async with job.runtime.database.reading() as session:
        async for number, key, id_number, document in walk(session, _rows(bank_id), col(Question.number)):
            numbers.append(number)
            # By it the file changes this question when it comes again; Aiken has no place for it.
            known_by = id_number or (str(key) if form != "aiken" else "")
            questions.append(replace(question_of(document), id_number=known_by))
    shown = {place: pictures_of(one) for place, one in enumerate(questions, start=1) if pictures_of(one)}
    known = await pictures.fetch(job, (key for some in shown.values() for key in some)) if form == "moodle_xml" else {}
    questions = [carrying(one, known) for one in questions]
    content, left_out = await in_thread(lambda: _file(questions, form), stop=job.stop, gentle=True)
    packed = await in_thread(lambda: zlib.compress(content, 6), stop=job.stop)
    left_out = [
        *left_out,
        *(LeftOut(place, "pictures", False) for place, some in shown.items() if not known.keys() >= set(some)),
    ]
    altogether = sum(one.altogether for one in left_out)
    async with job.step() as session:
        await _forget_oldest(session, bank_id)
        session.add(
            QuestionExport(
                job_id=job.id,
                bank_id=bank_id,
                community_id=job.community_id,
                form=form,
                content=packed,
                created_at=job.runtime.clock(),
            )
        )
        for one in left_out:
            code = "not_written" if one.altogether else "left_out"
            job.error(numbers[one.number - 1], code, one.zh if chinese else one.en)
        job.result = {"questions": len(numbers) - altogether, "size": len(content)}
        job.total = len(numbers)
        job.advance(done=len(numbers) - altogether, failed=altogether)


def _rows(bank_id: UUID) -> Any:
    newest = and_(
        col(QuestionVersion.question_id) == col(Question.id), col(QuestionVersion.version) == col(Question.version)
    )
    one = Question
    found = select(col(one.number), col(one.id), col(one.id_number), col(QuestionVersion.document)).join(
        QuestionVersion, newest
    )
    return found.where(col(Question.bank_id) == bank_id, col(Question.status) == "active")


_WRITERS: Final[dict[str, Callable[[Sequence[Content]], Written]]] = {
    "gift": write_gift,
    "aiken": write_aiken,
    "moodle_xml": write_moodle_xml,
}


def _file(questions: Sequence[Content], form: Format) -> tuple[bytes, Sequence[LeftOut]]:
    if form == "table":
        table = write_table(questions)
        return xlsx_file([list(row) for row in table.rows], title="questions"), table.left_out
    written = _WRITERS[form](questions)
    return written.text.encode(), written.left_out


async def _forget_oldest(session: AsyncSession, bank_id: UUID) -> None:
    of_it = select(col(QuestionExport.job_id)).where(col(QuestionExport.bank_id) == bank_id)
    beyond = of_it.order_by(col(QuestionExport.created_at).desc(), col(QuestionExport.job_id).desc())
    ids = (await session.execute(beyond.offset(MOST_KEPT - 1).limit(MOST_KEPT))).scalars().all()
    if ids:
        await session.execute(delete(QuestionExport).where(col(QuestionExport.job_id).in_(ids)))


async def read_file(work: Work, bank_id: UUID, job: dict[str, Any]) -> QuestionExport:
    """The file of an export, noted in the trail; whoever reads it has read the bank. Raises `ILLEGAL_TRANSITION` before it is there."""
    if job["state"] != "succeeded":
        raise ILLEGAL_TRANSITION(state=job["state"])
    file = await existing(work.session, QuestionExport, job["id"])
    if file.created_at < work.now - KEPT:
        raise NOT_FOUND()
    what = AuditObject("question_export", file.job_id, file.community_id)
    await audit(work.session, work.caller, what, "read", {}, work.now)
    await note_reading(work, [bank_id])
    return file


@timers.every(timedelta(hours=1), kind="question_exports.sweep")
async def sweep(session: AsyncSession, timer: Timer) -> None:
    """Forget files after a week."""
    table: Any = QuestionExport.__table__  # type: ignore[attr-defined]
    await delete_some(session, table, table.c.created_at < timer.now - KEPT)
