"""Questions that are assigned to an expert."""

from chassis.ids import new_id
from tests.service.content.test_discussions import path


async def tasks(talk, name):
    return [(task["code"], task["title"], task["due_at"]) for task in await talk.see(name, "/internal/tasks")]


async def assign(talk, made, member_id, *, status=200):
    return await talk.send("版主", path(made, "assign"), {"member_id": member_id and str(member_id)}, status=status)


async def test_an_assigned_question_is_the_experts_task_until_they_reply(talk):
    made = await talk.starts("甲")
    await assign(talk, made, talk["版主"].id)
    shown = await assign(talk, made, talk["乙"].id)
    assert shown["assigned_to"]["member_id"] == str(talk["乙"].id)
    assert await tasks(talk, "版主") == []
    assert await tasks(talk, "乙") == [("answer_question", "Answer a question: 怎么写好教案？", made["answer_due_at"])]
    await talk.replies("甲", made, "我自己补充一点。")
    await talk.replies("版主", made, "等等。")
    assert len(await tasks(talk, "乙")) == 1
    await talk.replies("乙", made)
    assert await tasks(talk, "乙") == []


async def test_a_task_ends_with_an_accepted_answer_and_with_the_assignment(talk):
    helped, dropped = await talk.starts("甲"), await talk.starts("甲")
    for made in (helped, dropped):
        await assign(talk, made, talk["乙"].id)
    answer = await talk.replies("版主", helped)
    await talk.send("甲", f"/v1/replies/{answer['id']}/accept")
    assert len(await tasks(talk, "乙")) == 1
    assert (await assign(talk, dropped, None))["assigned_to"] is None
    assert await tasks(talk, "乙") == []


async def test_only_open_questions_are_assigned_and_only_to_others_who_are_there(talk):
    made = await talk.starts("甲")
    for nobody in (new_id(), talk["甲"].id):
        refused = await assign(talk, made, nobody, status=422)
        assert refused["errors"][0]["pointer"] == "/member_id"
    await talk.send("乙", path(made, "assign"), {"member_id": str(talk["乙"].id)}, status=403)
    topic = await talk.starts("甲", kind="topic")
    assert (await talk.see("乙", path(made)))["viewer"]["cannot"]["assign"] == "forbidden"
    assert "assign" in (await talk.see("版主", path(made)))["viewer"]["can"]
    await talk.send("版主", path(made, "close"))
    for one, said in ((made, "illegal_transition"), (topic, None)):
        viewer = (await talk.see("版主", path(one)))["viewer"]
        assert ("assign" in viewer["can"], viewer["cannot"].get("assign")) == (False, said)
        await assign(talk, one, talk["乙"].id, status=409)
