"""New managers become members of their community by its rule, and are dealt to groups: 300 at once, some change, one leaves."""

from collections import Counter
from typing import Any

from tests.system.api import Api

MANAGERS = 300
GROUPS = 30
DIVISION, SHOPS, LABS = "DIV", ("SHOP-A", "SHOP-B"), "LABS"
DEPARTMENTS = (
    "部门编码,部门名称,上级部门编码\n"
    f"{DIVISION},事业部,\n{SHOPS[0]},一店,{DIVISION}\n{SHOPS[1]},二店,{DIVISION}\n{LABS},实验室,\n"
)
"""Of their own: who else is in the company is not asked for."""


def walk_an_enrolment(admin: Api) -> None:
    """300 are promoted and join at once, and are dealt to thirty groups; two change department, one leaves the company, one is promoted later."""
    ids = _hire(admin)
    community = _community(admin)
    path = f"/v1/communities/{community}"
    rule = {"departments": [DIVISION], "job_grades": ["M1"], "grade_since_days": 90}
    admin.patch(path, {"assigned": rule})
    trial = admin.get(f"{path}/enrolment")
    assert (trial["on"], trial["matching"], trial["joining"]) == (False, MANAGERS, MANAGERS)
    assert len(admin.get(f"{path}/enrolment/people", limit=100)["items"]) == 100
    admin.patch(path, {"join": "assigned"})
    done = admin.until(f"{path}/enrolment", lambda body: body["joining"] == 0)
    assert (done["on"], done["matching"], done["no_longer_matching"]) == (True, MANAGERS, 0)
    assert _members(admin, community) == MANAGERS + 1

    # They are members everywhere: each has a wallet.
    newest = admin.get("/v1/members", community_id=community, sort="-joined_at", limit=1)["items"][0]
    assert newest["via"] == "assigned"
    admin.until(f"/v1/wallets/{newest['id']}", lambda wallet: wallet["points"] > 0)

    # Thirty groups of ten, five of each department; what gamification knows of them is who belongs to them.
    dealt = _grouped(admin, community, count=GROUPS, seed=1)
    assert (dealt["placed"], dealt["smallest"], dealt["largest"]) == (MANAGERS, 10, 10)
    places = admin.get(f"/v1/groups/groupings/{dealt['id']}/places", limit=100)["items"]
    of_department = Counter((one["number"], one["member"]["department"]) for one in places)
    assert set(of_department.values()) == {5}
    assert _sizes(admin, community) == Counter({10: GROUPS})
    group = admin.get("/v1/groups", community_id=community, limit=1)["items"][0]["id"]
    board = {"community_id": community, "period": "all_time", "group_id": group, "count": True}
    admin.until("/v1/leaderboards", lambda page: page["total"]["value"] <= 10, **board)

    for person_id in ids[:2]:
        admin.patch(f"/v1/people/{person_id}", {"department_code": LABS})
    admin.post(f"/v1/people/{ids[2]}/leave")
    admin.until("/v1/members", lambda page: page["total"]["value"] == MANAGERS, community_id=community, count=True)
    # Who changes department stays in their group, who leaves the company does not.
    assert _sizes(admin, community) == Counter({10: GROUPS - 1, 9: 1})
    listed = admin.get(f"{path}/enrolment/no-longer-matching")["items"]
    assert sorted(one["member"]["display_name"] for one in listed) == ["经理000", "经理001"]
    assert _waiting(admin, community) == 2
    kept = {"member_ids": [one["member"]["member_id"] for one in listed]}
    admin.post(f"{path}/enrolment/keep", kept, expect=204)
    assert _waiting(admin, community) == 0

    # Who is promoted later joins, and who comes back to the company is left alone.
    admin.post(f"/v1/people/{ids[2]}/rehire")
    for grade in ("P6", "M1"):
        admin.upload("/v1/people/imports", _table([("m900", "新经理", SHOPS[0], grade)]))
    admin.until("/v1/members", lambda page: page["total"]["value"] == MANAGERS + 1, community_id=community, count=True)
    after = admin.get(f"{path}/enrolment")
    assert (after["matching"], after["joining"], after["left_out"]) == (MANAGERS - 1, 0, 1)
    assert _grouped(admin, community, late=True)["placed"] == 1
    assert _sizes(admin, community) == Counter({10: GROUPS})


def _table(rows: list[tuple[str, str, str, str]]) -> bytes:
    lines = ["employee_no,display_name,department_code,job_grade", *map(",".join, rows)]
    return "\n".join(lines).encode()


def _hire(admin: Api) -> list[str]:
    """The managers' ids, by their numbers."""
    assert admin.upload("/v1/departments/imports", DEPARTMENTS.encode())["state"] == "succeeded"
    people = [(f"m{n:03}", f"经理{n:03}", SHOPS[n % 2]) for n in range(MANAGERS)]
    others = [(f"p{n:03}", f"员工{n:03}", SHOPS[0], "P5") for n in range(20)]
    job = admin.upload("/v1/people/imports", _table([(*one, "P6") for one in people] + others))
    assert job["result"]["created"] == MANAGERS + 20, job
    # Since when somebody has the grade with which they came nobody knows: they are promoted now.
    job = admin.upload("/v1/people/imports", _table([(*one, "M1") for one in people]))
    assert job["result"]["changed"] == MANAGERS, job
    return [str(admin.get("/v1/people", q=f"m{n:03}")["items"][0]["id"]) for n in range(3)]


def _community(admin: Api) -> str:
    body: dict[str, Any] = {
        "slug": "new-managers",
        "name": "新任经理训练营",
        "positioning": {"purpose": "leadership", "statement": "一起学管理"},
        "charter": {"vision": "人人会带队"},
    }
    made = admin.post("/v1/communities", body, expect=201)
    admin.post(f"/v1/communities/{made['id']}/open")
    return str(made["id"])


def _grouped(admin: Api, community: str, **how: Any) -> dict[str, Any]:
    """Have members dealt to groups as planned."""
    made = admin.post("/v1/groups/groupings", {"community_id": community} | how, expect=202)
    path = f"/v1/groups/groupings/{made['id']}"
    admin.until(path, lambda body: body["status"] == "planned")
    admin.post(f"{path}/apply", expect=202)
    done: dict[str, Any] = admin.until(path, lambda body: body["status"] == "applied")
    return done


def _sizes(admin: Api, community: str) -> Counter[int]:
    """How many groups have how many members."""
    found = admin.get("/v1/groups", community_id=community, limit=100)["items"]
    return Counter(one["members"] for one in found)


def _members(admin: Api, community: str) -> int:
    total: int = admin.get("/v1/members", community_id=community, count=True)["total"]["value"]
    return total


def _waiting(admin: Api, community: str) -> int:
    desk = admin.get("/v1/desk", community_id=community)
    found: int = next(one for one in desk["items"] if one["code"] == "members_no_longer_matching")["count"]
    return found
