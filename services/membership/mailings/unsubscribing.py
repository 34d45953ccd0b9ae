"""Ending mail by one click, without log-in (RFC 8058): a link proves by itself whose it is and what it ends."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final
from uuid import UUID

from sqlalchemy import Table
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.bulk import upsert_many
from chassis.database.context import context_of, moment_of
from chassis.problems import NOT_FOUND
from chassis.secrets import derived
from chassis.signed import is_signed, signature_of
from services.membership.deliveries.smtp import MAIL
from services.membership.notifications.models import NotificationPreference
from services.membership.notifications.queries import said_by
from services.membership.notifications.rules import CRITICAL, setting_of
from services.membership.notifications.templates import CATEGORY_TITLES
from services.membership.people.models import Person

DIGESTS: Final = "digests"
"""In a link: all categories that are mailed once a day."""
_PURPOSE = "unsubscribe-links"
_ID_BYTES = 16
_PREFERENCES: Table = NotificationPreference.__table__  # type: ignore[attr-defined]


def unsubscribe_url(session: AsyncSession, person_id: UUID, what: str) -> str | None:
    """The address that ends mail of a category to somebody; None where nobody knows the address of this installation."""
    public_url = context_of(session).runtime.settings.public_url
    return f"{public_url.rstrip('/')}/v1/unsubscribes/{token_of(session, person_id, what)}" if public_url else None


def token_of(session: AsyncSession, person_id: UUID, what: str) -> str:
    """What stands in the link. It is good as long as the mail is kept, and says nothing of the person but their id."""
    said = urlsafe_b64encode(person_id.bytes + what.encode()).decode().rstrip("=")
    return f"{said}.{signature_of(_key(session), person_id, what)}"


def meant_by(session: AsyncSession, token: str) -> tuple[UUID, str]:
    """Whose mail a link ends, and which. Raises `NOT_FOUND` for one that this installation did not make."""
    said, _, signature = token.partition(".")
    try:
        plain = urlsafe_b64decode(said + "=" * (-len(said) % 4))
        person_id, what = UUID(bytes=plain[:_ID_BYTES]), plain[_ID_BYTES:].decode("ascii")
    except ValueError:
        raise NOT_FOUND() from None
    if not is_signed(_key(session), signature, person_id, what):
        raise NOT_FOUND()
    return person_id, what


async def unsubscribe(session: AsyncSession, token: str) -> None:
    """Send no more mail of a kind to whoever the link is for; again it changes nothing. Raises `NOT_FOUND`."""
    person_id, what = meant_by(session, token)
    person = await session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise NOT_FOUND()
    said = (await said_by(session, [person_id])).get(person_id, {})
    wanted = [
        category
        for category in CATEGORY_TITLES
        if category not in CRITICAL
        and (category == what or (what == DIGESTS and setting_of(category, "mail", said) == "daily"))
        and setting_of(category, "mail", said) != "off"
    ]
    rows = [{"person_id": person_id, "category": one, "channel": MAIL, "setting": "off"} for one in sorted(wanted)]
    if rows:
        await upsert_many(session, _PREFERENCES, rows, key=["person_id", "category", "channel"], update=["setting"])
        # Nobody has logged in: whoever wonders why no mail comes finds it here.
        await audit(session, None, person, "person.unsubscribe", {"mail": [wanted, []]}, moment_of(session))


def _key(session: AsyncSession) -> bytes:
    return derived(context_of(session).runtime.secret, _PURPOSE)
