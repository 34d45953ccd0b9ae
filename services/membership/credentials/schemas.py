"""Requests and answers about codes and passwords."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.web.schemas import RequestModel, ResponseModel

Password = Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=512)]
Code = Annotated[str, Field(min_length=1, max_length=64)]


class OneTimeCodePublic(ResponseModel):
    """A code, shown this once."""

    person_id: UUID
    code: str
    expires_at: datetime


class Activation(RequestModel):
    """The code that the person was given, and the password he chooses (8 to 128 characters)."""

    code: Code
    password: Password


class Activated(ResponseModel):
    """Whose account can be logged in to from now on."""

    person_id: UUID
    display_name: str


class PasswordResetRequest(RequestModel):
    """Who lost his password: an e-mail, an employee number or a phone."""

    login: Annotated[str, Field(min_length=1, max_length=254)]


class PasswordChange(RequestModel):
    """The present password and the new one."""

    old_password: Password
    new_password: Password
