"""Fault 5: the broker is down when everything else starts."""

import time

import pytest

from tests.support.scale import scaled
from tests.system.api import Api
from tests.system.compose import ADMIN_EMAIL, ADMIN_PASSWORD
from tests.system.stacks import distributed

pytestmark = [pytest.mark.fault(5), pytest.mark.slow, pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(600)]


def test_apis_are_ready_without_a_broker_and_workers_catch_up_when_it_comes(tmp_path):
    parts = ["membership-api", "membership-worker", "gamification-api", "gamification-worker"]
    with distributed(tmp_path / "stack", services=parts, later=("kafka",)) as stack:
        compose = stack.compose
        assert compose is not None
        with Api(compose.service_url("membership")) as anyone:
            admin = anyone.log_in(ADMIN_EMAIL, ADMIN_PASSWORD)
        community = admin.post(
            "/v1/communities",
            {
                "slug": "early",
                "name": "早起",
                "positioning": {"purpose": "culture", "statement": "先开门,后等车", "topics": []},
                "charter": {"vision": "早", "values": [], "code_of_conduct": ["守时"]},
            },
        )
        admin.post(f"/v1/communities/{community['id']}/open")
        time.sleep(scaled(60, reduced=5))  # not a wait for something: the length of the fault
        member_id = admin.get("/v1/people/me")["memberships"][0]["member_id"]
        compose.kafka.start()
        token = admin.client.headers["Authorization"].removeprefix("Bearer ")
        with Api(compose.service_url("gamification"), token) as wallets:
            wallet = wallets.until(f"/v1/wallets/{member_id}", lambda body: body["points"] == 10)
        assert wallet["points"] == 10
        admin.client.close()
