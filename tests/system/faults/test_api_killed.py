"""Fault 3: an API process is killed while it is writing."""

import sqlite3
import time

import asyncpg
import pytest

from tests.support.scale import scaled
from tests.system.api import Api
from tests.system.compose import ADMIN_EMAIL, ADMIN_PASSWORD
from tests.system.faults.writers import Writers
from tests.system.stacks import distributed, embedded

pytestmark = [pytest.mark.fault(3), pytest.mark.slow, pytest.mark.timeout(600)]


def _token(url: str) -> str:
    with Api(url) as anyone:
        return str(anyone.post("/v1/sessions", {"login": ADMIN_EMAIL, "password": ADMIN_PASSWORD})["access_token"])


def _kill_while_writing(writers: Writers, kills: int, kill) -> None:
    with writers.writing():
        for n in range(1, kills + 1):
            _wait_for(lambda n=n: writers.done >= n * writers.count // (kills + 1), writers)
            kill()


def _wait_for(holds, writers: Writers) -> None:
    end = time.monotonic() + 180
    while not holds():
        assert time.monotonic() < end, f"only {writers.done} requests, last {writers.attempts[-1:]}"
        time.sleep(0.02)


@pytest.mark.postgres
async def test_every_acknowledged_write_has_its_row_and_its_message_and_no_message_is_without_its_row(tmp_path):
    with distributed(tmp_path / "stack", services=["membership-api"], fsync=True) as stack:
        compose = stack.compose
        assert compose is not None
        url = compose.service_url("membership")
        writers = Writers(url, _token(url), scaled(2000, reduced=400))
        api = compose.process("membership-api")

        def kill() -> None:
            api.kill()
            api.start()
            api.ready_sync(f"{url}/readyz")

        _kill_while_writing(writers, scaled(20, reduced=5), kill)
        connection = await asyncpg.connect(compose.database_url("membership").replace("+asyncpg", ""))
        try:
            rows = {str(row["id"]) for row in await connection.fetch("SELECT id FROM people")}
            told = {
                row["aggregateid"]
                for row in await connection.fetch(
                    "SELECT aggregateid FROM outbox WHERE type LIKE '%person.registered%'"
                )
            }
        finally:
            await connection.close()
        assert writers.answered
        assert {attempt.id for attempt in writers.answered} <= rows
        assert told == rows


def test_embedded_what_was_acknowledged_reaches_the_other_services_once_it_is_up_again(tmp_path):
    with embedded(tmp_path / "stack") as stack:
        product = stack.product
        assert product is not None
        writers = Writers(stack.url, _token(stack.url), scaled(2000, reduced=320))

        def kill() -> None:
            product.kill()
            product.start()
            product.ready_sync(f"{stack.url}/readyz")

        _kill_while_writing(writers, scaled(20, reduced=5), kill)
        with Api(stack.url, _token(stack.url)) as admin:
            registered = admin.get("/v1/people", limit=1, count=True)["total"]["value"]
            missing = [
                attempt for attempt in writers.answered if not admin.get("/v1/people", q=attempt.number)["items"]
            ]
            assert missing == []
            status = admin.until(
                "/status", lambda body: all(one["figures"]["outbox_backlog"] == 0 for one in body["services"])
            )
            assert all(one["figures"]["dead_letters"] == 0 for one in status["services"])
        assert _known_people(stack) == registered


def _known_people(stack) -> int:
    """How many people gamification knows, once it has caught up with membership."""
    end = time.monotonic() + 120
    path = f"{stack.environment()['QUNXUE_DATA_DIR']}/gamification.sqlite"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        known = membership = -1
        while time.monotonic() < end:
            known = connection.execute("SELECT count(*) FROM known_people").fetchone()[0]
            with sqlite3.connect(f"file:{path.replace('gamification', 'membership')}?mode=ro", uri=True) as other:
                membership = other.execute("SELECT count(*) FROM people").fetchone()[0]
            if known == membership:
                break
            time.sleep(0.1)
    return int(known)
