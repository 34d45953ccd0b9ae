"""Somebody's browser that logs in by company account, at a provider that others wrote."""

import asyncio
import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.support.oidc_provider import CLIENT, SECRET, logged_in
from tests.system.api import Api
from tests.system.journey import ACCEPTED, PEOPLE, REJECTED, Journey

PUBLIC, APP = "https://learn.example.com", "https://app.example.com"
BACK = f"{PUBLIC}/v1/providers/corp/callback"
IMPORTED, UNKNOWN = ACCEPTED, "99999"
_NAMES = {number: name for number, name, *_ in PEOPLE}


def trusting(issuer: str) -> dict[str, str]:
    """The settings of a host whose people log in there, and are known by their number."""
    provider = {
        "code": "corp",
        "names": {"zh": "公司账号", "en": "Company account"},
        "issuer": issuer,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "employee_no_claim": "employee_number",
    }
    return {
        "QUNXUE_PROVIDERS": json.dumps([provider]),
        "QUNXUE_PROVIDER_NETWORKS": "127.0.0.0/8",
        "QUNXUE_PUBLIC_URL": PUBLIC,
        "QUNXUE_APP_URL": APP,
    }


def walk_log_ins(journey: Journey) -> None:
    """Who was imported comes in without ever having had a password, who is unknown does not, and who left is out at once and stays out."""
    with Api(journey.stack.url) as anyone:
        assert [one["code"] for one in anyone.get("/v1/providers")["items"]] == ["corp"]
        person = journey.people[IMPORTED]
        with _enters(anyone, IMPORTED) as zhang:
            assert zhang.get("/v1/people/me")["display_name"] == _NAMES[IMPORTED]
            [linked] = journey.admin.get(f"/v1/people/{person}/identities")["items"]
            assert (linked["subject"], linked["linked_by"]) == (f"n-{IMPORTED}", "employee_no")
            for unknown in (f"n-{UNKNOWN}", "somebody"):
                assert _kept_out(anyone, unknown) == "identity_unknown"
            journey.admin.post(f"/v1/people/{person}/leave")
            zhang.until_refused("/v1/people/me", "session_revoked")
        assert _kept_out(anyone, f"n-{IMPORTED}") == "account_inactive"
        # Their account opens nothing of somebody else's either, and they come back as themselves.
        with _enters(anyone, REJECTED) as other:
            assert other.get("/v1/people/me")["display_name"] == _NAMES[REJECTED]
        journey.admin.post(f"/v1/people/{person}/rehire")
        with _enters(anyone, IMPORTED) as zhang:
            assert zhang.get("/v1/people/me")["id"] == person


def _enters(anyone: Api, number: str) -> Api:
    """A client of who logs in by that number."""
    begun, back = _comes_back(anyone, f"n-{number}")
    assert back.status_code == 303, back.text
    onward = urlsplit(back.headers["Location"])
    assert f"{onward.scheme}://{onward.netloc}" == APP
    fetched = dict(parse_qsl(onward.query)) | {"verifier": begun["verifier"]}
    tokens = anyone.post("/v1/providers/corp/sessions", fetched, expect=201)
    anyone.problem("POST", "/v1/providers/corp/sessions", 401, "login_code_invalid", json=fetched)
    return Api(anyone.url, tokens["access_token"])


def _kept_out(anyone: Api, who: str) -> str:
    """Why somebody is not let in."""
    _, back = _comes_back(anyone, who)
    assert back.status_code == 401, back.text
    return str(back.json()["code"])


def _comes_back(anyone: Api, who: str) -> tuple[dict[str, Any], httpx.Response]:
    """What a log-in began with, and the answer to the browser that comes back from the provider."""
    answer = anyone.client.post("/v1/providers/corp/authorizations", json={"transport": "body"})
    assert answer.status_code == 201, answer.text
    # A browser sends it back by TLS alone, as whoever stands before a real installation does.
    cookie = answer.headers["set-cookie"].partition(";")[0]
    back = asyncio.run(logged_in(answer.json()["authorization_url"], who, redirect_uri=BACK))
    query = dict(parse_qsl(urlsplit(back).query))
    path = "/v1/providers/corp/callback"
    return answer.json(), anyone.client.get(path, params=query, headers={"Cookie": cookie})
