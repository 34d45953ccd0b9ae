"""The largest batches that are accepted, through the gateway: they are answered within its deadline, with what became of each."""

from collections import Counter
from collections.abc import Iterator
from uuid import uuid4

import pytest

from chassis.web.batch import MAX_ITEMS
from tests.system.api import Api
from tests.system.stacks import embedded

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

BATCH = "/v1/members/batch"


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with embedded(tmp_path_factory.mktemp("batches") / "stack") as stack, stack.admin() as admin:
        yield admin


@pytest.fixture(scope="module")
def community_id(admin: Api) -> str:
    body = {"slug": "readers", "name": "读书会", "positioning": {"purpose": "skill", "statement": "一起学"}}
    community_id: str = admin.post("/v1/communities", body)["id"]
    admin.post(f"/v1/communities/{community_id}/charters", {"vision": "人人会用数据"})
    admin.post(f"/v1/communities/{community_id}/open")
    return community_id


@pytest.fixture(scope="module")
def members(admin: Api, community_id: str) -> list[str]:
    numbers = [f"{number:05}" for number in range(MAX_ITEMS)]
    people = "employee_no,display_name\n" + "".join(f"{number},员工{number}\n" for number in numbers)
    assert admin.upload("/v1/people/imports", people.encode())["failed"] == 0
    rows = "employee_no\n" + "\n".join(numbers)
    assert admin.upload("/v1/members/imports", rows.encode(), community_id=community_id)["failed"] == 0
    found: list[str] = []
    wanted = {"community_id": community_id, "limit": "100"}
    while True:
        page = admin.call("GET", "/v1/members", expect=200, params=wanted)
        found += [item["id"] for item in page["items"] if item["via"] == "import"]
        if page["next"] is None:
            return found
        wanted["cursor"] = page["next"]


def outcomes(admin: Api, ids: list[str], **what: str) -> Counter[int]:
    items = admin.post(BATCH, {"ids": ids, **what}, expect=200)["items"]
    assert [item["id"] for item in items] == ids
    return Counter(item["status"] for item in items)


def test_500_members_that_change_their_cohort_are_told_one_by_one(admin, community_id, members):
    assert len(members) == MAX_ITEMS
    cohort = admin.post("/v1/cohorts", {"community_id": community_id, "code": "autumn", "name": "2026 年秋季"})["id"]
    assert outcomes(admin, members, action="set_cohort", cohort_id=cohort) == {200: MAX_ITEMS}


def test_500_members_that_are_not_there_are_told_one_by_one(admin, community_id):
    ids = [str(uuid4()) for _ in range(MAX_ITEMS)]
    assert outcomes(admin, ids, action="remove", reason="x") == {404: MAX_ITEMS}
