"""Singling out a piece of content, whatever kind it is, as worth reading 加精: told, kept as a deed, and in the trail."""

from datetime import datetime
from typing import Protocol

from chassis.audit import AuditObject, audit
from chassis.messaging.outbox import Outgoing
from chassis.problems import FORBIDDEN
from chassis.security.authority import Standing
from chassis.web.work import Work
from contracts.content import ContentFeatured, ContentUnfeatured
from contracts.fields import ContentObject
from services.content.deeds.service import deeds


class Featured(Protocol):
    """A locked row that can be featured, and counts its messages."""

    featured_at: datetime | None
    version: int

    def bump(self) -> int:
        """See `Publishing`."""


async def change(work: Work, row: Featured, about: ContentObject, standing: Standing, *, featured: bool) -> None:
    """Feature it, or no longer; the state allows it."""
    by, community = standing.member_id, standing.community
    if by is None:
        raise FORBIDDEN()
    kind = ContentFeatured if featured else ContentUnfeatured
    message = Outgoing(kind(community_id=community.id, object=about, by=by), row.bump(), work.now)
    first = not await deeds.was_told(work.session, about.id, "featured")
    await deeds.tell(work.session, "featured" if first else "featured again", [message])
    before, row.featured_at = row.featured_at, work.now if featured else None
    row.version += 1
    changes = {"featured_at": [before, row.featured_at]}
    action = f"{about.kind}.{'feature' if featured else 'unfeature'}"
    thing = AuditObject(about.kind, about.id, community.id)
    await audit(work.session, work.caller, thing, action, changes, work.now)
