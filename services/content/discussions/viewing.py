"""What the caller can do with a discussion, by the same rules as the commands."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, get_args

from chassis.ids import is_mask
from chassis.security.permissions import Permission, Reach
from chassis.web.schemas import Viewer
from services.content.discussions.access import Seen
from services.content.discussions.kinds import AnnouncementPublic, PollPublic
from services.content.discussions.rules import ASKING, Move, may_remind, refusal
from services.content.permissions import (
    ANNOUNCEMENTS_ACKNOWLEDGE,
    ANNOUNCEMENTS_REMIND,
    CONTENT_EDIT,
    CONTENT_REMOVE,
    CONTENT_RESTORE,
    DISCUSSIONS_MODERATE,
    DISCUSSIONS_UNMASK,
    POLLS_VOTE,
    REACTIONS_ADD,
    REPLIES_CREATE,
)

ACTIONS: Final[Mapping[str, Permission]] = {
    "update": CONTENT_EDIT,
    "reply": REPLIES_CREATE,
    "react": REACTIONS_ADD,
    **dict.fromkeys([*get_args(Move), "pin", "unpin", "feature", "unfeature", "merge", "assign"], DISCUSSIONS_MODERATE),
    "remove": CONTENT_REMOVE,
    "restore": CONTENT_RESTORE,
}
"""What the caller may be able to do, and by which permission."""

OF_KINDS: Final[Mapping[str, Mapping[str, Permission]]] = {
    "poll": {"vote": POLLS_VOTE},
    "announcement": {"acknowledge": ANNOUNCEMENTS_ACKNOWLEDGE, "remind": ANNOUNCEMENTS_REMIND},
}
"""The same of what only a discussion of this kind has."""

OF_UNNAMED: Final[Mapping[str, Permission]] = {"unmask": DISCUSSIONS_UNMASK}
"""The same of what nobody is told who asked."""

_BY_MEMBERS: Final = frozenset({"reply", "react", "vote", "acknowledge"})
"""What a member does beside a discussion, whoever started it."""


def viewer_of(found: Seen, now: datetime, announcement: AnnouncementPublic | None, poll: PollPublic | None) -> Viewer:
    """What the caller can do. In neither list is what things of its kind do not have, and what waits for nobody to do it: an announcement that they need not confirm."""
    wanted = {**ACTIONS, **OF_KINDS.get(found.discussion.kind, {})}
    if found.discussion.kind not in ASKING:
        del wanted["assign"]
    if is_mask(found.discussion.author_id):
        wanted |= OF_UNNAMED
    if announcement is not None and not (announcement.mine and announcement.mine.asked):
        asked = announcement.confirm != "none" and found.discussion.removed_at is None
        if asked and _denied(found, "acknowledge", ANNOUNCEMENTS_ACKNOWLEDGE) is None:
            del wanted["acknowledge"]
    answers = {action: _answer(found, action, one, now, announcement, poll) for action, one in wanted.items()}
    return Viewer.of(answers)


def _answer(
    found: Seen,
    action: str,
    wanted: Permission,
    now: datetime,
    announcement: AnnouncementPublic | None,
    poll: PollPublic | None,
) -> str | None:
    row = found.discussion
    code = _denied(found, action, wanted)
    if code is None and action not in OF_UNNAMED:
        pinned, featured = row.pinned_until is not None, row.featured_at is not None
        state: dict[str, Any] = {"kind": row.kind, "status": row.status, "causes": row.causes, "as_": found.as_}
        state |= {"unnamed": is_mask(row.author_id), "dissolved": found.dissolved}
        code = refusal(action, **state, pinned=pinned, featured=featured)
    if code is not None:
        return code
    if action == "vote" and poll is not None and poll.closed:
        return "poll_closed"
    if action in OF_KINDS["announcement"] and announcement is not None:
        return _of_announcement(found, action, announcement, now)
    return None


def _denied(found: Seen, action: str, wanted: Permission) -> str | None:
    """What is said against it whatever the state of the discussion is."""
    beside = action in _BY_MEMBERS and Reach.OWN in wanted.reach(found.standing.columns)
    if not beside and not found.may(wanted, found.discussion.author_id):
        return "forbidden"
    if action == "update" and not found.writes_kind:
        return "forbidden"
    return "community_archived" if found.standing.community.status == "archived" else None


def _of_announcement(found: Seen, action: str, announcement: AnnouncementPublic, now: datetime) -> str | None:
    if announcement.confirm == "none":
        return "illegal_transition"
    community, before = found.standing.community, announcement.reminded_at
    may = may_remind(before, now, time_zone=community.time_zone, day_starts_at=community.day_starts_at)
    return None if may or action != "remind" else "already_reminded"
