"""Activation codes as a file to be handed out."""

import csv
import io
from datetime import timedelta

from chassis.problems import FORBIDDEN
from tests.service.membership.conftest import PASSWORD

GONE = "01890000-0000-7000-8000-000000000000"


async def slips(client, ids, language="en"):
    headers = {"Accept": "text/csv", "Accept-Language": language}
    answer = await client.post("/v1/people/batch", json={"action": "activation", "ids": ids}, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def test_each_slip_has_name_number_code_and_how_long_it_is_good(membership):
    person = await membership.person("张伟", employee_no="00123")
    header, slip, none = await slips(membership.admin, [person["id"], GONE])
    assert header == ["Name", "Employee number", "Code", "Link", "Valid until (UTC)", "Note"]
    name, number, code, link, until, note = slip
    assert (name, number, link, note) == ("张伟", "00123", "", "")
    assert until == f"{membership.harness.clock() + timedelta(days=7):%Y-%m-%d %H:%M}"
    body = {"code": code, "password": PASSWORD}
    assert (await membership.anonymous.post("/v1/activations", json=body)).status_code == 201
    assert none == ["", "", "", "", "", f"Not found ({GONE})"]
    assert await slips(membership.admin, [person["id"]], "zh-CN") == [
        ["姓名", "工号", "激活码", "链接", "有效期至（UTC）", "说明"],
        ["", "", "", "", "", f"账号已激活 ({person['id']})"],
    ]


async def test_the_link_leads_to_the_app_and_keeps_the_code_from_logs(membership):
    runtime = membership.harness.runtime
    runtime.settings = runtime.settings.model_copy(update={"app_url": "https://app.example/"})
    _, slip = await slips(membership.admin, [(await membership.person())["id"]])
    assert slip[3] == f"https://app.example/activations#{slip[2]}"


async def test_a_name_that_is_a_formula_is_text_on_the_slip(membership):
    person = await membership.person('=HYPERLINK("https://evil.example")')
    _, slip = await slips(membership.admin, [person["id"]])
    assert slip[0] == '\'=HYPERLINK("https://evil.example")'


async def test_whoever_may_not_make_codes_gets_none_and_each_code_is_in_the_trail(membership):
    person = await membership.person()
    _, slip = await slips(await membership.account("people.read", "people.write"), [person["id"]])
    assert slip[2]
    trail = (await membership.admin.get("/internal/audit", params={"object_id": person["id"]})).json()["items"]
    assert [entry["action"] for entry in trail].count("person.activation_code") == 1
    entered = await membership.entered((await membership.activated(employee_no="p1"))["employee_no"])
    body = {"action": "activation", "ids": [person["id"]]}
    refused = await entered.post("/v1/people/batch", json=body, headers={"Accept": "text/csv"})
    assert (refused.status_code, refused.json()["code"]) == (403, FORBIDDEN.code)
