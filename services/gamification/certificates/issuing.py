"""Issuing certificates: everything in them is what holds at that moment, and stays."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.base import new_row
from chassis.database.bulk import insert_many
from chassis.ids import new_id
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.security.authority import CommunityFacts
from chassis.timers import schedule_many
from contracts.fields import ObjectReference
from contracts.gamification import CertificateIssued
from services.gamification.certificates.models import Certificate, CertificateTemplate
from services.gamification.certificates.rules import RANDOM_BYTES, last_valid_day, serial_from

EXPIRY = "certificate.expiry"

_certificates: Any = Certificate.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Earned:
    """What a member is to have a certificate for. `holder` is a row of `queries.holders`."""

    template: CertificateTemplate
    holder: Any
    community: CommunityFacts
    object_kind: str
    object_id: UUID
    subject_zh: str
    subject_en: str
    earned_on: date
    hours: float | None = None
    source_id: UUID | None = None
    valid_until: datetime | None = None
    """Where the template does not say it."""


async def issue(
    session: AsyncSession, earned: Sequence[Earned], *, now: datetime, by_id: UUID | None = None
) -> list[UUID]:
    """Write certificates, tell of them, and have their ends come; answers their ids. The templates are locked, and none is there yet."""
    rows = [_row(one, now, by_id) for one in earned]
    await insert_many(session, _certificates, rows)
    await schedule_many(session, EXPIRY, {row["id"]: row["valid_until"] for row in rows if row["valid_until"]})
    await emit_many(session, [_told(row, now) for row in rows])
    return [row["id"] for row in rows]


def _row(one: Earned, now: datetime, by_id: UUID | None) -> dict[str, Any]:
    return new_row(
        Certificate,
        id=new_id(),
        community_id=one.holder.community_id,
        template_id=one.template.id,
        template_version=one.template.version,
        serial=serial_from(secrets.token_bytes(RANDOM_BYTES)),
        kind=one.template.kind,
        object_kind=one.object_kind,
        object_id=one.object_id,
        member_id=one.holder.id,
        person_id=one.holder.person_id,
        name=one.holder.display_name,
        community_name=one.community.name,
        title_zh=one.template.title_zh,
        title_en=one.template.title_en,
        subject_zh=one.subject_zh,
        subject_en=one.subject_en,
        cohort_id=one.holder.cohort_id,
        cohort_name=one.holder.cohort_name,
        hours=one.hours,
        earned_on=one.earned_on,
        valid_until=one.valid_until or ends_at(one.earned_on, one.template.valid_months, one.community),
        source_id=one.source_id,
        issued_at=now,
        issued_by_id=by_id,
        messages_published=1,
    )


def ends_at(earned_on: date, valid_months: int | None, community: CommunityFacts) -> datetime | None:
    """When the community's last day is over on which it is valid."""
    last = last_valid_day(earned_on, valid_months)
    if last is None:
        return None
    return community.ended(last)


def _told(row: dict[str, Any], now: datetime) -> Outgoing:
    message = CertificateIssued(
        community_id=row["community_id"],
        certificate_id=row["id"],
        serial=row["serial"],
        kind=row["kind"],
        object=ObjectReference(kind=row["object_kind"], id=row["object_id"]),
        member_id=row["member_id"],
        person_id=row["person_id"],
        valid_until=row["valid_until"],
    )
    return Outgoing(message, 1, now)
