"""Which answer helped: who asked says so, or a moderator."""

from collections.abc import Sequence
from uuid import UUID

from chassis.audit import audit
from chassis.database.rows import existing
from chassis.messaging.outbox import Outgoing
from chassis.problems import FORBIDDEN
from chassis.web.work import Work
from contracts.content import AnswerAccepted, AnswerUnaccepted
from services.content.deeds.models import Deed
from services.content.deeds.service import Aspect, acceptances, deeds
from services.content.permissions import ANSWERS_ACCEPT
from services.content.replies.access import SeenReply, seen_reply
from services.content.replies.models import Reply


async def accept(work: Work, key: UUID) -> SeenReply:
    """Accept an answer, in the place of another that was accepted. Raises `CONFLICT_OF_INTEREST`."""
    found = await seen_reply(work, key, lock=True, of=ANSWERS_ACCEPT)
    if found.accepted and not found.reply.causes:
        return found
    found.refuse("accept")
    await _change(work, found, found.reply)
    return found


async def unaccept(work: Work, key: UUID) -> SeenReply:
    """Take back that an answer was accepted."""
    found = await seen_reply(work, key, lock=True, of=ANSWERS_ACCEPT)
    found.refuse("unaccept")
    await _change(work, found, None)
    return found


async def _change(work: Work, found: SeenReply, answer: Reply | None) -> None:
    discussion = found.thread.discussion
    before = discussion.accepted_reply_id
    if before is not None:
        former = found.reply if before == found.reply.id else await existing(work.session, Reply, before, lock=True)
        told = await acceptances(work.session, former.id)
        await deeds.tell(work.session, "accepted", [_told(work, found, AnswerUnaccepted, former, told)])
    if answer is not None:
        told = await acceptances(work.session, answer.id)
        aspect: Aspect = "accepted" if told else "helped"
        await deeds.tell(work.session, aspect, [_told(work, found, AnswerAccepted, answer, told)])
    discussion.accepted_reply_id = answer.id if answer else None
    discussion.accepted_removed = False
    if not found.thread.mine:
        changes = {"accepted_reply_id": [before, discussion.accepted_reply_id]}
        await audit(work.session, work.caller, discussion, "accept" if answer else "unaccept", changes, work.now)


def _told(
    work: Work,
    found: SeenReply,
    kind: type[AnswerAccepted | AnswerUnaccepted],
    answer: Reply,
    before: Sequence[Deed],
) -> Outgoing:
    discussion = found.thread.discussion
    by = found.thread.standing.member_id
    if by is None:
        raise FORBIDDEN()
    message = kind(
        community_id=discussion.community_id,
        discussion_id=discussion.id,
        reply_id=answer.id,
        asker_id=discussion.author_id,
        answerer_id=answer.author_id,
        accepted_by=by,
        tags=tuple(discussion.tags),
        helped_before=bool(before) and _helps(before[0], discussion.id),
    )
    return Outgoing(message, answer.bump(), work.now)


def _helps(last: Deed, discussion_id: UUID) -> bool:
    """Whether an answer has earned something elsewhere, by what was told of it last: a merge tells of no answer that it is accepted no longer.

    Who answers their own question earned nothing by it.
    """
    if last.data.get("helped_before"):
        return True
    elsewhere = last.data["discussion_id"] != str(discussion_id)
    others = last.data["asker_id"] != last.data["answerer_id"]
    return last.type == AnswerAccepted.TYPE and elsewhere and others
