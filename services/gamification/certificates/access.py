"""A certificate, what its reader is to it, and what they may do with it now."""

from dataclasses import dataclass

from chassis.problems import CONFLICT_OF_INTEREST, FORBIDDEN, Problem, ProblemType
from chassis.security.authority import Standing, authorize
from chassis.security.permissions import Reach
from chassis.web.work import Work
from services.gamification.certificates.models import Certificate
from services.gamification.certificates.problems import ALREADY_REVOKED
from services.gamification.permissions import CERTIFICATES_READ, CERTIFICATES_REVOKE


@dataclass(frozen=True, slots=True)
class SeenCertificate:
    """A certificate that the caller reads. `standing` is None for who left and reads what is their own."""

    certificate: Certificate
    standing: Standing | None
    mine: bool


def is_own(work: Work, certificate: Certificate) -> bool:
    """Whether the caller is its holder."""
    return work.caller is not None and work.caller.kind == "person" and work.caller.id == certificate.person_id


async def seen_certificate(work: Work, certificate: Certificate) -> SeenCertificate:
    """A certificate that the caller may read: what they are in its community now."""
    mine = is_own(work, certificate)
    try:
        standing = await authorize(
            work.session, work.caller, CERTIFICATES_READ, certificate.community_id, own=mine, now=work.now
        )
    except Problem:
        if not mine:
            raise
        return SeenCertificate(certificate, None, mine)
    return SeenCertificate(certificate, standing, mine)


def refusal(seen: SeenCertificate) -> ProblemType | None:
    """Why the caller cannot revoke it now; None where they can."""
    if seen.standing is None or Reach.ALL not in CERTIFICATES_REVOKE.reach(seen.standing.columns):
        return FORBIDDEN
    if seen.mine:
        return CONFLICT_OF_INTEREST
    return ALREADY_REVOKED if seen.certificate.revoked_at is not None else None
