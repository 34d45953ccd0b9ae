import json

import pytest

from chassis.settings import Settings, SettingsInvalid, settings

CORP = {
    "code": "corp",
    "names": {"zh": "公司账号", "en": "Company account"},
    "issuer": "https://login.example.com",
    "client_id": "qunxue",
    "client_secret": "a canary",
}


def read(monkeypatch, *providers):
    monkeypatch.setenv("QUNXUE_PROVIDERS", json.dumps(providers))
    monkeypatch.setenv("QUNXUE_PUBLIC_URL", "https://learn.example.com")
    settings.cache_clear()
    try:
        return settings().providers
    finally:
        settings.cache_clear()


def test_a_host_sets_up_providers_in_one_setting(monkeypatch):
    (corp,) = read(monkeypatch, CORP)
    assert (corp.code, corp.kind, corp.session_hours, corp.employee_no_claim) == ("corp", "oidc", 12, None)
    assert "a canary" not in repr(corp)


def test_a_secret_can_be_in_a_file(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("a canary\n")
    (corp,) = read(monkeypatch, CORP | {"client_secret": None, "client_secret_file": str(tmp_path / "secret")})
    assert corp.client_secret.get_secret_value() == "a canary"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"algorithms": ["none"]}, "algorithms"),
        ({"algorithms": ["HS256"]}, "algorithms"),
        ({"algorithms": []}, "algorithms"),
        ({"issuer": "login.example.com"}, "issuer"),
        ({"session_hours": 13}, "session_hours"),
        ({"scopes": ["email"]}, "openid"),
        ({"colour": "red"}, "colour"),
        ({"client_secret_file": "/nowhere"}, "client_secret"),
        ({"code": "Corp"}, "code"),
    ],
)
def test_what_is_wrong_with_a_provider_is_said_without_its_secret(monkeypatch, changed, told):
    with pytest.raises(SettingsInvalid, match=f"QUNXUE_PROVIDERS: provider 1: .*{told}") as refused:
        read(monkeypatch, CORP | changed)
    assert "a canary" not in str(refused.value)


def test_nobody_could_come_back_to_a_product_without_an_address(monkeypatch):
    monkeypatch.setenv("QUNXUE_PROVIDERS", json.dumps([CORP]))
    with pytest.raises(ValueError, match="QUNXUE_PUBLIC_URL must be set"):
        Settings()


@pytest.mark.parametrize("text", ["corp", "{}", "3"])
def test_what_is_no_list_is_refused(monkeypatch, text):
    monkeypatch.setenv("QUNXUE_PROVIDERS", text)
    with pytest.raises(ValueError, match="JSON list"):
        Settings()


def test_no_two_providers_have_one_code(monkeypatch):
    with pytest.raises(SettingsInvalid, match="a code of its own"):
        read(monkeypatch, CORP, CORP)
