"""Ways to log in by another system, as the host sets them up: a list in one setting, each with a code, names and what its kind needs."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from chassis.addresses import web_address

_WebAddress = Annotated[str, AfterValidator(web_address)]
_Text = Annotated[str, Field(min_length=1, max_length=200)]
Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""How tokens may be signed: by a key of the provider's alone, never by what both know."""


class ProviderNames(BaseModel):
    """What a log-in page calls it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: Annotated[str, Field(min_length=1, max_length=60)]
    en: Annotated[str, Field(min_length=1, max_length=60)]


class ProviderBase(BaseModel):
    """What every provider has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
    names: ProviderNames
    client_id: _Text
    client_secret: SecretStr | None = None
    client_secret_file: Path | None = Field(default=None, exclude=True)
    session_hours: int = Field(default=12, ge=1, le=12)
    """How long a session lasts at most that begins by it; no longer than one at the provider."""

    @model_validator(mode="after")
    def _read_secret(self) -> Self:
        if self.client_secret_file is None:
            return self
        if self.client_secret is not None:
            raise ValueError("client_secret and client_secret_file cannot both be set")
        try:
            secret = self.client_secret_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise ValueError("client_secret_file cannot be read") from None
        return self.model_copy(update={"client_secret": SecretStr(secret), "client_secret_file": None})


class OidcSettings(ProviderBase):
    """An OpenID Connect provider."""

    kind: Literal["oidc"] = "oidc"
    issuer: _WebAddress
    scopes: tuple[_Text, ...] = ("openid",)
    algorithms: Annotated[tuple[Algorithm, ...], Field(min_length=1)] = ("RS256", "ES256", "EdDSA")
    employee_no_claim: _Text | None = None
    """The claim of the ID token that is the employee number, if the provider is trusted for that."""

    @model_validator(mode="after")
    def _asks_for_who_it_is(self) -> Self:
        if "openid" not in self.scopes:
            raise ValueError("scopes must contain openid")
        return self


ProviderSettings = OidcSettings
_ONE: TypeAdapter[ProviderSettings] = TypeAdapter(ProviderSettings)


def providers_in(value: Any) -> tuple[ProviderSettings, ...]:
    """What stands in the setting, a JSON list. Raises `ValueError` with a text that repeats no value."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise ValueError("must be a JSON list of providers") from None
    if not isinstance(value, (list, tuple)):
        raise ValueError("must be a JSON list of providers")  # noqa: TRY004 - pydantic takes no other for a wrong value
    found = tuple(_one(number, one) for number, one in enumerate(value, start=1))
    if len({one.code for one in found}) < len(found):
        raise ValueError("every provider needs a code of its own")
    return found


def _one(number: int, value: Any) -> ProviderSettings:
    try:
        return _ONE.validate_python(value)
    except ValidationError as error:
        wrong = [
            f"{'.'.join(str(part) for part in each['loc'])}: {each['msg'].removeprefix('Value error, ')}".removeprefix(
                ": "
            )
            for each in error.errors(include_input=False)
        ]
        raise ValueError(f"provider {number}: {'; '.join(wrong)}") from None
