"""Requests and answers about identities."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.web.named import Closed
from chassis.web.schemas import RequestModel, ResponseModel
from chassis.web.values import Said

LinkedBy = Literal["person", "employee_no", "admin"]
LINKED_BY = Closed("IdentityLinkedBy", LinkedBy)

ProviderCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$", examples=["corp"])]
Tenant = Annotated[str, StringConstraints(max_length=128)]
IdKind = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$", examples=["sub"])]
Subject = Annotated[str, Field(min_length=1, max_length=255)]
Reason = Annotated[str, Field(min_length=1, max_length=500), Said]


class IdentityPublic(ResponseModel):
    """One of your company accounts. `linked_by`: you yourself while logged in, your employee number, or an administrator."""

    id: UUID
    provider: str
    kind: str
    linked_at: datetime
    linked_by: Annotated[str, LINKED_BY]
    last_used_at: datetime | None


class IdentityDetail(IdentityPublic):
    """A company account as administrators see it. `closed_at`: the person left the company, or it was taken from them."""

    person_id: UUID
    tenant: str
    subject: str
    closed_at: datetime | None
    version: int


class IdentityCreate(RequestModel):
    """As whom a provider knows a person. `tenant` is empty if the provider has one only. The reason is kept in the audit."""

    person_id: UUID
    provider: ProviderCode
    tenant: Tenant = ""
    kind: IdKind = "sub"
    subject: Subject
    reason: Reason


class IdentityPatch(RequestModel):
    """As whom the provider knows the same person from now on. The reason is kept in the audit."""

    subject: Subject
    reason: Reason


class IdentityUnlink(RequestModel):
    """Why the account is taken from the person. The reason is kept in the audit."""

    reason: Reason
