"""Use cases of certifications."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col

from chassis.database.listing import Listing
from chassis.database.rows import existing
from chassis.problems import INVALID
from chassis.projections.members import own_memberships
from chassis.security.authority import authorize
from chassis.web.work import Work
from services.gamification.certificates import service as certificates
from services.gamification.certificates.models import CertificateTemplate
from services.gamification.certifications import problems, queries
from services.gamification.certifications.keeping import start_keeping
from services.gamification.certifications.models import Certification, CertificationRun
from services.gamification.certifications.rules import Status
from services.gamification.certifications.schemas import CertificationCreate, CertificationPatch
from services.gamification.earning.rulebook import lock_rules
from services.gamification.permissions import CERTIFICATES_READ, CERTIFICATIONS_WRITE

MOST_CERTIFICATIONS: Final = 100
"""Of a community, that are not archived: each is looked at every quarter of an hour."""


async def create(work: Work, body: CertificationCreate) -> Certification:
    """Ask something of members from now on; a job enrols them. Raises `INVALID`, `UNKNOWN_TEMPLATE`, `TOO_MANY_CERTIFICATIONS`."""
    standing = await authorize(work.session, work.caller, CERTIFICATIONS_WRITE, body.community_id, now=work.now)
    if (body.valid_months is None) == (body.window is None):
        raise INVALID(errors=[problems.MONTHS_OR_WINDOW])
    if body.template_id is not None:
        template = await work.session.get(CertificateTemplate, body.template_id)
        fits = template is not None and template.community_id == body.community_id
        if template is None or not fits or template.kind != "certification" or template.archived_at is not None:
            raise problems.UNKNOWN_TEMPLATE()
    await _require_room(work, body.community_id)
    said: dict[str, Any] = body.model_dump(exclude={"window", "requires", "begins_on"})
    one = Certification(
        **said,
        requires=[requirement.model_dump(mode="json") for requirement in body.requires],
        window_opens=body.window.opens if body.window else None,
        window_closes=body.window.closes if body.window else None,
        begins_on=body.begins_on or standing.community.day_of(work.now),
        created_at=work.now,
    )
    await work.add(one)
    await start_keeping(work.session, work.now)
    return one


async def _require_room(work: Work, community_id: UUID) -> None:
    await lock_rules(work.session, community_id)
    if await queries.in_use(work.session, community_id) >= MOST_CERTIFICATIONS:
        raise problems.TOO_MANY_CERTIFICATIONS(limit=MOST_CERTIFICATIONS)


async def change(work: Work, key: UUID, body: CertificationPatch, if_match: int) -> Certification:
    """Rename a certification, or ask it of nobody any more. Raises `TOO_MANY_CERTIFICATIONS` where it is asked again."""
    one = await work.permitted(Certification, key, lock=True, if_match=if_match)
    values = body.model_dump(exclude_unset=True)
    if one.archived_at is not None and values.get("archived") is False:
        await _require_room(work, one.community_id)
    if "archived" in values:
        values["archived_at"] = (one.archived_at or work.now) if values.pop("archived") else None
    return await work.edit(one, values)


async def readable(work: Work, key: UUID) -> Certification:
    """A certification of a community in which the caller is a member."""
    one = await existing(work.session, Certification, key)
    theirs = []
    if work.caller is not None and work.caller.kind == "person":
        theirs = await own_memberships(work.session, work.caller, community_id=one.community_id, former_too=True)
    await authorize(
        work.session,
        work.caller,
        CERTIFICATES_READ,
        one.community_id,
        own=bool(theirs),
        seen_by=CERTIFICATES_READ,
        now=work.now,
    )
    return one


async def runs(
    work: Work,
    *,
    community_id: UUID | None,
    member_id: UUID | None,
    mine: bool,
    certification_id: UUID | None,
    status: Status | None,
) -> Listing:
    """The runs that the caller may see: their own, or those of everybody."""
    only: list[ColumnElement[bool]] = [
        await certificates.whose(work, community_id, member_id, mine=mine, table=CertificationRun)
    ]
    if certification_id is not None:
        only.append(col(CertificationRun.certification_id) == certification_id)
    return queries.runs(*only, status=status, now=work.now)
