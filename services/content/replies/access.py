"""A reply, its discussion, and what the caller is to both."""

from dataclasses import dataclass
from uuid import UUID

from chassis.database.lines import RowTaken
from chassis.database.rows import existing
from chassis.problems import FORBIDDEN, NOT_FOUND, refused
from chassis.security.permissions import Permission
from chassis.web.work import Work
from services.content.discussions.access import Seen, is_by, moderates, seen
from services.content.discussions.rules import Cause
from services.content.discussions.schemas import hidden_as
from services.content.permissions import ANSWERS_ACCEPT
from services.content.replies.models import Reply
from services.content.replies.rules import refusal


@dataclass(frozen=True, slots=True)
class SeenReply:
    """A reply that the caller may see."""

    reply: Reply
    thread: Seen

    @property
    def mine(self) -> bool:
        """Whether the caller wrote it."""
        return is_by(self.thread.standing, self.reply.author_id)

    @property
    def reads(self) -> bool:
        """Whether the caller sees who wrote what."""
        return self.reply.removed_at is None or self.mine or moderates(self.thread.standing)

    @property
    def as_(self) -> Cause:
        """As what the caller removes and restores it."""
        return "author" if self.mine else "moderator"

    @property
    def accepted(self) -> bool:
        """Whether it is the answer that helped."""
        return self.thread.discussion.accepted_reply_id == self.reply.id

    def may(self, wanted: Permission) -> bool:
        """Whether a permission reaches it: an answer is accepted by who asked, anything else is its author's own."""
        owner = self.thread.discussion if wanted is ANSWERS_ACCEPT else self.reply
        return self.thread.may(wanted, owner.author_id)

    def refusal(self, action: str) -> str | None:
        """What the state says against an action."""
        discussion, reply = self.thread.discussion, self.reply
        return refusal(
            action,
            kind=reply.kind,
            causes=reply.causes,
            as_=self.as_,
            accepted=self.accepted,
            discussion_kind=discussion.kind,
            discussion_removed=discussion.removed_at is not None,
            answers_own=self.mine and not self.thread.mine,
            dissolved=self.thread.dissolved,
        )

    def refuse(self, action: str) -> None:
        """Raise what the state says against an action."""
        code = self.refusal(action)
        if code is not None:
            raise refused(code, state=hidden_as(self.reply.causes) or "shown")


async def seen_reply(work: Work, key: UUID, *, lock: bool = False, of: Permission | None = None) -> SeenReply:
    """The reply, if the operation's permission reaches it; `lock` locks its discussion, under which everything of it changes.

    `of` as in `seen`. Raises the same.
    """
    noted = await existing(work.session, Reply, key)
    thread = await seen(work, noted.discussion_id, lock=lock)
    reply = await existing(work.session, Reply, key, lock=True) if lock else noted
    if reply.discussion_id != thread.discussion.id:
        # It went to another discussion meanwhile, which has to be locked first: from the beginning again.
        raise RowTaken(("replies", key))
    found = SeenReply(reply, thread)
    if not found.reads and not (of is None and reply.comment_count):
        raise NOT_FOUND()
    if of is not None and not found.may(of):
        raise FORBIDDEN()
    return found
