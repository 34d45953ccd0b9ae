"""What a community is called and is for: written by its owners and operators, read by others once moderation has decided.

A draft is seen only by who works on it, so there everything stands as it was written. In an open community an edit waits, and others read
the former text. What an administrator gave a new community is read until somebody objects; then the slug stands in its place.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.web.schemas import Viewer
from services.membership.base import texts
from services.membership.communities.models import Community
from services.membership.communities.schemas import Positioning, UnseenTexts

KIND: Final = "community"
FIELDS: Final[tuple[str, ...]] = ("name", "positioning")
_AS_CREATED: Final = 1


def as_written(community: Community) -> dict[str, Any]:
    """Name and positioning as they were written last."""
    return {name: getattr(community, name) for name in FIELDS} | (community.unseen or {})


def rewritten(community: Community, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What of these differs from what was written last, with [before, after]."""
    before = as_written(community)
    return {name: [before[name], value] for name, value in values.items() if before[name] != value}


def write(community: Community, values: Mapping[str, Any]) -> bool:
    """Write these anew. Returns whether others read something else at once."""
    written = as_written(community) | dict(values)
    if community.status == "draft":
        return _show(community, written)
    community.unseen = _differing(community, written) or None
    return False


async def tell(session: AsyncSession, community: Community, author_id: UUID, now: datetime) -> None:
    """Ask moderation about what was written; the community is locked, or new."""
    written = as_written(community)
    positioning = written["positioning"] or {}
    said = {
        "name": written["name"],
        "statement": positioning.get("statement"),
        "audience": positioning.get("audience"),
        "topics": "、".join(positioning.get("topics", ())),
    }
    await texts.written(
        session,
        community_id=community.id,
        kind=KIND,
        object_id=community.id,
        author_id=author_id,
        text={name: text for name, text in said.items() if text},
        now=now,
    )


async def hide_undecided(session: AsyncSession, community: Community) -> None:
    """A draft opens: what moderation has not let through is seen by nobody but those who may change it."""
    revision, verdict = await texts.standing(session, community.id)
    if verdict in {"hold", "remove"} or (verdict is None and revision > _AS_CREATED):
        hide(community)


async def waiting_of(session: AsyncSession, community: Community, viewer: Viewer) -> UnseenTexts | None:
    """What others do not read yet, for those who may change it."""
    if community.unseen is None or viewer.cannot.get("update") == "forbidden":
        return None
    hidden = await texts.hidden(session, [community.id])
    positioning = community.unseen.get("positioning")
    return UnseenTexts(
        state=hidden.get(community.id, "waiting"),
        name=community.unseen.get("name"),
        positioning=Positioning.model_validate(positioning) if positioning is not None else None,
    )


def decided(community: Community, verdict: str) -> bool:
    """Take an answer about what was written last. Returns whether others read something else now."""
    if community.status == "draft":
        return False
    if verdict in {"allow", "release"}:
        return community.unseen is not None and _show(community, as_written(community))
    return community.unseen is None and hide(community)


def hide(community: Community) -> bool:
    """The slug stands in place of the name, and nothing in place of the rest."""
    community.unseen = as_written(community)
    community.name, community.positioning = community.slug, None
    return True


def _show(community: Community, written: Mapping[str, Any]) -> bool:
    seen = bool(_differing(community, written))
    community.sqlmodel_update(dict(written))
    community.unseen = None
    return seen


def _differing(community: Community, written: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in written.items() if getattr(community, name) != value}
