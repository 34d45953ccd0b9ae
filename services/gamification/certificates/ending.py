"""How certificates end: by the clock, because somebody revokes them, because their holder is forgotten."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.outbox import Outgoing, emit_many
from chassis.timers import Late, Timer, Timers, cancel, cancel_many
from contracts.fields import ObjectReference
from contracts.gamification import CertificateExpired, CertificateRevoked, CertificateState
from services.gamification.certificates.issuing import EXPIRY
from services.gamification.certificates.models import Certificate
from services.gamification.certificates.rules import RevokedCode

timers = Timers()


@timers.on(EXPIRY, late=Late.ENDING)
async def expire(session: AsyncSession, timer: Timer) -> None:
    """Tell that a certificate is over. That it is was so from its last moment on."""
    certificate = await session.get(Certificate, timer.subject_id, with_for_update=True)
    if certificate is not None and certificate.ended_at is None:
        await over(session, certificate)


async def over(session: AsyncSession, certificate: Certificate) -> None:
    """Record that a locked certificate has expired, and tell of it as of then."""
    if certificate.valid_until is not None:
        certificate.ended_at = certificate.valid_until
        await cancel(session, EXPIRY, certificate.id)
        await emit_many(session, [_told(CertificateExpired, certificate, certificate.valid_until)])


async def revoke(
    session: AsyncSession,
    certificates: Sequence[Certificate],
    *,
    code: RevokedCode,
    reason: str | None = None,
    now: datetime,
) -> None:
    """Revoke locked certificates, one that has expired too, and tell of it."""
    for certificate in certificates:
        certificate.revoked_at, certificate.revoked_code, certificate.revoked_reason = now, code, reason
        certificate.ended_at = certificate.ended_at or now
    await cancel_many(session, EXPIRY, [one.id for one in certificates])
    await emit_many(session, [_told(CertificateRevoked, one, now) for one in certificates])


async def erase(session: AsyncSession, person_id: UUID, _now: datetime) -> None:
    """Take the name from a person's certificates: that somebody earned them stays, and is verified without saying who.

    Why one was revoked may tell of them, too.
    """
    theirs = col(Certificate.person_id) == person_id
    await session.execute(update(Certificate).where(theirs).values(name=None, revoked_reason=None))


async def of_source(session: AsyncSession, source_ids: Sequence[UUID]) -> list[Certificate]:
    """The certificates that follow from these and are not revoked, locked."""
    found = await session.execute(
        select(Certificate)
        .where(col(Certificate.source_id).in_(source_ids), col(Certificate.revoked_at).is_(None))
        .order_by(col(Certificate.id))
        .with_for_update()
    )
    return list(found.scalars())


def _told(kind: type[CertificateState], row: Certificate, at: datetime) -> Outgoing:
    message = kind(
        community_id=row.community_id,
        certificate_id=row.id,
        serial=row.serial,
        kind=row.kind,
        object=ObjectReference(kind=row.object_kind, id=row.object_id),
        member_id=row.member_id,
        person_id=row.person_id,
        valid_until=row.valid_until,
    )
    return Outgoing(message, row.bump(), at, kept=True)
