"""Use cases of scorecards."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.context import SYSTEM_ACTOR
from chassis.database.rows import existing
from chassis.problems import CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION, INVALID, NOT_FOUND, FieldError, refused
from chassis.web.etags import require_match
from chassis.web.work import Work
from services.membership.applications.models import Application
from services.membership.applications.occasions import ApplicationsForgotten, StepsAsked
from services.membership.applications.rules import Unfinished
from services.membership.interviews.access import person_of
from services.membership.interviews.occasions import ConflictDeclared
from services.membership.scorecards.access import Judging, judging, writing
from services.membership.scorecards.models import Scorecard
from services.membership.scorecards.queries import counts_of, own_card, times_of
from services.membership.scorecards.rules import OPEN_STATES, unfinished
from services.membership.scorecards.schemas import CriterionScore, ScorecardCreate, ScorecardPatch

_JUDGED = frozenset({"interviewing", "approving"})


async def begin(work: Work, body: ScorecardCreate) -> tuple[Scorecard, Judging, bool]:
    """Begin a scorecard of the caller's, or find the one that is there; returns it and whether it is new. Raises `INVALID`, also of the second."""
    seen = await judging(work, body.application_id, lock=True)
    await _check_writing(work, seen)
    written = _written(seen, body.scores)
    if seen.own is not None:
        return seen.own, seen, False
    author = person_of(work.caller)
    assert author is not None  # noqa: S101 - nobody else interviews
    card = Scorecard(
        community_id=seen.application.community_id,
        application_id=seen.application.id,
        person_id=author,
        comment=body.comment,
        created_at=work.now,
        updated_at=work.now,
        **written,
    )
    work.session.add(card)
    await work.session.flush()
    return card, seen, True


async def save(work: Work, card_id: UUID, body: ScorecardPatch, if_match: int) -> tuple[Scorecard, Judging]:
    """Save a draft. Raises `ILLEGAL_TRANSITION` for one that is in, and what writing is refused with."""
    card, seen = await _own(work, card_id)
    require_match(card.version, if_match)
    await _check_writing(work, seen)
    if card.status != "draft":
        raise ILLEGAL_TRANSITION(state=card.status)
    if "scores" in body.model_fields_set:
        card.sqlmodel_update(_written(seen, body.scores))
    if "comment" in body.model_fields_set:
        card.comment = body.comment
    return await _touched(work, card, seen)


async def hand_in(work: Work, card_id: UUID) -> tuple[Scorecard, Judging]:
    """Hand it in, complete: it does not change any more. Raises `INVALID` with what lacks a score, `ILLEGAL_TRANSITION`."""
    card, seen = await _own(work, card_id)
    await _check_writing(work, seen)
    if card.status != "draft":
        raise ILLEGAL_TRANSITION(state=card.status)
    open_ones = [one["code"] for one in seen.campaign.criteria if one["code"] not in card.scores]
    if open_ones:
        raise INVALID(errors=[_error("/scores", "incomplete", _UNSCORED, code) for code in open_ones])
    card.status, card.handed_in_at = "handed_in", work.now
    await _touched(work, card, seen)
    await audit(work.session, work.caller, card, "hand_in", {"status": ["draft", "handed_in"]}, work.now)
    return await _own(work, card_id)


async def cancel(work: Work, card_id: UUID, reason: str) -> tuple[Scorecard, Judging]:
    """Let a scorecard count no more. Whoever wrote one themselves leaves others' alone. Raises `CONFLICT_OF_INTEREST`, `SCORECARDS_LOCKED`."""
    noted = await existing(work.session, Scorecard, card_id)
    seen = await judging(work, noted.application_id, lock=True)
    if seen.reader.is_applicant or seen.reader.conflicted:
        raise CONFLICT_OF_INTEREST()
    card = await existing(work.session, Scorecard, card_id, lock=True)
    if not _reads(work, seen, card):
        raise NOT_FOUND()
    if seen.reader.interviews and card.person_id != person_of(work.caller):
        raise CONFLICT_OF_INTEREST()
    if seen.application.state not in OPEN_STATES:
        raise refused("scorecards_locked")
    if card.status != "handed_in":
        raise ILLEGAL_TRANSITION(state=card.status)
    _cancel(card, work.actor, reason, work.now)
    await audit(work.session, work.caller, card, "cancel", {"status": ["handed_in", "cancelled"]}, work.now)
    await work.session.flush()
    return card, seen


async def read(work: Work, card_id: UUID) -> tuple[Scorecard, Judging]:
    """The caller's own, or another's where they read those, which is audited. Raises `NOT_FOUND`."""
    card = await existing(work.session, Scorecard, card_id)
    seen = await judging(work, card.application_id)
    if not _reads(work, seen, card):
        raise NOT_FOUND()
    if card.person_id != person_of(work.caller):
        await audit(work.session, work.caller, seen.application, "scorecards.read", {}, work.now)
    return card, seen


def _reads(work: Work, seen: Judging, card: Scorecard) -> bool:
    if seen.reader.is_applicant or seen.reader.conflicted:
        return False
    return card.person_id == person_of(work.caller) or (card.status != "draft" and seen.reads_others)


async def _own(work: Work, card_id: UUID) -> tuple[Scorecard, Judging]:
    noted = await existing(work.session, Scorecard, card_id)
    seen = await judging(work, noted.application_id, lock=True)
    card = await existing(work.session, Scorecard, card_id, lock=True)
    if card.person_id != person_of(work.caller):
        # What others write is not there until it may be read.
        raise NOT_FOUND() if not _reads(work, seen, card) else refused("forbidden")
    return card, seen


async def _touched(work: Work, card: Scorecard, seen: Judging) -> tuple[Scorecard, Judging]:
    card.version += 1
    card.updated_at = work.now
    await work.session.flush()
    return card, seen


async def _check_writing(work: Work, seen: Judging) -> None:
    code = await writing(work, seen)
    if code is not None:
        raise refused(code)


def _written(seen: Judging, scores: Sequence[CriterionScore]) -> dict[str, Any]:
    known = {one["code"] for one in seen.campaign.criteria}
    wrong = [
        _error(f"/scores/{place}/criterion", "unknown_criterion", _UNKNOWN, one.criterion)
        for place, one in enumerate(scores)
        if one.criterion not in known
    ]
    if wrong:
        raise INVALID(errors=wrong)
    return {
        "scores": {one.criterion: one.score for one in scores},
        "notes": {one.criterion: one.note for one in scores if one.note is not None},
    }


def _error(pointer: str, code: str, texts: tuple[str, str], name: str) -> FieldError:
    return FieldError(pointer, code, texts[0].format(name=name), texts[1].format(name=name))


_UNSCORED = ("The criterion `{name}` has no score yet.", "标准 `{name}` 尚未评分。")
_UNKNOWN = ("The campaign has no criterion `{name}`.", "本次招募没有标准 `{name}`。")


def _cancel(card: Scorecard, actor: str, reason: str | None, now: datetime) -> None:
    card.status, card.cancelled_at, card.cancelled_by, card.cancel_reason = "cancelled", now, actor, reason
    card.version += 1
    card.updated_at = now


# --- what follows, and what is asked -------------------------------------------------------------------------------


async def drop_of_conflicted(session: AsyncSession, declared: ConflictDeclared) -> None:
    """What somebody wrote counts no more who must not judge; a draft goes."""
    card = await own_card(session, declared.application.id, declared.person_id)
    if card is not None and card.status == "draft":
        await session.delete(card)
    elif card is not None and card.status == "handed_in":
        _cancel(card, SYSTEM_ACTOR, None, declared.at)
    await session.flush()


async def what_interviews_lack(session: AsyncSession, asked: StepsAsked) -> dict[UUID, Unfinished]:
    """What applications at this step, or just after it, lack of interviews and scorecards."""
    states = {one.id: one.state for one in asked.applications if one.state in _JUDGED}
    if not states:
        return {}
    counts = await counts_of(session, list(states))
    times = await times_of(session, list(states), asked.at)
    found = {}
    for key, state in states.items():
        written, handed_in = counts.get(key, (0, 0))
        held, ahead = times.get(key, (False, False))
        lacking = unfinished(state=state, written=written, handed_in=handed_in, held=held, ahead=ahead)
        if lacking is not None:
            found[key] = lacking
    return found


async def erase(session: AsyncSession, person_id: UUID, _now: datetime) -> None:
    """What was written of somebody who is erased goes; of what they wrote of others the words."""
    theirs = select(col(Application.id)).where(col(Application.person_id) == person_id)
    await session.execute(delete(Scorecard).where(col(Scorecard.application_id).in_(theirs)))
    wrote = update(Scorecard).where(col(Scorecard.person_id) == person_id)
    await session.execute(wrote.values(comment=None, notes={}))


async def forget_cards(session: AsyncSession, forgotten: ApplicationsForgotten) -> None:
    """Of an application that is over for long nobody needs to know what was thought."""
    await session.execute(delete(Scorecard).where(col(Scorecard.application_id).in_(forgotten.ids)))
