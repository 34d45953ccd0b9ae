"""Settings come from the environment, secrets from files as well; an installation has one secret."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import SecretStr

from chassis.secrets import (
    SealBroken,
    SecretMissing,
    account_id,
    account_secret,
    derived,
    installation_secret,
    seal,
    unseal,
)
from chassis.settings import Settings, SettingsInvalid, read, settings


@pytest.fixture(autouse=True)
def _clean(monkeypatch):
    for name in ("PORT", "SECRET_KEY", "MEMBERSHIP_DATABASE_URL", "ALLOWED_ORIGINS", "OPS_PORT", "ADMIN_PASSWORD"):
        monkeypatch.delenv(f"QUNXUE_{name}", raising=False)
        monkeypatch.delenv(f"QUNXUE_{name}_FILE", raising=False)


def test_a_variable_sets_what_it_names(monkeypatch):
    monkeypatch.setenv("QUNXUE_PORT", "9001")
    monkeypatch.setenv("QUNXUE_ALLOWED_ORIGINS", "https://a.example, https://b.example,")
    assert Settings().port == 9001
    assert Settings().allowed_origins == ("https://a.example", "https://b.example")


def test_an_empty_variable_is_not_set(monkeypatch):
    monkeypatch.setenv("QUNXUE_PORT", "")
    monkeypatch.setenv("QUNXUE_OPS_PORT", "")
    assert (Settings().port, Settings().ops_port) == (8000, None)


def test_a_file_stands_in_for_a_variable(monkeypatch, tmp_path):
    file = tmp_path / "password"
    file.write_text("s3cret-from-a-file\n")
    monkeypatch.setenv("QUNXUE_ADMIN_PASSWORD_FILE", str(file))
    assert Settings().admin_password == SecretStr("s3cret-from-a-file")
    monkeypatch.setenv("QUNXUE_ADMIN_PASSWORD", "")
    assert Settings().admin_password == SecretStr("s3cret-from-a-file")
    monkeypatch.setenv("QUNXUE_ADMIN_PASSWORD", "the variable wins")
    assert Settings().admin_password == SecretStr("the variable wins")


def test_an_empty_file_is_not_set(tmp_path):
    (tmp_path / "empty").write_text("\n")
    assert read("X", {"QUNXUE_X_FILE": str(tmp_path / "empty")}) is None


def test_a_database_is_a_file_in_the_data_directory_unless_said_otherwise(monkeypatch, tmp_path):
    settings = Settings(data_dir=tmp_path)
    assert settings.database_url("membership") == f"sqlite:///{tmp_path}/membership.sqlite"
    monkeypatch.setenv("QUNXUE_MEMBERSHIP_DATABASE_URL", "postgresql+asyncpg://db/membership")
    assert settings.database_url("membership") == "postgresql+asyncpg://db/membership"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "eight thousand", "Input should be a valid integer"),
        ("PORT", "65536", "Input should be less than or equal to 65535"),
        ("LOGINS_PER_MINUTE", "0", "Input should be greater than or equal to 1"),
        ("KAFKA_REPLICATION", "40000", "Input should be less than or equal to 32767"),
        ("SECRET_KEY", "canary-77", "needs at least 16 characters"),
        ("TOKEN_ISSUER", "x" * 201, "String should have at most 200 characters"),
        *((name, value, "must be an address that begins with http:// or https://")
          for name in ("PUBLIC_URL", "APP_URL", "MEMBERSHIP_URL")
          for value in ("javascript:alert(1)", "app.example", "https://", "https://a b", "https://a:99999")),
        *((name, "mysql://canary-77@db", "must begin with postgresql+asyncpg:// or sqlite:///")
          for name in ("CONTENT_DATABASE_URL", "CONTENT_REPLICA_URL")),
        ("ALLOWED_ORIGINS", "https://a.example,*", "must be an address"),
        ("ALLOWED_ORIGINS", "https://a.example/path", "an origin is only https://host"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,proxy", "must be IP addresses or networks"),
        ("KAFKA_BOOTSTRAP", "one:9092,two:0", "must be host:port"),
        ("KAFKA_BOOTSTRAP", "http://one:9092", "must be host:port"),
        ("KAFKA_TOPIC_PREFIX", "a/b", "String should match pattern"),
        ("INSTANCE_ID", "群学", "String should match pattern"),
    ],
)  # fmt: skip
def test_what_a_setting_cannot_be_is_refused_by_its_name_when_settings_are_read(monkeypatch, name, value, said):
    monkeypatch.setenv(f"QUNXUE_{name}", value)
    with pytest.raises(SettingsInvalid) as refused:
        settings.__wrapped__()
    assert str(refused.value).startswith(f"QUNXUE_{name}: {said}")
    assert "canary" not in str(refused.value)


def test_a_log_in_to_the_broker_is_whole(monkeypatch):
    monkeypatch.setenv("QUNXUE_KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
    monkeypatch.setenv("QUNXUE_KAFKA_SASL_USERNAME", "qunxue")
    with pytest.raises(SettingsInvalid) as refused:
        settings.__wrapped__()
    assert [one.partition(":")[0] for one in str(refused.value).split("; ")] == [
        "QUNXUE_KAFKA_SASL_MECHANISM",
        "QUNXUE_KAFKA_SASL_PASSWORD",
    ]


def test_addresses_of_every_kind_are_taken(monkeypatch):
    good = {
        "APP_URL": "http://localhost:3000/app#/",
        "KAFKA_BOOTSTRAP": "one:9092, [::1]:9092,broker",
        "TRUSTED_PROXIES": "10.0.0.1, 2001:db8::/32",
        "ALLOWED_ORIGINS": "https://a.example:8443/",
        "MEMBERSHIP_DATABASE_URL": "postgresql+asyncpg://db/membership",
    }
    for name, value in good.items():
        monkeypatch.setenv(f"QUNXUE_{name}", value)
    assert settings.__wrapped__().app_url == good["APP_URL"]


def test_secrets_do_not_show_in_a_printed_setting():
    assert "hush" not in repr(Settings(secret_key=SecretStr("hush-hush-hush-hush"), admin_password=SecretStr("hush")))


def test_an_installation_makes_its_secret_once_and_keeps_it_to_itself(tmp_path):
    settings = Settings(data_dir=tmp_path / "new", mode="embedded")
    secret = installation_secret(settings)
    file = tmp_path / "new" / "secret-key"
    assert len(secret) == 64
    assert installation_secret(settings) == secret
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret-key"]


def test_processes_that_start_together_agree_on_the_secret(tmp_path):
    for run in range(20):
        settings = Settings(data_dir=tmp_path / str(run), mode="embedded")
        with ThreadPoolExecutor(8) as pool:
            assert len(set(pool.map(lambda _, own=settings: installation_secret(own), range(8)))) == 1


def test_half_a_secret_is_none(tmp_path):
    (tmp_path / "secret-key").write_text("")
    with pytest.raises(SecretMissing):
        installation_secret(Settings(data_dir=tmp_path, mode="embedded"))


def test_distributed_without_a_secret_does_not_start(tmp_path):
    with pytest.raises(SecretMissing):
        installation_secret(Settings(data_dir=tmp_path, mode="distributed"))


def test_what_is_derived_for_one_purpose_tells_nothing_of_another():
    assert derived(b"s", "cursors") != derived(b"s", "other")
    assert account_id("content") == account_id("content") != account_id("events")
    assert account_secret(b"s", "content") != account_secret(b"s", "events")


def test_what_is_sealed_opens_for_the_same_purpose_and_owner_alone():
    sealed = seal(b"s" * 32, "codes", "one", b"QX-1234")
    assert b"1234" not in sealed
    assert sealed != seal(b"s" * 32, "codes", "one", b"QX-1234")
    assert unseal(b"s" * 32, "codes", "one", sealed) == b"QX-1234"


@pytest.mark.parametrize(
    ("secret", "purpose", "owner", "cut"),
    [
        (b"t" * 32, "codes", "one", 0),
        (b"s" * 32, "other", "one", 0),
        (b"s" * 32, "codes", "two", 0),
        (b"s" * 32, "codes", "one", 1),
        (b"s" * 32, "codes", "one", 40),
    ],
)
def test_what_was_sealed_with_another_secret_for_another_or_was_changed_does_not_open(secret, purpose, owner, cut):
    sealed = seal(b"s" * 32, "codes", "one", b"QX-1234")
    with pytest.raises(SealBroken):
        unseal(secret, purpose, owner, sealed[cut:])
