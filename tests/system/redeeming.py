"""What points buy: a mug that is taken back, asked for again and collected, and what a shop outside hands over, or does not."""

import base64
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.waiting import eventually_sync
from tests.system.api import Api
from tests.system.journey import ACCEPTED, OWNER, WAITLISTED, Journey
from tests.system.measuring import today

NETWORKS = "127.0.0.0/8"
"""What an operator says whose shop is on this machine."""
EARNED = 15
"""10 for joining, 5 for checking in."""
MUG, PRIVILEGE = 12, 3


class Shop(ThreadingHTTPServer):
    """A shop outside, which always says that it decides later. `asked` is what it was asked for, and by which id."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.asked: list[tuple[str | None, dict[str, Any]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/redeem"


class _Taking(BaseHTTPRequestHandler):
    server: Shop

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.headers["Idempotency-Key"], json.loads(body)))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_said: Any) -> None:
        """Say nothing."""


@contextmanager
def a_shop() -> Iterator[Shop]:
    """A shop that is open."""
    with Shop() as shop:
        thread = threading.Thread(target=shop.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield shop
        finally:
            shop.shutdown()
            thread.join()


def walk_a_mug(journey: Journey, wallet: str) -> None:
    """There is one mug. Who takes it back has their points again; who collects it has spent them, once, also in the figures."""
    member, owner = journey[ACCEPTED], journey[OWNER]
    member.post("/v1/checkins", {"community_id": journey.community_id, "note": "来了"}, expect=201)
    member.until(wallet, lambda body: body["points"] == EARNED)
    reward = owner.post("/v1/rewards", _physical(journey), expect=201)
    first = _redeem(journey, reward)
    assert first["status"] == "requested"
    assert _points(journey, wallet) == (EARNED - MUG, MUG)
    journey[WAITLISTED].problem("POST", "/v1/redemptions", 409, "reward_sold_out", json=_wish(journey, reward))
    for _ in range(2):
        assert member.post(f"/v1/redemptions/{first['id']}/cancel", expect=200)["status"] == "cancelled"
    assert _points(journey, wallet) == (EARNED, 0)
    assert member.get(f"/v1/rewards/{reward['id']}")["stock_left"] == 1
    path = f"/v1/redemptions/{_redeem(journey, reward)['id']}"
    owner.post(f"{path}/approve", expect=200)
    tasks = member.get("/v1/me/home", community_id=journey.community_id)["tasks"]
    assert "collect_reward" in [task["code"] for task in tasks]
    code = member.get(f"{path}/voucher")["code"]
    assert owner.post(f"{path}/fulfil", {"pickup_code": code}, expect=200)["status"] == "fulfilled"
    assert _points(journey, wallet) == (EARNED - MUG, 0)
    day = today(journey).isoformat()
    query: dict[str, Any] = {"community_id": journey.community_id, "from": day, "to": day, "grain": "day"}
    owner.until(
        "/v1/metrics/points_spent",
        lambda body: [item["value"] for item in body["items"]] == [MUG],
        **query,
    )


def walk_a_shop(journey: Journey, wallet: str, shop: Shop) -> None:
    """The shop is asked once, calls back three times that it refuses, then that it does not: the points go back once."""
    body = {
        "community_id": journey.community_id,
        "kind": "privilege",
        "title": "优先选课",
        "cost": PRIVILEGE,
        "stock": 5,
        "fulfilment": "webhook",
        "hook_url": shop.url,
    }
    reward = journey[OWNER].post("/v1/rewards", body, expect=201)
    secret = journey[OWNER].get(f"/v1/rewards/{reward['id']}/hook-secret")["secret"]
    redemption = _redeem(journey, reward)
    assert redemption["status"] == "approved"
    eventually_sync(lambda: shop.asked, what="the shop to be asked")
    assert [(key, said["reward_id"]) for key, said in shop.asked] == [(redemption["id"], reward["id"])]
    assert _points(journey, wallet) == (EARNED - MUG - PRIVILEGE, PRIVILEGE)
    for result in ("refused", "refused", "refused", "fulfilled"):
        assert _calls_back(journey, secret, redemption["id"], {"result": result})["status"] == "rejected"
    assert _points(journey, wallet) == (EARNED - MUG, 0)
    assert journey[ACCEPTED].get(f"/v1/rewards/{reward['id']}")["stock_left"] == 5
    entries = journey[ACCEPTED].get("/v1/ledger-entries", member_id=wallet.rsplit("/", 1)[1], limit=100)["items"]
    assert [one["amount"] for one in entries if one["kind"] == "redemption"] == [-MUG]


def _physical(journey: Journey) -> dict[str, Any]:
    mug = {"kind": "physical", "title": "马克杯", "cost": MUG, "stock": 1, "delivery": "pickup"}
    return {"community_id": journey.community_id} | mug


def _wish(journey: Journey, reward: dict[str, Any]) -> dict[str, Any]:
    return {"reward_id": reward["id"], "community_id": journey.community_id, "cost_seen": reward["cost"]}


def _redeem(journey: Journey, reward: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = journey[ACCEPTED].post("/v1/redemptions", _wish(journey, reward), expect=201)
    return made


def _points(journey: Journey, wallet: str) -> tuple[int, int]:
    """What they can spend, and what is held."""
    found = journey[ACCEPTED].get(wallet)
    return found["points"], found["held"]


def _calls_back(journey: Journey, secret: str, redemption_id: str, said: dict[str, str]) -> Any:
    """The shop calls back, and signs as Standard Webhooks says."""
    body, at = json.dumps(said).encode(), str(int(journey.stack.clock.now().timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    proof = base64.b64encode(hmac.digest(key, f"{redemption_id}.{at}.".encode() + body, "sha256")).decode()
    headers = {"webhook-id": redemption_id, "webhook-timestamp": at, "webhook-signature": f"v1,{proof}"}
    path = f"/v1/redemptions/{redemption_id}/hook-result"
    with Api(journey.stack.url) as shop:
        return shop.call("POST", path, expect=200, content=body, headers=headers | {"Content-Type": "application/json"})
