"""Requests and answers about logging in by a provider."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from chassis.web.schemas import RequestModel, ResponseModel
from chassis.wrong import Wrong
from services.membership.privacy.schemas import AgreedVersion
from services.membership.providers import rules
from services.membership.sessions.schemas import TRANSPORT, Transport


def _return(text: str) -> str:
    if not rules.is_return(text):
        raise Wrong(
            "not_a_path_of_the_app",
            "A path of the app that begins with one slash, such as /home?tab=1.",
            "须为以单个斜杠开头的应用内路径，例如 /home?tab=1。",
        )
    return text


ReturnTo = Annotated[
    str,
    StringConstraints(strip_whitespace=False, min_length=1, max_length=rules.LONGEST_RETURN),
    AfterValidator(_return),
    Field(examples=["/home"]),
]


class ProviderNames(ResponseModel):
    """What a log-in page calls a provider, in both languages."""

    zh: str
    en: str


class ProviderPublic(ResponseModel):
    """A way to log in that this installation has. `steps_up`: by it people can also prove again who they are."""

    code: str
    names: ProviderNames
    steps_up: bool


class AuthorizationCreate(RequestModel):
    """Where the app goes on after the log-in, and how it gets the session: `cookie`, or `body` by a code.

    `privacy_notice_version` is for who comes in for the first time and has no password: they agree to it as at activation.
    """

    return_to: ReturnTo = "/"
    transport: Annotated[Transport, TRANSPORT] = "cookie"
    privacy_notice_version: AgreedVersion = None


class LinkCreate(RequestModel):
    """Where the app goes on after the account is linked, or has proved who you are."""

    return_to: ReturnTo = "/"


class AuthorizationPublic(ResponseModel):
    """Where to send the browser, within ten minutes. `verifier` is for `transport: body`: keep it, and send it with the code."""

    authorization_url: str
    expires_at: datetime
    verifier: str | None = None


class ProviderSessionCreate(RequestModel):
    """The `login_code` that came back with the browser, and the `verifier` that the log-in was begun with."""

    login_code: Annotated[str, Field(min_length=1, max_length=128)]
    verifier: Annotated[str, Field(min_length=1, max_length=128)]


class LogoutNotice(RequestModel):
    """What the provider says is over."""

    logout_token: Annotated[str, Field(min_length=1, max_length=16384)]
