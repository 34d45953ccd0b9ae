"""Ideas: proposed, voted for, decided, merged, and taken out of sight."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

import pytest

from services.content.ideas import moving
from tests.service.content.test_moderation import decides, queue

IDEAS = "/v1/ideas"


def path(idea, verb=""):
    return f"{IDEAS}/{idea['id']}{verb and '/' + verb}"


@pytest.fixture
async def board(talk):
    """A community with an owner and an operator."""
    await talk.joins("群主", "owner")
    await talk.joins("运营", "operator")
    return talk


async def propose(talk, name="甲", title="午休读书角", *, status=201, **fields):
    body = {"community_id": str(talk.stage.community_id), "title": title, "body": "放几把椅子。"} | fields
    return await talk.send(name, IDEAS, body, status=status)


async def vote(talk, name, idea, *, given=True, status=200):
    client = talk[name].client
    answer = await (client.put if given else client.delete)(path(idea, "vote"))
    assert answer.status_code == status, answer.text
    return answer.json()


async def decide(talk, name, idea, to, *, version=None, status=200, **fields):
    return await _with_version(talk, name, idea, "decide", {"to": to} | fields, version, status)


async def merge(talk, idea, into, *, name="群主", version=None, status=200):
    return await _with_version(talk, name, idea, "merge", {"into_id": into["id"]}, version, status)


async def _with_version(talk, name, idea, verb, body, version, status):
    etag = f'"{version}"' if version else (await talk[name].client.get(path(idea))).headers["ETag"]
    answer = await talk[name].client.post(path(idea, verb), json=body, headers={"If-Match": etag})
    assert answer.status_code == status, answer.text
    return answer.json()


async def titles(talk, name="乙", **query):
    listed = await talk.see(name, IDEAS, **({"community_id": str(talk.stage.community_id)} | query))
    return [item["title"] for item in listed["items"]]


# --- proposed, voted for, decided ------------------------------------------------------------------------------------


async def test_an_idea_is_proposed_voted_for_tried_out_and_adopted(board):
    made = await propose(board, tags=["阅读"], resources="两把椅子")
    # Five working days after noon of a Monday in Shanghai: the Saturday is one, for a bridge day.
    assert (made["status"], made["answer_due_at"], made["resources"]) == ("open", "2024-05-11T04:00:00Z", "两把椅子")
    voted = await vote(board, "乙", made)
    await vote(board, "乙", made)
    await vote(board, "甲", made)
    assert voted == {"idea_id": made["id"], "votes": 1, "mine": {"author": False, "voted": True}}
    await decide(board, "运营", made, "under_review")
    await decide(board, "运营", made, "piloting", sponsor_id=str(board["群主"].id))
    refused = await decide(board, "运营", made, "adopted", status=422)
    assert refused["errors"][0]["pointer"] == "/outcome_text"
    await decide(board, "运营", made, "adopted", outcome_text="每层一处。")
    seen = await board.see("乙", path(made))
    assert (seen["status"], seen["votes"], seen["outcome_text"]) == ("adopted", 2, "每层一处。")
    assert (seen["sponsor"]["member_id"], seen["mine"]) == (
        str(board["群主"].id),
        {"author": False, "voted": True},
    )
    await decide(board, "运营", made, "declined", outcome_text="不做了。", status=409)
    await vote(board, "版主", made, status=409)
    assert [name for name, _ in await board.told("content.idea.")] == [
        "idea.proposed",
        "idea.voted",
        "idea.voted",
        "idea.decided",
        "idea.decided",
        "idea.decided",
    ]
    told = [one.data for one in await board.stage.harness.published("content.idea.decided")]
    assert [one["to"] for one in told] == ["under_review", "piloting", "adopted"]
    assert told[-1]["author_ids"] == [str(board["甲"].id)]
    assert "椅子" not in str(told)
    assert "每层" not in str(told)


async def test_a_vote_is_taken_back_and_given_again_as_the_same_one(board):
    made = await propose(board)
    for given, votes in ((True, 1), (False, 0), (False, 0), (True, 1)):
        assert (await vote(board, "乙", made, given=given))["votes"] == votes
    told = [one for one in await board.stage.harness.published("content.idea.") if "voted" in one.type]
    assert [(one.type.split(".")[3], one.version) for one in told] == [("voted", 1), ("unvoted", 2), ("voted", 3)]
    assert len({one.subject for one in told}) == 1
    again = [one.event.TYPE.split(".")[3] for one in await board.again()]
    assert sorted(again) == ["proposed", "voted", "voted"]


async def test_nobody_decides_or_merges_their_own_and_moderators_decide_nothing(board):
    own = await propose(board, "运营")
    other = await propose(board, "甲", "读书角")
    assert (await decide(board, "运营", own, "under_review", status=403))["code"] == "conflict_of_interest"
    assert (await merge(board, own, other, name="运营", status=403))["code"] == "conflict_of_interest"
    assert (await merge(board, other, own, name="运营", status=403))["code"] == "conflict_of_interest"
    await decide(board, "版主", own, "under_review", status=403)
    assert (await board.see("运营", path(own)))["viewer"]["cannot"]["decide"] == "conflict_of_interest"


async def test_lists_are_ordered_by_votes_and_filtered(board):
    first = await propose(board, title="读书角", tags=["阅读"])
    board.later()
    second = await propose(board, "乙", title="夜跑")
    await vote(board, "甲", first)
    board.later()
    third = await propose(board, title="读书会")
    assert await titles(board) == ["读书会", "夜跑", "读书角"]
    assert await titles(board, sort="-votes") == ["读书角", "读书会", "夜跑"]
    assert await titles(board, tag="阅读") == ["读书角"]
    assert await titles(board, q="读书") == ["读书会", "读书角"]
    assert await titles(board, author_id=str(board["乙"].id)) == ["夜跑"]
    await decide(board, "运营", second, "under_review")
    assert await titles(board, status="under_review") == ["夜跑"]
    await merge(board, third, first)
    assert await titles(board) == ["夜跑", "读书角"]
    assert await titles(board, status="duplicate") == ["读书会"]
    assert await titles(board, "甲", mine=True) == ["读书会", "读书角"]
    await board.see("乙", IDEAS, community_id=str(board.stage.community_id), status="removed", answered=403)


async def test_ideas_that_nobody_takes_up_are_overdue_and_on_the_desk(board):
    made = await propose(board)
    board.later(days=7)
    assert await titles(board, overdue=True) == ["午休读书角"]
    community = str(board.stage.community_id)
    queues = await board.see("运营", "/internal/desk", community_id=community)
    waiting = next(queue for queue in queues if queue["code"] == "ideas_to_decide")
    assert (waiting["count"], waiting["overdue"], waiting["title"]) == (1, 1, "Ideas to decide")
    assert [one["id"] for one in (await board.see("运营", waiting["href"]))["items"]] == [made["id"]]
    await decide(board, "运营", made, "under_review")
    assert await titles(board, overdue=True) == []
    await propose(board, title="夜跑")
    assert await titles(board, "运营", to_decide=True) == ["夜跑", "午休读书角"]


# --- merged ----------------------------------------------------------------------------------------------------------


async def test_merged_votes_count_once_where_the_chain_ends_and_there_is_no_circle(board):
    one, two, three = [await propose(board, title=title) for title in ("读书角", "图书角", "书架")]
    for name, idea in (("乙", one), ("乙", two), ("版主", one), ("运营", three)):
        await vote(board, name, idea)
    await merge(board, one, two)
    assert (await merge(board, two, one, status=422))["errors"][0]["code"] == "same_idea"
    await merge(board, two, three)
    assert (await board.see("乙", path(three)))["votes"] == 3
    seen = await board.see("乙", path(one))
    assert (seen["status"], seen["votes"], seen["merged_into"]) == (
        "duplicate",
        0,
        {"id": three["id"], "title": "书架"},
    )
    assert (await vote(board, "甲", one))["idea_id"] == three["id"]
    assert (await vote(board, "乙", two, given=False))["votes"] == 3
    merged = await board.stage.harness.published("content.idea.merged")
    assert [one.data["merged_into"] for one in merged] == [two["id"], three["id"]]
    late = await propose(board, title="阅览室")
    await merge(board, late, one)
    assert (await board.see("乙", path(late)))["merged_into"]["id"] == three["id"]
    assert (await merge(board, late, three, status=409))["code"] == "illegal_transition"
    assert (await merge(board, three, {"id": board["甲"].id.hex}, status=422))["errors"][0]["code"] == "unknown_idea"


@dataclass
class Net:
    """The votes as they should be: of each idea its voters, and into what it was merged."""

    voters: dict[int, set[str]] = field(default_factory=dict)
    into: dict[int, int] = field(default_factory=dict)
    removed: set[int] = field(default_factory=set)

    def end(self, n: int) -> int:
        while n in self.into:
            n = self.into[n]
        return n


def steps(random: Random) -> Iterator[tuple[str, str, int, int]]:
    for _ in range(40):
        deed = random.choice(["vote"] * 4 + ["unvote"] * 2 + ["merge", "remove", "restore", "jobs"])
        yield deed, random.choice(["甲", "乙", "版主"]), random.randrange(5), random.randrange(5)


@pytest.mark.parametrize("at_once", [500, 1])
@pytest.mark.parametrize("seed", range(3))
async def test_in_any_order_each_member_has_one_vote_where_the_merges_end(board, monkeypatch, seed, at_once):
    """Where votes go one at a time, further votes and merges come while others are still on their way."""
    monkeypatch.setattr(moving, "AT_ONCE", at_once)
    ideas = [await propose(board, "运营", f"创意 {n}") for n in range(5)]
    net = Net({n: set() for n in range(5)})
    for deed, name, n, other in steps(Random(seed)):
        end = net.end(n)
        if deed in {"vote", "unvote"}:
            sees_removed = name == "版主"
            refused = 200
            if {n, end} & net.removed and not sees_removed:
                refused = 404
            elif end in net.removed:
                refused = 409
            await vote(board, name, ideas[n], given=deed == "vote", status=refused)
            if refused == 200:
                (net.voters[end].add if deed == "vote" else net.voters[end].discard)(name)
        elif deed == "merge":
            into = net.end(other)
            refused = 422 if into == n else 409 if n in net.into or {n, into} & net.removed else 200
            await merge(board, ideas[n], ideas[other], status=refused)
            if refused == 200:
                net.into[n] = into
                net.voters[into] |= net.voters[n]
                net.voters[n] = set()
        elif deed == "jobs":
            await board.stage.harness.run_jobs()
        else:
            done = (n in net.removed) != (deed == "remove")
            await board.send("版主", path(ideas[n], deed), status=200 if done else 409)
            (net.removed.add if deed == "remove" else net.removed.discard)(n)
        if at_once > 1 or deed == "jobs":
            assert await counted(board, ideas) == [len(net.voters[n]) for n in range(5)], (deed, name, n, other)
    await board.stage.harness.run_jobs()
    for n in net.removed:
        await board.send("版主", path(ideas[n], "restore"))
    assert await counted(board, ideas) == [len(net.voters[n]) for n in range(5)]
    assert await voters(board, ideas) == [net.voters[n] for n in range(5)]


async def counted(board, ideas):
    return [(await board.see("运营", path(idea)))["votes"] for idea in ideas]


async def voters(board, ideas):
    """Who reads that they vote for it."""
    found = []
    for idea in ideas:
        mine = {name: (await board.see(name, path(idea)))["mine"] for name in ("甲", "乙", "版主")}
        found.append({name for name in mine if mine[name]["voted"]})
    return found


async def test_very_many_votes_follow_in_steps_and_who_takes_theirs_back_meanwhile_has_none(board, monkeypatch):
    monkeypatch.setattr(moving, "AT_ONCE", 2)
    one, two, three = [await propose(board, title=title) for title in ("读书角", "图书角", "书架")]
    for name in ("甲", "乙", "版主", "群主", "运营"):
        await vote(board, name, one)
    await merge(board, one, two)
    await merge(board, two, three)
    assert (await board.see("乙", path(three)))["votes"] < 5
    for name in ("甲", "乙", "版主", "群主", "运营"):
        taken = await vote(board, name, three, given=False)
        assert taken["mine"]["voted"] is False
    assert taken["votes"] == 0
    assert (await vote(board, "乙", one))["votes"] == 1
    await board.stage.harness.run_jobs()
    assert await counted(board, (one, two, three)) == [0, 0, 1]
    assert len(await board.stage.harness.published("content.idea.unvoted")) == 5


async def test_a_merge_before_or_after_the_same_votes_comes_to_the_same(board):
    wishes = [("甲", 0), ("乙", 0), ("乙", 1), ("版主", 2), ("甲", 2)]
    merges = [(0, 1), (1, 2)]
    found = []
    for seed in range(4):
        random = Random(seed)
        ideas = [await propose(board, "运营", f"创意 {n}") for n in range(3)]
        deeds: list[tuple] = [*wishes, *merges]
        random.shuffle(deeds)
        for first, second in deeds:
            if isinstance(first, str):
                await vote(board, first, ideas[second])
            else:
                await merge(board, ideas[first], ideas[second])
        found.append([(await board.see("乙", path(idea)))["votes"] for idea in ideas])
    assert found == [[0, 0, 3]] * 4


# --- at the same moment ----------------------------------------------------------------------------------------------


async def test_votes_and_decisions_at_the_same_moment_count_once(board):
    made = await propose(board)
    names = ("甲", "乙", "版主")
    await asyncio.gather(*(vote(board, name, made) for name in names for _ in range(3)))
    assert (await board.see("乙", path(made)))["votes"] == 3
    etag = (await board["运营"].client.get(path(made))).headers["ETag"]
    answers = await asyncio.gather(
        *(
            board[name].client.post(path(made, "decide"), json=body, headers={"If-Match": etag})
            for name, body in (
                ("运营", {"to": "adopted", "outcome_text": "做。"}),
                ("群主", {"to": "declined", "outcome_text": "不做。"}),
            )
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]


@pytest.mark.parametrize("at_once", [500, 1])
async def test_no_vote_is_lost_or_doubled_by_a_merge_at_the_same_moment(board, monkeypatch, at_once):
    monkeypatch.setattr(moving, "AT_ONCE", at_once)
    one, two = await propose(board), await propose(board, title="图书角")
    for name in ("甲", "乙"):
        await vote(board, name, one)
    await asyncio.gather(
        merge(board, one, two),
        vote(board, "版主", one),
        vote(board, "乙", two),
        vote(board, "运营", one),
        board.stage.harness.run_jobs(),
    )
    await board.stage.harness.run_jobs()
    assert [(await board.see("乙", path(idea)))["votes"] for idea in (one, two)] == [0, 4]
    three, four = await propose(board, title="书架"), await propose(board, title="书柜")
    both = [(three, four, "群主"), (four, three, "运营")]
    answers = await asyncio.gather(
        *(
            board[name].client.post(path(a, "merge"), json={"into_id": b["id"]}, headers={"If-Match": '"1"'})
            for a, b, name in both
        )
    )
    found = sorted(answer.status_code for answer in answers)
    assert found[0] == 200
    assert found[1] in {409, 412, 422}


# --- looked at by moderators, found, removed -------------------------------------------------------------------------


async def test_an_idea_that_a_list_holds_is_proposed_when_it_is_released(strict):
    await strict.joins("运营", "operator")
    assert (await propose(strict, body="泰山计划", status=422))["code"] == "text_refused"
    held = await propose(strict, resources="刷单")
    assert (held["status"], held["answer_due_at"]) == ("held", None)
    await strict.see("乙", path(held), answered=404)
    assert await strict.told("content.idea.") == []
    (item,) = await queue(strict)
    assert (item["kind"], item["context"]) == ("idea", {"title": "午休读书角", "href": path(held)})
    strict.later()
    await decides(strict, "release", edit={"title": "读书角"})
    seen = await strict.see("乙", path(held))
    assert (seen["title"], seen["status"], seen["created_at"]) == ("读书角", "open", "2024-05-06T04:01:00Z")
    assert seen["answer_due_at"] is not None
    assert await strict.told("content.idea.") == [("idea.proposed", 1)]
    waiting = await strict.change("甲", path(held), {"title": "刷单角"}, version=3)
    assert (waiting["status"], waiting["held"]["text"]["title"]) == ("held", "刷单角")
    assert (await strict.see("乙", path(held)))["title"] == "读书角"
    mended = await strict.change("甲", path(held), {"title": "读书角落", "resources": ""}, version=4)
    assert (mended["status"], mended["title"]) == ("open", "读书角落")


async def test_a_reported_idea_is_removed_and_restored_with_its_votes_and_told(board):
    made = await propose(board)
    await vote(board, "乙", made)
    report = {"object": {"kind": "idea", "id": made["id"]}, "category": "off_topic"}
    await board.send("乙", "/v1/moderation-items", report, status=201)
    assert (await board.send("甲", "/v1/moderation-items", report, status=403))["code"] == "conflict_of_interest"
    await decides(board, "remove", reason="与社群无关。")
    await board.see("乙", path(made), answered=404)
    assert (await board.see("甲", path(made)))["held"]["reason"] == "与社群无关。"
    assert await titles(board, "版主", status="removed") == ["午休读书角"]
    await decide(board, "运营", made, "under_review", status=409)
    await board.send("版主", path(made, "restore"))
    assert (await board.see("乙", path(made)))["votes"] == 1
    assert [told for told in await board.told("content.idea.") if told[0] != "idea.voted"] == [
        ("idea.proposed", 1),
        ("idea.removed", 2),
        ("idea.restored", 3),
    ]


async def test_ideas_are_found_by_what_they_say_now_as_long_as_they_are_seen(board):
    made = await propose(board)

    async def found(q):
        query = {"community_id": str(board.stage.community_id), "q": q, "kind": "idea"}
        return [item["id"] for item in (await board.see("乙", "/v1/search", **query))["items"]]

    assert await found("读书角") == [made["id"]]
    await board.change("甲", path(made), {"title": "夜跑", "body": "绕湖一圈。"})
    assert (await found("读书角"), await found("绕湖")) == ([], [made["id"]])
    await board.send("甲", path(made, "remove"))
    assert await found("绕湖") == []
    await board.send("甲", path(made, "restore"))
    assert await found("绕湖") == [made["id"]]


async def test_who_may_not_read_ideas_finds_none_and_is_suggested_none(board):
    await propose(board, title="午休读书角", tags=["读书角"])
    await board.stage.change(visibility="public")
    here = {"community_id": str(board.stage.community_id), "q": "读书角"}

    async def seen(client):
        answers = [await client.get(f"/v1/search{more}", params=here) for more in ("", "/suggestions")]
        return [len(answer.json()["items"]) for answer in answers]

    assert await seen(board["乙"].client) == [1, 2]
    assert await seen(board.stage.harness.anonymous()) == [0, 0]
