"""How lines become answers, in the reader's language."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import ObjectRef
from chassis.locale import Locale
from chassis.web.schemas import CommunityEmbed, MemberEmbed
from services.membership.notifications import queries
from services.membership.notifications.models import Notification
from services.membership.notifications.occasions import Notified
from services.membership.notifications.places import href_of
from services.membership.notifications.rules import CHANNELS, CRITICAL, setting_of
from services.membership.notifications.schemas import (
    NotificationPublic,
    PreferencePublic,
    PreferencesPublic,
)
from services.membership.notifications.templates import CATEGORY_TITLES, template_of, text_of, title_of
from services.membership.roster.queries import embedded_by_id


async def shown(
    session: AsyncSession, lines: Sequence[Notification], now: datetime, locale: Locale
) -> list[NotificationPublic]:
    """These lines as their owner reads them."""
    actors = {UUID(who) for line in lines if (who := line.params.get("who"))}
    members = await embedded_by_id(session, actors, now) if actors else {}
    places = await queries.communities(session, {line.community_id for line in lines if line.community_id})
    return [_shown(line, members, places, locale) for line in lines]


def _shown(
    line: Notification,
    members: Mapping[UUID, MemberEmbed],
    places: Mapping[UUID, CommunityEmbed],
    locale: Locale,
) -> NotificationPublic:
    who = line.params.get("who")
    actor = members.get(UUID(who)) if who else None
    until = line.params.get("until")
    template = template_of(line.template, line.template_version)
    return NotificationPublic(
        id=line.id,
        community_id=line.community_id,
        community=places.get(line.community_id) if line.community_id else None,
        category=line.category,
        category_title=title_of(line.category, locale),
        critical=line.critical,
        template=line.template,
        thread=line.thread,
        text=text_of(template, line.params, line.count, actor.display_name if actor else None, locale),
        actor=actor,
        count=line.count,
        object=ObjectRef(kind=line.object_kind, id=line.object_id) if line.object_kind and line.object_id else None,
        href=href_of(line.template, line.object_kind, line.object_id, line.community_id),
        until=datetime.fromisoformat(until) if until else None,
        created_at=line.created_at,
        told_at=line.told_at,
        read_at=line.read_at,
        snoozed_until=line.snoozed_until,
    )


def told_text(told: Notified, who: str | None, locale: Locale) -> str:
    """The words for one line where they leave the house: without a title that is nobody else's business."""
    template = template_of(told.template, told.template_version)
    params = dict(told.params)
    if template.private:
        params.pop("title", None)
    return text_of(template, params, 1, who, locale)


def preferences(said: Mapping[tuple[str, str], str], locale: Locale) -> PreferencesPublic:
    """Every category with what holds on each channel."""
    items = []
    for category in CATEGORY_TITLES:
        settings = {channel: setting_of(category, channel, said) for channel in CHANNELS}
        items.append(
            PreferencePublic(
                category=category, title=title_of(category, locale), critical=category in CRITICAL, **settings
            )
        )
    return PreferencesPublic(items=items)
