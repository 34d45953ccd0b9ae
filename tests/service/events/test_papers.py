"""Papers: drawn from question banks, and published as versions that change no more."""

from uuid import UUID

import pytest

from assessment.frozen import drawn, fingerprint, paper_of
from services.events.papers.service import published
from tests.service.events.test_question_banks import asks, makes_bank, who_read
from tests.service.events.test_question_banks import path as of_bank

PAPERS = "/v1/papers"


async def makes(hall, name="群主", *, status=201, **fields):
    body = {"community_id": str(hall.stage.community_id), "title": "消防知识竞赛"}
    return await hall.send(name, PAPERS, body | fields, status=status)


def path(paper, rest=""):
    return f"{PAPERS}/{paper['id']}" + (f"/{rest}" if rest else "")


def draws(bank, count, **fields):
    return {"question_bank_id": bank["id"], "count": count, "marks": 100} | fields


async def bank_of(hall, easy, hard, **fields):
    bank = await makes_bank(hall, **fields)
    for number in range(easy + hard):
        await asks(hall, bank, text=f"第{number}题", difficulty=1 if number < easy else 5)
    return bank


async def document_of(hall, paper, version):
    async with hall.stage.harness.runtime.database.reading() as session:
        return await published(session, UUID(paper["id"]), version)


async def test_a_published_version_is_what_was_previewed_and_changes_no_more(hall):
    bank = await bank_of(hall, 4, 3)
    fixed = await asks(hall, bank, text="人人都答的题", marks=500)
    sections = [
        {"title": "必答", "questions": [{"question_id": fixed["id"]}]},
        {"title": "抽答", "draws": [draws(bank, 2, difficulties=[1]), draws(bank, 3, difficulties=[5], marks=200)]},
    ]
    paper = await makes(hall, sections=sections)
    assert (paper["published"], paper["viewer"]["can"]) == (0, ["update", "publish", "appoint", "archive"])
    seen = await hall.see("群主", path(paper, "preview"))
    assert (seen["count"], seen["full"]) == (6, 500 + 2 * 100 + 3 * 200)
    made = await hall.send("群主", path(paper, "publish"), version=1, status=201)
    assert (made["version"], made["count"], made["full"]) == (1, 6, 1300)
    given = await hall.see("群主", path(paper, "versions/1"))
    assert given["sections"] == seen["sections"]
    [[one], [two, three]] = [section["pools"] for section in given["sections"]]
    assert [one["text"] for one in one["questions"]] == ["人人都答的题"]
    assert {one["difficulty"] for one in two["questions"]} == {1}
    assert {one["difficulty"] for one in three["questions"]} == {5}
    # It is what it was whatever becomes of its questions and of the paper.
    for question in (fixed, two["questions"][0] | {"id": two["questions"][0]["question_id"]}):
        await hall.change("群主", of_bank(bank, question), {"text": "改过的题"}, version=1)
    await hall.send("群主", of_bank(bank, fixed, "archive"))
    await hall.change("群主", path(paper), {"title": "另一场", "sections": sections[1:]}, version=2)
    frozen = await document_of(hall, paper, 1)
    assert fingerprint(frozen.document) == frozen.fingerprint == made["fingerprint"]
    assert [one.question.text for one in frozen.paper.sections[0].pools[0].questions] == ["人人都答的题"]
    assert frozen.bank_ids == [UUID(bank["id"])]
    # Once is once: who read version 1 of the paper publishes it no more.
    await hall.send("群主", path(paper, "publish"), version=1, status=412)
    second = await hall.send("群主", path(paper, "publish"), version=3, status=201)
    assert (second["version"], second["count"]) == (2, 5)
    assert [row["version"] for row in (await hall.see("群主", path(paper, "versions")))["items"]] == [2, 1]


async def test_a_draw_that_is_short_says_what_is_wanted_and_found_and_publishes_nothing(hall):
    bank = await bank_of(hall, 2, 3)
    wanted = [draws(bank, 4), draws(bank, 2, difficulties=[5]), draws(bank, 1, category=["没有"])]
    paper = await makes(hall, sections=[{"draws": wanted}])
    for refused in (
        await hall.see("群主", path(paper, "preview"), answered=409),
        await hall.send("群主", path(paper, "publish"), version=1, status=409),
    ):
        assert refused["code"] == "paper_short"
        assert [(one["pointer"], one["detail"]) for one in refused["errors"]] == [
            ("/sections/0/draws/0/count", "4 are wanted, 3 are found."),
            ("/sections/0/draws/2/count", "1 are wanted, 0 are found."),
        ]
    assert (await hall.see("群主", path(paper)))["published"] == 0
    empty = await makes(hall)
    assert (await hall.send("群主", path(empty, "publish"), version=1, status=409))["code"] == "paper_empty"
    # Nothing is drawn from what was put away.
    await hall.send("群主", of_bank(bank, rest="archive"))
    [first, *_] = (await hall.see("群主", path(paper, "preview"), answered=409))["errors"]
    assert first["detail"] == "4 are wanted, 0 are found."


async def test_nothing_is_drawn_from_what_was_put_away(hall):
    bank = await bank_of(hall, 1, 0)
    gone = await asks(hall, bank, text="归档的题")
    paper = await makes(hall, sections=[{"draws": [draws(bank, 2)]}])
    assert (await hall.see("群主", path(paper, "preview")))["count"] == 2
    await hall.send("群主", of_bank(bank, gone, "archive"))
    [short] = (await hall.see("群主", path(paper, "preview"), answered=409))["errors"]
    assert short["detail"] == "2 are wanted, 1 are found."


async def test_drawn_for_each_has_pools_of_which_nobody_gets_a_question_twice(hall):
    bank = await bank_of(hall, 6, 6)
    sections = [{"draws": [draws(bank, 2), draws(bank, 2, difficulties=[5])]}]
    paper = await makes(hall, sections=sections, drawn_for="each")
    await hall.send("群主", path(paper, "publish"), version=1, status=201)
    frozen = (await document_of(hall, paper, 1)).paper
    ids = [one.id for one in frozen.questions()]
    assert len(ids) == len(set(ids)) == 12
    papers = {frozenset(one.id for _, some in drawn(frozen, bytes([seed])) for one in some) for seed in range(8)}
    assert len(papers) > 1
    assert {len(one) for one in papers} == {4}


async def test_papers_are_written_of_banks_that_one_reads_oneself(hall):
    await hall.joins("讲师", "lecturer")
    mine = await bank_of(hall, 2, 0, editor_ids=[str(hall["讲师"].id)])
    other = await bank_of(hall, 2, 0)
    paper = await makes(hall, editor_ids=[str(hall["讲师"].id)], sections=[{"draws": [draws(other, 1)]}])
    # What an operator put in stays when a lecturer adds what is theirs.
    more = [{"draws": [draws(other, 1), draws(mine, 1)]}]
    await hall.change("讲师", path(paper), {"sections": more}, version=1)
    secret = await asks(hall, other)
    refused = await hall.change(
        "讲师", path(paper), {"sections": [{"questions": [{"question_id": secret["id"]}]}]}, version=2, status=422
    )
    assert [(one["pointer"], one["code"]) for one in refused["errors"]] == [
        ("/sections/0/questions/0/question_id", "unknown_question")
    ]
    for name, status in (("讲师", 403), ("甲", 403)):
        await makes(hall, name, status=status)
    elsewhere = [{"draws": [draws({"id": str(hall["甲"].id)}, 1)]}]
    refused = await makes(hall, sections=elsewhere, status=422)
    assert [one["code"] for one in refused["errors"]] == ["unknown_question_bank"]
    await hall.see("甲", path(paper), answered=404)
    here = str(hall.stage.community_id)
    assert [one["id"] for one in (await hall.see("讲师", PAPERS, community_id=here))["items"]] == [paper["id"]]
    # Who looks at a paper has read its banks.
    assert "讲师" not in await who_read(hall, other, "讲师")
    await hall.see("讲师", path(paper, "preview"))
    assert "讲师" in await who_read(hall, other, "讲师")


async def test_a_paper_says_of_its_questions_what_stands_in_them_and_in_which_bank_they_are_corrected(hall):
    await hall.joins("讲师", "lecturer")
    mine = await bank_of(hall, 2, 0, title="消防", editor_ids=[str(hall["讲师"].id)])
    other = await bank_of(hall, 1, 0, title="机密")
    known = await asks(hall, mine, text="火警\n电话" + "？" * 300)
    secret = await asks(hall, other, text="机密的题")
    sections = [
        {
            "questions": [{"question_id": known["id"]}, {"question_id": secret["id"], "marks": 300}],
            "draws": [draws(mine, 1), draws(other, 1)],
        }
    ]
    paper = await makes(hall, editor_ids=[str(hall["讲师"].id)], sections=sections)
    await hall.send("群主", path(paper, "publish"), version=1, status=201)
    assert await who_read(hall, mine, "讲师") == set()
    asked = {}
    for name in ("群主", "讲师"):
        [section] = (await hall.see(name, path(paper)))["sections"]
        asked[name] = [
            [(one["question_bank_id"], (one["excerpt"] or "")[:5]) for one in section["questions"]],
            [one["question_bank_title"] for one in section["draws"]],
        ]
        assert [(one["question_id"], one["marks"]) for one in section["questions"]] == [
            (known["id"], None),
            (secret["id"], 300),
        ]
        assert len(section["questions"][0]["excerpt"]) == 200
    assert asked["群主"] == [[(mine["id"], "火警 电话"), (other["id"], "机密的题")], ["消防", "机密"]]
    # Of a bank that they do not read a lecturer learns no more by this, and of theirs they have read a question.
    assert asked["讲师"] == [[(mine["id"], "火警 电话"), (None, "")], ["消防", None]]
    assert (await who_read(hall, mine, "讲师"), await who_read(hall, other, "讲师")) == ({"讲师"}, set())
    for rest in ("preview", "versions/1"):
        for name, there in (("群主", other["id"]), ("讲师", None)):
            [section] = (await hall.see(name, path(paper, rest)))["sections"]
            banks = {
                one["question_id"]: one["question_bank_id"] for pool in section["pools"] for one in pool["questions"]
            }
            assert (banks[known["id"]], banks[secret["id"]]) == (mine["id"], there)
            assert set(banks.values()) == {mine["id"], there}


@pytest.mark.parametrize(
    ("sections", "code"),
    [
        (lambda bank, one: [{"draws": [draws(bank, 500)], "questions": [{"question_id": one}]}], "too_many_questions"),
        (lambda bank, _: [{"draws": [draws(bank, 1)] * 26}] * 2, "too_many_draws"),
        (lambda _, one: [{"questions": [{"question_id": one}]}] * 2, "asked_twice"),
    ],
)
async def test_a_paper_is_bounded(hall, sections, code):
    bank = await bank_of(hall, 0, 0)
    question = await asks(hall, bank)
    refused = await makes(hall, sections=sections(bank, question["id"]), status=422)
    assert [one["code"] for one in refused["errors"]] == [code]


async def test_where_a_question_is_used_is_known_before_it_is_corrected(hall):
    bank = await bank_of(hall, 0, 0)
    question = await asks(hall, bank)
    paper = await makes(hall, sections=[{"questions": [{"question_id": question["id"]}]}])
    await hall.send("群主", path(paper, "publish"), version=1, status=201)
    await hall.change("群主", of_bank(bank, question), {"marks": 300}, version=1)
    await hall.send("群主", path(paper, "publish"), version=2, status=201)
    uses = (await hall.see("群主", of_bank(bank, question, "uses")))["items"]
    assert [(one["paper_version"], one["question_version"], one["title"]) for one in uses] == [
        (2, 2, paper["title"]),
        (1, 1, paper["title"]),
    ]
    await hall.send("群主", of_bank(bank, question, "archive"))
    refused = await hall.send("群主", path(paper, "publish"), version=3, status=409)
    assert [one["pointer"] for one in refused["errors"]] == ["/sections/0/questions/0/question_id"]


async def test_the_service_that_gives_a_paper_reads_all_of_it_and_people_do_not(hall):
    bank = await bank_of(hall, 0, 0)
    file = "0193a000-0000-7000-8000-000000000001"
    question = await asks(hall, bank, text=f"![图](attachment:{file}) 是什么？")
    paper = await makes(hall, sections=[{"questions": [{"question_id": question["id"]}]}])
    await hall.send("群主", path(paper, "publish"), version=1, status=201)
    inside = f"/internal/papers/{paper['id']}/1"
    await hall.see("群主", inside, answered=404)
    peer = hall.stage.harness.as_service("internal")
    answer = await peer.get(inside)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert fingerprint(told["document"]) == told["fingerprint"]
    assert paper_of(told["document"]) == (await document_of(hall, paper, 1)).paper
    assert told["community_id"] == str(hall.stage.community_id)
    assert told["attachments"] == [{"attachment_id": file, "person_id": str(hall["群主"].person_id)}]
    assert (await peer.get(f"/internal/papers/{paper['id']}/2")).status_code == 404
    # Questions and solutions travel in no message.
    assert not any("是什么" in str(one.data) for one in await hall.stage.harness.published())
