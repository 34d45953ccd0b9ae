"""Groups from a table: who comes into which, what is refused row by row, and that the same table again changes nothing."""

from uuid import UUID

import pytest
from sqlalchemy import func, select

from chassis.tabular import XLSX_TYPE
from services.membership.groups.exports import erase, timers
from services.membership.groups.models import GroupExport
from tests.service.membership.scene import DAY

PATH = "/v1/groups/imports"


@pytest.fixture
async def community(scene):
    return await scene.community()


@pytest.fixture
async def members(scene, community):
    """Four members by name."""
    return {name: (await scene.member(name, community))["id"] for name in ("甲", "乙", "丙", "丁")}


async def bring(scene, community, table, *, status=202, dry_run=False, media_type="text/csv"):
    """An import to its end: what it counted, and what was wrong with which row."""
    client = scene.again("owner")
    started = await client.post(
        PATH,
        params={"community_id": community["id"], "dry_run": dry_run},
        content=table if isinstance(table, bytes) else table.encode(),
        headers={"Content-Type": media_type, "Accept-Language": "zh-CN"},
    )
    assert started.status_code == status, started.text
    if status != 202:
        return started.json()
    await scene.harness.run_jobs()
    job = await scene.see(client, started.headers["Location"])
    assert job["state"] == "succeeded", job
    errors = await scene.see(client, started.headers["Location"] + "/errors", limit=100)
    return job["result"], [(one["row"], one["column"], one["code"]) for one in errors["items"]]


async def belonging(scene, community):
    """Who belongs to each group, and who leads it, by its name."""
    owner = scene.again("owner")
    found = {}
    for group in (await scene.see(owner, "/v1/groups", community_id=community["id"]))["items"]:
        members = (await scene.see(owner, f"/v1/groups/{group['id']}/members"))["items"]
        led_by = group["leader"] and group["leader"]["display_name"]
        found[group["name"]] = ({one["member"]["display_name"] for one in members}, led_by, group["capacity"])
    return found


async def test_a_table_forms_groups_and_puts_members_in_and_again_changes_nothing(scene, community, members):
    number = scene.numbers
    table = "小组,工号,姓名,组长,宗旨,人数上限\n"
    table += (
        f"读书互助组,{number['甲']},甲,是,每周一章,3\n读书互助组,{number['乙']},乙,否,,\n写作组,{number['乙']},,,,\n"
    )
    assert await bring(scene, community, table, dry_run=True) == ({"created": 3, "changed": 0, "unchanged": 0}, [])
    assert await belonging(scene, community) == {}
    assert await bring(scene, community, table) == ({"created": 3, "changed": 0, "unchanged": 0}, [])
    there = await belonging(scene, community)
    assert there == {"读书互助组": ({"甲", "乙"}, "甲", 3), "写作组": ({"乙"}, None, 200)}
    formed = await scene.told("group.formed")
    assert {one["name"] for one in formed} == {"（内容审核中）Under review"}, "others read them once moderation has"
    asked = [one["text"] for one in await scene.told("text.written") if one["object"]["kind"] == "group"]
    assert asked == [{"name": "读书互助组", "purpose": "每周一章"}, {"name": "写作组"}]
    told = len(await scene.told("group.joined"))
    assert told == 3
    assert await bring(scene, community, table) == ({"created": 0, "changed": 0, "unchanged": 3}, [])
    later = f"group,employee_no,leads\n写作组,{number['乙']},yes\n写作组,{number['丙']},\n"
    assert await bring(scene, community, later) == ({"created": 1, "changed": 1, "unchanged": 0}, [])
    assert (await belonging(scene, community))["写作组"] == ({"乙", "丙"}, "乙", 200)
    assert (await scene.told("group.updated"))[-1]["leader_id"] == members["乙"]


async def test_each_row_that_is_wrong_is_named_and_the_others_are_taken(scene, community, members):
    number = scene.numbers
    owner = scene.again("owner")
    for _ in range(2):
        await scene.send(owner, "/v1/groups", {"community_id": community["id"], "name": "同名组"})
    rows = [
        f"一组,{number['甲']},是,2",
        f"一组,{number['乙']},是,",
        f"一组,{number['乙']},,",
        f"一组,{number['丙']},,",
        "一组,99999,,",
        f"同名组,{number['甲']},,",
        f"二组,{number['甲']},,1",
        f"二组,{number['甲']},,many",
        f"\u3164,{number['甲']},,",
        f"二组,{number['甲']},也许,",
        f"三组,{number['丁']},,２",
        f"三组,{number['丁']},,20",
    ]
    counts, errors = await bring(scene, community, "\n".join(["小组,工号,组长,人数上限", *rows]))
    assert counts == {"created": 3, "changed": 0, "unchanged": 0}
    assert errors == [
        (3, "leads", "led_by_another"),
        (5, "group", "group_full"),
        (6, "employee_no", "unknown_member"),
        (7, "group", "ambiguous_group"),
        (8, "capacity", "invalid_capacity"),
        (9, "capacity", "invalid_capacity"),
        (10, "group", "invalid_group"),
        (11, "leads", "not_a_choice"),
        (12, "capacity", "invalid_capacity"),
    ]
    there = await belonging(scene, community)
    assert (there["一组"], there["三组"]) == (({"甲", "乙"}, "甲", 2), ({"丁"}, None, 20))
    assert "二组" not in there, "a group of which every row is refused is not formed"


async def test_a_file_that_is_no_such_table_changes_nothing(scene, community, members):
    refused = await bring(scene, community, "小组,口令\n一组,x\n", status=422)
    assert (refused["code"], refused["errors"][0]["code"]) == ("table_invalid", "unknown_column")
    table = f"小组,工号\n读书互助组,{scene.numbers['甲']}\n"
    counts, errors = await bring(scene, community, table.encode("gb18030"))
    assert (counts["created"], errors) == (1, [])
    assert await belonging(scene, community) == {"读书互助组": ({"甲"}, None, 200)}
    refused = await bring(scene, community, b"\xff\xfe\x00\xd8\x01", status=422)
    assert refused["reason"] == "wrong_encoding"
    by_member = await scene.again("甲").post(
        PATH, params={"community_id": community["id"]}, content=table, headers={"Content-Type": "text/csv"}
    )
    assert by_member.status_code == 403


async def test_nobody_comes_into_more_groups_than_one_may_belong_to(scene, community, members):
    number = scene.numbers["甲"]
    rows = [f"第{place}组,{number}" for place in range(22)]
    counts, errors = await bring(scene, community, "\n".join(["小组,工号", *rows]))
    assert counts["created"] == 20
    assert errors == [(22, "employee_no", "too_many_groups"), (23, "employee_no", "too_many_groups")]


# --- exports -------------------------------------------------------------------------------------------------------


async def take(scene, community, by="owner", *, form="csv", status=202):
    """The file of an export."""
    client = scene.again(by)
    body = {"community_id": community["id"], "format": form}
    started = await client.post("/v1/groups/exports", json=body, headers={"Accept-Language": "en"})
    assert started.status_code == status, started.text
    if status != 202:
        return None
    early = await client.get(started.headers["Location"] + "/file")
    assert (early.status_code, early.json()["state"]) == (409, "queued")
    await scene.harness.run_jobs()
    job = await scene.see(client, started.headers["Location"])
    return await client.get(job["result_url"])


async def test_what_is_exported_can_be_imported_and_changes_nothing(scene, community, members):
    number = scene.numbers
    table = f"小组,工号,组长,宗旨\n=一组,{number['甲']},是,+每周\n=一组,{number['乙']},,\n二组,{number['乙']},,\n"
    await bring(scene, community, table)
    there = await belonging(scene, community)
    for form, media_type in (("csv", "text/csv"), ("xlsx", XLSX_TYPE)):
        file = await take(scene, community, form=form)
        assert file.headers["Content-Type"].startswith(media_type)
        assert f"groups-{scene.harness.clock():%Y-%m-%d}.{form}" in file.headers["Content-Disposition"]
        counts = await bring(scene, community, file.content, media_type=media_type)
        assert counts == ({"created": 0, "changed": 0, "unchanged": 3}, [])
        assert await belonging(scene, community) == there
    first, second, *_ = (await take(scene, community)).content.decode("utf-8-sig").splitlines()
    assert first == "group,employee_no,name,leads,purpose,capacity"
    assert second == f"'=一组,{number['甲']},甲,yes,'+每周,200"


async def test_a_file_is_for_who_runs_the_community_and_for_a_week(scene, community, members):
    await take(scene, community, "甲", status=403)
    file = await take(scene, community)
    assert (await scene.again("甲").get(file.request.url)).status_code == 404
    async with scene.harness.runtime.database.transaction() as session:
        await timers.set_periodic(session, scene.harness.clock())
    scene.harness.clock.advance(8 * DAY)
    assert (await scene.again("owner").get(file.request.url)).status_code == 404
    await scene.harness.run_timers()
    async with scene.harness.runtime.database.reading() as session:
        assert (await session.execute(select(func.count()).select_from(GroupExport))).scalar_one() == 0


async def test_the_file_goes_when_somebody_in_it_is_erased(scene, community, members):
    await take(scene, community)
    me = await scene.see(scene.again("甲"), "/v1/people/me")
    async with scene.harness.runtime.database.transaction() as session:
        await erase(session, UUID(me["id"]), scene.harness.clock())
    async with scene.harness.runtime.database.reading() as session:
        assert (await session.execute(select(func.count()).select_from(GroupExport))).scalar_one() == 0
