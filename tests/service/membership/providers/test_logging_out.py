"""The provider says that a log-in there is over."""

from typing import Any

NUMBER = {"employee_number": "A7"}


async def tells(membership, token):
    return await membership.anonymous.post("/v1/providers/corp/logout", data={"logout_token": token})


async def is_in(membership, client):
    answer = await membership.anonymous.post(
        "/v1/sessions/refresh", json={"refresh_token": client.headers["X-Refresh"]}
    )
    if answer.status_code == 200:
        client.headers["X-Refresh"] = answer.json()["refresh_token"]
    return answer.status_code == 200


async def test_a_session_of_the_providers_ends_what_it_began_and_no_other(membership, browser, company, zhang):
    first, second = [await browser.enters("u-1", sid=one, **NUMBER) for one in ("s-1", "s-2")]
    answer = await tells(membership, company.logout_token(sub="u-1", sid="s-1"))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert [await is_in(membership, one) for one in (first, second)] == [False, True]


async def test_all_of_somebodys_sessions_end_and_nobody_elses(membership, browser, company, zhang):
    await membership.person("李雷", employee_no="B8")
    both = [await browser.enters("u-1", sid=one, **NUMBER) for one in ("s-1", "s-2")]
    other = await browser.enters("u-2", employee_number="B8")
    assert (await tells(membership, company.logout_token(sub="u-1"))).status_code == 200
    assert [await is_in(membership, one) for one in (*both, other)] == [False, False, True]


async def test_a_log_out_is_told_once_and_ends_no_later_session(membership, browser, company, zhang):
    await browser.enters("u-1", **NUMBER)
    token = company.logout_token(sub="u-1")
    assert (await tells(membership, token)).status_code == 200
    later = await browser.enters("u-1")
    again = await tells(membership, token)
    assert (again.status_code, again.json()["code"]) == (400, "logout_refused")
    assert await is_in(membership, later)


NOT_AS_IT_MUST_BE: list[dict[str, Any]] = [
    {"aud": "another client"},
    {"iss": "https://elsewhere.example"},
    {"events": {}},
    {"events": None},
    {"nonce": "x"},
    {"jti": None},
    {"exp": 1},
    {"iat": 1},
    {"iat": 9999999999},
    {"sub": None},
    {"sub": 7},
    {"sid": 7},
]


async def test_a_log_out_that_is_not_as_it_must_be_ends_nothing(membership, browser, company, zhang):
    client = await browser.enters("u-1", **NUMBER)
    for claims in NOT_AS_IT_MUST_BE:
        answer = await tells(membership, company.logout_token(**({"sub": "u-1"} | claims)))
        assert (answer.status_code, answer.json()["code"]) == (400, "logout_refused"), claims
    assert await is_in(membership, client)


async def test_an_id_token_logs_nobody_out_and_neither_does_noise(membership, browser, company, zhang):
    client = await browser.enters("u-1", **NUMBER)
    for token in (company.signed({"sub": "u-1", "nonce": "x"}), "x", "a.b.c"):
        assert (await tells(membership, token)).status_code == 400
    assert await is_in(membership, client)
