"""What a member is writing is kept for them alone, until it is posted or 30 days have gone by."""

import asyncio

from tests.service.content.conftest import ARTICLES, REPLIES
from tests.service.content.test_discussions import path

DRAFTS = "/v1/drafts"


async def keeps(talk, name, target, *, status=200, version=None, **form):
    headers = {"If-Match": f'"{version}"'} if version else {}
    answer = await talk[name].client.put(f"{DRAFTS}/{target}", json={"form": form, "based_on": 7}, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def targets(talk, name):
    listed = await talk.see(name, DRAFTS, community_id=str(talk.stage.community_id))
    return [one["target"] for one in listed["items"]]


async def test_only_who_writes_reads_it_and_the_latest_stays(talk):
    await talk.joins("群主", "owner")
    here = f"discussion.{talk.stage.community_id}"
    await keeps(talk, "甲", here, title="怎么写")
    kept = await keeps(talk, "甲", here, version=1, title="怎么写好", tags=["教案"])
    read = await talk["甲"].client.get(f"{DRAFTS}/{here}")
    assert (read.json(), read.headers["ETag"]) == (kept, '"2"')
    assert (kept["form"], kept["based_on"]) == ({"title": "怎么写好", "tags": ["教案"]}, 7)
    await keeps(talk, "甲", here, version=1, title="旧", status=412)
    await keeps(talk, "甲", here, title="旧", status=428)
    for name in ("乙", "版主", "群主"):
        await talk.see(name, f"{DRAFTS}/{here}", answered=404)
        assert await targets(talk, name) == []
    for _ in range(2):
        assert (await talk["甲"].client.delete(f"{DRAFTS}/{here}")).status_code == 204
    await talk.see("甲", f"{DRAFTS}/{here}", answered=404)
    await keeps(talk, "甲", here, version=2, title="又来", status=412)


async def test_a_list_says_what_each_is_and_carries_no_forms(talk):
    made = await talk.starts("甲")
    await keeps(talk, "乙", f"reply.{made['id']}", body="先写\n目标。" + "长" * 300)
    talk.later()
    await keeps(talk, "乙", f"discussion.{talk.stage.community_id}", title="  怎么  写", body=["不是文字"])
    new, reply = (await talk.see("乙", DRAFTS, community_id=str(talk.stage.community_id)))["items"]
    assert (new["place_title"], new["title"], new["excerpt"]) == (None, "怎么 写", None)
    assert (reply["place_title"], reply["title"], reply["excerpt"][:6]) == (made["title"], None, "先写 目标。")
    assert (len(reply["excerpt"]), "form" in reply) == (200, False)


async def test_posting_removes_the_draft_of_that_place_and_no_other(talk):
    here = f"discussion.{talk.stage.community_id}"
    await keeps(talk, "甲", here, title="一")
    await keeps(talk, "乙", here, title="二")
    made = await talk.starts("甲")
    assert (await targets(talk, "甲"), await targets(talk, "乙")) == ([], [here])
    await keeps(talk, "乙", f"reply.{made['id']}", body="先")
    answer = await talk.replies("甲", made)
    await keeps(talk, "乙", f"reply.{answer['id']}", body="同")
    await talk.comments("乙", answer)
    assert await targets(talk, "乙") == sorted([here, f"reply.{made['id']}"], reverse=True)
    mine = await talk.replies("乙", made, "再想想。")
    await keeps(talk, "乙", f"reply.{made['id']}", body="还有")
    await talk.change("乙", f"{REPLIES}/{mine['id']}", {"body": "想好了。"})
    assert f"reply.{made['id']}" in await targets(talk, "乙")


async def test_a_sent_edit_of_an_article_removes_its_draft(talk):
    await talk.joins("群主", "owner")
    made = await talk.writes("群主")
    target = f"article.{made['id']}"
    await keeps(talk, "群主", target, body="先读两遍。")
    await talk.change("群主", f"{ARTICLES}/{made['id']}", {"body": "先读两遍。"})
    assert await targets(talk, "群主") == []


async def test_a_place_that_is_not_seen_has_no_drafts_and_a_target_has_one_form(talk):
    made = await talk.starts("甲")
    target = f"reply.{made['id']}"
    await keeps(talk, "乙", target, body="先")
    await talk.send("版主", path(made, "remove"))
    await keeps(talk, "乙", target, body="后", status=404)
    await talk.see("乙", f"{DRAFTS}/{target}", answered=404)
    assert await targets(talk, "乙") == [target]
    for wrong in ("reply.1", f"poll.{made['id']}", f"reply.{made['id']}x"):
        await keeps(talk, "乙", wrong, body="后", status=422)


async def test_drafts_are_bounded_and_gone_after_thirty_days(talk):
    here = f"discussion.{talk.stage.community_id}"
    refused = await keeps(talk, "甲", here, body="长" * 22_000, status=422)
    assert refused["errors"][0]["code"] == "too_large"
    await keeps(talk, "甲", here, body="短")
    talk.later(days=29)
    assert (await talk.see("甲", f"{DRAFTS}/{here}"))["expires_at"] == "2024-06-05T04:00:00Z"
    talk.later(days=1)
    await talk.see("甲", f"{DRAFTS}/{here}", answered=404)
    assert await targets(talk, "甲") == []
    await keeps(talk, "甲", here, body="新")


async def test_of_two_who_keep_the_first_at_once_one_does(talk):
    here = f"discussion.{talk.stage.community_id}"
    url, sent = f"{DRAFTS}/{here}", {"form": {"body": "先"}}
    answers = await asyncio.gather(*(talk["甲"].client.put(url, json=sent) for _ in range(4)))
    assert sorted(one.status_code for one in answers) == [200, 428, 428, 428]
    assert await targets(talk, "甲") == [here]
