import stat

import pytest
from pydantic import SecretStr
from sqlmodel import select

from chassis.secrets import account_id, account_secret
from chassis.testing import Harness
from services.membership.bootstrap import AdminPasswordMissing, bootstrap, reset_password
from services.membership.definition import definition
from services.membership.keys.models import SigningKey
from services.membership.people.models import Person
from services.membership.service_accounts.models import ServiceAccountSecret


async def log_in(harness, password, login="admin@qunxue.example"):
    return await harness.anonymous().post("/v1/sessions", json={"login": login, "password": password})


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"admin_password": None})


@pytest.fixture
async def fresh(start_service):
    async with start_service(definition, real_keys=True) as harness:
        yield harness


async def test_the_generated_password_is_in_a_file_of_ones_own_until_the_first_log_in(fresh, settings):
    lines = await bootstrap(fresh.runtime)
    file = settings.data_dir / "initial-admin-password"
    password = file.read_text().strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert any(password in line for line in lines)
    assert (await log_in(fresh, "wrong password")).status_code == 401
    assert file.exists()
    assert (await log_in(fresh, password)).status_code == 201
    assert not file.exists()


async def test_running_it_again_changes_nothing(fresh, settings):
    await bootstrap(fresh.runtime)
    password = (settings.data_dir / "initial-admin-password").read_text()
    assert await bootstrap(fresh.runtime) == []
    assert (settings.data_dir / "initial-admin-password").read_text() == password
    async with fresh.runtime.database.reading() as session:
        assert len(list(await session.exec(select(SigningKey)))) == 1
        assert len(list(await session.exec(select(Person)))) == 1
        assert len(list(await session.exec(select(ServiceAccountSecret)))) == 6


async def test_a_distributed_installation_without_a_password_is_refused(fresh):
    fresh.runtime.settings = fresh.runtime.settings.model_copy(update={"mode": "distributed"})
    with pytest.raises(AdminPasswordMissing, match="QUNXUE_ADMIN_PASSWORD"):
        await bootstrap(fresh.runtime)


async def test_a_password_that_was_given_is_neither_printed_nor_written(fresh, settings):
    given = {"mode": "distributed", "admin_password": SecretStr("given by the operator")}
    fresh.runtime.settings = fresh.runtime.settings.model_copy(update=given)
    lines = await bootstrap(fresh.runtime)
    assert not any("given by" in line for line in lines)
    assert not (settings.data_dir / "initial-admin-password").exists()
    assert (await log_in(fresh, "given by the operator")).status_code == 201


async def test_each_service_can_get_a_token_with_what_it_derives(fresh):
    await bootstrap(fresh.runtime)
    for name, scope in (("gamification", "internal"), ("gateway", "internal ops.read")):
        body = {"client_id": str(account_id(name)), "client_secret": account_secret(fresh.runtime.secret, name)}
        answer = await fresh.anonymous().post("/v1/tokens", json=body)
        assert answer.json()["scope"] == scope


async def test_a_new_installation_secret_makes_what_was_derived_from_the_old_one_worthless(fresh, settings):
    await bootstrap(fresh.runtime)
    url = str(fresh.runtime.database.url.render_as_string(hide_password=False))
    changed = settings.model_copy(update={"secret_key": SecretStr("another-secret-of-the-installation")})
    async with Harness(definition, changed, database_url=url, real_keys=True) as later:
        await bootstrap(later.runtime)
        old = {
            "client_id": str(account_id("gateway")),
            "client_secret": account_secret(fresh.runtime.secret, "gateway"),
        }
        new = old | {"client_secret": account_secret(later.runtime.secret, "gateway")}
        assert (await later.anonymous().post("/v1/tokens", json=old)).status_code == 401
        assert (await later.anonymous().post("/v1/tokens", json=new)).status_code == 200


async def test_who_has_the_host_can_reset_a_password(fresh):
    await bootstrap(fresh.runtime)
    password = await reset_password(fresh.runtime, "ADMIN@qunxue.example")
    assert (await log_in(fresh, password)).status_code == 201
    with pytest.raises(LookupError):
        await reset_password(fresh.runtime, "nobody@example.com")
