"""Ways to log in by another system, as the host sets them up: a list in one setting, each with a code, names and what its kind needs."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    SecretStr,
    Tag,
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
    second_factor_amr: tuple[_Text, ...] = ()
    """Values of the claim `amr` each of which says that somebody proved a second factor there; none does unless it stands here."""
    second_factor_acr: tuple[_Text, ...] = ()
    """The same of the claim `acr`; they are asked for where somebody must prove again who they are."""

    @model_validator(mode="after")
    def _asks_for_who_it_is(self) -> Self:
        if "openid" not in self.scopes:
            raise ValueError("scopes must contain openid")
        return self


class MessengerBase(ProviderBase):
    """A messenger whose directory is the company's. Where it is called stands in `QUNXUE_WECOM_URL` and the like."""

    user_id_is_employee_no: bool = False
    """Whether its user ids are employee numbers, and it is trusted for that."""

    @model_validator(mode="after")
    def _has_a_secret(self) -> Self:
        if self.client_secret is None and self.client_secret_file is None:
            raise ValueError("client_secret or client_secret_file must be set")
        return self


class WeComSettings(MessengerBase):
    """WeCom: `client_id` is the company's id, and the secret that of its app."""

    kind: Literal["wecom"]
    agent_id: Annotated[int, Field(ge=0)]
    login_url: _WebAddress = "https://login.work.weixin.qq.com/wwlogin/sso/login"


class DingTalkSettings(MessengerBase):
    """DingTalk: the Client ID and Client Secret of the company's app."""

    kind: Literal["dingtalk"]
    login_url: _WebAddress = "https://login.dingtalk.com/oauth2/auth"


class FeishuSettings(MessengerBase):
    """Feishu: App ID and App Secret of the company's app. `accounts_url` is where people consent and codes are exchanged."""

    kind: Literal["feishu"]
    accounts_url: _WebAddress = "https://accounts.feishu.cn"


def _kind(value: Any) -> Any:
    """Without a kind it is OpenID Connect."""
    return value.get("kind", "oidc") if isinstance(value, dict) else getattr(value, "kind", None)


ProviderSettings = (
    Annotated[OidcSettings, Tag("oidc")]
    | Annotated[WeComSettings, Tag("wecom")]
    | Annotated[DingTalkSettings, Tag("dingtalk")]
    | Annotated[FeishuSettings, Tag("feishu")]
)
_ONE: TypeAdapter[ProviderSettings] = TypeAdapter(Annotated[ProviderSettings, Discriminator(_kind)])


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
