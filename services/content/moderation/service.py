"""Use cases of moderators and of members who report."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.rows import existing
from chassis.problems import CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION, INVALID, NOT_FOUND, refused
from chassis.security.authority import Standing, authorize
from chassis.timers import Timer, Timers
from chassis.web.work import Work
from contracts.content import ContentReported, FlaggedObject
from services.content.company import permit, permitted
from services.content.company import standing_of as company_standing
from services.content.holding.models import ContentReport, ModerationItem
from services.content.holding.service import HERE, close, live_item, new_item, tell_of
from services.content.moderation.problems import NOT_IN_IT, ONLY_HELD, ONLY_RELEASED, REASON_MISSING, TEXT_CHANGED
from services.content.moderation.queries import forget
from services.content.moderation.rules import ENDS, refusal
from services.content.moderation.schemas import ModerationDecision, ReportCreate
from services.content.moderation.things import reported, thing_of, wrote

KEPT = timedelta(days=180)

timers = Timers()


# --- members report ------------------------------------------------------------------------------------------------


async def report(work: Work, body: ReportCreate) -> tuple[ContentReport, bool]:
    """Report something that the caller sees; what they reported of it before stands. Returns whether it is new."""
    about, text, standing = await reported(work, body.object.kind, body.object.id)
    if standing.member_id is None:
        raise NOT_FOUND()
    if standing.member_id in about.author_ids:
        raise CONFLICT_OF_INTEREST()
    community_id = standing.community.id
    item = await live_item(work.session, about.id)
    if item is None:
        item = new_item(community_id, about, text, work.now)
        work.session.add(item)
        await work.session.flush()
    there = await work.session.get(ContentReport, (item.id, standing.member_id))
    if there is not None:
        return there, False
    item.reports += 1
    item.category = item.category or body.category
    made = ContentReport(
        item_id=item.id, member_id=standing.member_id, category=body.category, note=body.note, created_at=work.now
    )
    work.session.add(made)
    told = FlaggedObject(service=HERE, **about.model_dump())
    message = ContentReported(community_id=community_id, object=told, category=body.category, count=item.reports)
    await tell_of(work.session, message, work.now)
    return made, True


# --- moderators decide ---------------------------------------------------------------------------------------------


async def decide(work: Work, key: UUID, body: ModerationDecision) -> tuple[ModerationItem, Standing]:
    """Release a text, as it is or edited, return it to its author, or remove it.

    Raises `ILLEGAL_TRANSITION` where somebody has decided, `TEXT_CHANGED` where the author has written something else since, `CONFLICT_OF_INTEREST`.
    """
    noted = await permitted(work, ModerationItem, key)
    thing = await thing_of(work, noted)
    item = await existing(work.session, ModerationItem, key, lock=True)
    own = thing.mine or wrote(thing.standing, item)
    code = refusal(body.verdict, status=item.status, held=item.held, own=own, here=item.service == HERE)
    if code is not None:
        raise refused(code, state=item.status)
    if body.revision != item.revision:
        raise TEXT_CHANGED(revision=item.revision)
    if thing.gone and body.verdict == "release":
        raise ILLEGAL_TRANSITION(state=item.status)
    _complete(item, body)
    before = item.status
    text, edited = _edited(item, body)
    item.edited = edited or None
    if body.verdict == "return":
        item.status, item.reason = "returned", body.reason
    else:
        close(item, ENDS[body.verdict], work.now, thing.standing.member_id, body.reason)
    await thing.follow(item, body.verdict, text)
    await audit(work.session, work.caller, item, "decide", {"status": [before, item.status]}, work.now)
    return item, thing.standing


def _complete(item: ModerationItem, body: ModerationDecision) -> None:
    if body.verdict != "release":
        if body.edit is not None:
            raise INVALID(errors=[ONLY_RELEASED])
        if body.reason is None:
            raise INVALID(errors=[REASON_MISSING])
    if body.edit is not None and not body.edit.model_fields_set <= item.text.keys():
        raise INVALID(errors=[NOT_IN_IT])
    if body.edit is not None and item.kind == "article" and not item.held:
        raise INVALID(errors=[ONLY_HELD])


def _edited(item: ModerationItem, body: ModerationDecision) -> tuple[dict[str, Any], dict[str, Any]]:
    """The text as it is released, and what was changed in it."""
    written = body.edit.model_dump(exclude_unset=True) if body.edit is not None else {}
    changed = {name: [item.text[name], value] for name, value in written.items() if item.text[name] != value}
    return item.text | written, changed


async def standing_of(work: Work, community_id: UUID | None) -> Standing:
    """What the caller is in a community whose queue they ask for, or in the company."""
    if work.permission is None:
        raise TypeError("an operation that reads the queue declares a permission")
    if community_id is None:
        await permit(work, None)
        return company_standing(work)
    return await authorize(work.session, work.caller, work.permission, community_id, now=work.now)


# --- what the clock does -------------------------------------------------------------------------------------------


@timers.every(timedelta(hours=1), kind="moderation.forget")
async def forget_old(session: AsyncSession, timer: Timer) -> None:
    """Forget verdicts after 180 days."""
    before: datetime = timer.now - KEPT
    await forget(session, before)
