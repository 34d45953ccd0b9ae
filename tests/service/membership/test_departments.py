"""A department's code is its identity and stands in its address."""

import pytest

from tests.service.chassis.shop import code_of


@pytest.mark.parametrize("code", ["研发部", "R&D", "a%41b", "é", "\N{CJK UNIFIED IDEOGRAPH-2A78E}", "a;b=c", "a..b"])
async def test_a_department_is_found_where_its_creation_says_whatever_its_code(membership, code):
    made = await membership.admin.post("/v1/departments", json={"code": code, "name": "部门"})
    assert made.status_code == 201, made.text
    assert (await membership.admin.get(made.headers["Location"])).json()["code"] == code


@pytest.mark.parametrize("code", ["\u3164", "\u0301\u0301", "\u2800", ".", "..", "a/b", "a?b", "a#b", "a b"])
async def test_a_code_that_nobody_sees_or_no_address_can_hold_is_refused(membership, code):
    refused = await membership.admin.post("/v1/departments", json={"code": code, "name": "部门"})
    assert code_of(refused) == (422, "invalid")
    assert refused.json()["errors"][0]["pointer"] == "/code"


@pytest.mark.parametrize("number", ["\u3164", "\u0301\u0301", "\u2800"])
async def test_an_employee_number_that_nobody_sees_is_refused(membership, number):
    refused = await membership.admin.post("/v1/people", json={"display_name": "张伟", "employee_no": number})
    assert refused.json()["errors"][0]["pointer"] == "/employee_no"
