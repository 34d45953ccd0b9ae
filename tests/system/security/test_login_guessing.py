"""Somebody tries passwords: on one account, on many, and asks by the clock who is registered."""

import asyncio
import statistics
import time
from datetime import timedelta
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from sqlmodel import col, select
from starlette.responses import Response

from services.membership.credentials import passwords
from services.membership.credentials.models import Credential
from services.membership.people.models import Person
from tests.system.security.front import PASSWORD, front

LONGEST_WAIT = 15 * 60 + 1
"""Seconds, told in whole ones and rounded up."""
FREE = 5
PER_MINUTE = 30
TRIES = 12
OFFICE = 60
OFFICE_ADDRESS = "198.51.100.20"


@pytest.fixture
async def before(tmp_path):
    async with front(tmp_path, logins_per_minute=10_000) as opened:
        yield opened


async def test_guessing_on_one_account_waits_longer_and_longer_up_to_15_minutes_and_never_for_ever(before):
    await before.person("00042")
    waits = []
    for _ in range(FREE):
        answer = await before.log_in("00042", "a wrong guess")
        assert (answer.status_code, answer.json()["code"]) == (401, "login_failed")
    for _ in range(9):
        refused = await before.log_in("00042", PASSWORD)
        assert (refused.status_code, refused.json()["code"]) == (429, "login_must_wait"), "not even the right one"
        waits.append(int(refused.headers["Retry-After"]))
        before.clock.advance(timedelta(seconds=waits[-1]))
        assert (await before.log_in("00042", "a wrong guess")).status_code == 401
    assert waits == sorted(waits)
    assert waits[0] < 60
    assert waits[-1] == max(waits) <= LONGEST_WAIT
    assert waits[-3:] == [waits[-1]] * 3, "it does not grow for ever"
    before.clock.advance(timedelta(seconds=LONGEST_WAIT + 1))
    assert (await before.log_in("00042", PASSWORD)).status_code == 201


async def test_an_unknown_account_waits_as_a_known_one_does(before):
    await before.person("00042")
    told = []
    for login in ("00042", "nobody@qunxue.example"):
        for _ in range(FREE):
            await before.log_in(login, "a wrong guess")
        answer = await before.log_in(login, "a wrong guess")
        problem = {key: value for key, value in answer.json().items() if key != "request_id"}
        told.append((answer.status_code, answer.headers["Retry-After"], problem))
    assert told[0] == told[1]


async def test_waiting_on_one_account_keeps_nobody_else_out(before):
    await before.person("00042")
    await before.person("00043")
    for _ in range(FREE + 1):
        await before.log_in("00042", "a wrong guess")
    assert (await before.log_in("00043", PASSWORD)).status_code == 201


async def test_one_address_tries_30_accounts_a_minute_and_no_more(tmp_path):
    async with front(tmp_path) as opened:
        answers = [await opened.log_in(f"{number:05}", "a guess", address="198.51.100.7") for number in range(40)]
        statuses = [answer.status_code for answer in answers]
        assert statuses[:PER_MINUTE] == [401] * PER_MINUTE
        assert set(statuses[PER_MINUTE:]) == {429}
        assert int(answers[-1].headers["Retry-After"]) > 0
        assert (await opened.log_in("00001", "a guess", address="198.51.100.8")).status_code == 401
        forwarded = await opened.client(address="198.51.100.7").post(
            "/v1/sessions", json={"login": "00001", "password": "x"}, headers={"X-Forwarded-For": "198.51.100.99"}
        )
        assert forwarded.status_code == 429, "an address that a client makes up changes nothing"


async def test_one_address_guesses_30_links_of_speakers_a_minute_and_no_more(tmp_path):
    async def events(scope, receive, send):
        await Response(status_code=404)(scope, receive, send)

    async with front(tmp_path) as opened:
        opened.harness.runtime.peers.apps = {"membership": opened.harness.app, "events": events}
        guesses = ["qxi_" + f"{number:043}" if number % 2 else f"guess {number}" for number in range(40)]
        client = opened.client(address="198.51.100.7")
        answers = [await client.post("/v1/tokens", json={"invitation": guess}) for guess in guesses]
        told = [(answer.status_code, answer.json()["code"]) for answer in answers]
        assert told[:PER_MINUTE] == [(401, "invitation_refused")] * PER_MINUTE
        assert set(told[PER_MINUTE:]) == {(429, "rate_limited")}
        password = await opened.log_in("00001", "a guess", address="198.51.100.7")
        assert password.status_code == 429, "links and passwords are guessed from one allowance"


async def test_sixty_people_in_one_office_activate_and_log_in_within_a_minute(tmp_path, monkeypatch):
    # The real hash costs what the machine has to give.
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    async with front(tmp_path) as opened:
        admin = opened.client((await opened.tokens())["access_token"])
        rows = "\n".join(["employee_no,display_name", *(f"{number:05},张伟" for number in range(OFFICE))])
        started = await admin.post("/v1/people/imports", content=rows.encode(), headers={"Content-Type": "text/csv"})
        assert started.status_code == 202, started.text
        await opened.harness.run_jobs()
        listed = (await admin.get("/v1/people", params={"limit": 100, "q": "张伟"})).json()["items"]
        body = {"action": "activation", "ids": [person["id"] for person in listed]}
        issued = (await admin.post("/v1/people/batch", json=body)).json()["items"]
        codes = [item["result"]["code"] for item in issued]
        assert len(codes) == OFFICE

        async def arrive(number: int) -> tuple[int, int]:
            client = opened.client(address=OFFICE_ADDRESS)
            activated = await client.post("/v1/activations", json={"code": codes[number], "password": PASSWORD})
            entered = await opened.log_in(listed[number]["employee_no"], PASSWORD, address=OFFICE_ADDRESS)
            return activated.status_code, entered.status_code

        assert set(await asyncio.gather(*(arrive(number) for number in range(OFFICE)))) == {(201, 201)}
        guesses = [await opened.log_in(f"k{n}", "a guess", address=OFFICE_ADDRESS) for n in range(PER_MINUTE)]
        assert 429 in {answer.status_code for answer in guesses}, "who guesses there is stopped all the same"


async def test_by_the_clock_an_unknown_account_looks_like_a_known_one(before):
    """Medians of interleaved tries, compared by CPU time; a known account's hash costs some 20 ms, a forgotten one's nothing."""
    person = await before.person("00042")
    database = before.harness.runtime.database
    async with database.transaction() as session:
        kept = (
            await session.exec(select(Credential.password_hash).where(col(Credential.person_id) == UUID(person["id"])))
        ).one()
        for number in range(TRIES):
            one = Person(employee_no=f"k{number}", employee_key=f"k{number}", display_name="x", sort_key="x",
                         created_at=before.clock(), updated_at=before.clock())  # fmt: skip
            session.add(one)
            await session.flush()
            session.add(Credential(person_id=one.id, password_hash=kept, changed_at=before.clock()))
    spent: dict[str, list[float]] = {"k": [], "u": []}
    for number in range(TRIES):
        for kind, times in spent.items():
            began = time.process_time()
            answer = await before.log_in(f"{kind}{number}", "a wrong guess")
            times.append(time.process_time() - began)
            assert answer.json()["code"] == "login_failed"
    known, unknown = statistics.median(spent["k"]), statistics.median(spent["u"])
    assert known > 0.005, "the hashes are the real ones"
    assert 0.5 < unknown / known < 2.0, (known, unknown)
