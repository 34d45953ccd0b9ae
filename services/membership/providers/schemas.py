"""Requests and answers about logging in by a provider."""

from chassis.web.schemas import ResponseModel


class ProviderNames(ResponseModel):
    """What a log-in page calls a provider, in both languages."""

    zh: str
    en: str


class ProviderPublic(ResponseModel):
    """A way to log in that this installation has."""

    code: str
    names: ProviderNames
