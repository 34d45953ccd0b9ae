"""Operators' commands while Qunxue runs: the process that owns the data directory does them and tells how it went."""

import json
import stat
from collections.abc import Iterator

import pytest

from tests.support.processes import Processes, ProcessFailed
from tests.system.api import Api
from tests.system.compose import ADMIN_EMAIL, ADMIN_PASSWORD
from tests.system.restoring import Company, everyone_was_welcomed, found_company
from tests.system.stacks import Stack, embedded


@pytest.fixture(scope="module")
def stack(tmp_path_factory) -> Iterator[Stack]:
    with embedded(tmp_path_factory.mktemp("operators")) as running:
        yield running


@pytest.fixture(scope="module")
def company(stack) -> Company:
    return found_company(stack)


def run(processes: Processes, stack: Stack, *command: str) -> str:
    environment = {name: value for name, value in stack.environment().items() if name.startswith("QUNXUE_")}
    return processes.run(["qunxue", *command], env=environment)


def test_the_audit_tells_who_did_what(stack, company, processes):
    lines = [json.loads(line) for line in run(processes, stack, "audit", "--json", "--limit", "5").splitlines()]
    assert "service_account.create" in {line["action"] for line in lines}, lines
    assert [line["at"] for line in lines] == sorted((line["at"] for line in lines), reverse=True)


def test_the_ledger_is_verified_while_it_is_used(stack, company, processes):
    with company.api(stack) as api:
        company.hire(api)
        api.until("/v1/members", lambda body: len(body["items"]) > 3, community_id=company.community_id)
        everyone_was_welcomed(company, api, company.roster(api))
    said = run(processes, stack, "ledger", "verify")
    assert "The ledger is in order." in said


def test_what_is_republished_changes_nothing_for_who_knows_it(stack, company, processes):
    with company.api(stack) as api:
        before = {member: api.get(f"/v1/wallets/{member}")["points"] for member in company.roster(api).values()}
        said = run(processes, stack, "republish", "membership", "member")
        assert "snapshots of member written to the outbox" in said
        after = {member: api.get(f"/v1/wallets/{member}")["points"] for member in company.roster(api).values()}
    assert after == before
    assert "No dead letters." in run(processes, stack, "dead-letters", "list")


def test_a_lost_password_is_replaced_and_the_new_one_logs_in(stack, company, processes):
    said = run(processes, stack, "admin", "reset-password", ADMIN_EMAIL)
    password = said.strip().rpartition(" ")[2]
    with Api(stack.url) as anyone:
        anyone.problem(
            "POST", "/v1/sessions", 401, "login_failed", json={"login": ADMIN_EMAIL, "password": ADMIN_PASSWORD}
        )
        with anyone.log_in(ADMIN_EMAIL, password) as admin:
            assert admin.get("/v1/people/me")
    assert stack.product is not None
    assert password not in stack.product.output()


def test_a_refusal_of_the_running_process_is_told_in_one_line(stack, processes):
    with pytest.raises(ProcessFailed, match=r"ended with 1\n.*\nError membership can republish"):
        run(processes, stack, "republish", "membership", "dream")


def test_nobody_else_can_ask_the_running_process(stack):
    [socket] = (stack.clock.file.parent / "data").glob("*.sock")
    assert stat.S_IMODE(socket.stat().st_mode) == 0o600


def test_a_second_process_on_the_directory_ends_and_says_why(stack, processes):
    with pytest.raises(ProcessFailed, match="is Qunxue running already"):
        run(processes, stack, "up")
