"""Use cases of certificates."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.listing import Listing
from chassis.database.rows import existing
from chassis.problems import ALREADY_EXISTS, CONFLICT_OF_INTEREST, INVALID, NOT_FOUND, FieldError
from chassis.projections.communities import known_communities
from chassis.projections.members import member_for, own_memberships
from chassis.security.authority import authorize
from chassis.web.work import Work
from services.gamification.certificates import ending, problems, queries
from services.gamification.certificates.access import SeenCertificate, is_own, refusal
from services.gamification.certificates.issuing import Earned, issue
from services.gamification.certificates.models import Certificate, CertificateTemplate, CertificateWording
from services.gamification.certificates.rules import Status, serial_in
from services.gamification.certificates.schemas import (
    CertificateCreate,
    CertificateRevoke,
    TemplateCreate,
    TemplatePatch,
)
from services.gamification.earning.rulebook import lock_rules
from services.gamification.permissions import CERTIFICATES_ISSUE, CERTIFICATES_READ, CERTIFICATES_REVOKE

MOST_TEMPLATES: Final = 100
"""Of a community, in use: all are looked through when somebody was at an activity or reaches a level."""
_WORDS = {"title_zh", "title_en", "text_zh", "text_en", "signature", "valid_months"}


async def create_template(work: Work, body: TemplateCreate) -> CertificateTemplate:
    """Write a template and its first version. Raises `INVALID`, `TOO_MANY_TEMPLATES`."""
    await work.permit(body.community_id)
    said: dict[str, Any] = body.model_dump(exclude={"about"})
    if body.about is not None:
        said |= {"about": body.about.kind, "about_id": body.about.id, "about_code": body.about.code}
    if not _fits(body):
        raise INVALID(errors=[problems.ABOUT_MISFIT])
    await _require_room(work, body.community_id)
    template = await work.add(CertificateTemplate(**said, created_at=work.now))
    return await _keep_version(work, template)


async def _require_room(work: Work, community_id: UUID) -> None:
    await lock_rules(work.session, community_id)
    if await queries.templates_in_use(work.session, community_id) >= MOST_TEMPLATES:
        raise problems.TOO_MANY_TEMPLATES(limit=MOST_TEMPLATES)


def _fits(body: TemplateCreate) -> bool:
    about = body.about
    if about is None:
        return body.kind != "level"
    by_id = about.kind in {"activity", "series"}
    whole = (about.id is not None, about.code is not None) == (by_id, not by_id)
    return whole and body.kind == ("level" if about.kind == "level" else "activity")


async def change_template(work: Work, key: UUID, body: TemplatePatch, if_match: int) -> CertificateTemplate:
    """Give a template another version: what is issued from now on says this. Raises `TOO_MANY_TEMPLATES` where it is used again."""
    template = await work.permitted(CertificateTemplate, key, lock=True, if_match=if_match)
    values = body.model_dump(exclude_unset=True)
    if template.archived_at is not None and values.get("archived") is False:
        await _require_room(work, template.community_id)
    if "archived" in values:
        values["archived_at"] = (template.archived_at or work.now) if values.pop("archived") else None
    before = template.version
    await work.edit(template, values)
    return await _keep_version(work, template) if template.version != before else template


async def _keep_version(work: Work, template: CertificateTemplate) -> CertificateTemplate:
    said = template.model_dump(include=_WORDS)
    work.session.add(CertificateWording(template_id=template.id, version=template.version, created_at=work.now, **said))
    await work.session.flush()
    return template


async def issue_by_hand(work: Work, body: CertificateCreate) -> SeenCertificate:
    """Issue a certificate to a member, or to one who left; nobody issues one to themselves.

    Raises `INVALID`, `UNKNOWN_MEMBER`, `TEMPLATE_ARCHIVED`, `ALREADY_EXISTS` where they have one by this template, and
    `CONFLICT_OF_INTEREST`.
    """
    template = await existing(work.session, CertificateTemplate, body.template_id, lock=True)
    standing = await authorize(work.session, work.caller, CERTIFICATES_ISSUE, template.community_id, now=work.now)
    holder = (await queries.holders(work.session, [body.member_id])).get(body.member_id)
    if (
        holder is None
        or holder.community_id != template.community_id
        or "erased" in (holder.status, holder.person_status)
    ):
        raise problems.UNKNOWN_MEMBER()
    if work.caller is not None and work.caller.kind == "person" and work.caller.id == holder.person_id:
        raise CONFLICT_OF_INTEREST()
    today = standing.community.day_of(work.now)
    earned_on = body.earned_on or today
    subject = body.subject_zh or body.subject_en
    wrong = [problems.NO_SUBJECT] * (subject is None) + [problems.TOMORROW] * (earned_on > today)
    if wrong or subject is None:
        raise INVALID(errors=wrong)
    if template.kind != "other":
        raise problems.FOLLOWS_BY_ITSELF()
    if template.archived_at is not None:
        raise problems.TEMPLATE_ARCHIVED()
    await _make_room(work, template.id, holder.id)
    earned = Earned(
        template=template,
        holder=holder,
        community=standing.community,
        object_kind="template",
        object_id=template.id,
        subject_zh=body.subject_zh or subject,
        subject_en=body.subject_en or subject,
        earned_on=earned_on,
        hours=body.hours,
    )
    [made] = await issue(work.session, [earned], now=work.now, by_id=standing.member_id)
    certificate = await work.session.get_one(Certificate, made)
    said: dict[str, list[object]] = {
        "member_id": [None, holder.id],
        "template": [None, template.name],
        "subject": [None, subject],
    }
    await audit(work.session, work.caller, certificate, "issue", said, work.now)
    return SeenCertificate(certificate, standing, mine=False)


async def _make_room(work: Work, template_id: UUID, member_id: UUID) -> None:
    """Another one may be issued where the one before has expired, whether or not that was told yet."""
    for there in await queries.living(work.session, [template_id], [template_id], [member_id]):
        if there.valid_until is None or there.valid_until > work.now:
            raise ALREADY_EXISTS()
        await ending.over(work.session, there)
    await work.session.flush()


async def revoke_by_hand(work: Work, key: UUID, body: CertificateRevoke) -> SeenCertificate:
    """Revoke a certificate and say why; nobody revokes their own. Raises `ALREADY_REVOKED`, `CONFLICT_OF_INTEREST`."""
    certificate = await existing(work.session, Certificate, key, lock=True)
    own = is_own(work, certificate)
    standing = await authorize(
        work.session,
        work.caller,
        CERTIFICATES_REVOKE,
        certificate.community_id,
        own=own,
        seen_by=CERTIFICATES_READ,
        now=work.now,
    )
    seen = SeenCertificate(certificate, standing, own)
    if (refused := refusal(seen)) is not None:
        raise refused()
    await ending.revoke(work.session, [certificate], code="by_hand", reason=body.reason, now=work.now)
    await audit(work.session, work.caller, certificate, "revoke", {"reason": [None, body.reason]}, work.now)
    return seen


async def readable(work: Work, key: UUID) -> Certificate:
    """A certificate that the caller may read: their own, also when they have left, or all."""
    certificate = await existing(work.session, Certificate, key)
    await member_for(
        work.session,
        _caller(work),
        CERTIFICATES_READ,
        certificate.member_id,
        work.now,
        former_too=True,
        seen_by=CERTIFICATES_READ,
    )
    return certificate


@dataclass(frozen=True, slots=True)
class Printable:
    """A certificate with what its template said, and the community's time zone."""

    certificate: Certificate
    wording: CertificateWording
    time_zone: str


async def printable(work: Work, key: UUID) -> Printable:
    """A certificate that the caller may read and anybody would believe. Raises `ALREADY_REVOKED`."""
    certificate = await readable(work, key)
    if certificate.revoked_at is not None:
        raise problems.ALREADY_REVOKED()
    said = (certificate.template_id, certificate.template_version)
    wording = await work.session.get_one(CertificateWording, said)
    community = (await known_communities(work.session, [certificate.community_id]))[certificate.community_id]
    return Printable(certificate, wording, community.time_zone)


async def listing(
    work: Work,
    *,
    community_id: UUID | None,
    member_id: UUID | None,
    mine: bool,
    kind: str | None,
    status: Status | None,
    expires_before: datetime | None,
) -> Listing:
    """The certificates that the caller may see of a community, of a member, or their own in all communities."""
    only = await whose(work, community_id, member_id, mine=mine)
    return queries.listing(only, kind=kind, status=status, expires_before=expires_before, now=work.now)


async def whose(
    work: Work, community_id: UUID | None, member_id: UUID | None, *, mine: bool, table: Any = Certificate
) -> ColumnElement[bool]:
    """Which rows of a table with members the caller may see: of a community, of a member, or their own in all communities."""
    caller, of_member = _caller(work), col(table.member_id)
    if member_id is not None:
        member = await member_for(work.session, caller, CERTIFICATES_READ, member_id, work.now, former_too=True)
        own = caller.kind == "person" and caller.id == member.person_id
        if community_id not in (None, member.community_id) or (mine and not own):
            raise NOT_FOUND()
        return of_member == member.id
    theirs = []
    if mine or caller.kind == "person":
        theirs = await own_memberships(work.session, caller, community_id=community_id, former_too=True)
    if mine:
        return of_member.in_(theirs)
    if community_id is None:
        text = "Give community_id or member_id, or mine=true."
        raise INVALID(
            errors=[
                FieldError("#/query/community_id", "missing", text, "请给出 community_id 或 member_id，或 mine=true。")
            ]
        )
    standing = await authorize(work.session, caller, CERTIFICATES_READ, community_id, own=bool(theirs), now=work.now)
    return col(table.community_id) == community_id if standing.sees_all else of_member.in_(theirs)


def _caller(work: Work) -> Any:
    return work.caller


async def verified(session: AsyncSession, typed: str) -> Any:
    """The certificate of a serial, with its titles and time zone. Raises `NOT_FOUND`."""
    serial = serial_in(typed)
    found = await queries.by_serial(session, serial) if serial is not None else None
    if found is None:
        raise NOT_FOUND()
    return found
