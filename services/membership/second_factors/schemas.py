"""Requests and answers about second factors."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from chassis.web.schemas import RequestModel, ResponseModel

FactorCode = Annotated[str, Field(min_length=1, max_length=64, examples=["492039"])]
"""Six digits of the app, or a recovery code."""


class SecondFactorPublic(ResponseModel):
    """An app that gives codes. Until one has been sent (`confirmed_at`), log-in asks for none."""

    id: UUID
    kind: Literal["totp"] = "totp"
    created_at: datetime
    confirmed_at: datetime | None
    last_used_at: datetime | None


class SecondFactors(ResponseModel):
    """The caller's second factors, and how many recovery codes they have not used.

    `required_by` is set for staff who have none: from then on what they may do as staff sleeps.
    """

    items: list[SecondFactorPublic]
    recovery_codes_left: int
    required_by: datetime | None


class SecondFactorSecret(ResponseModel):
    """What an app is set up with; shown only once. `address` is what the picture says, for who has the app on the same device."""

    id: UUID
    kind: Literal["totp"] = "totp"
    secret: str
    address: str
    qr_svg: str


class SecondFactorConfirmation(RequestModel):
    """A code that the app shows."""

    code: FactorCode


class RecoveryCodes(ResponseModel):
    """Codes for when the app is lost, each of which counts once. They are shown only once: print them."""

    recovery_codes: list[str]


class ConfirmedSecondFactor(ResponseModel):
    """The app that counts from now on; the recovery codes if it is the first, null where those there are stay good."""

    second_factor: SecondFactorPublic
    recovery_codes: list[str] | None
