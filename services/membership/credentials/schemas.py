"""Requests and answers about codes and passwords."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.web.schemas import RequestModel, ResponseModel
from services.membership.privacy.schemas import AgreedVersion

Password = Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=512)]
Code = Annotated[str, Field(min_length=1, max_length=64)]


class OneTimeCodePublic(ResponseModel):
    """A code for somebody. It is shown only once."""

    person_id: UUID
    display_name: str
    employee_no: str | None
    code: str
    expires_at: datetime


class CodeMailed(ResponseModel):
    """A code that was mailed to its person, and that nobody else is shown."""

    person_id: UUID
    display_name: str
    employee_no: str | None
    expires_at: datetime


class PasswordByCode(RequestModel):
    """The code that you were given, and the password that you choose (8 to 128 characters)."""

    code: Code
    password: Password


class Activation(PasswordByCode):
    """The code that you were given, the password that you choose (8 to 128 characters), and the privacy notice that you agree to."""

    privacy_notice_version: AgreedVersion = None


class Activated(ResponseModel):
    """The person who can log in from now on."""

    person_id: UUID
    display_name: str


class PasswordResetRequest(RequestModel):
    """The e-mail, employee number or phone of the person who lost their password."""

    login: Annotated[str, Field(min_length=1, max_length=254)]


class PasswordChange(RequestModel):
    """The current password and the new one."""

    old_password: Password
    new_password: Password
