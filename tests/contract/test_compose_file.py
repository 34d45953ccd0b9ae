"""docker-compose.yml keeps the promises that the system tests and the operators rely on."""

import re
from typing import Any

import pytest
import yaml

from tests.support.interpolation import interpolate
from tests.support.needs import ROOT

SERVICES = ("membership", "gamification", "content", "events", "analytics")
SECRETS = {
    "QUNXUE_SECRET_KEY": "s" * 32,
    "QUNXUE_POSTGRES_PASSWORD": "p",
    "QUNXUE_ADMIN_EMAIL": "a@qunxue.example",
    "QUNXUE_ADMIN_PASSWORD": "p" * 12,
}


@pytest.fixture(scope="module")
def text() -> str:
    return (ROOT / "docker-compose.yml").read_text()


@pytest.fixture(scope="module")
def services(text: str) -> dict[str, Any]:
    return interpolate(yaml.safe_load(text), SECRETS)["services"]


def test_every_service_has_an_api_and_a_worker(services: dict[str, Any]):
    processes = {f"{service}-{kind}" for service in SERVICES for kind in ("api", "worker")}
    assert set(services) == processes | {"postgres", "kafka", "migrate", "gateway"}


def test_every_process_has_ports_of_its_own(services: dict[str, Any]):
    ports = [service["command"][-1] for service in services.values() if "--port" in service.get("command", [])]
    ports += [service["environment"]["QUNXUE_OPS_PORT"] for service in services.values() if "healthcheck" in service
              and "QUNXUE_OPS_PORT" in service["environment"]]  # fmt: skip
    assert len(ports) == 6 + 11
    assert len(set(ports)) == len(ports)


def test_every_host_name_is_a_variable_with_the_services_name_as_default(text: str, services: dict[str, Any]):
    document = yaml.safe_load(text)
    names = "|".join(services)
    for name, service in document["services"].items():
        for key, value in service.get("environment", {}).items():
            assert not re.search(rf"(//|@)({names})\b", str(value)), f"{name}: {key} names a host"
    moved = interpolate(document, {**SECRETS, "QUNXUE_POSTGRES_HOST": "elsewhere"})
    assert "@elsewhere:5432/" in moved["services"]["membership-api"]["environment"]["QUNXUE_MEMBERSHIP_DATABASE_URL"]


def test_a_service_gets_the_database_of_its_own_only(services: dict[str, Any]):
    for service in SERVICES:
        for kind in ("api", "worker"):
            databases = [key for key in services[f"{service}-{kind}"]["environment"] if key.endswith("_DATABASE_URL")]
            assert databases == [f"QUNXUE_{service.upper()}_DATABASE_URL"]
    assert not [key for key in services["gateway"]["environment"] if key.endswith("_DATABASE_URL")]


def test_only_the_migration_knows_the_first_password(services: dict[str, Any]):
    assert [name for name, service in services.items() if "QUNXUE_ADMIN_PASSWORD" in service["environment"]] == [
        "migrate"
    ]


def test_nothing_starts_before_the_databases_are_migrated(services: dict[str, Any]):
    for service in SERVICES:
        for kind in ("api", "worker"):
            after = services[f"{service}-{kind}"]["depends_on"]
            assert after["migrate"]["condition"] == "service_completed_successfully"


def test_every_process_that_stays_says_whether_it_is_well(services: dict[str, Any]):
    assert [name for name, service in services.items() if "healthcheck" not in service] == ["migrate"]


def test_those_who_keep_members_files_share_one_directory(services: dict[str, Any]):
    sharing = {name for name, service in services.items() if "QUNXUE_FILES_URL" in service["environment"]}
    assert sharing == {"content-api", "content-worker", "migrate"}
    for name in sharing:
        assert services[name]["volumes"] == [f"files:{services[name]['environment']['QUNXUE_FILES_URL']}"]


def test_networks_of_webhooks_reach_who_permits_them_and_who_calls_them(text: str):
    moved = interpolate(yaml.safe_load(text), {**SECRETS, "QUNXUE_WEBHOOK_NETWORKS": "10.0.0.0/8"})["services"]
    told = {
        name for name, one in moved.items() if one.get("environment", {}).get("QUNXUE_WEBHOOK_NETWORKS") == "10.0.0.0/8"
    }
    assert told == {"membership-api", "membership-worker", "gamification-api", "gamification-worker"}


def test_the_mail_server_reaches_who_leaves_mail_and_who_hands_it_over(text: str):
    names = ("HOST", "PORT", "USER", "PASSWORD", "TLS", "FROM")
    given = {f"QUNXUE_SMTP_{name}": name.lower() for name in names}
    moved = interpolate(yaml.safe_load(text), {**SECRETS, **given})["services"]
    told = {name for name, one in moved.items() if given.items() <= one.get("environment", {}).items()}
    assert told == {"membership-api", "membership-worker"}


def test_who_messengers_are_reaches_who_checks_their_addresses_and_who_writes_by_them(text: str):
    moved = interpolate(yaml.safe_load(text), {**SECRETS, "QUNXUE_FEISHU_URL": "https://feishu.example"})["services"]
    told = {
        name
        for name, one in moved.items()
        if one.get("environment", {}).get("QUNXUE_FEISHU_URL") == "https://feishu.example"
    }
    assert told == {"membership-api", "membership-worker"}
