"""Papers of tests: fetched once from events by a job, kept as a frozen copy with its hash, and read by whoever grades."""

import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

import httpx
from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from assessment import frozen
from assessment.corrections import corrected
from assessment.frozen import Paper
from assessment.papers import Letters, letters
from assessment.questions import Choice, Question, Stem
from chassis.database.rows import existing
from chassis.database.statements import Prepared, bindparam, insert_or_ignore
from chassis.jobs import JobRun, Jobs, start_job
from chassis.problems import UNAVAILABLE
from services.membership.base import links
from services.membership.campaigns.models import Campaign
from services.membership.campaigns.occasions import TestSet
from services.membership.campaigns.parts import touch
from services.membership.screening_tests.models import Attempt, FrozenPaper
from services.membership.screening_tests.rules import settings_of

FETCH: Final = "campaign.paper"
PATH: Final = "/internal/papers/{paper_id}/{version}"
SECONDS: Final = 10.0

jobs = Jobs()

_COMMUNITY: Prepared[UUID] = Prepared(
    select(col(FrozenPaper.community_id)).where(
        col(FrozenPaper.paper_id) == bindparam("paper_id"), col(FrozenPaper.version) == bindparam("version")
    )
)


async def see_to_paper(session: AsyncSession, what: TestSet) -> None:
    """Of a campaign whose test was set: its paper is here already, or a job fetches it."""
    campaign = what.campaign
    campaign.test_graded_version = None
    if campaign.test is None:
        campaign.paper_state = None
        return
    wanted = settings_of(campaign.test)
    here = await community_of(session, wanted.paper_id, wanted.paper_version)
    if here is not None:
        campaign.paper_state = "there" if here == campaign.community_id else "refused"
        return
    campaign.paper_state = "fetching"
    params = {"campaign_id": str(campaign.id), "paper_id": str(wanted.paper_id), "version": wanted.paper_version}
    await start_job(session, FETCH, params, caller=what.caller, now=what.at, community_id=campaign.community_id)


@jobs.kind(FETCH)
async def fetch(job: JobRun) -> None:
    """Ask events for the paper, outside of any transaction, keep a copy, and note on the campaign whether it is there."""
    paper_id, version = UUID(job.params["paper_id"]), int(job.params["version"])
    copy = await copy_from_events(job, paper_id, version)
    async with job.step() as session:
        if copy is not None:
            await keep(session, copy, job.runtime.clock())
        campaign = await existing(session, Campaign, UUID(job.params["campaign_id"]), lock=True)
        now_wanted = None if campaign.test is None else settings_of(campaign.test)
        if now_wanted is not None and (now_wanted.paper_id, now_wanted.paper_version) == (paper_id, version):
            campaign.paper_state = "refused" if copy is None else "there"
            touch(campaign, job.runtime.clock())
        job.advance(done=1)


async def community_of(session: AsyncSession, paper_id: UUID, version: int) -> UUID | None:
    """Of which community a version of a paper is that is here; None where it is not."""
    return await _COMMUNITY.first(session, paper_id=paper_id, version=version)


async def copy_from_events(job: JobRun, paper_id: UUID, version: int) -> dict[str, Any] | None:
    """The columns of a copy; None where events has no such paper, whole, of the job's community. Raises `UNAVAILABLE`."""
    return _copy_of(await _asked(job, paper_id, version), paper_id, version, job.community_id)


async def keep(session: AsyncSession, copy: dict[str, Any], now: datetime) -> None:
    """Keep a copy, unless another job has, and have the files kept that it shows: of each sender as a thing of its own."""
    table = FrozenPaper.__table__  # type: ignore[attr-defined]
    added = insert_or_ignore(session, table).values(fetched_at=now, **copy).returning(table.c.paper_id)
    if (await session.execute(added)).first() is None:
        return
    sent: dict[UUID, set[UUID]] = {}
    for one in copy["attachments"]:
        sent.setdefault(UUID(one["person_id"]), set()).add(UUID(one["attachment_id"]))
    for person_id, files in sorted(sent.items()):
        await links.keep(
            session,
            kind="paper",
            object_id=uuid5(copy["paper_id"], f"{copy['version']}:{person_id}"),
            person_id=person_id,
            files=files,
            now=now,
            community_id=copy["community_id"],
        )


async def _asked(job: JobRun, paper_id: UUID, version: int) -> Mapping[str, Any] | None:
    """What events answers; None where it has no such paper. Raises `UNAVAILABLE`, after which the job goes on later."""
    path = PATH.format(paper_id=paper_id, version=version)
    try:
        answer = await job.runtime.peers.call("events", "GET", path, seconds=SECONDS)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        answer.raise_for_status()
        found: Mapping[str, Any] = answer.json()
    except (httpx.HTTPError, OSError, LookupError, ValueError) as error:
        raise UNAVAILABLE("The paper cannot be fetched right now.", "暂时无法获取试卷。", retry_after=2) from error
    return found


def _copy_of(
    answer: Mapping[str, Any] | None, paper_id: UUID, version: int, community_id: UUID | None
) -> dict[str, Any] | None:
    """The columns of a copy; None unless this is that paper, whole, and of the campaign's community."""
    if answer is None or answer.get("community_id") != str(community_id):
        return None
    document = answer["document"]
    try:
        paper = frozen.paper_of(document)
    except (KeyError, TypeError, ValueError):
        return None
    if (paper.id, paper.version) != (str(paper_id), version) or frozen.fingerprint(document) != answer["fingerprint"]:
        return None
    return {
        "paper_id": paper_id,
        "version": version,
        "community_id": community_id,
        "fingerprint": answer["fingerprint"],
        "document": document,
        "attachments": answer.get("attachments", []),
    }


# --- reading -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OnSheet:
    """One question as one person has it: with its marks, and by which letters they see its parts."""

    question: Question
    letters: Letters

    def pictures(self) -> Iterator[UUID]:
        """The files that the sheet shows: not those of explanations, which tell what is right."""
        parts: list[Choice | Stem] = [*self.question.choices, *self.question.stems]
        for name in dict.fromkeys(_FILE.findall("\n".join([self.question.text, *(one.text for one in parts)]))):
            yield UUID(name)


_FILE: Final = re.compile(r"attachment:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-z-])")


@dataclass(frozen=True, slots=True)
class Drawn:
    """One person's paper: its sections, each with the ids of its questions in their order, and these by id."""

    sections: tuple[tuple[str, tuple[str, ...]], ...]
    questions: Mapping[str, OnSheet]

    @property
    def graded_by(self) -> dict[str, Question]:
        """The questions by id, as grading wants them."""
        return {key: one.question for key, one in self.questions.items()}


class _Remembered(OrderedDict[Any, Any]):
    """What was read lately: papers never change."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def keep(self, key: Any, value: Any) -> None:
        self[key] = value
        while len(self) > self._most:
            self.popitem(last=False)


_papers = _Remembered(32)
_sheets = _Remembered(1000)


async def paper_of(session: AsyncSession, paper_id: UUID, version: int, questions_version: int) -> Paper:
    """The paper as it was drawn from, with its questions as a later version corrects them."""
    return (await _paper(session, paper_id, version, questions_version))[1]


async def _paper(session: AsyncSession, paper_id: UUID, version: int, questions_version: int) -> tuple[str, Paper]:
    key = (paper_id, version, questions_version)
    paper: tuple[str, Paper] | None = _papers.get(key)
    if paper is None:
        kept = await session.get_one(FrozenPaper, (paper_id, version))
        paper = (kept.fingerprint, frozen.paper_of(kept.document))
        if questions_version != version:
            later = await session.get_one(FrozenPaper, (paper_id, questions_version))
            paper = (f"{paper[0]}:{later.fingerprint}", corrected(paper[1], frozen.paper_of(later.document)))
        _papers.keep(key, paper)
    return paper


async def drawn_for(session: AsyncSession, attempt: Attempt, *, version: int | None = None) -> Drawn:
    """The questions of an attempt, as the version has them by which it is shown and graded, or another one that corrects them."""
    wanted = version or attempt.questions_version
    fingerprint, paper = await _paper(session, attempt.paper_id, attempt.paper_version, wanted)
    place = (fingerprint, attempt.seed)
    sheet: Drawn | None = _sheets.get(place)
    if sheet is None:
        sheet = _drawn(paper, bytes.fromhex(attempt.seed))
        _sheets.keep(place, sheet)
    return sheet


def _drawn(paper: Paper, seed: bytes) -> Drawn:
    sections = frozen.drawn(paper, seed)
    return Drawn(
        tuple((title, tuple(one.id for one in asked)) for title, asked in sections),
        {
            one.id: OnSheet(
                one.question,
                letters(one.question, seed + b"\0" + one.id.encode(), shuffled=paper.shuffle_choices),
            )
            for _, asked in sections
            for one in asked
        },
    )
