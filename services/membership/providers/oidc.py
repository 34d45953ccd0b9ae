"""OpenID Connect: where people are sent, and who they are when they come back with a code."""

from collections.abc import Mapping

from chassis.provider_settings import OidcSettings
from chassis.runtime import Runtime
from services.membership.providers.interface import Asked, Identified
from services.membership.providers.problems import PROVIDER_UNAVAILABLE


class OidcProvider:
    """A provider of OpenID Connect Core 1.0, by the code flow with PKCE."""

    def __init__(self, runtime: Runtime, settings: OidcSettings) -> None:
        self.runtime = runtime
        self.settings = settings
        self.code = settings.code
        self.names: Mapping[str, str] = {"zh-CN": settings.names.zh, "en": settings.names.en}

    async def authorization_url(self, asked: Asked) -> str:
        raise PROVIDER_UNAVAILABLE()

    async def identify(self, code: str, asked: Asked, *, issuer: str | None = None) -> Identified:
        raise PROVIDER_UNAVAILABLE()
