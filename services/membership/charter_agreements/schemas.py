"""Agreements to charters as answers."""

from datetime import datetime
from uuid import UUID

from chassis.web.schemas import MemberEmbed, ResponseModel


class CharterAgreementPublic(ResponseModel):
    """That a member has agreed to a version of the charter."""

    community_id: UUID
    version: int
    member_id: UUID
    agreed_at: datetime


class MissingAgreement(ResponseModel):
    """A member who has not agreed to the version."""

    member: MemberEmbed
    member_since: datetime
