"""Staff have 14 days to set up a second factor; then what they may do as staff sleeps until they have one."""

from datetime import datetime, timedelta

import jwt
import pyotp
import pytest
from sqlmodel import select

from services.membership.bootstrap import bootstrap
from services.membership.second_factors.models import SecondFactorTerm
from tests.service.membership.conftest import ADMIN_EMAIL, ADMIN_PASSWORD, PASSWORD
from tests.service.membership.scene import CHARTER, POSITIONING

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture(autouse=True)
async def required(membership):
    """Where a second factor is required, since now."""
    runtime = membership.harness.runtime
    runtime.settings = runtime.settings.model_copy(update={"second_factor": "required"})
    await bootstrap(runtime)


def said(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def claims(client):
    token = client.headers["Authorization"].removeprefix("Bearer ")
    return jwt.decode(token, options={"verify_signature": False})


async def administrator(membership):
    return await membership.entered(ADMIN_EMAIL, ADMIN_PASSWORD)


async def set_up(client, harness):
    """An app, confirmed by its first code: its secret."""
    made = (await client.post("/v1/second-factors")).json()
    code = pyotp.TOTP(made["secret"]).at(harness.clock())
    confirmed = await client.post(f"/v1/second-factors/{made['id']}/confirm", json={"code": code})
    assert confirmed.status_code == 200, confirmed.text
    harness.clock.advance(30 * SECOND)
    return made["secret"]


async def owned(membership, employee_no="A7"):
    """An open community, and its owner, who can log in."""
    owner = await membership.activated("张伟", employee_no=employee_no)
    body = {
        "slug": "club",
        "name": "数据社群",
        "positioning": POSITIONING,
        "charter": CHARTER,
        "owner_person_id": owner["id"],
        "visibility": "private",
    }
    made = await membership.admin.post("/v1/communities", json=body)
    assert made.status_code == 201, made.text
    client = await membership.entered(employee_no)
    assert (await client.post(f"/v1/communities/{made.json()['id']}/open")).status_code == 200
    return made.json()


async def test_an_administrator_has_fourteen_days_and_is_reminded(membership):
    begun = membership.harness.clock()
    factors = (await membership.admin.get("/v1/second-factors")).json()
    due = datetime.fromisoformat(factors["required_by"])
    assert timedelta(days=13) < due - begun <= timedelta(days=14)
    (task,) = [
        one for one in (await membership.admin.get("/internal/tasks")).json() if one["code"] == "enrol_second_factor"
    ]
    assert datetime.fromisoformat(task["due_at"]) == due
    membership.harness.clock.advance(due - begun - SECOND)
    admin = await administrator(membership)
    assert (await admin.get("/v1/people")).status_code == 200


async def test_then_their_rights_sleep_until_they_have_set_one_up(membership):
    membership.harness.clock.advance(15 * DAY)
    login = await membership.log_in(ADMIN_EMAIL, ADMIN_PASSWORD)
    admin = membership.anonymous
    admin.headers["Authorization"] = f"Bearer {login.json()['access_token']}"
    assert claims(admin)["scope"] == "asleep:admin"
    refused = await admin.get("/v1/people")
    assert said(refused) == (403, "second_factor_required")
    assert refused.json()["wants"] == "factor"
    me = (await admin.get("/v1/people/me")).json()
    assert "people.read" not in me["permissions"]
    await set_up(admin, membership.harness)
    body = {"refresh_token": login.json()["refresh_token"]}
    awake = await membership.anonymous.post("/v1/sessions/refresh", json=body)
    admin.headers["Authorization"] = f"Bearer {awake.json()['access_token']}"
    assert claims(admin)["scope"] == "platform:admin"
    assert (await admin.get("/v1/people")).status_code == 200
    assert (await admin.get("/v1/second-factors")).json()["required_by"] is None
    codes = [one["code"] for one in (await admin.get("/internal/tasks")).json()]
    assert "enrol_second_factor" not in codes


async def test_an_owner_whose_rights_sleep_acts_as_a_plain_member(membership):
    community = await owned(membership)
    membership.harness.clock.advance(15 * DAY)
    owner = await membership.entered("A7")
    read = await owner.get(f"/v1/communities/{community['id']}")
    assert read.status_code == 200
    change = await owner.patch(
        f"/v1/communities/{community['id']}", json={"name": "新名"}, headers={"If-Match": read.headers["ETag"]}
    )
    assert said(change) == (403, "second_factor_required")
    (mine,) = (await owner.get("/v1/people/me")).json()["memberships"]
    assert mine["roles"] == ["owner"]
    assert "communities.update" not in mine["permissions"]
    assert "members.read" in mine["permissions"]


async def test_what_a_plain_member_may_not_do_either_is_refused_as_ever(membership):
    await owned(membership)
    membership.harness.clock.advance(15 * DAY)
    owner = await membership.entered("A7")
    assert said(await owner.get("/v1/people")) == (403, "forbidden")
    admin = await administrator(membership)
    missing = await admin.get("/v1/communities/00000000-0000-7000-8000-000000000000")
    assert said(missing) == (404, "not_found")


async def test_a_community_that_only_an_administrator_may_see_is_shown_again_with_a_second_factor(membership):
    community = await owned(membership)
    membership.harness.clock.advance(15 * DAY)
    admin = await administrator(membership)
    assert said(await admin.get(f"/v1/communities/{community['id']}")) == (403, "second_factor_required")


async def test_the_days_count_from_the_role(membership):
    async with membership.harness.runtime.database.transaction() as session:
        (term,) = (await session.exec(select(SecondFactorTerm))).all()
        term.required_since -= 30 * DAY
    community = await owned(membership)
    membership.harness.clock.advance(13 * DAY)
    owner = await membership.entered("A7")
    assert "communities.update" in (await owner.get("/v1/people/me")).json()["memberships"][0]["permissions"]
    membership.harness.clock.advance(1 * DAY)
    owner = await membership.entered("A7")
    asleep = await owner.post(f"/v1/communities/{community['id']}/archive")
    assert said(asleep) == (403, "second_factor_required")


async def test_nobody_else_is_asked(membership):
    await membership.activated("李娜", employee_no="B8")
    membership.harness.clock.advance(30 * DAY)
    member = await membership.entered("B8")
    assert (await member.get("/v1/second-factors")).json()["required_by"] is None
    assert "wants_factor" not in claims(member)


async def test_a_session_from_before_the_second_factor_sleeps_until_a_code_has_come(membership):
    earlier = await membership.log_in(ADMIN_EMAIL, ADMIN_PASSWORD)
    secret = await set_up(membership.admin, membership.harness)
    body = {"refresh_token": earlier.json()["refresh_token"]}
    refreshed = await membership.anonymous.post("/v1/sessions/refresh", json=body)
    admin = membership.anonymous
    admin.headers["Authorization"] = f"Bearer {refreshed.json()['access_token']}"
    refused = await admin.get("/v1/people")
    assert said(refused) == (403, "second_factor_required")
    assert refused.json()["wants"] == "code"
    code = {"code": pyotp.TOTP(secret).at(membership.harness.clock())}
    stepped = await admin.post("/v1/sessions/current/step-up", json=code)
    admin.headers["Authorization"] = f"Bearer {stepped.json()['access_token']}"
    assert (await admin.get("/v1/people")).status_code == 200


async def test_who_takes_their_second_factor_away_after_the_days_is_asleep_again(membership):
    membership.harness.clock.advance(15 * DAY)
    admin = await administrator(membership)
    secret = await set_up(admin, membership.harness)
    body = {"login": ADMIN_EMAIL, "password": ADMIN_PASSWORD, "code": pyotp.TOTP(secret).at(membership.harness.clock())}
    entered = await membership.anonymous.post("/v1/sessions", json=body)
    admin.headers["Authorization"] = f"Bearer {entered.json()['access_token']}"
    (item,) = (await admin.get("/v1/second-factors")).json()["items"]
    assert (await admin.delete(f"/v1/second-factors/{item['id']}")).status_code == 204
    again = await administrator(membership)
    assert claims(again)["scope"] == "asleep:admin"


async def terms(membership):
    async with membership.harness.runtime.database.reading() as session:
        return (await session.exec(select(SecondFactorTerm.required_since))).all()


async def test_the_days_begin_once_and_again_where_it_was_optional_meanwhile(membership):
    runtime = membership.harness.runtime
    (first,) = await terms(membership)
    membership.harness.clock.advance(3 * DAY)
    await bootstrap(runtime)
    assert await terms(membership) == [first]
    runtime.settings = runtime.settings.model_copy(update={"second_factor": "optional"})
    await bootstrap(runtime)
    assert await terms(membership) == []
    runtime.settings = runtime.settings.model_copy(update={"second_factor": "required"})
    await bootstrap(runtime)
    assert await terms(membership) == [membership.harness.clock()]


async def test_where_it_is_optional_nobody_is_reminded_and_nothing_sleeps(membership):
    runtime = membership.harness.runtime
    runtime.settings = runtime.settings.model_copy(update={"second_factor": "optional"})
    membership.harness.clock.advance(30 * DAY)
    admin = await administrator(membership)
    assert (await admin.get("/v1/people")).status_code == 200
    assert (await admin.get("/v1/second-factors")).json()["required_by"] is None


async def test_where_the_migration_step_has_not_run_yet_nothing_sleeps(membership):
    async with membership.harness.runtime.database.transaction() as session:
        (term,) = (await session.exec(select(SecondFactorTerm))).all()
        await session.delete(term)
    membership.harness.clock.advance(30 * DAY)
    admin = await administrator(membership)
    assert (await admin.get("/v1/people")).status_code == 200


@pytest.mark.parametrize("role", ["hr", "auditor"])
async def test_other_roles_on_the_platform_sleep_too(membership, role):
    person = await membership.activated("李娜", employee_no="B8")
    given = await membership.admin.post(f"/v1/people/{person['id']}/platform-roles", json={"role": role})
    assert given.status_code == 201
    membership.harness.clock.advance(15 * DAY)
    client = await membership.entered("B8", PASSWORD)
    refused = await client.get("/v1/people" if role == "hr" else "/internal/audit")
    assert said(refused) == (403, "second_factor_required")
