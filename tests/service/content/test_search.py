"""Searching what members write."""

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Text, cast, select, text

from chassis.testing import received
from contracts.membership import CommunityOpened
from services.content.search import finding, generations, tokens
from services.content.search.models import SearchDocument
from tests.service.content.test_library import elsewhere_of
from tests.service.stage import JOINED, Stage

SEARCH = "/v1/search"


async def found(talk: Any, name: str | None, q: str, **query: Any) -> list[str]:
    """The texts of what somebody finds, discussions by their titles."""
    answer = await talk.see(name, SEARCH, q=q, **query)
    return [
        "".join(part["text"] for part in hit["title" if hit["kind"] == "discussion" else "snippet"])
        for hit in answer["items"]
    ]


async def test_what_is_written_is_found_at_once_however_it_is_typed(talk):
    asked = await talk.starts("甲", "績效指標怎么定？", body="每季度的 ＫＰＩ 如何复盘？", tags=["管理"])
    await talk.starts("乙", "周末爬山", body="香山的红叶。")
    await talk.replies("乙", asked, "先看公司目标。")

    assert await found(talk, "乙", "绩效指标") == ["績效指標怎么定？"]
    assert await found(talk, "乙", "績效") == ["績效指標怎么定？"]
    assert await found(talk, "乙", "kpi") == ["績效指標怎么定？"]
    assert await found(talk, "乙", "目标") == ["先看公司目标。"]
    assert await found(talk, "乙", "叶") == ["周末爬山"]
    assert await found(talk, "乙", '"红叶"') == ["周末爬山"]
    assert await found(talk, "乙", '"叶红"') == []
    assert await found(talk, "乙", "公司目标 指标 -先看") == []
    assert await found(talk, "乙", "复盘", tag="管理", kind="discussion") == ["績效指標怎么定？"]
    assert await found(talk, "乙", "复盘", tag="别的") == []


async def test_what_is_removed_is_not_found_and_neither_is_what_hangs_on_it(talk):
    asked = await talk.starts("甲", "怎么写周报？")
    answer = await talk.replies("乙", asked, "周报要短。")
    await talk.replies("乙", asked, "周报别写流水账。")

    await talk.send("乙", f"/v1/replies/{answer['id']}/remove")
    assert sorted(await found(talk, "版主", "周报")) == ["周报别写流水账。", "怎么写周报？"]
    await talk.send("版主", f"/v1/discussions/{asked['id']}/remove")
    for name in talk.members:
        assert await found(talk, name, "周报") == []
    await talk.send("版主", f"/v1/discussions/{asked['id']}/restore")
    await talk.send("乙", f"/v1/replies/{answer['id']}/restore")
    assert sorted(await found(talk, "甲", "周报")) == ["周报别写流水账。", "周报要短。", "怎么写周报？"]


async def test_an_edit_is_found_by_what_it_says_now(talk):
    asked = await talk.starts("甲", "怎么写周报？", body="越短越好吗？")
    await talk.change("甲", f"/v1/discussions/{asked['id']}", {"title": "怎么写月报？"})

    assert await found(talk, "乙", "周报") == []
    assert await found(talk, "乙", "月报") == ["怎么写月报？"]
    assert await found(talk, "乙", "越短") == ["怎么写月报？"]


async def test_who_belongs_to_several_communities_searches_in_all_of_theirs_and_in_no_other(talk):
    here = await talk.starts("甲", "读书会的章程")
    elsewhere = Stage(talk.stage.harness)
    opened = CommunityOpened(**elsewhere._community | {"slug": "elsewhere"})
    await elsewhere.harness.deliver(received(opened, occurred_at=JOINED))
    other = await elsewhere.member()
    body = {"community_id": str(elsewhere.community_id), "kind": "topic", "title": "别处的章程", "body": "在此。"}
    assert (await other.client.post("/v1/discussions", json=body)).status_code == 201

    async def ids(client, **query):
        answer = await client.get(SEARCH, params={"q": "章程"} | query)
        return [hit["id"] for hit in answer.json()["items"]] if answer.status_code == 200 else answer.status_code

    assert await ids(talk["乙"].client) == [here["id"]]
    assert len(await ids(other.client)) == 1
    assert await ids(talk.stage.harness.anonymous()) == 422
    assert await ids(talk["乙"].client, q="-章程") == 422


async def test_a_page_goes_on_where_the_one_before_ended_and_a_total_of_part_is_not_exact(talk, monkeypatch):
    for number in range(5):
        await talk.starts("甲", f"第{number}次例会纪要")
    seen, cursor = [], {}
    for _ in range(3):
        page = await talk.see("乙", SEARCH, q="例会纪要", limit=2, count=True, **cursor)
        seen += [hit["id"] for hit in page["items"]]
        cursor = {"cursor": page["next"]}
    assert (len(set(seen)), page["next"], page["total"]) == (5, None, {"value": 5, "exact": True})
    monkeypatch.setattr(finding, "MOST_FOUND", 4)
    part = await talk.see("乙", SEARCH, q="例会纪要", count=True)
    assert (len(part["items"]), part["total"], part["ranked_among"]) == (4, {"value": 4, "exact": False}, None)


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_happens_in_whichever_order_the_index_is_what_a_new_one_would_be(talk, seed):
    chance = random.Random(seed)
    texts = [
        "先写目标。",
        "绩效 KPI 如何复盘？" * 20,
        "Ｑ３ 的 OKR，見附件。",
        "「周报」很重要\n\n| 甲 | 乙 |\n| - | - |\n| 一 | 二 |",
    ]
    things: list[tuple[str, Any]] = []

    async def something() -> None:
        kind, thing = chance.choice(things)
        client = talk["甲"].client if kind == "discussions" else talk["乙"].client
        path = f"/v1/{kind}/{thing}"
        match chance.choice(["edit", "remove", "restore", "start", "reply"]):
            case "start":
                started = await talk.starts(
                    "甲", chance.choice(texts)[:20].replace("\n", " "), body=chance.choice(texts)
                )
                things.append(("discussions", started["id"]))
            case "reply" if kind == "discussions":
                body = {"discussion_id": thing, "kind": "answer", "body": f"{len(things)} {chance.choice(texts)}"}
                answer = await talk["乙"].client.post("/v1/replies", json=body)
                things.extend([("replies", answer.json()["id"])] if answer.status_code == 201 else [])
            case "edit":
                etag = (await client.get(path)).headers.get("etag", '"1"')
                await client.patch(path, json={"body": chance.choice(texts)}, headers={"If-Match": etag})
            case action:
                await client.post(f"{path}/{action}")

    things.append(("discussions", (await talk.starts("甲"))["id"]))
    for _ in range(20):
        await something()
    await rebuild(talk, meanwhile=something)
    await something()

    lived = await indexed(talk)
    await rebuild(talk)
    assert len(lived) > 3
    assert await indexed(talk) == lived


async def rebuild(talk: Any, *, meanwhile: Any = None) -> None:
    """Build a new generation in steps, with something in between, and drop the one before."""
    database = talk.stage.harness.runtime.database
    async with database.transaction() as session:
        await generations.begin(session, talk.stage.harness.clock())
    done = False
    while not done:
        async with database.transaction() as session:
            done = (await generations.step(session, at_once=3)).done
        if meanwhile and not done:
            await meanwhile()


async def indexed(talk: Any) -> dict[Any, Any]:
    """What is found, by which tokens; on SQLite the index says whether it is sound."""
    database = talk.stage.harness.runtime.database
    async with database.transaction() as session:
        table: Any = tokens.FTS5 if database.is_sqlite else tokens.TSVECTORS
        if database.is_sqlite:
            await session.execute(text("INSERT INTO fts_tokens(fts_tokens) VALUES ('integrity-check')"))
            kept, number = table.c.title + "/" + table.c.body, table.c.rowid
        else:
            kept, number = cast(table.c.tokens, Text), table.c.number
        whole = select(SearchDocument, kept).outerjoin_from(SearchDocument, table, number == SearchDocument.number)
        rows = (await session.execute(whole)).all()
        (generation,) = {row.generation for row, _ in rows}
        scope = tokens.scope_of(generation, talk.stage.community_id)
        return {
            row.thing_id: row.model_dump(exclude={"number", "generation"}) | {"by": found.replace(scope, "")}
            for row, found in rows
        }


async def test_an_article_is_found_by_what_readers_see_and_while_they_see_it(talk):
    await talk.joins("群主", "owner")
    article = await talk.publishes("甲", "怎么主持读书会", body="先读《学记》。")
    assert await found(talk, "乙", "学记", kind="article") != []
    path = f"/v1/articles/{article['id']}"
    await talk.change("甲", path, {"body": "先读《师说》。"}, version=3)
    assert (await found(talk, "乙", "学记") != [], await found(talk, "乙", "师说")) == (True, [])
    await talk.send("甲", f"{path}/submit")
    await talk.approves("群主", article)
    assert (await found(talk, "乙", "学记"), await found(talk, "乙", "师说") != []) == ([], True)
    lived = await indexed(talk)
    await rebuild(talk)
    assert await indexed(talk) == lived
    await talk.send("群主", f"{path}/archive")
    assert await found(talk, "乙", "师说") == []


async def test_what_nobody_has_written_is_told_without_who_looked_for_it(talk):
    await talk.starts("甲", "怎么写周报？")
    assert await found(talk, "乙", "周报") != []
    for name in ("乙", "甲"):
        assert await found(talk, name, "  複盤 模板 ") == []

    told = await talk.stage.harness.published("search.missed")
    here = str(talk.stage.community_id)
    assert [one.data for one in told] == [{"community_id": here, "query": "复盘 模板", "language": "zh"}] * 2
    assert [(one.version, one.actor) for one in told] == [(1, "system"), (2, "system")]


async def test_words_that_mean_the_same_in_a_community_find_each_other_at_once(talk):
    await talk.joins("运营", "operator")
    await talk.starts("甲", "绩效指标怎么定", body="先看目标。")
    await talk.starts("甲", "ＫＰＩ 复盘")
    await talk.starts("乙", "怎么看绩效", body="不是全部。")
    here = {"community_id": str(talk.stage.community_id)}

    async def say(groups, etag, name="运营", **query):
        client = talk[name].client
        headers = {"If-Match": etag} if etag else {}
        return await client.put(f"{SEARCH}/synonyms", params=here | query, json={"groups": groups}, headers=headers)

    read = await talk["乙"].client.get(f"{SEARCH}/synonyms", params=here)
    assert (read.json(), read.headers["ETag"]) == (here | {"groups": []}, '"1"')
    groups = [["KPI", "绩效指标", "key performance indicator"], ["群", "社群"]]
    assert [(await say(groups, etag)).status_code for etag in (None, '"7"')] == [428, 412]
    assert (await say(groups, '"1"', "版主")).status_code == 403
    said = await say(groups, '"1"')
    assert (said.json(), said.headers["ETag"]) == (here | {"groups": groups}, '"2"')
    assert (await say(groups, '"2"')).headers["ETag"] == '"2"'

    both = ["绩效指标怎么定", "ＫＰＩ 复盘"]
    for q in ("kpi", "绩效指标", "Key Performance  Indicator", "kpi -社群"):
        assert sorted(await found(talk, "乙", q)) == both, q
    assert await found(talk, "乙", "绩效指标 复盘") == ["ＫＰＩ 复盘", "绩效指标怎么定"]
    assert await found(talk, "乙", "kpi 目标") == ["绩效指标怎么定"]
    assert await found(talk, "乙", '"kpi"') == ["ＫＰＩ 复盘"]
    assert await found(talk, "乙", "kpi -绩效指标") == ["ＫＰＩ 复盘"]
    assert await found(talk, "乙", "绩效指标 -kpi") == ["绩效指标怎么定"]
    (hit, *_) = (await talk.see("乙", SEARCH, q="kpi 目标"))["items"]
    assert [part["text"] for part in hit["title"] if part["found"]] == ["绩效指标"]

    wrong = [
        [["甲"]],
        [["甲", "甲"]],
        [["甲", "乙"], ["丙", "乙"]],
        [["甲", "！"]],
        [["甲", "长" * 41]],
        [["甲", "乙"]] * 201,
    ]
    assert [(await say(one, '"2"')).status_code for one in wrong] == [422] * len(wrong)
    assert (await say([], '"2"')).headers["ETag"] == '"3"'
    assert await found(talk, "乙", "kpi") == ["ＫＰＩ 复盘"]
    entries = talk.stage.harness.runtime.service.tables.chassis.audit_entries
    async with talk.stage.harness.runtime.database.reading() as session:
        about = select(entries.c.changes).where(entries.c.object_kind == "search_synonyms").order_by(entries.c.id)
        audited = list((await session.execute(about)).scalars())
    assert audited == [
        {"added": [None, groups], "removed": [[], None]},
        {"added": [None, []], "removed": [groups, None]},
    ]


async def test_who_is_about_to_ask_is_shown_what_was_asked_already_as_far_as_they_see_it(talk):
    asked = [await talk.starts("甲", title) for title in ("怎么写好教案？", "教案多长合适", "周末爬山")]
    merged = await talk.starts("乙", "教案怎么写")
    await talk.send("版主", f"/v1/discussions/{merged['id']}/merge", {"into_id": asked[0]["id"]})
    gone = await talk.starts("甲", "教案怎么写才好")
    await talk.send("甲", f"/v1/discussions/{gone['id']}/remove")

    async def similar(title):
        query = {"community_id": talk.stage.community_id, "title": title}
        found = await talk.see("甲", "/v1/discussions/similar", **query)
        return [one["title"] for one in found["items"]]

    assert await similar("-“教案该怎么写？") == ["怎么写好教案？", "教案多长合适"]
    assert await similar("？！") == await similar("报销流程") == []
    for n in range(6):
        await talk.starts("甲", f"教案第{n}版")
    assert len(await similar("教案")) == 5


async def test_what_is_typed_by_its_sound_is_suggested_and_meant_as_far_as_the_caller_sees_it(talk):
    await talk.joins("群主", "owner")
    asked = await talk.starts("甲", "绩效指标怎么定", tags=["绩效"])
    await talk.starts("乙", "女生读书会", tags=["OKR 复盘"])
    await talk.publishes("甲", "吉校门前的树", visibility="private")
    here = {"community_id": str(talk.stage.community_id)}

    async def suggested(q, client=talk["乙"].client):
        answer = await client.get(f"{SEARCH}/suggestions", params=here | {"q": q})
        assert answer.status_code == 200, answer.text
        return [item["text"] for item in answer.json()["items"]]

    assert await suggested("绩效") == ["绩效", "绩效指标怎么定", "吉校门前的树"]
    assert await suggested("jixiaozhib") == ["绩效指标怎么定"]
    named = (await talk.see("乙", f"{SEARCH}/suggestions", q="绩效", **here))["items"]
    assert [(one["object_kind"], one["object_id"]) for one in named[:2]] == [(None, None), ("discussion", asked["id"])]
    assert await suggested("績效 指") == ["绩效指标怎么定"]
    await talk.stage.change(visibility="public")
    assert await suggested("绩效", talk.stage.harness.anonymous()) == ["绩效", "绩效指标怎么定"]
    assert await suggested("nvsheng") == await suggested("女") == ["女生读书会"]
    assert await suggested("okr fu") == await suggested("ＯＫ") == ["okr-复盘"]
    assert [await suggested(q) for q in ("!", "长" * 100, "xian" * 25, "z")] == [[]] * 4

    async def meant(q, name="乙"):
        return (await talk.see(name, SEARCH, q=q, **here))["did_you_mean"]

    assert await meant("机校指标") == await meant("JixiaoZhibiao") == "绩效指标"
    assert await meant("机校 怎么定") == "绩效 怎么定"
    assert [await meant(q) for q in ('"机校指标"', "绩效指标", "wu zhong sheng", "没有的词")] == [None] * 4
    await talk.send("版主", f"/v1/discussions/{asked['id']}/remove")
    assert await suggested("绩效") == ["吉校门前的树"]
    assert await meant("机校指标") is None


async def test_what_is_held_or_of_another_community_is_suggested_to_nobody_here(strict):
    await strict.starts("乙", "绩效周报", tags=["绩效"])
    held = await strict.starts("甲", "绩效刷单", body="刷单", tags=["绩效单"])
    elsewhere = await elsewhere_of(strict)
    await elsewhere.member(person_id=strict["版主"].person_id)
    here, there = str(strict.stage.community_id), str(elsewhere.community_id)
    said = {"community_id": there, "kind": "topic", "title": "绩效年报", "body": "x", "tags": ["绩效年"]}
    await strict.send("版主", "/v1/discussions", said, status=201)

    async def suggested(name, **where):
        for q in ("绩效", "jixiao"):
            seen = await strict.see(name, f"{SEARCH}/suggestions", q=q, **where)
            yield {item["text"] for item in seen["items"]}

    assert held["status"] == "held"
    for name in ("甲", "乙", "版主"):
        assert [one async for one in suggested(name, community_id=here)] == [{"绩效", "绩效周报"}] * 2
    assert [one async for one in suggested("乙")] == [{"绩效", "绩效周报"}] * 2
    assert [one async for one in suggested("版主")] == [{"绩效", "绩效周报", "绩效年", "绩效年报"}] * 2
    assert [one async for one in suggested("版主", community_id=there)] == [{"绩效年", "绩效年报"}] * 2


async def test_each_way_to_ask_finds_what_it_says_and_marks_it(talk):
    await talk.joins("群主", "owner")
    first = await talk.starts("甲", "會議紀要怎麼寫", body="先写结论，再写 To-do。", tags=["写作"])
    talk.later(days=2)
    await talk.replies("乙", first, "纪要要短，结论在前。")
    await talk.publishes("甲", "结论先行", body="先说结论。", tags=["表达"])
    since = (talk.stage.harness.clock() - timedelta(days=1)).isoformat()
    await talk.stage.rename(talk["甲"], "單曉雯")
    await talk.stage.rename(talk["乙"], "Ann O'Neil")
    reply, asked, article = "纪要要短，结论在前。", "會議紀要怎麼寫", "结论先行"

    async def finds(q, **query):
        answer = await talk.see("乙", SEARCH, q=q, **query)
        shown = [(hit["kind"], hit["title"], hit["snippet"]) for hit in answer["items"]]
        texts = ["".join(part["text"] for part in (text if kind == "reply" else title)) for kind, title, text in shown]
        return set(texts), {part["text"] for _, *both in shown for parts in both for part in parts if part["found"]}

    every = {reply, asked, article}
    for q, query, texts, marks in [
        ("结论", {}, every, {"结论"}),
        ("論", {}, every, {"论"}),
        ("会议纪要", {}, {asked}, {"會議紀要"}),
        ("TO", {}, {asked}, {"To"}),
        ('"结论在前"', {}, {reply}, {"结论在前"}),
        ("结论 -先行", {}, {reply, asked}, {"结论"}),
        ('结论 -"再写"', {}, {reply, article}, {"结论"}),
        ("结论", {"kind": "reply"}, {reply}, {"结论"}),
        ("结论", {"tag": "表达"}, {article}, {"结论"}),
        ("结论", {"author_id": talk["甲"].id}, {asked, article}, {"结论"}),
        *(
            ("结论", {"author": name}, {asked, article}, {"结论"})
            for name in ("单", "晓雯", "shan xiao", "shanx", "曉 we")
        ),
        *(("结论", {"author": name}, {reply}, {"结论"}) for name in ("ann", "NEIL, a", "o'neil")),
        *(("结论", {"author": name}, set(), set()) for name in ("王", "单晓明", "xws", "[a-z]")),
        ("结论", {"from": since}, {reply, article}, {"结论"}),
        ("结论", {"from": "2024-05-08"}, {reply, article}, {"结论"}),
        ("结论", {"to": "2024-05-06"}, {asked}, {"结论"}),
        ("结论", {"from": "2024-05-07", "to": "2024-05-07"}, set(), set()),
        ("结论", {"from": since, "kind": "discussion"}, set(), set()),
    ]:
        found_, marked_ = await finds(q, **query)
        assert (found_, marked_ >= marks) == (texts, True), (q, query, found_, marked_)
    refused = [
        await talk.see("乙", SEARCH, answered=422, q="结论", **one)
        for one in ({"author": "·"}, {"from": "2024-05-08", "to": "2024-05-06"}, {"from": "今天"})
    ]
    assert [one["errors"][0]["pointer"] for one in refused] == ["#/query/author", "#/query/to", "#/query/from"]
    assert await talk.stage.harness.published("search.missed") == []


async def test_of_a_long_question_the_rarest_words_are_looked_for_and_of_many_that_fit_none_is_forgotten(
    talk, monkeypatch
):
    monkeypatch.setattr(finding, "MOST_RANKED", 5)
    answer = await talk.starts("甲", "报销流程说明", body="先贴发票。")
    for number in range(6):
        talk.later()
        await talk.starts("甲", f"流程说明之{number}", body="说明。")
    q = "请问报销流程说明在哪里可以找到"
    assert (await found(talk, "乙", q))[:1] == [answer["title"]]
    assert (await talk.see("乙", SEARCH, q=q))["ranked_among"] is None
    assert len(await found(talk, "乙", "说明")) == 5
    await talk.starts("甲", "另一份说明", body="说明。", tags=["新人"])
    assert (await talk.see("乙", SEARCH, q="说明"))["ranked_among"] == 2000
    assert await found(talk, "乙", "说明", tag="新人") == ["另一份说明"]
    assert await found(talk, "乙", "红 蓝 黑 先 贴") == [answer["title"]]
