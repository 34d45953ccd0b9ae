"""Lists of words: begun, changed, imported."""

import asyncio

from sqlalchemy import select

from services.content.scanning.models import ScanRules
from tests.service.content.conftest import DISCUSSIONS

LISTS = "/v1/word-lists"


async def begun(talk, name="广告"):
    await talk.joins("运营", "operator")
    return await talk.send("运营", LISTS, {"community_id": str(talk.stage.community_id), "name": name}, status=201)


async def test_a_list_takes_words_each_once_however_it_is_written(talk):
    words = await begun(talk)
    edits = {"add": [{"word": "代开发票", "category": "广告"}, {"word": "代 開·發票", "category": "诈骗"}]}
    path = f"{LISTS}/{words['id']}/words"
    assert (await talk.change("运营", path, edits))["word_count"] == 1
    listed = await talk.see("版主", path)
    assert [(one["word"], one["category"]) for one in listed["items"]] == [("代 開·發票", "诈骗")]
    assert (await talk.change("运营", path, {"remove": ["代开发票"]}, version=2))["word_count"] == 0
    await talk.change("运营", path, edits, version=2, status=412)


async def test_a_file_begins_the_lists_that_it_names_and_again_changes_nothing(talk):
    await begun(talk)
    content = "词表,词条,类别,处理,匹配\n广告,刷单,广告,,\n机密,泰山计划,机密,拒绝,任意位置\n机密,***,机密,,\n"
    for counted in ({"created": 2, "changed": 0, "unchanged": 0}, {"created": 0, "changed": 0, "unchanged": 2}):
        started = await talk["运营"].client.post(
            f"{LISTS}/imports",
            params={"community_id": str(talk.stage.community_id)},
            content=content,
            headers={"Content-Type": "text/csv"},
        )
        await talk.stage.harness.run_jobs()
        job = await talk.see("运营", started.headers["Location"])
        assert (job["state"], job["failed"]) == ("succeeded", 1)
        assert {name: job["result"][name] for name in counted} == counted
    lists = await talk.see("版主", LISTS, community_id=str(talk.stage.community_id))
    assert [(one["name"], one["enabled"], one["word_count"]) for one in lists["items"]] == [
        ("广告", False, 1),
        ("机密", False, 1),
    ]


async def test_a_list_is_tried_on_what_is_seen_of_the_last_90_days_and_holds_nothing(talk):
    words = await begun(talk)
    await talk.change("运营", f"{LISTS}/{words['id']}/words", {"add": [{"word": "刷单", "category": "广告"}]})
    await talk.starts("甲", "很久以前", body="来刷单")
    talk.later(days=91)
    asked = await talk.starts("甲", "兼职", body="听说可以刷单赚钱")
    await talk.replies("乙", asked, "别去刷单。")
    gone = await talk.starts("乙", "刷单")
    await talk.send("乙", f"{DISCUSSIONS}/{gone['id']}/remove")
    await talk.starts("乙", "好好学习")
    idea = {
        "community_id": str(talk.stage.community_id),
        "title": "兼职角",
        "body": "大家来。",
        "resources": "刷单员一名",
    }
    idea = await talk.send("乙", "/v1/ideas", idea, status=201)
    path = f"{LISTS}/{words['id']}/dry-run"
    await talk.send("甲", path, status=403)
    # However often it is asked for, and at the same moment.
    job, *again = await asyncio.gather(*(talk.send("运营", path, status=202) for _ in range(5)))
    assert {one["id"] for one in again} == {job["id"]}
    await talk.stage.harness.run_jobs()
    told = await talk.see("运营", f"{LISTS}/dry-runs/{job['id']}")
    result = told["result"]
    assert (told["state"], told["dry_run"], result["looked_through"], result["held"]) == ("succeeded", True, 4, 3)
    assert (result["words"], result["whole"]) == ([{"word": "刷单", "texts": 3}], True)
    shown = {one["object"]["id"]: one["excerpt"] for one in result["examples"]}
    assert (shown[asked["id"]], shown[idea["id"]]) == ("听说可以刷单赚钱", "刷单员一名")
    await talk.see("乙", f"{LISTS}/dry-runs/{job['id']}", answered=404)
    queue = await talk.see("版主", "/v1/moderation-items", community_id=str(talk.stage.community_id))
    assert queue["items"] == []


async def test_a_file_that_is_only_checked_leaves_nothing_behind(talk):
    await talk.joins("运营", "operator")
    here = {"community_id": str(talk.stage.community_id)}
    started = await talk["运营"].client.post(
        f"{LISTS}/imports",
        params=here | {"dry_run": True},
        content="词表,词条,类别\n广告,刷单,广告\n广告,代考,广告\n",
        headers={"Content-Type": "text/csv"},
    )
    await talk.stage.harness.run_jobs()
    assert (await talk.see("运营", started.headers["Location"]))["result"]["created"] == 2
    assert (await talk.see("运营", LISTS, **here))["items"] == []
    async with talk.stage.harness.runtime.database.reading() as session:
        assert (await session.execute(select(ScanRules))).first() is None
