"""What mail about notifications says, written when it goes: of what was read, withdrawn or is no longer theirs to see, nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.locale import Locale, negotiate
from services.membership.deliveries.channels import Content
from services.membership.deliveries.occasions import Later, Pointless, Sending
from services.membership.deliveries.rules import USUAL_ZONE
from services.membership.deliveries.service import GONE
from services.membership.deliveries.smtp import MAIL
from services.membership.mailings import queries
from services.membership.mailings.leaving import URGENT, digest_of, due_of
from services.membership.mailings.queries import DIGEST_LINES
from services.membership.mailings.time_rules import digest_at, goes_at
from services.membership.mailings.unsubscribing import DIGESTS, unsubscribe_url
from services.membership.notifications.models import Notification
from services.membership.notifications.queries import said_by, still_to_tell
from services.membership.notifications.rules import CRITICAL, Channel, setting_of
from services.membership.notifications.templates import CATEGORY_TITLES, template_of, text_of
from services.membership.people.models import Person
from services.membership.roster.queries import embedded_by_id
from services.membership.work_calendars.queries import as_calendar, imported

_LOOKED_BACK: Final = timedelta(days=14)
_WORDS: Final[dict[Locale, dict[str, str]]] = {
    "en": {
        "open": "Open your inbox",
        "why": "You are told since you are a member. What you are told, and how, is set in your inbox ({category}).",
        "why_digest": "You are sent this once a workday, if there is anything. What you are told, and how, is set in your inbox.",
        "digest": "{count} things you have not read",
        "more": "And {count} more.",
    },
    "zh-CN": {
        "open": "打开消息中心",
        "why": "您收到此邮件，因为您是社群成员。可在消息中心设置接收方式（{category}）。",
        "why_digest": "此邮件每个工作日至多发送一次。可在消息中心设置接收方式。",
        "digest": "您有 {count} 条未读消息",
        "more": "另有 {count} 条。",
    },
}


async def write_mail(session: AsyncSession, turn: Sending) -> Content | Later | Pointless | None:
    """What mail left by `leave_mail` says now; None of anything else."""
    if turn.kind == "notification":
        return await _line(session, turn)
    return await _digest(session, turn) if turn.kind == "digest" else None


async def _line(session: AsyncSession, turn: Sending) -> Content | Later | Pointless | None:
    line = await session.get(Notification, turn.subject_id)
    if line is None or line.person_id != turn.person_id:
        return Pointless("gone")
    if line.snoozed_until is not None and line.read_at is None:
        # When its time has come it is told again, and left to go anew.
        return Pointless("snoozed")
    if not await still_to_tell(session, [line.id], turn.now):
        return Pointless(GONE)
    said = (await said_by(session, [turn.person_id])).get(turn.person_id, {})
    if setting_of(line.category, _way(turn), said) != "now":
        return Pointless("not_wanted")
    due_at = due_of(line.template, line.params, line.told_at)
    if due_at is not None and due_at <= turn.now and line.category in URGENT:
        return Pointless("over")
    places = await queries.communities(session, {line.community_id} if line.community_id else ())
    at = goes_at(
        turn.now,
        time_zone=await _own_zone(session, turn.person_id)
        or next((one.time_zone for one in places.values()), USUAL_ZONE),
        is_workday=as_calendar(await imported(session)).is_workday,
        urgent=line.category in URGENT,
        due_at=due_at,
    )
    if at > turn.now:
        return Later(at)
    locale = negotiate(turn.locale)
    (text,) = await _texts(session, [line], places, locale, turn.now)
    named = [place.name for place in places.values()]
    return _content(session, turn, locale, text, [text, *named], line.category)


async def _digest(session: AsyncSession, turn: Sending) -> Content | Pointless | Later:
    calendar = as_calendar(await imported(session))
    said = (await said_by(session, [turn.person_id])).get(turn.person_id, {})
    found = await queries.told_lately(session, turn.person_id, turn.now - _LOOKED_BACK)
    found = [line for line in found if setting_of(line.category, _way(turn), said) == "daily"]
    places = await queries.communities(session, {line.community_id for line in found if line.community_id})
    own = await _own_zone(session, turn.person_id)

    def zone_of(line: Any) -> str:
        return own or (places[line.community_id].time_zone if line.community_id in places else USUAL_ZONE)

    lines = []
    for line in found:
        due = digest_at(line.told_at, time_zone=zone_of(line), is_workday=calendar.is_workday)
        if digest_of(turn.person_id, due) == turn.subject_id:
            lines.append(line)
    seen = await still_to_tell(session, [line.id for line in lines], turn.now)
    lines = [line for line in lines if line.id in seen]
    if not lines:
        return Pointless(GONE)
    # By the zone that made it due now, whatever else they were told elsewhere.
    at = goes_at(turn.now, time_zone=zone_of(lines[0]), is_workday=calendar.is_workday)
    if at > turn.now:
        return Later(at)
    locale = negotiate(turn.locale)
    words = _WORDS[locale]
    texts = await _texts(session, lines[:DIGEST_LINES], places, locale, turn.now)
    if len(lines) > DIGEST_LINES:
        texts.append(words["more"].format(count=len(lines) - DIGEST_LINES))
    return _content(session, turn, locale, words["digest"].format(count=len(lines)), texts, None)


def _way(turn: Sending) -> Channel:
    return "mail" if turn.channel == MAIL else "messenger"


async def _own_zone(session: AsyncSession, person_id: UUID) -> str | None:
    person = await session.get(Person, person_id)
    return None if person is None else person.time_zone


async def _texts(
    session: AsyncSession, lines: Sequence[Any], places: Mapping[UUID, Any], locale: Locale, now: datetime
) -> list[str]:
    """What these lines say outside: no title that is nobody else's business, and none of a private community."""
    actors = {UUID(who) for line in lines if (who := line.params.get("who"))}
    members = await embedded_by_id(session, actors, now) if actors else {}
    texts = []
    for line in lines:
        template = template_of(line.template, line.template_version)
        place = places.get(line.community_id)
        hidden = {"title"} if template.private or (place is not None and place.visibility == "private") else set()
        params = {name: value for name, value in line.params.items() if name not in hidden}
        who = members.get(UUID(params["who"])) if params.get("who") else None
        texts.append(text_of(template, params, line.count, who.display_name if who else None, locale))
    return texts


def _content(
    session: AsyncSession, turn: Sending, locale: Locale, title: str, paragraphs: Sequence[str], category: str | None
) -> Content:
    words, settings = _WORDS[locale], context_of(session).runtime.settings
    named = CATEGORY_TITLES[category][locale == "zh-CN"] if category else ""
    ends = None if category in CRITICAL else unsubscribe_url(session, turn.person_id, category or DIGESTS)
    return Content(
        locale=locale,
        title=title,
        paragraphs=paragraphs,
        link=(words["open"], f"{settings.app_url.rstrip('/')}/notifications") if settings.app_url else None,
        footer=words["why"].format(category=named) if category else words["why_digest"],
        unsubscribe=ends,
    )
