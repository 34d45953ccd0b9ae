import base64
from datetime import timedelta
from urllib.parse import quote_plus
from uuid import uuid4

import jwt
import pytest

HOUR = timedelta(hours=1)


async def create(membership, **fields):
    body = {"name": "lms", "scopes": ["people.read"], "community_ids": []} | fields
    return await membership.admin.post("/v1/service-accounts", json=body)


async def token(membership, account_id, secret):
    return await membership.anonymous.post("/v1/tokens", json={"client_id": account_id, "client_secret": secret})


async def test_a_programs_token_says_what_it_may_do_and_where(membership):
    community = str(uuid4())
    account = (await create(membership, scopes=["people.read", "members.read"], community_ids=[community])).json()
    answer = await token(membership, account["id"], account["secret"])
    claims = jwt.decode(answer.json()["access_token"], options={"verify_signature": False})
    assert (claims["kind"], claims["sub"], claims["sid"]) == ("service", account["id"], account["id"])
    assert (claims["scope"], claims["communities"]) == ("members.read people.read", [community])


async def test_null_communities_mean_all(membership):
    account = (await create(membership, community_ids=None)).json()
    answer = await token(membership, account["id"], account["secret"])
    assert jwt.decode(answer.json()["access_token"], options={"verify_signature": False})["communities"] is None


async def test_a_program_does_what_its_scopes_name_and_nothing_else(membership):
    program = await membership.account("people.read")
    assert (await program.get("/v1/people")).status_code == 200
    assert (await program.post("/v1/people", json={})).status_code == 403
    assert (await program.get("/v1/people/me")).status_code == 403


@pytest.mark.parametrize(
    "scope",
    ["people.self", "platform_roles.grant", "internal", "platform:admin", "*", "people.raed", "wallets.write", ""],
)
async def test_what_no_program_may_do_is_no_scope(membership, scope):
    answer = await create(membership, scopes=["people.read", scope])
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/scopes/1")
    assert (await membership.admin.get("/v1/service-accounts", params={"limit": 100})).text.count("lms") == 0


async def test_a_scope_of_another_service_is_one(membership):
    assert (await create(membership, scopes=["wallets.read", "checkins.import"])).status_code == 201


async def test_the_secret_is_shown_once(membership):
    account = (await create(membership)).json()
    listed = await membership.admin.get("/v1/service-accounts")
    assert account["secret"] not in listed.text
    assert "qunxue-gateway" in {item["name"] for item in listed.json()["items"]}


async def test_a_new_account_is_read_where_it_is_said_to_be(membership):
    made = await create(membership)
    read = await membership.admin.get(made.headers["location"])
    assert read.json() == {name: value for name, value in made.json().items() if name != "secret"}
    assert (await membership.admin.get(f"/v1/service-accounts/{uuid4()}")).status_code == 404


async def test_a_rotated_secret_stays_good_for_a_day(membership):
    account = (await create(membership)).json()
    rotated = (await membership.admin.post(f"/v1/service-accounts/{account['id']}/rotate")).json()
    assert rotated["secret"] != account["secret"]
    membership.harness.clock.advance(23 * HOUR)
    for secret in (account["secret"], rotated["secret"]):
        assert (await token(membership, account["id"], secret)).status_code == 200
    membership.harness.clock.advance(HOUR)
    refused = await token(membership, account["id"], account["secret"])
    assert (refused.status_code, refused.json()["code"]) == (401, "client_refused")
    assert (await token(membership, account["id"], rotated["secret"])).status_code == 200


async def test_a_revoked_or_expired_account_gets_no_token(membership):
    account = (await create(membership)).json()
    url = f"/v1/service-accounts/{account['id']}/revoke"
    assert (await membership.admin.post(url)).json()["revoked_at"]
    assert (await token(membership, account["id"], account["secret"])).status_code == 401
    assert (await membership.admin.post(url)).status_code == 409
    ends = (membership.harness.clock() + HOUR).isoformat()
    short = (await create(membership, name="short", expires_at=ends)).json()
    assert (await token(membership, short["id"], short["secret"])).status_code == 200
    membership.harness.clock.advance(HOUR)
    assert (await token(membership, short["id"], short["secret"])).status_code == 401


async def test_an_unknown_account_and_a_wrong_secret_look_the_same(membership):
    account = (await create(membership)).json()
    wrong = await token(membership, account["id"], "qxs_wrong")
    unknown = await token(membership, str(uuid4()), "qxs_wrong")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json()["code"] == unknown.json()["code"]


async def test_the_products_own_accounts_are_not_touched(membership):
    listed = (await membership.admin.get("/v1/service-accounts")).json()["items"]
    own = next(item for item in listed if item["name"] == "qunxue-gateway")
    for action in ("rotate", "revoke"):
        assert (await membership.admin.post(f"/v1/service-accounts/{own['id']}/{action}")).status_code == 409


async def test_two_accounts_of_one_name_are_refused(membership):
    await create(membership)
    assert (await create(membership)).status_code == 409


async def by_form(membership, fields, **headers):
    return await membership.anonymous.post("/v1/tokens", data=fields, headers=headers)


def with_token(membership, answer):
    client = membership.harness.anonymous()
    client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return client


def basic(account_id, secret):
    return "Basic " + base64.b64encode(f"{quote_plus(account_id)}:{quote_plus(secret)}".encode()).decode()


async def test_a_token_is_had_by_oauths_form(membership):
    account = (await create(membership, scopes=["people.read", "members.read"])).json()
    fields = {"grant_type": "client_credentials", "client_id": account["id"], "client_secret": account["secret"]}
    answer = await by_form(membership, fields | {"audience": "unknown names are ignored", "scope": ""})
    assert answer.status_code == 200
    assert (answer.json()["token_type"], answer.json()["scope"]) == ("Bearer", "members.read people.read")
    assert answer.headers["cache-control"] == "no-store"
    program = with_token(membership, answer)
    assert (await program.get("/v1/people")).status_code == 200


async def test_a_token_is_had_by_http_basic(membership):
    account = (await create(membership)).json()
    grant = {"grant_type": "client_credentials"}
    answer = await by_form(membership, grant, Authorization=basic(account["id"], account["secret"]))
    assert answer.status_code == 200
    wrong = await by_form(membership, grant, Authorization=basic(account["id"], "wrong"))
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    assert wrong.headers["www-authenticate"] == 'Basic realm="qunxue"'
    for twice in ({"client_secret": account["secret"]}, {"client_id": account["id"][::-1]}):
        both = await by_form(membership, grant | twice, Authorization=basic(account["id"], account["secret"]))
        assert (both.status_code, both.json()["error"]) == (422, "invalid_request")


@pytest.mark.parametrize("header", ["Basic", "Basic !", "Basic YQ==", "Basic " + "/" * 8])
async def test_what_is_no_basic_credential_proves_nothing(membership, header):
    answer = await by_form(membership, {"grant_type": "client_credentials"}, Authorization=header)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_http_basic_counts_for_nothing_elsewhere(membership):
    account = (await create(membership)).json()
    header = {"Authorization": basic(account["id"], account["secret"])}
    assert (await membership.anonymous.get("/v1/people", headers=header)).status_code == 401
    as_json = await membership.anonymous.post("/v1/tokens", json={"client_id": account["id"]}, headers=header)
    assert (as_json.status_code, as_json.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"scope": "people.write"}, "invalid_scope"),
        ({"client_secret": ""}, "invalid_request"),
        ({"client_id": "nobody"}, "invalid_request"),
        ({"client_secret": "a\0b"}, "invalid_request"),
        ({"client_secret": ["a", "b"]}, "invalid_request"),
        ({"client_secret": "wrong"}, "invalid_client"),
    ],
)
async def test_a_refusal_of_the_form_has_oauths_error_too(membership, fields, error):
    account = (await create(membership)).json()
    right = {"grant_type": "client_credentials", "client_id": account["id"], "client_secret": account["secret"]}
    answer = await by_form(membership, right | fields)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["error"] == error
    assert answer.json()["code"] == ("client_refused" if error == "invalid_client" else "invalid")


async def test_a_form_that_is_no_text_is_refused(membership):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for content in (b"client_id=\xff", b"&".join(b"a%d=1" % number for number in range(30)), b"client_id=%ff"):
        answer = await membership.anonymous.post("/v1/tokens", content=content, headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "not_a_form")


async def test_some_of_the_scopes_can_be_asked_for(membership):
    account = (await create(membership, scopes=["people.read", "members.read"])).json()
    body = {"client_id": account["id"], "client_secret": account["secret"], "scope": "members.read"}
    answer = await membership.anonymous.post("/v1/tokens", json=body)
    assert answer.json()["scope"] == "members.read"
    program = with_token(membership, answer)
    assert (await program.get("/v1/people")).status_code == 403


async def test_json_without_oauth_has_no_error_of_it(membership):
    answer = await token(membership, str(uuid4()), "wrong")
    assert "error" not in answer.json()
