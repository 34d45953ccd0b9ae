"""Activities that members propose."""

import asyncio

import pytest

from tests.service.events.conftest import ACTIVITIES

PROPOSALS = "/v1/proposals"


def path(proposal, verb=""):
    return f"{PROPOSALS}/{proposal['id']}{verb and '/' + verb}"


async def proposes(hall, name="甲", *, status=201, **fields):
    body = {"community_id": str(hall.stage.community_id), "title": "怎么带新人", "tags": ["带教"], "hours": 1.5}
    return await hall.send(name, PROPOSALS, body | fields, status=status)


def held(hall, **more):
    return {"starts_at": hall.after(days=7), "ends_at": hall.after(days=7, hours=2)} | more


async def titles(hall, name, **query):
    return [one["title"] for one in (await hall.see(name, PROPOSALS, **query))["items"]]


async def drafts(hall, name="群主"):
    listed = await hall.see(name, ACTIVITIES, community_id=str(hall.stage.community_id))
    return [(one["title"], one["status"]) for one in listed["items"]]


async def test_an_accepted_proposal_is_a_draft_that_its_proposer_runs_and_speaks_at(hall):
    made = await proposes(hall, description="三个故事")
    assert (made["status"], made["viewer"]["can"]) == ("submitted", ["update", "withdraw"])
    accepted = await hall.send("群主", path(made, "accept"), held(hall), version=1)
    assert (accepted["status"], accepted["viewer"]["can"]) == ("accepted", [])
    activity = await hall.see("甲", f"{ACTIVITIES}/{accepted['activity_id']}")
    assert {name: activity[name] for name in ("title", "description", "tags", "hours", "status", "kind")} == {
        "title": "怎么带新人",
        "description": "三个故事",
        "tags": ["带教"],
        "hours": 1.5,
        "status": "draft",
        "kind": "sharing_session",
    }
    assert [one["member_id"] for one in activity["organisers"]] == [str(hall["甲"].id)]
    assert [one["member"]["member_id"] for one in activity["speakers"]] == [str(hall["甲"].id)]


async def test_who_proposed_prepares_it_where_they_may_until_it_is_announced(hall):
    await hall.joins("讲师", "lecturer")
    made = {name: await proposes(hall, name, title=name) for name in ("讲师", "甲")}
    accepted = {name: await hall.send("群主", path(one, "accept"), held(hall), version=1) for name, one in made.items()}
    draft = f"{ACTIVITIES}/{accepted['讲师']['activity_id']}"
    assert await to_prepare(hall, "讲师") == [draft]
    await hall.change("讲师", draft, {"title": "备好了"}, version=1)
    # A member without that role runs it on the day; operators and owners prepare it.
    assert await to_prepare(hall, "甲") == []
    await hall.change("甲", f"{ACTIVITIES}/{accepted['甲']['activity_id']}", {"title": "不行"}, version=1, status=403)
    await hall.send("群主", f"{draft}/announce", version=2)
    assert await to_prepare(hall, "讲师") == []


async def to_prepare(hall, name):
    return [one["href"] for one in await tasks(hall, name) if one["code"] == "prepare_activity"]


async def tasks(hall, name):
    return await hall.see(name, "/internal/tasks")


@pytest.mark.parametrize(
    ("proposed", "decided", "organiser", "speakers"),
    [
        ({"speaks": False}, {}, "甲", 0),
        ({"speaks": False}, {"speaks": True}, "甲", 1),
        ({"speaks": True}, {"organises": False}, "群主", 1),
        ({"speaks": True}, {"organises": False, "speaks": False}, "群主", 0),
    ],
)
async def test_who_decides_says_what_the_proposer_has_to_do_with_it(hall, proposed, decided, organiser, speakers):
    made = await proposes(hall, **proposed)
    accepted = await hall.send("群主", path(made, "accept"), held(hall, **decided), version=1)
    activity = await hall.see("群主", f"{ACTIVITIES}/{accepted['activity_id']}")
    assert [one["member_id"] for one in activity["organisers"]] == [str(hall[organiser].id)]
    assert len(activity["speakers"]) == speakers


async def test_a_proposal_is_read_by_who_proposed_it_and_those_who_decide(hall):
    made = await proposes(hall)
    await hall.see("乙", path(made), answered=404)
    await hall.send("乙", path(made, "withdraw"), status=404)
    await hall.send("乙", path(made, "decline"), {"reason": "不"}, status=404, version=1)
    assert await titles(hall, "乙", community_id=str(hall.stage.community_id)) == []
    assert await titles(hall, "甲", community_id=str(hall.stage.community_id)) == ["怎么带新人"]
    assert await titles(hall, "群主", community_id=str(hall.stage.community_id), mine=True) == []
    assert await titles(hall, "群主", community_id=str(hall.stage.community_id), status="submitted") == ["怎么带新人"]
    assert (await hall.see("群主", path(made)))["viewer"]["can"] == ["accept", "decline"]


async def test_a_declined_proposal_says_why_and_is_decided_once(hall):
    made = await proposes(hall)
    await hall.send("甲", path(made, "decline"), {"reason": "不"}, status=403, version=1)
    declined = await hall.send("群主", path(made, "decline"), {"reason": "上月刚讲过"}, version=1)
    assert (declined["status"], declined["reason"]) == ("declined", "上月刚讲过")
    assert (await hall.see("甲", path(made)))["reason"] == "上月刚讲过"
    for verb, body in (("accept", held(hall)), ("decline", {"reason": "还是不"})):
        assert (await hall.send("群主", path(made, verb), body, status=409, version=2))["code"] == "illegal_transition"
    await hall.change("甲", path(made), {"title": "再来"}, version=2, status=409)
    assert await drafts(hall) == []


async def test_what_is_proposed_changes_until_somebody_decides_and_who_decides_has_read_it(hall):
    made = await proposes(hall)
    changed = await hall.change("甲", path(made), {"title": "怎么带新人（二）", "hours": None}, version=1)
    assert (changed["title"], changed["hours"]) == ("怎么带新人（二）", None)
    await hall.send("群主", path(made, "accept"), held(hall), status=412, version=1)
    await hall.change("群主", path(made), {"title": "我来改"}, version=2, status=403)
    assert (await hall.send("甲", path(made, "withdraw")))["status"] == "withdrawn"
    assert (await hall.send("甲", path(made, "withdraw")))["status"] == "withdrawn"
    await hall.send("群主", path(made, "accept"), held(hall), status=409, version=3)
    assert await drafts(hall) == []


async def test_nobody_decides_about_what_they_proposed_themselves(hall):
    made = await proposes(hall, "群主")
    for verb, body in (("accept", held(hall)), ("decline", {"reason": "不"})):
        refused = await hall.send("群主", path(made, verb), body, status=403, version=1)
        assert refused["code"] == "conflict_of_interest"
    assert made["viewer"]["cannot"]["accept"] == "conflict_of_interest"
    await hall.joins("运营", "operator")
    await hall.send("运营", path(made, "accept"), held(hall), version=1)


async def test_of_who_has_left_the_activity_is_held_without_them(hall):
    made = await proposes(hall)
    await hall.stage.leave(hall["甲"])
    accepted = await hall.send("群主", path(made, "accept"), held(hall), version=1)
    activity = await hall.see("群主", f"{ACTIVITIES}/{accepted['activity_id']}")
    assert [one["member_id"] for one in activity["organisers"]] == [str(hall["群主"].id)]
    assert activity["speakers"] == []


async def test_times_that_do_not_fit_are_refused_and_nothing_is_decided(hall):
    made = await proposes(hall)
    wrong = held(hall) | {"ends_at": hall.after(days=6)}
    refused = await hall.send("群主", path(made, "accept"), wrong, status=422, version=1)
    assert [one["code"] for one in refused["errors"]] == ["ends_before_start"]
    assert (await hall.see("甲", path(made)))["status"] == "submitted"
    assert await drafts(hall) == []


async def test_of_two_who_decide_at_once_one_does(hall):
    await hall.joins("运营", "operator")
    made = await proposes(hall)
    answers = await asyncio.gather(
        *(
            hall[name].client.post(path(made, verb), json=body, headers={"If-Match": '"1"'})
            for name, verb, body in (
                ("群主", "accept", held(hall)),
                ("运营", "accept", held(hall)),
                ("运营", "decline", {"reason": "不"}),
            )
        )
    )
    assert sorted(one.status_code for one in answers) == [200, 412, 412]
    status = (await hall.see("甲", path(made)))["status"]
    assert await drafts(hall) == ([("怎么带新人", "draft")] if status == "accepted" else [])


async def test_what_nobody_has_decided_waits_on_the_desk(hall):
    await proposes(hall)
    hall.later(days=2)
    made = await proposes(hall, "乙")
    assert await waiting(hall) == 2
    await hall.send("群主", path(made, "decline"), {"reason": "不"}, version=1)
    assert await waiting(hall) == 1


async def waiting(hall):
    listed = await hall.see("群主", "/internal/desk", community_id=str(hall.stage.community_id))
    return next(one["count"] for one in listed if one["code"] == "proposals_to_decide")


async def test_what_somebody_proposed_goes_with_them_but_for_the_title_of_what_became_of_it(hall):
    open_one = await proposes(hall, wishes="下午")
    accepted = await proposes(hall, title="怎么讲课", wishes="上午", description="我的故事")
    await hall.send("群主", path(accepted, "accept"), held(hall), version=1)
    other = await proposes(hall, "乙")
    await hall.erases("甲")
    await hall.see("群主", path(open_one), answered=404)
    seen = await hall.see("群主", path(accepted))
    assert (seen["title"], seen["wishes"], seen["description"]) == ("怎么讲课", "", "")
    assert (await hall.see("群主", path(other)))["title"] == "怎么带新人"
