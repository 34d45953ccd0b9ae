"""Lists of words of the company: kept by administrators, counted in every community, and the only ones for people's names."""

from chassis.ids import new_id
from chassis.testing import received
from contracts.membership import TextWritten
from contracts.texts import TextObject
from services.content.moderation.feature import feature as moderation

LISTS = "/v1/word-lists"
ITEMS = "/v1/moderation-items"


class Company:
    """The administrator, who is a member of nothing."""

    def __init__(self, talk):
        self.talk = talk
        self.id = new_id()
        self.client = talk.stage.harness.as_person(self.id, platform=["admin"])

    async def send(self, path, body=None, *, method="POST", version=None, status=200, **query):
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        answer = await self.client.request(method, path, json=body, headers=headers, params=query)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def see(self, path, **query):
        return await self.send(path, method="GET", **query)

    async def lists(self, *words, action="hold"):
        """An enabled list of these words."""
        made = await self.send(LISTS, {"name": f"公司{words}"}, status=201)
        path = f"{LISTS}/{made['id']}"
        added = [{"word": word, "category": "机密", "action": action} for word in words]
        await self.send(f"{path}/words", {"add": added}, method="PATCH", version=1)
        return await self.send(path, {"enabled": True}, method="PATCH", version=2)


def name(talk, key, revision, text):
    return received(
        TextWritten(
            object=TextObject(service="membership", kind="person", id=key, revision=revision),
            root_id=key,
            author_id=key,
            text={"name": text},
        ),
        occurred_at=talk.stage.harness.clock(),
        version=revision,
    )


async def verdicts(talk):
    return [
        (one.data["object"]["id"], one.data["object"]["revision"], one.data["verdict"], "community_id" in one.data)
        for one in await talk.stage.harness.published("text.decided")
    ]


async def test_a_list_of_the_company_counts_in_every_community_and_only_administrators_keep_it(strict):
    company = Company(strict)
    await strict.joins("群主", "owner")
    words = await company.lists("代号青鸟")
    assert (words["community_id"], words["enabled"]) == (None, True)
    held = await strict.starts("甲", "代号青鸟", body="刷单")
    assert held["status"] == "held"
    (item,) = (await strict.see("群主", ITEMS, community_id=str(strict.stage.community_id)))["items"]
    # Whose rule it was owners see, and decide about the text; the rule they neither read nor change.
    assert {one["word"]: one["company"] for one in item["matches"]} == {"代号青鸟": True, "刷单": False}
    assert "release" in item["viewer"]["can"]
    path = f"{LISTS}/{words['id']}"
    for one in ("群主", "版主", "甲"):
        await strict.see(one, path, answered=404)
        await strict.see(one, LISTS, answered=403)
        await strict.see(one, f"{LISTS}/rules", answered=403)
        await strict.change(one, path, {"enabled": False}, version=3, status=404)
        await strict.send(one, f"{path}/dry-run", status=404)
        await strict.send(one, LISTS, {"name": "我的"}, status=403)
    # A word that a community lets through does not undo what the company finds.
    own = await strict.send("群主", LISTS, {"community_id": str(strict.stage.community_id), "name": "放行"}, status=201)
    added = {"add": [{"word": "代号青鸟", "category": "放行", "action": "allow"}]}
    await strict.change("群主", f"{LISTS}/{own['id']}/words", added)
    await strict.change("群主", f"{LISTS}/{own['id']}", {"enabled": True}, version=2)
    assert (await strict.starts("甲", "代号青鸟", body="好"))["status"] == "held"
    await company.send(path, {"enabled": False}, method="PATCH", version=3)
    assert (await strict.starts("甲", "代号青鸟", body="好"))["status"] == "open"
    told = [one.data["judges"] for one in await strict.stage.harness.published("company_rules.changed")]
    assert told == [True, False]
    assert [one["name"] for one in (await company.see(LISTS))["items"]] == ["公司('代号青鸟',)"]


async def test_names_are_judged_by_the_company_alone_and_decided_by_administrators(strict):
    company = Company(strict)
    await company.send(f"{LISTS}/rules", {"advertising": "hold"}, method="PATCH", version=1)
    await company.lists("法轮")
    harness, key, other = strict.stage.harness, new_id(), new_id()
    first, second = name(strict, key, 1, "法轮"), name(strict, key, 2, "微信 qunxue888")
    await harness.deliver(second, first, name(strict, other, 1, "刷单"), times=2)
    # 刷单 is on a list of the community.
    assert set(await verdicts(strict)) == {(str(key), 2, "hold", False), (str(other), 1, "allow", False)}
    (item,) = (await company.see(ITEMS))["items"]
    assert (item["community_id"], item["author"], item["kind"], item["text"]["name"]) == (
        None,
        None,
        "person",
        "微信 qunxue888",
    )
    assert (item["context"]["href"], item["viewer"]["can"]) == (f"/v1/people/{key}", ["release", "remove"])
    (task,) = await company.see("/internal/tasks")
    assert (task["code"], task["count"]) == ("decide_names", 1)
    assert await strict.see("版主", "/internal/tasks") == []
    path = f"{ITEMS}/{item['id']}"
    decision = {"verdict": "release", "revision": 1}
    for one in ("版主", "甲"):
        await strict.see(one, ITEMS, answered=403)
        await strict.see(one, path, answered=404)
        await strict.send(one, f"{path}/decide", decision, status=404)
    decided = await company.send(f"{path}/decide", decision)
    assert (decided["status"], decided["decided_by"]) == ("released", None)
    assert await company.see("/internal/tasks") == []
    assert (await verdicts(strict))[-1] == (str(key), 2, "release", False)
    # Nobody decides about their own name.
    await harness.deliver(name(strict, company.id, 1, "法轮"))
    (own,) = (await company.see(ITEMS))["items"][1:]
    await company.send(f"{ITEMS}/{own['id']}/decide", decision, status=403)
    # Written anew it is free.
    await harness.deliver(name(strict, company.id, 2, "张伟"))
    assert (await verdicts(strict))[-1] == (str(company.id), 2, "allow", False)
    assert (await company.see(f"{ITEMS}/{own['id']}"))["status"] == "mended"
    # Who is erased leaves no name here.
    async with harness.runtime.database.transaction() as session:
        assert moderation.erasure is not None
        await moderation.erasure(session, key, harness.clock())
    assert [one["object_id"] for one in (await company.see(ITEMS))["items"]] == [str(company.id)]


async def test_a_list_of_the_company_is_imported_and_tried_on_everything(strict):
    company = Company(strict)
    started = await company.client.post(
        f"{LISTS}/imports", content="词表,词条,类别\n公司,好好学习,机密\n", headers={"Content-Type": "text/csv"}
    )
    await strict.stage.harness.run_jobs()
    assert (await company.see(started.headers["Location"]))["result"]["created"] == 1
    (words,) = (await company.see(LISTS))["items"]
    await strict.starts("甲", "好好学习")
    await strict.stage.rename(strict["乙"], "好好学习")
    job = await company.send(f"{LISTS}/{words['id']}/dry-run", status=202)
    await strict.stage.harness.run_jobs()
    result = (await company.see(f"{LISTS}/dry-runs/{job['id']}"))["result"]
    assert (result["held"], {one["object"]["kind"] for one in result["examples"]}) == (2, {"discussion", "person"})
    await strict.see("版主", f"{LISTS}/dry-runs/{job['id']}", answered=403)
    # A community's owners do not come to the company's by leaving their community out.
    refused = await strict["版主"].client.post(
        f"{LISTS}/imports", content="词表,词条,类别\n公司,坏,机密\n", headers={"Content-Type": "text/csv"}
    )
    assert refused.status_code == 403
