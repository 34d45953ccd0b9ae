"""Trying a list of words on what was written lately, before it is switched on: a job that changes nothing."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from chassis.audit import audit
from chassis.budget import check, in_thread
from chassis.jobs import JobFailed, JobInterrupted, JobRun, Jobs, own_jobs, start_job
from chassis.web.work import Work
from services.content.company import named, permitted
from services.content.moderation.rules import HREFS
from services.content.moderation.written import KINDS, PERSON, WrittenText, written
from services.content.scanning.models import WordList
from services.content.scanning.queries import enabled_lists, words_of
from services.content.scanning.scanner import Scanner
from services.content.scanning.scanners import Verdict, look

TRYING: Final = "word-lists.dry-run"
SINCE: Final = timedelta(days=90)
MOST_TEXTS: Final = 100_000
MOST_CHARACTERS: Final = 20_000_000
"""About a minute of work."""
MOST_EXAMPLES: Final = 20
MOST_WORDS: Final = 20
MOST_COUNTED: Final = 1_000
"""Words that are counted at a time; of more, the rarest are begun anew."""
AT_ONCE: Final = 200
_AROUND: Final = 20

jobs = Jobs()


async def try_list(work: Work, key: UUID) -> UUID:
    """Have a list tried; the one that is being tried goes on. Returns the job."""
    # Locked, so that of two that ask at once the second finds what the first began.
    words = await permitted(work, WordList, key, lock=True)
    community_id = named(words.community_id)
    at_work = await own_jobs(work.session, TRYING, caller=work.caller, community_id=community_id)
    for job_id, tried in at_work.items():
        if tried.get("word_list_id") == str(words.id):
            return job_id
    params = {"word_list_id": str(words.id), "dry_run": True}
    job_id = await start_job(work.session, TRYING, params, caller=work.caller, now=work.now, community_id=community_id)
    await audit(work.session, work.caller, words, "try", {}, work.now)
    return job_id


@jobs.kind(TRYING)
async def try_on_all(job: JobRun) -> None:
    """Look through what is seen, the newest of each kind first, until all is or as much as is looked through at most.

    A list of the company is tried on all communities, and on what people are called.
    """
    scanner = await _scanner(job)
    since = job.runtime.clock() - SINCE
    told = job.result or {
        "looked_through": 0,
        "characters": 0,
        "held": 0,
        "refused": 0,
        "words": {},
        "examples": [],
        "whole": False,
        "next": {"kind": KINDS[0], "before": None},
    }
    while (at := told["next"]) is not None:
        before = UUID(at["before"]) if at["before"] else None
        async with job.runtime.database.reading() as session:
            texts = await written(session, job.community_id, at["kind"], since=since, before=before, most=AT_ONCE)
        verdicts = await _looked(job, scanner, texts)
        told = _counted(told, texts, verdicts)
        told["next"] = _next(KINDS if job.community_id is not None else (*KINDS, PERSON), at["kind"], texts)
        over = told["looked_through"] >= MOST_TEXTS or told["characters"] >= MOST_CHARACTERS
        if over or told["next"] is None:
            told["whole"], told["next"] = told["next"] is None, None
        async with job.step():
            job.result = told if told["next"] is not None else _final(told)
            job.advance(done=len(texts))


async def _scanner(job: JobRun) -> Scanner:
    """The words of the list, and what others let through."""
    list_id = UUID(job.params["word_list_id"])
    async with job.runtime.database.reading() as session:
        words = await session.get(WordList, list_id)
        if words is None:
            raise JobFailed("the list is gone")
        listed = await words_of(session, [list_id])
        others = [one for one in await enabled_lists(session, words.community_id) if one != list_id]
        allowed = [one for one in await words_of(session, others) if one.action == "allow"]
    return await in_thread(lambda: Scanner([*listed, *allowed], pause=check), stop=job.stop, gentle=True)


async def _looked(job: JobRun, scanner: Scanner, texts: Sequence[WrittenText]) -> list[Verdict]:
    if job.stop is not None and job.stop.is_set():
        raise JobInterrupted
    return await in_thread(lambda: [look(one.fields, scanner) for one in texts], stop=job.stop, gentle=True)


def _counted(told: dict[str, Any], texts: Sequence[WrittenText], verdicts: Sequence[Verdict]) -> dict[str, Any]:
    words, examples = Counter(told["words"]), list(told["examples"])
    held = refused = 0
    for text, verdict in zip(texts, verdicts, strict=True):
        if verdict.action == "allow":
            continue
        held += verdict.action == "hold"
        refused += verdict.action == "reject"
        words.update({str(one["word"]) for one in verdict.matches})
        if len(examples) < MOST_EXAMPLES:
            examples.append(_example(text, verdict))
    return told | {
        "looked_through": told["looked_through"] + len(texts),
        "characters": told["characters"] + sum(len(one) for text in texts for one in text.fields.values()),
        "held": told["held"] + held,
        "refused": told["refused"] + refused,
        "words": dict(words.most_common(MOST_COUNTED)),
        "examples": examples,
    }


def _example(text: WrittenText, verdict: Verdict) -> dict[str, Any]:
    first = verdict.matches[0]
    said, start, end = text.fields[str(first["field"])], int(first["start"]), int(first["end"])
    return {
        "object": {"kind": text.kind, "id": str(text.id)},
        "href": HREFS[text.kind].format(text.id),
        "action": verdict.action,
        "word": first["word"],
        "field": first["field"],
        "excerpt": said[max(0, start - _AROUND) : end + _AROUND],
    }


def _next(kinds: Sequence[str], kind: str, texts: Sequence[WrittenText]) -> dict[str, Any] | None:
    if len(texts) == AT_ONCE:
        return {"kind": kind, "before": str(texts[-1].id)}
    later = kinds[kinds.index(kind) + 1 :]
    return {"kind": later[0], "before": None} if later else None


def _final(told: dict[str, Any]) -> dict[str, Any]:
    most = Counter(told["words"]).most_common(MOST_WORDS)
    shown = ("looked_through", "held", "refused", "examples", "whole")
    return {name: told[name] for name in shown} | {"words": [{"word": word, "texts": n} for word, n in most]}
