"""Settings from the environment: `QUNXUE_<NAME>`, or `QUNXUE_<NAME>_FILE` naming a file that holds the value."""

import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from chassis.addresses import brokers, database, files, is_loopback, mailbox, network, origin, web_address
from chassis.provider_settings import ProviderSettings, providers_in

PREFIX = "QUNXUE_"

SERVICES = ("membership", "gamification", "content", "events", "analytics")


SECRET_LENGTH = 16
"""The least that the installation's secret has."""
_MOST_A_MINUTE = 1_000_000_000
_MOST_COPIES = 32767

_WITH_LOG_IN: Any = Field(default=None, validate_default=True)
_WebAddress = Annotated[str, AfterValidator(web_address)]
_Name = Annotated[str, Field(max_length=200, pattern=r"^[A-Za-z0-9._-]*$")]
"""What Kafka takes as a part of a name."""
_Claim = Annotated[str, Field(min_length=1, max_length=200)]
_PerMinute = Annotated[int, Field(ge=1, le=_MOST_A_MINUTE)]
_RobotPerMinute = Annotated[int, Field(ge=1, le=19)]
"""WeCom and DingTalk take 20 a minute from a robot; Feishu takes more."""


class SettingsInvalid(ValueError):
    """A setting cannot be used; the text names it as it stands in the environment, and never says a secret's value."""


class Settings(BaseSettings):
    """Everything that can be set. Names in the environment are upper case with the prefix `QUNXUE_`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    mode: Literal["embedded", "distributed"] = "embedded"
    data_dir: Path = Path("var")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    ops_host: str = "127.0.0.1"
    ops_port: int | None = Field(default=None, ge=0, le=65535)

    secret_key: SecretStr | None = None
    """The installation's secret: signs cursors, derives the services' own credentials. Embedded: made at the first start."""

    admin_email: str = "admin@qunxue.example"
    admin_password: SecretStr | None = None

    second_factor: Literal["required", "optional"] = "required"
    """Whether what owners, operators, administrators, HR and auditors may do sleeps 14 days after they got the role without one."""
    token_issuer: _Claim = "qunxue"  # noqa: S105
    token_audience: _Claim = "qunxue"  # noqa: S105
    public_url: _WebAddress | None = None
    app_url: _WebAddress | None = None

    kafka_bootstrap: Annotated[str, AfterValidator(brokers)] | None = None
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = _WITH_LOG_IN
    kafka_sasl_username: str | None = _WITH_LOG_IN
    kafka_sasl_password: SecretStr | None = _WITH_LOG_IN
    kafka_ssl_cafile: Path | None = None
    kafka_ssl_certfile: Path | None = None
    kafka_ssl_keyfile: Path | None = None
    kafka_replication: int = Field(default=1, ge=1, le=_MOST_COPIES)
    kafka_topic_prefix: _Name = ""
    instance_id: _Name | None = None

    files_url: Annotated[str, AfterValidator(files)] | None = None
    """Where files are kept: a directory, or `s3://bucket/prefix`. Without it, `files` in the data directory."""
    files_endpoint: _WebAddress | None = None
    files_region: str | None = None
    files_access_key_id: str | None = None
    files_secret_access_key: SecretStr | None = None

    allowed_origins: tuple[Annotated[str, AfterValidator(origin)], ...] = ()
    trusted_proxies: tuple[Annotated[str, AfterValidator(network)], ...] = ()
    webhook_networks: tuple[Annotated[str, AfterValidator(network)], ...] = ()
    """Networks inside that webhooks may be in, also without TLS; what is outside may be called anyway."""
    providers: tuple[ProviderSettings, ...] = ()
    """Where people log in by an account that the company keeps elsewhere."""
    provider_networks: tuple[Annotated[str, AfterValidator(network)], ...] = ()
    """Networks inside that providers may be in, also without TLS; what is outside may be called anyway."""
    messenger_networks: tuple[Annotated[str, AfterValidator(network)], ...] = ()
    """Networks inside where the company runs messengers itself; those on the Internet are reached anyway."""
    wecom_url: _WebAddress = "https://qyapi.weixin.qq.com"
    wecom_corp_id: str | None = None
    wecom_agent_id: int | None = Field(default=None, ge=0)
    wecom_secret: SecretStr | None = None
    wecom_messages_per_minute: _PerMinute = 600
    wecom_robot_per_minute: _RobotPerMinute = 18
    dingtalk_url: _WebAddress = "https://oapi.dingtalk.com"
    dingtalk_api_url: _WebAddress = "https://api.dingtalk.com"
    dingtalk_app_key: str | None = None
    dingtalk_app_secret: SecretStr | None = None
    dingtalk_agent_id: int | None = Field(default=None, ge=0)
    dingtalk_messages_per_minute: _PerMinute = 600
    dingtalk_robot_per_minute: _RobotPerMinute = 18
    feishu_url: _WebAddress = "https://open.feishu.cn"
    feishu_app_id: str | None = None
    feishu_app_secret: SecretStr | None = None
    feishu_messages_per_minute: _PerMinute = 600
    feishu_robot_per_minute: _RobotPerMinute = 18
    database_pool_size: int = Field(default=10, ge=1, le=200)
    """PostgreSQL connections of one service in one process: so many for writing, and so many for reading."""
    history_outbox_rows: int = Field(default=2000, ge=1, le=1_000_000)
    """How many messages may wait to be published before imports of history and restatements pause."""
    smtp_host: str | None = None
    """The server that mail is handed to. Without it none is sent."""
    smtp_port: int | None = Field(default=None, ge=1, le=65535)
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: Literal["starttls", "implicit", "none"] = "starttls"
    smtp_cafile: Path | None = None
    smtp_from: Annotated[str, AfterValidator(mailbox)] | None = Field(default=None, validate_default=True)
    smtp_timeout: float = Field(default=20.0, ge=1, le=45)
    """Seconds: for handing over one mail, all in all."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "text"] = "json"
    telemetry: bool = False

    person_requests_per_minute: _PerMinute = 600
    service_requests_per_minute: _PerMinute = 6000
    logins_per_minute: _PerMinute = 30
    calendar_requests_per_minute: _PerMinute = 20

    @field_validator("secret_key")
    @classmethod
    def _is_long(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < SECRET_LENGTH:
            raise ValueError(f"needs at least {SECRET_LENGTH} characters")
        return value

    @field_validator("smtp_tls")
    @classmethod
    def _is_open_at_home_alone(cls, value: str, info: ValidationInfo) -> str:
        host = info.data.get("smtp_host")
        if value == "none" and host is not None and not is_loopback(host):
            raise ValueError("none is for a server on this machine: mail holds codes")
        return value

    @field_validator("smtp_from")
    @classmethod
    def _says_who_writes(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("smtp_host") is not None:
            raise ValueError("must be set where QUNXUE_SMTP_HOST is")
        return value

    @field_validator("kafka_sasl_mechanism", "kafka_sasl_username", "kafka_sasl_password")
    @classmethod
    def _is_there_to_log_in(cls, value: Any, info: ValidationInfo) -> Any:
        protocol = info.data.get("kafka_security_protocol")
        if value is None and protocol in ("SASL_PLAINTEXT", "SASL_SSL"):
            raise ValueError(f"must be set where QUNXUE_KAFKA_SECURITY_PROTOCOL is {protocol}")
        return value

    @field_validator("providers", mode="before")
    @classmethod
    def _providers(cls, value: Any, info: ValidationInfo) -> Any:
        found = providers_in(value)
        if found and info.data.get("public_url") is None:
            raise ValueError("QUNXUE_PUBLIC_URL must be set, to which people come back from there")
        return found

    @field_validator(
        "allowed_origins",
        "trusted_proxies",
        "webhook_networks",
        "provider_networks",
        "messenger_networks",
        mode="before",
    )
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment; files named by `*_FILE` stand in for variables not set."""
        return (init_settings, _Environment(settings_cls))

    def database_url(self, service: str) -> str:
        """Where a service's database is: `QUNXUE_<SERVICE>_DATABASE_URL`, else a SQLite file in the data directory."""
        return _read_as(database, f"{service.upper()}_DATABASE_URL") or (
            f"sqlite:///{(self.data_dir / f'{service}.sqlite').absolute()}"
        )

    def replica_url(self, service: str) -> str | None:
        """A read replica of a service's database: `QUNXUE_<SERVICE>_REPLICA_URL`."""
        return _read_as(database, f"{service.upper()}_REPLICA_URL")

    def service_url(self, service: str) -> str | None:
        """Where a service's API answers: `QUNXUE_<SERVICE>_URL`; None when it runs in this process."""
        return _read_as(web_address, f"{service.upper()}_URL")


def read(name: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """The value of `QUNXUE_<name>`, or the content of the file that `QUNXUE_<name>_FILE` names; None when neither is set.

    An empty variable or file counts as not set, as container files often pass them on empty. Raises `SettingsInvalid` where the
    file cannot be read.
    """
    value = environment.get(PREFIX + name)
    if value:
        return value
    path = environment.get(f"{PREFIX}{name}_FILE")
    try:
        return (Path(path).read_text(encoding="utf-8").strip() or None) if path else None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsInvalid(f"{PREFIX}{name}_FILE names a file that cannot be read: {error}") from None


def _read_as(check: Callable[[str], str], name: str) -> str | None:
    """The value of `QUNXUE_<name>`. Raises `SettingsInvalid` where it is none of its kind."""
    value = read(name)
    try:
        return None if value is None else check(value)
    except ValueError as error:
        raise SettingsInvalid(f"{PREFIX}{name}: {error}") from None


class _Environment(PydanticBaseSettingsSource):
    """The environment, with `*_FILE`."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        return read(field_name.upper()), field_name, False

    def __call__(self) -> dict[str, Any]:
        values = {name: read(name.upper()) for name in self.settings_cls.model_fields}
        return {name: value for name, value in values.items() if value is not None}


@lru_cache(maxsize=1)
def settings() -> Settings:
    """This process's settings, read once. Raises `SettingsInvalid`."""
    try:
        found = Settings()
    except ValidationError as error:
        wrong = [
            f"{PREFIX}{str(each['loc'][0]).upper()}: {each['msg'].removeprefix('Value error, ')}"
            for each in error.errors(include_input=False)
        ]
        raise SettingsInvalid("; ".join(dict.fromkeys(wrong))) from None
    for service in SERVICES:
        for address in (found.database_url, found.replica_url, found.service_url):
            address(service)
    return found
